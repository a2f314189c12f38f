//! Keys: their grammar, their canonical form, and what they find.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use config_cli::{Config, Error, Format, KeyPath, Segment};

fn parsed(text: &str) -> Option<Vec<Segment>> {
    let path = text.parse::<KeyPath>().ok()?;
    Some(path.segments().to_vec())
}

fn name(name: &str) -> Segment {
    Segment::Name(name.to_owned())
}

#[test]
fn names_quotes_and_indexes_make_a_path() {
    assert_eq!(
        parsed(r#"a."b.c"[0].'d"'[12].é"#),
        Some(vec![
            name("a"),
            name("b.c"),
            Segment::Index(0),
            name("d\""),
            Segment::Index(12),
            name("é"),
        ])
    );
    assert_eq!(parsed("0.1"), Some(vec![name("0"), name("1")]));
    assert_eq!(parsed(r#""""#), Some(vec![name("")]));
    assert_eq!(
        parsed(r#""\"\\\b\t\n\f\r\u00e9""#),
        Some(vec![name("\"\\\u{8}\t\n\u{c}\ré")])
    );
}

#[test]
fn what_is_no_path_is_refused() {
    for text in [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "[0]",
        "a[",
        "a[]",
        "a[x]",
        "a[-1]",
        "a[0",
        "a]",
        "a b",
        "a=b",
        "\"a",
        "'a",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\u12\"",
        "a\"b\"",
        "a[99999999999999999999]",
        "a[0]b",
        "a\u{a0}b",
    ] {
        let error = text.parse::<KeyPath>();
        assert!(matches!(error, Err(Error::InvalidKey { .. })), "{text:?}");
    }
}

#[test]
fn a_path_has_a_greatest_length() {
    let longest = ["a"; KeyPath::MAX_SEGMENTS].join(".");
    assert!(longest.parse::<KeyPath>().is_ok());
    assert!(format!("{longest}.a").parse::<KeyPath>().is_err());
    assert!(format!("{longest}[0]").parse::<KeyPath>().is_err());
}

#[test]
fn the_canonical_form_quotes_only_what_needs_it() {
    for (text, canonical) in [
        ("'a'.\"b\"", "a.b"),
        ("'a b'[007]", "\"a b\"[7]"),
        ("é", "\"é\""),
        ("''", "\"\""),
        ("\"\\u0001\\t\"", "\"\\u0001\\t\""),
    ] {
        let path = text.parse::<KeyPath>().map(|path| path.to_string());
        assert_eq!(path.ok().as_deref(), Some(canonical));
    }
}

#[test]
fn a_key_that_is_not_there_is_missing_and_a_wrong_one_is_no_key()
-> Result<(), Box<dyn std::error::Error>> {
    let config = Config::builder()
        .text("t", "a = [1]\nb.c = 1\nname = 'x'", Format::Toml)
        .without_schema()
        .build()?;
    for key in ["x", "a[1]", "a.x", "b[0]", "name.x", "name[0]", "b.c.d"] {
        let error = config.get::<i64>(key);
        assert!(matches!(error, Err(Error::Missing { .. })), "{key}");
    }
    for key in ["x..y", "a[", "nothing.here.]"] {
        let error = config.get::<i64>(key);
        assert!(matches!(error, Err(Error::InvalidKey { .. })), "{key}");
    }
    let suggestions = ["b.cc", "b.ccc"].map(|key| match config.get::<i64>(key) {
        Err(Error::Missing { suggestion, .. }) => suggestion,
        _ => None,
    });
    assert_eq!(suggestions, [Some("b.c".to_owned()), None]);
    assert!(matches!(
        config.get::<i64>("nmae"),
        Err(Error::Missing { suggestion: Some(key), .. }) if key == "name"
    ));
    Ok(())
}
