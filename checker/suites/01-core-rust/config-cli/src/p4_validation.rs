//! Phase 4: a schema says what is required, known and allowed.

use crate::{
    built::{build, expect_refused, expect_value, refused, told, told_all},
    tool::Tool,
    tree::Tree,
};
use config_cli::{Builder, Config, Error, Format, Kind, Rule, Schema, SchemaSet};
use suite_kit::Scenario;

/// A builder of one text in TOML, named `x`, under a schema.
fn under(schema: Schema, text: &str) -> Builder<SchemaSet> {
    Config::builder()
        .text("x", text, Format::Toml)
        .schema(schema)
}

/// Fails unless each text is allowed under a rule for the key `k`, or refused with this error.
#[track_caller]
fn expect_rule(rule: &Rule, values: &[(&str, bool)], error: &str) {
    let scenario = Scenario::new();
    for (value, allowed) in values {
        let text = format!("k = {value}");
        scenario.step(format!("the text {text:?}"));
        let builder = under(Schema::new().key("k", rule.clone()), &text);
        if *allowed {
            build(&scenario, builder);
        } else {
            expect_refused(&scenario, builder, &[error]);
        }
    }
}

/// A key that is required has to be given by some layer.
#[test]
fn a_required_key_has_to_be_given() {
    let scenario = Scenario::new();
    let schema = || {
        Schema::new()
            .key("a", Rule::new(Kind::String).required())
            .key("t.b", Rule::new(Kind::Any).required())
            .key("c", Rule::new(Kind::Any))
    };
    expect_refused(
        &scenario,
        under(schema(), ""),
        &["required a", "required t.b"],
    );
    expect_refused(
        &scenario,
        under(schema(), "a = ''\nt = {}"),
        &["required t.b"],
    );
    let builder = Config::builder()
        .env("APP", [("APP__A", "")])
        .set("t.b", "")
        .schema(schema());
    build(&scenario, builder);
}

/// Null is a value: it is given where a key is required, and of the kind `Any` and no other.
#[test]
fn null_is_a_value() {
    let scenario = Scenario::new();
    let of = |rule: Rule| {
        Config::builder()
            .text("x", r#"{"k": null}"#, Format::Json)
            .schema(Schema::new().key("k", rule))
    };
    build(&scenario, of(Rule::new(Kind::Any)));
    let config = build(&scenario, of(Rule::new(Kind::Any).required()));
    expect_value(&scenario, &config, "k", ());
    for kind in [
        Kind::String,
        Kind::Integer,
        Kind::Float,
        Kind::Boolean,
        Kind::Datetime,
        Kind::Array,
        Kind::Table,
    ] {
        scenario.step(format!("a null where {kind:?} is required"));
        let builder = of(Rule::new(kind).required());
        expect_refused(&scenario, builder, &["wrong kind k at x:1:7"]);
    }
}

/// The default of a schema is the value if no layer gives one.
#[test]
fn a_default_lies_below_all_layers() {
    let scenario = Scenario::new();
    let schema = || {
        Schema::new()
            .key("n", Rule::new(Kind::Integer).default("080"))
            .key("t.s", Rule::new(Kind::String).default("080"))
            .key("t.l", Rule::new(Kind::Array).default("[1, 2]"))
            .key("t.u", Rule::new(Kind::Any))
    };
    let config = build(&scenario, under(schema(), ""));
    expect_value(&scenario, &config, "n", Tree::Integer(80));
    expect_value(&scenario, &config, "t.s", "080");
    expect_value(&scenario, &config, "t.l", vec![1, 2]);
    scenario.expect(
        config.get::<Tree>("t.u").is_err(),
        "a key without a default is not there",
        "it is",
    );
    let builder = Config::builder()
        .defaults("n = 1\nt.l = [3]")
        .schema(schema());
    let config = build(&scenario, builder);
    expect_value(&scenario, &config, "n", 1);
    expect_value(&scenario, &config, "t.l", vec![3]);
    expect_value(&scenario, &config, "t.s", "080");
}

/// A value in a file has to be of its key's kind.
#[test]
fn a_value_has_to_be_of_its_kind() {
    const VALUES: [(&str, Kind); 7] = [
        ("'x'", Kind::String),
        ("1", Kind::Integer),
        ("0.5", Kind::Float),
        ("true", Kind::Boolean),
        ("1979-05-27", Kind::Datetime),
        ("[1]", Kind::Array),
        ("{ a = 1 }", Kind::Table),
    ];
    for (_, kind) in VALUES {
        let values = VALUES.map(|(text, own)| {
            let converts = kind == Kind::Float && own == Kind::Integer;
            (text, own == kind || converts)
        });
        expect_rule(&Rule::new(kind), &values, "wrong kind k at x:1:5");
    }
    expect_rule(
        &Rule::new(Kind::Any),
        &VALUES.map(|(text, _)| (text, true)),
        "",
    );
    expect_rule(
        &Rule::new(Kind::Float),
        &[
            ("9007199254740992", true),
            ("9007199254740993", false),
            ("-9007199254740993", false),
            // Beyond 2^53, every other integer is exact, and all powers of two are.
            ("9007199254740994", true),
            ("1152921504606846976", true),
            ("1152921504606846977", false),
            ("-9223372036854775808", true),
            ("9223372036854775807", false),
        ],
        "wrong kind k at x:1:5",
    );
    expect_rule(
        &Rule::new(Kind::Datetime),
        &[
            ("'1979-05-27'", true),
            ("'soon'", false),
            ("'1979-13-01'", false),
        ],
        "wrong kind k at x:1:5",
    );
}

/// A text that does not read as its key's kind is of the wrong kind; its origin is the variable or
/// the flag.
#[test]
fn a_text_has_to_read_as_its_kind() {
    let scenario = Scenario::new();
    for (kind, texts) in [
        (
            Kind::Integer,
            &[
                "",
                " 1",
                "1 ",
                "1.0",
                "x",
                "0x1f",
                "1_000",
                "--1",
                "18446744073709551616",
                "-9223372036854775809",
            ][..],
        ),
        (Kind::Float, &["", " 1", "1,5", "x"]),
        (Kind::Boolean, &["", "True", "yes", "1", " true"]),
        (Kind::Datetime, &["", "soon", "1979-13-01", " 1979-05-27"]),
        (Kind::Array, &["", "a, b", "[", "[1] [2]", "1"]),
        (Kind::Table, &["", "a = 1", "{", "1"]),
    ] {
        for text in texts {
            scenario.step(format!("{text:?} as {kind:?}"));
            let schema = Schema::new()
                .key("a", Rule::new(kind))
                .key("t.b", Rule::new(kind));
            let builder = Config::builder()
                .env("APP", [("APP__A", *text)])
                .set("t.b", *text)
                .schema(schema);
            expect_refused(
                &scenario,
                builder,
                &["wrong kind a at env APP__A", "wrong kind t.b at --set t.b"],
            );
        }
    }
}

/// A range says which integers are allowed, with its ends as Rust has them.
///
/// hint: `RangeBounds` gives each end as included, excluded or unbounded.
#[test]
fn a_range_of_integers_is_exact() {
    let integer = || Rule::new(Kind::Integer);
    let error = "not allowed k at x:1:5";
    let values = [
        ("0", false),
        ("1", true),
        ("9", true),
        ("10", false),
        ("-5", false),
    ];
    expect_rule(&integer().range(1..10), &values, error);
    expect_rule(&integer().range(1..=9), &values, error);
    expect_rule(
        &integer().range(1..),
        &[("0", false), ("9223372036854775807", true)],
        error,
    );
    expect_rule(&integer().range(..1), &[("0", true), ("1", false)], error);
    expect_rule(
        &integer().range(..),
        &[("0", true), ("-9223372036854775808", true)],
        error,
    );
    let scenario = Scenario::new();
    for (range, great) in [
        (integer().range(1..=i64::MAX), false),
        (integer().range(1..), true),
    ] {
        let builder = Config::builder()
            .set("k", "18446744073709551615")
            .schema(Schema::new().key("k", range));
        scenario.step("the greatest u64");
        if great {
            build(&scenario, builder);
        } else {
            expect_refused(&scenario, builder, &["not allowed k at --set k"]);
        }
    }
}

/// A range of floats is exact too, and `nan` is in none.
#[test]
fn a_range_of_floats_is_exact() {
    let float = || Rule::new(Kind::Float);
    let error = "not allowed k at x:1:5";
    expect_rule(
        &float().float_range(0.0..1.0),
        &[
            ("0.0", true),
            ("0", true),
            ("0.999", true),
            ("1.0", false),
            ("1", false),
            ("-0.1", false),
            ("nan", false),
        ],
        error,
    );
    expect_rule(
        &float().float_range(..=0.5),
        &[("0.5", true), ("-inf", true), ("0.6", false)],
        error,
    );
    expect_rule(
        &float().float_range(..),
        &[("inf", true), ("nan", false)],
        error,
    );
    expect_rule(&float(), &[("nan", true)], error);
}

/// A choice lists the strings that are allowed.
#[test]
fn a_choice_lists_what_is_allowed() {
    let rule = Rule::new(Kind::String).one_of(["info", "warn", ""]);
    expect_rule(
        &rule,
        &[
            ("'info'", true),
            ("'warn'", true),
            ("''", true),
            ("'Info'", false),
            ("'inf'", false),
            ("' info'", false),
        ],
        "not allowed k at x:1:5",
    );
}

/// The elements of an array are checked and converted, each by itself.
#[test]
fn the_elements_of_an_array_have_a_kind() {
    let scenario = Scenario::new();
    let schema = |kind| Schema::new().key("k", Rule::new(Kind::Array).items(kind));
    let config = build(&scenario, under(schema(Kind::Float), "k = [1, 2.5]"));
    expect_value(
        &scenario,
        &config,
        "k",
        Tree::Array(vec![Tree::float(1.0), Tree::float(2.5)]),
    );
    expect_refused(
        &scenario,
        under(schema(Kind::String), "k = ['a', 1, 'b',\n  true]"),
        &["wrong kind k[1] at x:1:11", "wrong kind k[3] at x:2:3"],
    );
    expect_refused(
        &scenario,
        under(schema(Kind::Any), "k = 1"),
        &["wrong kind k at x:1:5"],
    );
    build(&scenario, under(schema(Kind::Any), "k = [1, 'a', []]"));
    let builder = Config::builder()
        .set("k", "['a', 2]")
        .schema(schema(Kind::Integer));
    expect_refused(&scenario, builder, &["wrong kind k[0] at --set k"]);
}

fn suggestion(error: &Error) -> Option<&str> {
    match error {
        Error::UnknownKey { suggestion, .. } => suggestion.as_deref(),
        _ => None,
    }
}

/// A key that the schema does not know is refused, with the one that was probably meant.
///
/// A suggestion is no use if it is always made: none is made for a key unlike all others.
#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let scenario = Scenario::new();
    for (name, suggested) in [
        ("por", Some("server.port")),
        ("portt", Some("server.port")),
        ("pork", Some("server.port")),
        ("prot", Some("server.port")),
        ("hots", Some("server.host")),
        ("om", Some("server.on")),
        ("zzzzzz", None),
        ("level", None),
    ] {
        let schema = Schema::new()
            .key("server.port", Rule::new(Kind::Integer))
            .key("server.host", Rule::new(Kind::String))
            .key("server.on", Rule::new(Kind::Boolean))
            .key("log.level", Rule::new(Kind::String));
        let errors = refused(&scenario, under(schema, &format!("[server]\n{name} = 1")));
        scenario.expect_eq(
            "the errors",
            told_all(&errors),
            vec![format!("unknown key server.{name} at x:2:1")],
        );
        let received = errors.iter().find_map(suggestion);
        scenario.expect_eq(
            format_args!("the suggestion for server.{name}"),
            received,
            suggested,
        );
    }
}

/// A schema that knows no key refuses each key, also if its text is empty.
#[test]
fn a_schema_without_keys_knows_no_key() {
    let scenario = Scenario::new();
    let parsed = |text: &str, format| {
        scenario.step(format!("the schema {text:?}"));
        match Schema::parse("schema", text, format) {
            Ok(schema) => schema,
            Err(errors) => scenario.fail("the schema is read", errors),
        }
    };
    for schema in [
        Schema::new(),
        parsed("", Format::Toml),
        parsed("[keys]", Format::Toml),
        parsed("{}", Format::Json),
    ] {
        expect_refused(
            &scenario,
            under(schema.clone(), "a = 1\nt.b = 1"),
            &["unknown key a at x:1:1", "unknown key t at x:2:1"],
        );
        build(&scenario, under(schema, ""));
    }
}

/// An unknown key in several layers is one error, with the place of its name in the highest.
#[test]
fn an_unknown_key_is_named_where_it_stands_highest() {
    let scenario = Scenario::new();
    let layers = || {
        Config::builder()
            .text("high", "\na = 2\nt.y = 2", Format::Toml)
            .defaults("a = 1\nt.x = 1\nu = {}")
            .text("last", "b = 1", Format::Toml)
    };
    let schema = || Schema::new().key("b", Rule::new(Kind::Any));
    expect_refused(
        &scenario,
        layers().schema(schema()),
        &[
            "unknown key a at high:2:1",
            "unknown key t at high:3:1",
            "unknown key u at <defaults>:3:1",
        ],
    );
    let flags = layers().set("u", "1").set("a", "3");
    expect_refused(
        &scenario,
        flags.schema(schema()),
        &[
            "unknown key a at --set a",
            "unknown key t at high:3:1",
            "unknown key u at --set u",
        ],
    );
}

/// A table that the schema does not know is one error, at its name.
#[test]
fn an_unknown_table_is_one_error() {
    let scenario = Scenario::new();
    let schema = || Schema::new().key("a.b", Rule::new(Kind::Any));
    expect_refused(
        &scenario,
        under(
            schema(),
            "  t = {x = 1, y = {z = 1}}\na = {b = 1, c = {d = 1}}",
        ),
        &["unknown key a.c at x:2:13", "unknown key t at x:1:3"],
    );
    let builder = Config::builder()
        .env("APP", [("APP__T__X", "1"), ("APP__T__Y", "1")])
        .schema(schema());
    let told = told_all(&refused(&scenario, builder));
    scenario.expect(
        told.len() == 1 && told[0].starts_with("unknown key t at env APP__T__"),
        "one error: unknown key t, at one of the variables",
        format_args!("{told:?}"),
    );
    build(
        &scenario,
        under(
            Schema::new().key("t", Rule::new(Kind::Table)),
            "t = {x = 1, y = {z = 1}}",
        ),
    );
}

/// Where the schema knows keys below, only a table is right, and what it lacks is no more error.
#[test]
fn a_value_in_the_place_of_a_table_is_one_error() {
    let scenario = Scenario::new();
    let schema = || {
        Schema::new()
            .key("server.port", Rule::new(Kind::Integer).required())
            .key("server.host", Rule::new(Kind::String).default("h"))
    };
    expect_refused(
        &scenario,
        under(schema(), "server = 'x'"),
        &["wrong kind server at x:1:10"],
    );
    expect_refused(
        &scenario,
        under(schema(), "server = [1]"),
        &["wrong kind server at x:1:10"],
    );
    let builder = Config::builder()
        .env("APP", [("APP__SERVER", "x")])
        .schema(schema());
    expect_refused(
        &scenario,
        builder,
        &["wrong kind server at env APP__SERVER"],
    );
}

/// All that is wrong is reported at once, in the order of the keys, each with its origin.
///
/// Often only the first error is, and a user repairs a file once for each mistake.
#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    let scenario = Scenario::new();
    let schema = Schema::new()
        .key("a", Rule::new(Kind::Integer).range(1..=9))
        .key("b", Rule::new(Kind::Boolean))
        .key("c", Rule::new(Kind::Any).required())
        .key("d.e", Rule::new(Kind::String).one_of(["x"]))
        .key("d.f", Rule::new(Kind::Integer))
        .key("g", Rule::new(Kind::Any));
    let builder = Config::builder()
        .defaults("d.f = 'x'")
        .text("one.toml", "a = 10\n[d]\ne = 'y'\n", Format::Toml)
        .text(
            "two.json",
            r#"{"d": {"u": 1}, "h": 1, "g": 1}"#,
            Format::Json,
        )
        .env("APP", [("APP__B", "yes")])
        .set("i.j", "1")
        .schema(schema);
    expect_refused(
        &scenario,
        builder,
        &[
            "not allowed a at one.toml:1:5",
            "wrong kind b at env APP__B",
            "required c",
            "not allowed d.e at one.toml:3:5",
            "wrong kind d.f at <defaults>:1:7",
            "unknown key d.u at two.json:1:8",
            "unknown key h at two.json:1:17",
            "unknown key i at --set i.j",
        ],
    );
}

/// The order of keys is that of their segments: names by their characters, indexes as numbers.
///
/// Often errors are sorted by the texts of their keys, in which `-` comes before the dot, and
/// `k[10]` before `k[2]`.
#[test]
fn errors_come_in_the_order_of_the_segments() {
    let scenario = Scenario::new();
    let schema = Schema::new()
        .key("a.b", Rule::new(Kind::Integer))
        .key("a-b", Rule::new(Kind::Integer))
        .key("k", Rule::new(Kind::Array).items(Kind::Integer))
        .key("'k k'", Rule::new(Kind::Any).required())
        .key("Z", Rule::new(Kind::Any).required());
    expect_refused(
        &scenario,
        under(
            schema,
            "a-b = 'x'\na.b = 'x'\na.'é' = 1\na.zz = 1\nk = [0, 1, 'x', 3, 4, 5, 6, 7, 8, 9, 'x']",
        ),
        &[
            "required Z",
            "wrong kind a.b at x:2:7",
            "unknown key a.zz at x:4:3",
            "unknown key a.\"é\" at x:3:3",
            "wrong kind a-b at x:1:7",
            "wrong kind k[2] at x:5:12",
            "wrong kind k[10] at x:5:38",
            "required \"k k\"",
        ],
    );
}

/// Only merged values are checked: what a higher layer replaces may be wrong.
#[test]
fn what_is_shadowed_is_not_checked() {
    let scenario = Scenario::new();
    let schema = Schema::new()
        .key("a", Rule::new(Kind::Integer).range(1..10))
        .key("t.b", Rule::new(Kind::Any));
    let builder = Config::builder()
        .text("one.toml", "a = 'x'\nt = 1", Format::Toml)
        .text("two.toml", "a = 100\nt = {b = 1}", Format::Toml)
        .env("APP", [("APP__A", "5")])
        .schema(schema);
    let config = build(&scenario, builder);
    expect_value(&scenario, &config, "a", 5);
}

/// The schema is checked first, then the layers, then the values; a step with an error is the last.
#[test]
fn a_step_with_an_error_is_the_last() {
    let scenario = Scenario::new();
    let broken = "k = ";
    let contradiction = || Schema::new().key("k", Rule::new(Kind::String).range(1..2));
    let errors = refused(&scenario, under(contradiction(), broken));
    scenario.expect_eq("the schema is wrong", told_all(&errors), vec!["schema k"]);
    let schema = Schema::new().key("k", Rule::new(Kind::Any).required());
    let builder = Config::builder()
        .text("one", "x = 1", Format::Toml)
        .text("two", "{", Format::Json)
        .schema(schema);
    expect_refused(&scenario, builder, &["parse at two:1:2"]);
}

/// A schema that contradicts itself is refused.
#[test]
fn a_schema_that_contradicts_itself_is_refused() {
    let scenario = Scenario::new();
    let new = Rule::new;
    let any = || new(Kind::Any);
    for (what, schema, keys) in [
        ("no key", Schema::new().key("a..b", any()), vec![]),
        ("an index", Schema::new().key("a[0]", any()), vec![]),
        (
            "a key twice",
            Schema::new().key("a", any()).key("'a'", any()),
            vec!["a"],
        ),
        (
            "a key below a string",
            Schema::new().key("a", new(Kind::String)).key("a.b", any()),
            vec!["a", "a.b"],
        ),
        (
            "a key above, later",
            Schema::new().key("a.b", any()).key("a", any()),
            vec!["a", "a.b"],
        ),
        (
            "a range of strings",
            Schema::new().key("a", new(Kind::String).range(1..2)),
            vec!["a"],
        ),
        (
            "an integer's range of floats",
            Schema::new().key("a", new(Kind::Integer).float_range(0.0..1.0)),
            vec!["a"],
        ),
        (
            "a choice of integers",
            Schema::new().key("a", new(Kind::Integer).one_of(["1"])),
            vec!["a"],
        ),
        (
            "items of a table",
            Schema::new().key("a", new(Kind::Table).items(Kind::Any)),
            vec!["a"],
        ),
        (
            "a default of another kind",
            Schema::new().key("a", new(Kind::Integer).default("x")),
            vec!["a"],
        ),
        (
            "a default out of range",
            Schema::new().key("a", new(Kind::Integer).range(1..9).default("9")),
            vec!["a"],
        ),
        (
            "a default that is no choice",
            Schema::new().key("a", new(Kind::String).one_of(["x"]).default("y")),
            vec!["a"],
        ),
        (
            "a default with a wrong element",
            Schema::new().key("a", new(Kind::Array).items(Kind::Integer).default("['x']")),
            vec!["a", "a[0]"],
        ),
        (
            "a required key with a default",
            Schema::new().key("a", any().required().default("x")),
            vec!["a"],
        ),
    ] {
        scenario.step(format!("a schema with {what}"));
        let errors = refused(&scenario, under(schema, ""));
        let right = errors.iter().all(|error| {
            let key = error.key().unwrap_or_default();
            matches!(error, Error::Schema { .. }) && (keys.is_empty() || keys.contains(&key))
        });
        scenario.expect(
            right && !told_all(&errors).is_empty(),
            format_args!("errors of the schema with one of the keys {keys:?}"),
            errors,
        );
    }
    let open = Schema::new()
        .key("a", new(Kind::Table))
        .key("a.b", new(Kind::Integer));
    build(&scenario, under(open, "a = {b = 1, c = 'x'}"));
}

/// A schema's text may say all that rules say, in TOML and in JSON.
#[test]
fn a_schema_in_a_text_has_all_rules() {
    let scenario = Scenario::new();
    let toml = "[keys]\n'a.n' = {type = 'integer', min = 1, max = 9}\n\
                'a.f' = {type = 'float', min = 0, max = 0.5}\n\
                d = {type = 'integer', default = 80}\ne = {type = 'integer', default = '080'}\n\
                l = {type = 'array', items = 'string'}\no = {type = 'string', one_of = ['x', 'y']}\n\
                r = {type = 'datetime', required = true, secret = false}\nt = {type = 'table'}\n";
    let json = r#"{"keys": {"a.n": {"type": "integer", "min": 1, "max": 9},
        "a.f": {"type": "float", "min": 0, "max": 0.5}, "d": {"type": "integer", "default": 80},
        "e": {"type": "integer", "default": "080"}, "l": {"type": "array", "items": "string"},
        "o": {"type": "string", "one_of": ["x", "y"]},
        "r": {"type": "datetime", "required": true, "secret": false}, "t": {"type": "table"}}}"#;
    for (text, format) in [(toml, Format::Toml), (json, Format::Json)] {
        let schema = || match Schema::parse("schema", text, format) {
            Ok(schema) => schema,
            Err(errors) => scenario.fail("the schema is read", errors),
        };
        scenario.step(format!("the schema in {format}"));
        let right = "a = {n = 9, f = 0.5}\nl = ['x']\no = 'y'\nr = 1979-05-27\nt.u = 1";
        let config = build(&scenario, under(schema(), right));
        expect_value(&scenario, &config, "d", 80);
        expect_value(&scenario, &config, "e", 80);
        expect_refused(
            &scenario,
            under(schema(), "a = {n = 10, f = 0.6}\nl = [1]\no = 'z'\nu = 1"),
            &[
                "not allowed a.f at x:1:18",
                "not allowed a.n at x:1:10",
                "wrong kind l[0] at x:2:6",
                "not allowed o at x:3:5",
                "required r",
                "unknown key u at x:4:1",
            ],
        );
    }
}

/// A text that is no schema is refused, with at least one error for each rule that has any.
#[test]
fn a_text_that_is_no_schema_is_refused() {
    let scenario = Scenario::new();
    for (text, lines) in [
        ("keys = 1", &[1][..]),
        ("[keys]\n[other]", &[]),
        (
            "[keys]\na = 1\nb = {type = 'any'}\nc = {type = 'int'}",
            &[2, 4],
        ),
        ("[keys]\na = {}\nb = {type = 1}", &[2, 3]),
        ("[keys]\na = {type = 'any', size = 1}", &[2]),
        ("[keys]\na = {type = 'any', required = 'yes'}", &[2]),
        (
            "[keys]\na = {type = 'string', one_of = 'x'}\nb = {type = 'string', one_of = [1]}",
            &[2, 3],
        ),
        (
            "[keys]\na = {type = 'integer', min = 0.5}\nb = {type = 'string', max = 1}",
            &[2, 3],
        ),
        (
            "[keys]\na = {type = 'integer', default = true}\n'b..c' = {type = 'any'}",
            &[2, 3],
        ),
    ] {
        scenario.step(format!("the schema {text:?}"));
        let errors = match Schema::parse("s.toml", text, Format::Toml) {
            Ok(_) => scenario.fail("it is refused", "it is read"),
            Err(errors) => errors,
        };
        let all: Vec<String> = errors.iter().map(told).collect();
        scenario.expect(
            !all.is_empty()
                && errors.iter().all(|one| {
                    matches!(
                        one,
                        Error::Schema {
                            origin: Some(_),
                            ..
                        }
                    )
                }),
            "errors of the schema, with their origin",
            format_args!("{all:?}"),
        );
        for line in lines {
            let place = format!(" at s.toml:{line}:");
            scenario.expect(
                all.iter().any(|one| one.contains(&place)),
                format_args!("an error at s.toml:{line}"),
                format_args!("{all:?}"),
            );
        }
    }
    let told = Schema::parse("s.json", r#"{"keys": {"a": {}, "a": {}}}"#, Format::Json)
        .err()
        .map(|errors| told_all(&errors));
    scenario.expect_eq(
        "a rule twice",
        told,
        Some(vec!["duplicate a at s.json:1:20".to_owned()]),
    );
}

/// `conf check` writes nothing if all is well, and otherwise a line for each error, to the error
/// stream.
#[test]
fn the_tool_reports_all_errors() {
    let tool = Tool::with(&[
        ("good.toml", "[server]\nport = 80\n"),
        ("bad.toml", "[server]\nport = 0\nprot = 1\n"),
        (
            "schema.toml",
            "[keys]\n'server.port' = {type = 'integer', min = 1}\n'server.on' = {type = 'boolean'}",
        ),
    ])
    .env("APP__SERVER__ON", "maybe");
    tool.conf("check ./good.toml --schema ./schema.toml")
        .expect_output("");
    tool.conf("check ./bad.toml").expect_output("");
    let errors = [
        "env APP__SERVER__ON: server.on: ",
        "bad.toml:2:8: server.port: ",
        "bad.toml:3:1: server.prot: ",
    ];
    for command in ["check", "get"] {
        let key = if command == "get" { " server.port" } else { "" };
        tool.conf(&format!(
            "{command} --env APP --schema ./schema.toml ./good.toml ./bad.toml{key}"
        ))
        .expect_errors(&errors);
    }
    let ended = tool.conf("check --schema ./schema.toml ./bad.toml");
    tool.scenario.expect(
        ended
            .stderr
            .lines()
            .any(|line| line.contains("server.prot") && line.contains("server.port")),
        "the line on server.prot suggests server.port",
        format_args!("{:?}", ended.stderr),
    );
}

/// A schema that is wrong, or not there, is an error of the tool.
#[test]
fn the_tool_reports_a_wrong_schema() {
    let tool = Tool::with(&[
        ("app.toml", "a = 1"),
        ("schema.toml", "[keys]\na = {type = 'number'}\nb = {}"),
        ("broken.json", "{\"keys\": "),
    ]);
    tool.conf("check ./app.toml --schema ./schema.toml")
        .expect_errors(&["schema.toml:2:", "schema.toml:3:"]);
    tool.conf("check ./app.toml --schema ./broken.json")
        .expect_errors(&["broken.json:1:10: "]);
    tool.conf("check ./app.toml --schema ./no.toml")
        .expect_errors(&["conf: no.toml: "]);
    tool.conf("check ./app.toml --schema ./no").expect_failure();
}
