//! What holds for any configuration.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::{fs, io};

use config_cli::{Config, Exit, Format, KeyPath, Segment, json, run};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", "[a-c]", any::<String>()]
}

/// A value of JSON. `exact` leaves out what TOML cannot hold.
fn value(exact: bool) -> impl Strategy<Value = Value> {
    // The parser of `serde_json` rounds some longer floats; they have a property of their own.
    let floats = any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0));
    let unsigned = any::<u64>().prop_map(move |n| Value::from(if exact { n >> 1 } else { n }));
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        unsigned,
        floats,
        any::<String>().prop_map(Value::String),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(name(), inner, 0..4).prop_map(table),
        ]
    })
}

fn table(entries: BTreeMap<String, Value>) -> Value {
    Value::Object(entries.into_iter().collect::<Map<_, _>>())
}

fn root(exact: bool) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(name(), value(exact), 0..5).prop_map(table)
}

/// The merged layers, as JSON.
fn merge(layers: &[&Value]) -> Result<String, TestCaseError> {
    let builder = layers.iter().fold(Config::builder(), |builder, layer| {
        builder.text("layer", layer.to_string(), Format::Json)
    });
    let built = builder
        .without_schema()
        .build()
        .map_err(|errors| fail(&errors))?;
    built.dump(Format::Json).map_err(|error| fail(&error))
}

fn fail(error: &dyn std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Whether no key is a table in one of two values and something else in the other.
fn agree(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => left
            .iter()
            .all(|(name, value)| right.get(name).is_none_or(|other| agree(value, other))),
        _ => !left.is_object() && !right.is_object(),
    }
}

/// Merging as the documentation defines it, on another type of values.
fn merged_by_definition(lower: &Value, upper: &Value) -> Value {
    match (lower, upper) {
        (Value::Object(lower), Value::Object(upper)) => {
            let mut merged = lower.clone();
            for (name, value) in upper {
                let value = merged
                    .get(name)
                    .map_or_else(|| value.clone(), |below| merged_by_definition(below, value));
                merged.insert(name.clone(), value);
            }
            Value::Object(merged)
        }
        _ => upper.clone(),
    }
}

/// A line of TOML: a header, or an assignment to a key that may be dotted.
fn line() -> impl Strategy<Value = String> {
    let key = || {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..4)
            .prop_map(|names| names.join("."))
    };
    let value = prop::sample::select(vec![
        "1",
        "{}",
        "{a = 1}",
        "{ a.b = 1 }",
        "[{b = 1}]",
        "[1]",
    ]);
    prop_oneof![
        key().prop_map(|key| format!("[{key}]\n")),
        key().prop_map(|key| format!("[[{key}]]\n")),
        (key(), value).prop_map(|(key, value)| format!("{key} = {value} # c\n")),
        Just("# comment\n".to_owned()),
        Just("\n".to_owned()),
    ]
}

/// Those of `lines` that TOML allows after the ones before.
fn document(lines: Vec<String>) -> String {
    lines.into_iter().fold(String::new(), |text, line| {
        let longer = text.clone() + &line;
        if longer.parse::<toml::Table>().is_ok() {
            longer
        } else {
            text
        }
    })
}

/// What `conf set` says about a change of a TOML file.
fn set(text: &str, key: &str) -> Result<(Exit, String), TestCaseError> {
    let folder = tempfile::tempdir().map_err(|error| fail(&error))?;
    let path = folder.path().join("a.toml");
    fs::write(&path, text).map_err(|error| fail(&error))?;
    let args = ["conf", "set", "--type", "string", "--"].map(OsString::from);
    let args = args
        .into_iter()
        .chain([path.into_os_string(), key.into(), "x".into()]);
    let mut stderr = Vec::new();
    let exit = run(args, [], &mut io::empty(), &mut Vec::new(), &mut stderr);
    Ok((exit, String::from_utf8_lossy(&stderr).into_owned()))
}

proptest! {
    #[test]
    fn a_dump_loads_as_the_same_configuration(root in root(true)) {
        let load = |text: String, format| {
            Config::builder().text("t", text, format).without_schema().build()
                .map_err(|errors| fail(&errors))
        };
        let config = load(root.to_string(), Format::Json)?;
        let json = config.dump(Format::Json).map_err(|error| fail(&error))?;
        prop_assert_eq!(&serde_json::from_str::<Value>(&json).map_err(|error| fail(&error))?, &root);
        let toml = config.dump(Format::Toml).map_err(|error| fail(&error))?;
        let again = load(toml.clone(), Format::Toml)?;
        prop_assert_eq!(again.dump(Format::Toml).map_err(|error| fail(&error))?, toml);
        prop_assert_eq!(again.dump(Format::Json).map_err(|error| fail(&error))?, json);
    }

    #[test]
    fn every_number_is_kept_exactly(float in any::<f64>(), signed in any::<i64>(), unsigned in any::<u64>()) {
        let toml = format!("f = {}\ni = {signed}", if float.is_nan() { "nan".to_owned() } else { format!("{float:?}") });
        let json = format!("{{\"u\": {unsigned}}}");
        let config = Config::builder().text("t", toml, Format::Toml).text("j", json, Format::Json)
            .without_schema().build().map_err(|errors| fail(&errors))?;
        let kept = config.get::<f64>("f").map_err(|error| fail(&error))?;
        prop_assert!(kept.to_bits() == float.to_bits() || (kept.is_nan() && float.is_nan()));
        prop_assert_eq!(config.get::<i64>("i").ok(), Some(signed));
        prop_assert_eq!(config.get::<u64>("u").ok(), Some(unsigned));
    }

    #[test]
    fn layers_merge_as_defined(a in root(false), b in root(false)) {
        let merged = serde_json::from_str::<Value>(&merge(&[&a, &b])?).map_err(|error| fail(&error))?;
        prop_assert_eq!(merged, merged_by_definition(&a, &b));
    }

    #[test]
    fn the_lowest_layers_can_be_merged_beforehand(a in root(false), b in root(false), c in root(false)) {
        let all = merge(&[&a, &b, &c])?;
        let lowest = serde_json::from_str(&merge(&[&a, &b])?).map_err(|error| fail(&error))?;
        prop_assert_eq!(merge(&[&lowest, &c])?, all);
    }

    #[test]
    fn merging_is_associative_where_kinds_agree(a in root(false), b in root(false), c in root(false)) {
        prop_assume!(agree(&a, &b) && agree(&b, &c) && agree(&a, &c));
        let all = merge(&[&a, &b, &c])?;
        let highest = serde_json::from_str(&merge(&[&b, &c])?).map_err(|error| fail(&error))?;
        prop_assert_eq!(merge(&[&a, &highest])?, all);
    }

    #[test]
    fn an_empty_layer_and_a_repeated_one_change_nothing(a in root(false), b in root(false)) {
        let once = merge(&[&a, &b])?;
        prop_assert_eq!(&merge(&[&a, &b, &b])?, &once);
        prop_assert_eq!(&merge(&[&a, &table(BTreeMap::new()), &b])?, &once);
    }

    #[test]
    fn the_canonical_form_of_a_key_is_parsed_as_the_key(names in prop::collection::vec(any::<String>(), 1..5), index in any::<usize>()) {
        let quoted: Vec<String> = names.iter().map(|name| format!("'{}'", name.replace('\'', ""))).collect();
        let path: KeyPath = format!("{}[{index}]", quoted.join(".")).parse().map_err(|error| fail(&error))?;
        prop_assert_eq!(path.segments().last(), Some(&Segment::Index(index)));
        let again: KeyPath = path.to_string().parse().map_err(|error| fail(&error))?;
        prop_assert_eq!(again, path);
    }

    #[test]
    fn set_finds_a_place_in_every_layout(
        lines in prop::collection::vec(line(), 0..9),
        key in "[abc](\\[[01]\\]|\\.[abcd]){0,4}",
    ) {
        let text = document(lines);
        let (exit, said) = set(&text, &key)?;
        let in_the_way = ["no such element", "no table", "no array", "is a table", "have headers"];
        prop_assert!(
            exit == Exit::Success || in_the_way.iter().any(|reason| said.contains(reason)),
            "{text}\n{key}: {said}"
        );
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        let _ = text.parse::<KeyPath>();
        for format in [Format::Toml, Format::Json] {
            let _ = Config::builder().text("t", text.as_str(), format).text("b", bytes.clone(), format)
                .without_schema().build();
        }
    }

    #[test]
    fn the_json_reader_takes_what_serde_json_takes(text in "[\\[\\]{}:,\"\\\\ueE0-9a.+ -]{0,24}") {
        // Not as a `Value`: for that, `serde_json` turns numbers into floats and refuses great ones.
        let expected = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        prop_assert_eq!(json::parse(&text).is_ok(), expected);
    }
}
