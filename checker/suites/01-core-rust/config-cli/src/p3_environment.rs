//! Phase 3: the environment, flags, and the kinds that a schema gives to text.

use crate::{
    built::{build, expect_no_value, expect_refused, expect_value, refused, told},
    tool::Tool,
    tree::Tree,
};
use config_cli::{Config, Error, Format, Kind, Rule, Schema};
use suite_kit::{Scenario, property::check_moves, text::escaped};

const NONE: [(&str, &str); 0] = [];

/// A configuration of variables with the prefix `APP` alone.
#[track_caller]
fn of_env<const N: usize>(scenario: &Scenario, variables: [(&str, &str); N]) -> Config {
    scenario.step(format!("the variables {variables:?}"));
    build(
        scenario,
        Config::builder().env("APP", variables).without_schema(),
    )
}

/// A variable sets the key that its name spells, in lower case, with two underscores for a dot.
#[test]
fn a_variable_sets_a_key() {
    let scenario = Scenario::new();
    let config = of_env(
        &scenario,
        [
            ("APP__PORT", "1"),
            ("APP__SERVER__MAX_SIZE", "2"),
            ("APP__Server__hOST", "h"),
            ("APP__É__A", "x"),
        ],
    );
    expect_value(&scenario, &config, "port", "1");
    expect_value(&scenario, &config, "server.max_size", "2");
    expect_value(&scenario, &config, "server.host", "h");
    expect_value(&scenario, &config, "É.a", "x");
    expect_no_value::<String>(&scenario, &config, "PORT", "missing PORT");
}

/// Names are split at every two underscores, from the left, and nowhere else: a dot, a bracket or
/// a quote is a character like any other.
#[test]
fn names_are_split_from_the_left() {
    let scenario = Scenario::new();
    let config = of_env(
        &scenario,
        [
            ("APP__A___B", "1"),
            ("APP___C", "2"),
            ("APP__D_", "3"),
            ("APP__E.F__G[0]", "4"),
            ("APP__'H'", "5"),
        ],
    );
    expect_value(&scenario, &config, "a._b", "1");
    expect_value(&scenario, &config, "_c", "2");
    expect_value(&scenario, &config, "d_", "3");
    expect_value(&scenario, &config, "\"e.f\".\"g[0]\"", "4");
    expect_value(&scenario, &config, "\"'h'\"", "5");
}

/// Only names that begin with the prefix and two underscores count, to the letter.
///
/// Often a prefix is compared without what separates it from the key, or in any case.
#[test]
fn the_prefix_is_exact() {
    let scenario = Scenario::new();
    let config = of_env(
        &scenario,
        [
            ("APPLE__X", "no"),
            ("APP_X", "no"),
            ("APP", "no"),
            ("APPX", "no"),
            ("app__x", "no"),
            ("MYAPP__X", "no"),
            ("APP__Y", "yes"),
        ],
    );
    expect_value(&scenario, &config, "y", "yes");
    for key in ["x", "le.x", "_x", "le__x", "app"] {
        expect_no_value::<Tree>(&scenario, &config, key, &format!("missing {key}"));
    }
    let builder = Config::builder().env("MY_APP", [("MY_APP__X", "1"), ("MY__APP__X", "2")]);
    let config = build(&scenario, builder.without_schema());
    expect_value(&scenario, &config, "x", "1");
}

/// A variable whose name spells no key is refused.
#[test]
fn a_variable_without_a_key_is_refused() {
    let scenario = Scenario::new();
    let deep = format!("APP{}", "__A".repeat(65));
    for name in ["APP__", "APP____A", "APP__A__", "APP__A____B", &deep] {
        let builder = Config::builder().env("APP", [(name, "1")]);
        expect_refused(
            &scenario,
            builder.without_schema(),
            &[&format!("variable {name}")],
        );
    }
    let deepest = format!("APP{}", "__A".repeat(64));
    let config = of_env(&scenario, [(&deepest, "1")]);
    expect_value(&scenario, &config, &["a"; 64].join("."), "1");
    for variables in [&[("__A", "1")][..], &[]] {
        scenario.step(format!("an empty prefix, and the variables {variables:?}"));
        let builder = Config::builder().env("", variables.iter().copied());
        let errors = refused(&scenario, builder.without_schema());
        scenario.expect(
            errors
                .iter()
                .all(|one| matches!(one, Error::Variable { .. })),
            "an empty prefix is a Variable error",
            errors,
        );
    }
}

/// A variable with the prefix whose name or value is not Unicode is refused; others may be anything.
#[test]
fn a_variable_that_is_not_unicode_is_refused() {
    #[cfg(unix)]
    {
        use std::{ffi::OsString, os::unix::ffi::OsStringExt};
        let scenario = Scenario::new();
        let os = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let build_of = |name: &[u8], value: &[u8]| {
            scenario.step(format!("the variable {}={}", escaped(name), escaped(value)));
            let variables = [(os(name), os(value)), (os(b"APP__OK"), os(b"1"))];
            Config::builder().env("APP", variables).without_schema()
        };
        expect_refused(
            &scenario,
            build_of(b"APP__A", b"\xff"),
            &["variable APP__A"],
        );
        expect_refused(
            &scenario,
            build_of(b"APP__\xff", b"1"),
            &["variable APP__\u{fffd}"],
        );
        for (name, value) in [
            (&b"APPLE__A"[..], &b"\xff"[..]),
            (b"\xffAPP__A", b"1"),
            (b"A\xff", b"\xff"),
        ] {
            let config = build(&scenario, build_of(name, value));
            expect_value(&scenario, &config, "ok", "1");
        }
    }
}

/// A value is taken as it is: with `=`, empty, with spaces and line breaks.
#[test]
fn a_value_is_taken_as_it_is() {
    let scenario = Scenario::new();
    let config = of_env(
        &scenario,
        [
            ("APP__A", "x=y=z"),
            ("APP__B", ""),
            ("APP__C", " 1 \n"),
            ("APP__D", "\"q\""),
        ],
    );
    for (key, value) in [("a", "x=y=z"), ("b", ""), ("c", " 1 \n"), ("d", "\"q\"")] {
        expect_value(&scenario, &config, key, value);
    }
}

/// Without a schema, text is a string, whatever it looks like.
///
/// Often `007` becomes 7, and `true` a boolean, because the text is guessed at.
#[test]
fn text_is_never_guessed_at() {
    let scenario = Scenario::new();
    for text in [
        "007",
        "7",
        "true",
        "1.5",
        "null",
        "[1]",
        "{}",
        "1979-05-27",
        "nan",
    ] {
        let builder = Config::builder()
            .env("APP", [("APP__E", text)])
            .set("s", text);
        let config = build(&scenario, builder.without_schema());
        expect_value(&scenario, &config, "e", Tree::text(text));
        expect_value(&scenario, &config, "s", Tree::text(text));
    }
}

/// Two variables of a layer that set the same key, or one a key below the other's, are refused.
#[test]
fn variables_that_contradict_each_other_are_refused() {
    let scenario = Scenario::new();
    for (one, other, keys) in [
        ("APP__A", "APP__a", ["a", "a"]),
        ("APP__A", "APP__A__B", ["a", "a.b"]),
        ("APP__A__B__C", "APP__A", ["a.b.c", "a"]),
    ] {
        for variables in [[(one, "1"), (other, "2")], [(other, "2"), (one, "1")]] {
            scenario.step(format!("the variables {variables:?}"));
            let builder = Config::builder().env("APP", variables);
            let errors = refused(&scenario, builder.without_schema());
            let told: Vec<String> = errors.iter().map(told).collect();
            let allowed = [
                format!("duplicate {} at env {one}", keys[0]),
                format!("duplicate {} at env {other}", keys[1]),
            ];
            scenario.expect(
                told.len() == 1 && allowed.contains(&told[0]),
                format_args!("one of {allowed:?}"),
                format_args!("{told:?}"),
            );
        }
    }
    let config = of_env(
        &scenario,
        [("APP__A__B", "1"), ("APP__AB", "2"), ("APP__A__C", "3")],
    );
    expect_value(&scenario, &config, "a.c", "3");
}

/// The environment wins over files, and `set` over both, in whatever order they are given.
#[test]
fn flags_win_over_the_environment_and_that_over_files() {
    let scenario = Scenario::new();
    let builder = Config::builder()
        .set("d", "set")
        .env(
            "APP",
            [("APP__C", "env"), ("APP__D", "env"), ("APP__T__X", "env")],
        )
        .text(
            "x.toml",
            "b = 'file'\nc = 'file'\nd = 'file'\nt = {x = 'file', y = 'file'}",
            Format::Toml,
        )
        .defaults("a = 'default'\nb = 'default'\nc = 'default'\nd = 'default'");
    let config = build(&scenario, builder.without_schema());
    for (key, value) in [
        ("a", "default"),
        ("b", "file"),
        ("c", "env"),
        ("d", "set"),
        ("t.x", "env"),
        ("t.y", "file"),
    ] {
        expect_value(&scenario, &config, key, value);
    }
}

/// Of several environments and of several flags, the later ones win.
#[test]
fn later_environments_and_flags_win() {
    let scenario = Scenario::new();
    let builder = Config::builder()
        .env("A", [("A__X", "1"), ("A__Y", "1")])
        .env("B", [("B__Y", "2")])
        .env("C", NONE)
        .set("s", "1")
        .set("t.u", "1")
        .set("s", "2")
        .set("t", "3");
    let config = build(&scenario, builder.without_schema());
    for (key, value) in [("x", "1"), ("y", "2"), ("s", "2"), ("t", "3")] {
        expect_value(&scenario, &config, key, value);
    }
}

/// `set` takes a key without an index, and refuses anything else.
#[test]
fn a_flag_sets_a_key_without_an_index() {
    let scenario = Scenario::new();
    let builder = Config::builder()
        .set("a.\"b.c\".d", "1")
        .set("E", "2")
        .set("f", "");
    let config = build(&scenario, builder.without_schema());
    expect_value(&scenario, &config, "a.'b.c'.d", "1");
    expect_value(&scenario, &config, "E", "2");
    expect_value(&scenario, &config, "f", "");
    for key in ["a[0]", "", "a..b", "a b"] {
        let builder = Config::builder().set(key, "1");
        expect_refused(&scenario, builder.without_schema(), &["invalid key"]);
    }
}

/// A schema tells which kind a text becomes.
#[test]
fn a_schema_tells_the_kind_of_a_text() {
    let scenario = Scenario::new();
    let datetime = "1979-05-27T07:32:00Z";
    for (kind, text, value) in [
        (Kind::String, "007", Tree::text("007")),
        (Kind::String, "", Tree::text("")),
        (Kind::Any, "7", Tree::text("7")),
        (Kind::Integer, "007", Tree::Integer(7)),
        (Kind::Integer, "+5", Tree::Integer(5)),
        (
            Kind::Integer,
            "-9223372036854775808",
            Tree::Integer(i64::MIN.into()),
        ),
        (
            Kind::Integer,
            "18446744073709551615",
            Tree::Integer(u64::MAX.into()),
        ),
        (Kind::Float, "1", Tree::float(1.0)),
        (Kind::Float, "-2.5e3", Tree::float(-2500.0)),
        (Kind::Float, ".5", Tree::float(0.5)),
        (Kind::Float, "inf", Tree::float(f64::INFINITY)),
        (Kind::Float, "NaN", Tree::float(f64::NAN)),
        (Kind::Boolean, "true", Tree::Boolean(true)),
        (Kind::Boolean, "false", Tree::Boolean(false)),
        (Kind::Datetime, datetime, Tree::text(datetime)),
        (Kind::Datetime, "07:32:00", Tree::text("07:32:00")),
        (
            Kind::Array,
            "[\"a\", 1]",
            Tree::Array(vec![Tree::text("a"), Tree::Integer(1)]),
        ),
        (Kind::Array, "[]", Tree::Array(vec![])),
        (
            Kind::Table,
            "{ a = 1 }",
            Tree::table([("a", Tree::Integer(1))]),
        ),
    ] {
        scenario.step(format!("{text:?} as {kind:?}"));
        let schema = Schema::new()
            .key("e", Rule::new(kind))
            .key("t.s", Rule::new(kind));
        let builder = Config::builder()
            .env("APP", [("APP__E", text)])
            .set("t.s", text)
            .schema(schema);
        let config = build(&scenario, builder);
        expect_value(&scenario, &config, "e", value.clone());
        expect_value(&scenario, &config, "t.s", value);
    }
}

/// A schema makes a float of an integer, and a datetime of a string, where it asks for them.
#[test]
fn a_schema_converts_the_values_of_files() {
    let tool = Tool::with(&[
        (
            "app.json",
            r#"{"f": 1, "at": "1979-05-27 07:32:00Z", "any": 1, "big": 9007199254740992}"#,
        ),
        (
            "schema.toml",
            "[keys]\nf = {type = 'float'}\nat = {type = 'datetime'}\nany = {type = 'any'}\n\
             big = {type = 'float'}",
        ),
    ]);
    for (key, value) in [("f", "1.0"), ("at", "1979-05-27T07:32:00Z"), ("any", "1")] {
        tool.conf(&format!("get --schema ./schema.toml ./app.json {key}"))
            .expect_line(value);
    }
}

/// The text of a table is merged into the tables below it.
#[test]
fn the_text_of_a_table_is_merged() {
    let scenario = Scenario::new();
    let builder = Config::builder()
        .text(
            "x.toml",
            "labels = {a = '1', b = '1', c = '1'}",
            Format::Toml,
        )
        .env("APP", [("APP__LABELS", "{b = '2', c = '2'}")])
        .set("labels.c", "3")
        .schema(Schema::new().key("labels", Rule::new(Kind::Table)));
    let config = build(&scenario, builder);
    let expected = ["1", "2", "3"].map(Tree::text);
    let [a, b, c] = expected;
    expect_value(
        &scenario,
        &config,
        "labels",
        Tree::table([("a", a), ("b", b), ("c", c)]),
    );
}

/// A schema is read from a text in TOML or JSON.
#[test]
fn a_schema_is_read_from_a_text() {
    let scenario = Scenario::new();
    for (text, format) in [
        (
            "[keys]\n'server.port' = { type = 'integer' }\non.type = 'boolean'\nt.type = 'any'\n\
             [keys.\"a.'b.c'\"]\ntype = 'array'",
            Format::Toml,
        ),
        (
            r#"{"keys": {"server.port": {"type": "integer"}, "on": {"type": "boolean"},
                "t": {"type": "any"}, "a.'b.c'": {"type": "array"}}}"#,
            Format::Json,
        ),
    ] {
        scenario.step(format!("the schema {text}"));
        let schema = match Schema::parse("schema", text, format) {
            Ok(schema) => schema,
            Err(errors) => scenario.fail("the schema is read", errors),
        };
        let builder = Config::builder()
            .env(
                "APP",
                [
                    ("APP__SERVER__PORT", "080"),
                    ("APP__ON", "true"),
                    ("APP__T", "1"),
                ],
            )
            .set("a.\"b.c\"", "[1]")
            .schema(schema);
        let config = build(&scenario, builder);
        expect_value(&scenario, &config, "server.port", Tree::Integer(80));
        expect_value(&scenario, &config, "on", true);
        expect_value(&scenario, &config, "t", "1");
        expect_value(&scenario, &config, "a.'b.c'", vec![1]);
    }
}

/// Any text arrives unchanged at a key for a string, through the environment and through a flag.
#[test]
fn any_text_arrives_unchanged() {
    const CHARACTERS: [char; 12] = [
        'a', '=', '"', '\'', '\\', '\n', ' ', '0', '#', '[', 'é', '🦀',
    ];
    check_moves(100, 16, &|scenario, _, moves| {
        let text: String = moves
            .iter()
            .map(|one| CHARACTERS[usize::from(one.key) % CHARACTERS.len()])
            .collect();
        scenario.step(format!("the text {text:?}"));
        let builder = Config::builder()
            .env("APP", [("APP__E", &text)])
            .set("s", text.as_str())
            .schema(
                Schema::new()
                    .key("e", Rule::new(Kind::String))
                    .key("s", Rule::new(Kind::Any)),
            );
        let config = build(scenario, builder);
        expect_value(scenario, &config, "e", text.as_str());
        expect_value(scenario, &config, "s", text.as_str());
    });
}

/// `--env` takes variables of the environment that `run` was handed, `--set` wins over them, and
/// the kind comes from `--schema`.
#[test]
fn the_tool_takes_variables_and_flags() {
    let tool = Tool::with(&[
        ("app.toml", "port = 1\n[t]\na = 'file'\n"),
        (
            "schema.toml",
            "[keys]\nport = {type = 'integer'}\nt = {type = 'table'}\n",
        ),
    ])
    .env("APP__PORT", "0090")
    .env("APP__T__A", "env")
    .env("APPLE__T__B", "no");
    tool.conf("get ./app.toml port").expect_line("1");
    tool.conf("get ./app.toml --env APP port")
        .expect_line("0090");
    tool.conf("get ./app.toml --env APP --schema ./schema.toml port")
        .expect_line("90");
    tool.conf("get --set port=7 ./app.toml --env APP --schema ./schema.toml port")
        .expect_line("7");
    tool.conf("get ./app.toml --env APP t")
        .expect_line(r#"{"a":"env"}"#);
    tool.conf("get --env APP t.a").expect_line("env");
    tool.conf("get --env OTHER t.a").expect_missing("t.a");
    tool.expect_program(
        tool.program("get app.toml --env APP t.a")
            .env("APP__T__A", "its own"),
        0,
        "its own\n",
    );
}

/// `--set` splits at the first `=` that is not between quotes of the key, and later ones win.
#[test]
fn a_flag_is_split_at_the_first_equals_sign() {
    let tool = Tool::new();
    for (set, key, value) in [
        ("a=b=c", "a", "b=c"),
        ("a=", "a", ""),
        ("a==", "a", "="),
        ("t.\"x=y\".z=1=2", "t.'x=y'.z", "1=2"),
        ("'='==", "'='", "="),
        ("\"\\\"=\"=v", "'\"='", "v"),
        ("a= b ", "a", " b "),
    ] {
        tool.conf_words(&["get", "--set", set, key])
            .expect_line(value);
    }
    tool.conf("get --set a=1 --set b=2 --set a=3 a")
        .expect_line("3");
    for set in ["a", "", "=1", "a[0]=1", "a..b=1", "'a=1"] {
        tool.conf_words(&["get", "--set", set, "a"])
            .expect_failure();
    }
}

/// `--format` tells the format of every FILE; that of the schema is told by its extension.
#[test]
fn the_schema_has_a_format_of_its_own() {
    let tool = Tool::with(&[
        ("app.conf", r#"{"n": 1}"#),
        ("schema.toml", "[keys]\nn = {type = 'integer'}\n"),
        ("schema.json", r#"{"keys": {"n": {"type": "integer"}}}"#),
        ("schema", "[keys]\n"),
    ]);
    let get = |schema: &str, format: &str| {
        tool.conf(&format!(
            "get ./app.conf n --set n=007 --schema ./{schema} --format {format}"
        ))
    };
    get("schema.toml", "json").expect_line("7");
    get("schema.json", "json").expect_line("7");
    get("schema", "json").expect_failure();
    tool.file("app.conf", "n = 1\n");
    get("schema.json", "toml").expect_line("7");
    get("schema.toml", "toml").expect_line("7");
}
