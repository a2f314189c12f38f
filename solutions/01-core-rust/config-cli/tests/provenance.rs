//! Origins, explanations, and secrets that are never shown.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use std::error::Error as StdError;

use config_cli::{Config, Error, Format, Kind, Origin, REDACTED, Rule, Schema, Secret};

type Outcome = Result<(), Box<dyn StdError>>;

#[test]
fn the_origin_is_that_of_the_winner_and_not_of_the_last_layer() -> Outcome {
    let config = Config::builder()
        .text("a.toml", "x = 1\n[t]\ny = \"é\" # \u{e9}\n", Format::Toml)
        .text(
            "b.json",
            "\u{feff}{\"é\": [10,\n 20], \"z\": 1}",
            Format::Json,
        )
        .without_schema()
        .build()?;
    assert_eq!(config.origin("t.y")?.to_string(), "a.toml:3:5");
    assert_eq!(config.origin("x")?.to_string(), "a.toml:1:5");
    assert_eq!(config.origin("\"é\"")?.to_string(), "b.json:1:7");
    assert_eq!(config.origin("é[1]")?.to_string(), "b.json:2:2");
    assert_eq!(config.origin("z")?.to_string(), "b.json:2:12");
    Ok(())
}

#[test]
fn an_explanation_looks_below_what_was_replaced_wholly() -> Outcome {
    let config = Config::builder()
        .text("a", "s.p = 1", Format::Toml)
        .text("b", "s = 'x'", Format::Toml)
        .text("c", "s.p = 3", Format::Toml)
        .set("s.p", "4")
        .without_schema()
        .build()?;
    let explained = config.explain("s.p")?;
    assert_eq!(
        explained[0].to_string(),
        "s.p = \"4\"\n  from --set s.p\n  shadows c:1:7 = 3\n  shadows a:1:7 = 1\n"
    );
    assert_eq!(
        explained[0].origin,
        Origin::Set {
            key: "s.p".to_owned()
        }
    );
    Ok(())
}

#[test]
fn what_only_lower_layers_have_is_missing() -> Outcome {
    let config = Config::builder()
        .text("a", "s.p = 1", Format::Toml)
        .text("b", "s = 'x'", Format::Toml)
        .without_schema()
        .build()?;
    assert!(matches!(config.explain("s.p"), Err(Error::Missing { .. })));
    assert!(matches!(config.origin("s.p"), Err(Error::Missing { .. })));
    Ok(())
}

#[test]
fn nothing_that_is_printed_holds_a_secret() -> Outcome {
    let schema = Schema::new()
        .key("user", Rule::new(Kind::Table).secret())
        .key("pin", Rule::new(Kind::Integer).secret());
    let config = Config::builder()
        .text(
            "t",
            "pin = 4711\nuser = { name = 'hunter2', all = ['hunter2'] }",
            Format::Toml,
        )
        .text("u", "pin = 4712", Format::Toml)
        .schema(schema)
        .build()?;
    let wrong_type = config
        .get::<u8>("pin")
        .err()
        .map(|error| format!("{error} {error:?}"));
    let wrong_secret = config
        .get::<Secret<bool>>("user")
        .err()
        .map(|error| error.to_string());
    let printed = [
        format!("{config:?} {config:#?}"),
        config.dump(Format::Toml)?,
        config.dump(Format::Json)?,
        format!("{:?} {:?}", config.explain("pin")?, config.explain("user")?),
        wrong_type.unwrap_or_default(),
        wrong_secret.unwrap_or_default(),
        format!("{:#?}", config.get::<Secret<u16>>("pin")?),
    ];
    for text in &printed {
        assert!(!text.is_empty());
        assert!(!text.contains("hunter2") && !text.contains("471"), "{text}");
    }
    assert_eq!(config.explain("pin")?[0].value, REDACTED);
    assert_eq!(config.explain("pin")?[0].shadowed[0].value, REDACTED);
    assert_eq!(*config.get::<Secret<u16>>("pin")?.expose(), 4712);
    assert_eq!(
        config.get::<Secret<String>>("user.name")?.into_inner(),
        "hunter2"
    );
    assert!(config.dump_revealed(Format::Json)?.contains("hunter2"));
    Ok(())
}

#[test]
fn what_a_format_cannot_hold_is_an_error_that_names_the_key() -> Outcome {
    let config = Config::builder()
        .text("t", "{\"a\": {\"b\": [null]}}", Format::Json)
        .without_schema()
        .build()?;
    let key = config
        .dump(Format::Toml)
        .err()
        .and_then(|error| error.key().map(str::to_owned));
    assert_eq!(key.as_deref(), Some("a.b[0]"));
    let config = Config::builder()
        .text("t", "a = [{ b = nan }]", Format::Toml)
        .without_schema()
        .build()?;
    let key = config
        .dump(Format::Json)
        .err()
        .and_then(|error| error.key().map(str::to_owned));
    assert_eq!(key.as_deref(), Some("a[0].b"));
    Ok(())
}
