//! Configurations that are built by the library, and what is wrong with them.

use config_cli::{Builder, Config, Error, Errors, Format, SchemaSet};
use serde::Deserialize;
use std::fmt::Debug;
use suite_kit::Scenario;

/// A configuration without a schema, of texts in TOML named `0.toml`, `1.toml` and so on.
#[track_caller]
pub(crate) fn of_toml<const N: usize>(scenario: &Scenario, texts: [&str; N]) -> Config {
    let mut builder = Config::builder();
    for (at, text) in texts.into_iter().enumerate() {
        scenario.step(format!("the text {at}.toml holds {text:?}"));
        builder = builder.text(format!("{at}.toml"), text, Format::Toml);
    }
    build(scenario, builder.without_schema())
}

/// A configuration of one text in JSON, without a schema.
#[track_caller]
pub(crate) fn of_json(scenario: &Scenario, text: &str) -> Config {
    scenario.step(format!("the text 0.json holds {text:?}"));
    let builder = Config::builder().text("0.json", text, Format::Json);
    build(scenario, builder.without_schema())
}

/// Builds what has to be right.
#[track_caller]
pub(crate) fn build(scenario: &Scenario, builder: Builder<SchemaSet>) -> Config {
    match builder.build() {
        Ok(config) => config,
        Err(errors) => scenario.fail(
            "the configuration can be built",
            told_all(&errors).join("; "),
        ),
    }
}

/// Builds what has to be wrong, and tells how.
#[track_caller]
pub(crate) fn refused(scenario: &Scenario, builder: Builder<SchemaSet>) -> Errors {
    match builder.build() {
        Ok(_) => scenario.fail("the configuration is refused", "it was built"),
        Err(errors) => errors,
    }
}

/// Fails unless building is refused for exactly these reasons, as [`told`] tells them.
#[track_caller]
pub(crate) fn expect_refused(scenario: &Scenario, builder: Builder<SchemaSet>, reasons: &[&str]) {
    let errors = refused(scenario, builder);
    scenario.expect_eq("the errors", told_all(&errors), reasons.to_vec());
}

/// Fails unless the value under a key is this one.
#[track_caller]
pub(crate) fn expect_value<'c, T>(scenario: &Scenario, config: &'c Config, key: &str, value: T)
where
    T: Deserialize<'c> + Debug + PartialEq,
{
    match config.get::<T>(key) {
        Ok(received) => scenario.expect_eq(format_args!("get {key}"), received, value),
        Err(error) => scenario.fail(format_args!("get {key} gives {value:?}"), error),
    }
}

/// Fails unless the value under a key is refused for this reason, as [`told`] tells it.
#[track_caller]
pub(crate) fn expect_no_value<'c, T>(
    scenario: &Scenario,
    config: &'c Config,
    key: &str,
    reason: &str,
) where
    T: Deserialize<'c> + Debug,
{
    match config.get::<T>(key) {
        Ok(received) => scenario.fail(
            format_args!("get {key} fails: {reason}"),
            format_args!("{received:?}"),
        ),
        Err(error) => scenario.expect_eq(format_args!("get {key}"), told(&error), reason),
    }
}

/// What sort of error it is, the key and the origin, and nothing of its wording.
pub(crate) fn told(error: &Error) -> String {
    let sort = match error {
        Error::Missing { .. } => "missing",
        Error::InvalidKey { .. } => "invalid key",
        Error::Type { .. } => "type",
        Error::Io { name, .. } => return format!("io {name}"),
        Error::UnknownFormat { name } => return format!("unknown format {name}"),
        Error::Parse { .. } => "parse",
        Error::Duplicate { .. } => "duplicate",
        Error::Variable { variable, .. } => return format!("variable {variable}"),
        Error::Schema { .. } => "schema",
        Error::Required { .. } => "required",
        Error::UnknownKey { .. } => "unknown key",
        Error::WrongKind { .. } => "wrong kind",
        Error::NotAllowed { .. } => "not allowed",
        Error::NotRepresentable { .. } => "not representable",
        Error::CannotSet { .. } => "cannot set",
        _ => "another error",
    };
    let key = error
        .key()
        .map_or_else(String::new, |key| format!(" {key}"));
    let origin = error
        .origin()
        .map_or_else(String::new, |origin| format!(" at {origin}"));
    format!("{sort}{key}{origin}")
}

/// [`told`] of each.
pub(crate) fn told_all(errors: &Errors) -> Vec<String> {
    errors.iter().map(told).collect()
}
