//! Schemas, and what is reported by them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use config_cli::{Config, Errors, Format, Kind, Rule, Schema};

const SCHEMA: &str = r#"
[keys]
"server.host" = { type = "string", required = true }
"server.port" = { type = "integer", min = 1, max = 65535 }
"server.rate" = { type = "float", min = 0 }
"log.level" = { type = "string", one_of = ["debug", "info"] }
"tags" = { type = "array", items = "string" }
"db.password" = { type = "string", required = true, secret = true }
labels = { type = "table" }
"#;

fn schema() -> Schema {
    match Schema::parse("schema.toml", SCHEMA, Format::Toml) {
        Ok(schema) => schema,
        Err(errors) => unreachable!("{errors}"),
    }
}

fn check(text: &str) -> Vec<String> {
    let built = Config::builder()
        .text("t", text, Format::Toml)
        .schema(schema())
        .build();
    built.map_or_else(lines, |_| Vec::new())
}

fn lines(errors: Errors) -> Vec<String> {
    errors.into_iter().map(|error| error.to_string()).collect()
}

#[test]
fn all_that_is_wrong_is_reported_at_once() {
    let text = "tags = ['a', 1]\nlog.level = 'loud'\nserver.port = 0\nserver.rate = 'x'\nserver.hots = 'h'\nlabels.any = 1\nextra.deep.key = 1\n";
    assert_eq!(
        check(text),
        [
            "db.password: required, and given by no file, variable or flag",
            "t:7:1: extra: unknown key",
            "t:2:13: log.level: \"loud\" is not allowed: expected one of debug, info",
            "server.host: required, and given by no file, variable or flag",
            "t:5:8: server.hots: unknown key; did you mean server.host?",
            "t:3:15: server.port: 0 is not allowed: expected at least 1 and at most 65535",
            "t:4:15: server.rate: expected a float, found the string \"x\"",
            "t:1:14: tags[1]: expected a string, found the integer 1",
        ]
    );
}

#[test]
fn no_error_holds_a_secret() {
    let text = "db.password = ['hunter2']\nserver.host = 'h'";
    assert_eq!(
        check(text),
        ["t:1:15: db.password: expected a string, found [redacted]"]
    );
    let broken = "db.password = \"hunter2\nserver.host = 1";
    assert!(check(broken).iter().all(|line| !line.contains("hunter2")));
}

#[test]
fn a_wrong_kind_where_a_table_should_be_hides_what_is_required_in_it() {
    let lines = check("server = 1\ndb.password = 'x'");
    assert_eq!(
        lines,
        ["t:1:10: server: expected a table, found the integer 1"]
    );
}

#[test]
fn numbers_and_datetimes_are_converted_only_without_loss() {
    let schema = || {
        Schema::new()
            .key("f", Rule::new(Kind::Float))
            .key("d", Rule::new(Kind::Datetime))
    };
    let build = |text: &str| {
        Config::builder()
            .text("t.json", text, Format::Json)
            .schema(schema())
            .build()
    };
    assert!(build(r#"{"f": 9007199254740992, "d": "1979-05-27"}"#).is_ok());
    assert!(build(r#"{"f": 18446744073709549568}"#).is_ok());
    assert!(build(r#"{"f": 9007199254740993}"#).is_err());
    assert!(build(r#"{"d": "yesterday"}"#).is_err());
    assert!(build(r#"{"f": null}"#).is_err());
}

#[test]
fn a_schema_that_contradicts_itself_is_refused() {
    let rule = Rule::new;
    for schema in [
        Schema::new().key("a..b", rule(Kind::Any)),
        Schema::new().key("a[0]", rule(Kind::Any)),
        Schema::new()
            .key("a", rule(Kind::Any))
            .key("'a'", rule(Kind::Any)),
        Schema::new()
            .key("a", rule(Kind::String))
            .key("a.b.c", rule(Kind::Any)),
        Schema::new().key("a", rule(Kind::String).range(1..)),
        Schema::new().key("a", rule(Kind::Integer).float_range(1.0..)),
        Schema::new().key("a", rule(Kind::Any).one_of(["x"])),
        Schema::new().key("a", rule(Kind::Table).items(Kind::Any)),
        Schema::new().key("a", rule(Kind::Integer).default("x")),
        Schema::new().key("a", rule(Kind::Integer).range(..5).default("5")),
        Schema::new().key("a", rule(Kind::Array).items(Kind::String).default("[1]")),
        Schema::new().key("a", rule(Kind::String).required().default("x")),
    ] {
        let shown = format!("{schema:?}");
        assert!(Config::builder().schema(schema).build().is_err(), "{shown}");
    }
    let open = Schema::new()
        .key("a", rule(Kind::Table))
        .key("a.b", rule(Kind::Integer).range(1..));
    assert!(
        Config::builder()
            .schema(open)
            .set("a.x", "1")
            .build()
            .is_ok()
    );
}

#[test]
fn faults_of_a_schema_file_have_places() {
    let faulty = "[keys]\na = 1\nb = {}\nc = { type = 'number' }\nd = { type = 'string', size = 1 }\ne = { type = 'string', min = 1 }\n'f..' = { type = 'any' }\ng = { type = 'integer', default = 'x' }\n[other]\n";
    let reported = Schema::parse("s.toml", faulty, Format::Toml).map_or_else(lines, |_| Vec::new());
    for start in [
        "s.toml:2:5: a: ",
        "s.toml:3:5: b: ",
        "s.toml:4:14: c: ",
        "s.toml:5:24: d: ",
        "s.toml:6:24: e: ",
        "s.toml:7:1: \"f..\": ",
        "s.toml:9:2: other: ",
    ] {
        assert!(
            reported.iter().any(|line| line.starts_with(start)),
            "{start} {reported:#?}"
        );
    }
    let contradiction = "keys.g = { type = 'integer', default = 'x' }";
    let reported =
        Schema::parse("s.toml", contradiction, Format::Toml).map_or_else(lines, |_| Vec::new());
    assert_eq!(reported, ["s.toml:1:6: g: the default is not an integer"]);
}
