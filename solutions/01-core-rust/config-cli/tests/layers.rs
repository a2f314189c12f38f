//! Layers: files, the environment, flags, and the order in which they win.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use std::collections::BTreeMap;
use std::error::Error as StdError;

use config_cli::{Config, Error, Errors, Format, Kind, Rule, Schema};
use serde::Deserialize;

type Outcome = Result<(), Box<dyn StdError>>;

fn merged(texts: &[&str]) -> Result<Config, Errors> {
    let builder = texts.iter().fold(Config::builder(), |builder, text| {
        builder.text("t.toml", *text, Format::Toml)
    });
    builder.without_schema().build()
}

#[test]
fn tables_merge_deeply_and_anything_else_is_replaced() -> Outcome {
    let config = merged(&[
        "a = { x = 1, y = { z = 1 } }\nl = [1, 2]\nk = { q = 1 }\ns = 1",
        "a = { y = { w = 2 } }\nl = [3]\nk = 5\ns = { t = 1 }",
    ])?;
    assert_eq!(config.get::<BTreeMap<String, i64>>("a.y")?.len(), 2);
    assert_eq!(config.get::<i64>("a.x")?, 1);
    assert_eq!(config.get::<Vec<i64>>("l")?, [3]);
    assert_eq!(config.get::<i64>("k")?, 5);
    assert_eq!(config.get::<i64>("s.t")?, 1);
    Ok(())
}

#[test]
fn null_is_a_value_that_replaces() -> Outcome {
    let config = Config::builder()
        .text("a.json", r#"{"a": 1}"#, Format::Json)
        .text("b.json", r#"{"a": null}"#, Format::Json)
        .without_schema()
        .build()?;
    assert_eq!(config.get::<Option<i64>>("a")?, None);
    assert!(matches!(
        config.get::<Option<i64>>("b"),
        Err(Error::Missing { .. })
    ));
    Ok(())
}

#[test]
fn the_order_of_calls_of_different_sorts_does_not_matter() -> Outcome {
    let schema = Schema::new().key("a", Rule::new(Kind::String).default("schema"));
    let config = Config::builder()
        .set("a", "set")
        .env("APP", [("APP__A", "env")])
        .text("t", "a = 'file'", Format::Toml)
        .defaults("a = 'defaults'")
        .schema(schema)
        .build()?;
    assert_eq!(config.get::<&str>("a")?, "set");
    let origins: Vec<String> = config.explain("a")?[0]
        .shadowed
        .iter()
        .map(|shadowed| shadowed.origin.to_string())
        .collect();
    assert_eq!(
        origins,
        ["env APP__A", "t:1:5", "<defaults>:1:5", "schema default"]
    );
    Ok(())
}

#[test]
fn all_layers_that_cannot_be_read_are_reported() {
    let errors = Config::builder()
        .file("no/such/file.toml")
        .file("no-format")
        .text("bad.toml", "a = ", Format::Toml)
        .text("twice.json", "{\"a\": 1,\n \"a\": 2}", Format::Json)
        .set("a[0]", "x")
        .env("", [("A", "b")])
        .without_schema()
        .build()
        .err()
        .map(|errors| errors.into_iter().collect::<Vec<_>>())
        .unwrap_or_default();
    assert!(
        matches!(
            errors.as_slice(),
            [
                Error::Io { .. },
                Error::UnknownFormat { .. },
                Error::Parse { .. },
                Error::Duplicate { .. },
                Error::Variable { .. },
                Error::InvalidKey { .. },
            ]
        ),
        "{errors:?}"
    );
    assert!(errors[3].to_string().starts_with("twice.json:2:2: a: "));
}

#[test]
fn only_variables_with_the_exact_prefix_count() -> Outcome {
    let config = Config::builder()
        .env(
            "APP",
            [
                ("APP__SERVER__MAX_SIZE", "a=b="),
                ("APP__EMPTY", ""),
                ("APPLE__X", "1"),
                ("APP_X", "1"),
                ("APP", "1"),
                ("app__x", "1"),
            ],
        )
        .without_schema()
        .build()?;
    assert_eq!(config.get::<&str>("server.max_size")?, "a=b=");
    assert_eq!(config.get::<&str>("empty")?, "");
    assert!(config.get::<&str>("x").is_err());
    Ok(())
}

#[test]
fn variables_that_hold_no_key_or_the_same_key_are_refused() {
    for (variables, count) in [
        (vec![("APP__", "1")], 1),
        (vec![("APP__A____B", "1")], 1),
        (vec![("APP__A", "1"), ("APP__a", "2")], 1),
        (vec![("APP__A__B", "1"), ("APP__A", "2")], 1),
        (vec![("APP__A__B", "1"), ("APP__A_C", "2")], 0),
    ] {
        let shown = format!("{variables:?}");
        let errors = Config::builder()
            .env("APP", variables)
            .without_schema()
            .build()
            .map_or_else(|errors| errors.iter().count(), |_| 0);
        assert_eq!(errors, count, "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_not_unicode_is_refused_only_under_the_prefix() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;
    let bad = || OsString::from_vec(b"\xff".to_vec());
    let build = |name: OsString| {
        Config::builder()
            .env("APP", [(name, bad())])
            .without_schema()
            .build()
    };
    assert!(build("OTHER".into()).is_ok());
    assert!(build(bad()).is_ok());
    assert!(build("APP__A".into()).is_err());
    assert!(build(OsString::from_vec(b"APP__\xff".to_vec())).is_err());
}

#[test]
fn text_takes_the_kind_of_the_schema_and_is_never_guessed_at() -> Outcome {
    let schema = Schema::new()
        .key("text", Rule::new(Kind::String))
        .key("count", Rule::new(Kind::Integer))
        .key("rate", Rule::new(Kind::Float))
        .key("on", Rule::new(Kind::Boolean))
        .key("day", Rule::new(Kind::Datetime))
        .key("list", Rule::new(Kind::Array).items(Kind::Integer))
        .key("open", Rule::new(Kind::Table));
    let config = Config::builder()
        .env(
            "A",
            [("A__TEXT", "007"), ("A__COUNT", "+007"), ("A__ON", "true")],
        )
        .set("rate", "1")
        .set("day", "1979-05-27 07:32:00Z")
        .set("list", "[1, 2]")
        .set("open.x", "5")
        .schema(schema)
        .build()?;
    assert_eq!(config.get::<&str>("text")?, "007");
    assert_eq!(config.get::<u8>("count")?, 7);
    assert!(config.get::<bool>("on")?);
    assert!((config.get::<f64>("rate")? - 1.0).abs() < f64::EPSILON);
    assert_eq!(config.get::<String>("day")?, "1979-05-27T07:32:00Z");
    assert_eq!(config.get::<(i64, i64)>("list")?, (1, 2));
    assert_eq!(config.get::<&str>("open.x")?, "5");
    let plain = Config::builder().set("n", "7").without_schema().build()?;
    assert_eq!(plain.get::<&str>("n")?, "7");
    assert!(plain.get::<i64>("n").is_err());
    Ok(())
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Fast,
    Custom { level: u8 },
    Pair(u8, u8),
    One(String),
}

#[test]
fn values_become_types_of_rust() -> Outcome {
    let config = merged(&[
        "modes = ['fast', { custom = { level = 3 } }, { pair = [1, 2] }, { one = 'x' }]\nc = 'x'\nbig = 300",
    ])?;
    assert_eq!(
        config.get::<Vec<Mode>>("modes")?,
        [
            Mode::Fast,
            Mode::Custom { level: 3 },
            Mode::Pair(1, 2),
            Mode::One("x".to_owned())
        ]
    );
    assert_eq!(config.get::<char>("c")?, 'x');
    assert!(matches!(config.get::<u8>("big"), Err(Error::Type { .. })));
    assert!(config.get::<(i64,)>("modes").is_err());
    Ok(())
}
