//! Configurations.

use std::fmt;

use serde::Deserialize;

use crate::builder::{Builder, SchemaUnset};
use crate::de::Reading;
use crate::dump::dump;
use crate::error::Error;
use crate::explain::{Explanation, explain};
use crate::find::{canonical, find};
use crate::format::Format;
use crate::key::KeyPath;
use crate::notation::{Secrets, notation};
use crate::origin::Origin;
use crate::source::Sources;
use crate::value::{Node, Table};

/// A configuration: the values of all layers, merged, checked, and each with its origin.
///
/// It never changes. `Debug` shows no secret.
pub struct Config {
    root: Table,
    sources: Sources,
}

impl Config {
    /// Begins a configuration.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use config_cli::{Config, Format, Kind, Rule, Schema};
    /// let schema = Schema::new()
    ///     .key("server.host", Rule::new(Kind::String))
    ///     .key("server.port", Rule::new(Kind::Integer).range(1..=65_535));
    /// let config = Config::builder()
    ///     .defaults("server.host = 'localhost'")
    ///     .text("app.toml", "server.port = 80", Format::Toml)
    ///     .env("APP", [("APP__SERVER__PORT", "8080")])
    ///     .schema(schema)
    ///     .build()?;
    /// assert_eq!(config.get::<u16>("server.port")?, 8080);
    /// assert_eq!(config.get::<&str>("server.host")?, "localhost");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn builder() -> Builder<SchemaUnset> {
        Builder::new()
    }

    pub(crate) fn new(root: Table, sources: Sources) -> Self {
        Self { root, sources }
    }

    pub(crate) fn node(&self, path: &str) -> Result<&Node, Error> {
        find(&self.root, path)
    }

    /// The value under `path`, as a `T`. Text can be borrowed from the configuration, as `&str`.
    ///
    /// | value | becomes, among others |
    /// |---|---|
    /// | string | `String`, `&str`, `char`, a unit variant of that name |
    /// | integer | every integer type that can hold it, `f32`, `f64` |
    /// | float | `f32`, `f64` |
    /// | boolean | `bool` |
    /// | datetime | `String`: as TOML writes it, with `T` between date and time |
    /// | array | `Vec`, tuples |
    /// | table | structs, maps, a variant with data if it has one key |
    /// | null | `None`, `()` |
    ///
    /// An `f32` or `f64` that cannot hold a number exactly gets the nearest one that it can.
    ///
    /// `Option<T>` is `None` for null and `Some` for anything else. A key that is not there is
    /// an error even for an `Option`; a field of a struct that is one may be missing.
    ///
    /// # Errors
    /// [`Error::InvalidKey`]; [`Error::Missing`], also for an index past the end, for an index
    /// into what is no array, and for a name in what is no table; [`Error::Type`] when the value
    /// does not become a `T`.
    pub fn get<'c, T: Deserialize<'c>>(&'c self, path: &str) -> Result<T, Error> {
        let node = self.node(path)?;
        T::deserialize(Reading(node)).map_err(|error| Error::Type {
            key: canonical(path),
            origin: self.sources.origin(node.place),
            message: if node.holds_secret() {
                "the secret is not of the type that was asked for".to_owned()
            } else {
                error.to_string()
            },
        })
    }

    /// Where the value under `path` comes from.
    ///
    /// In a text it is the first character of the value. For a table that is written as a header
    /// or with dotted keys, line and column are those of any of its mentions in the text. The
    /// elements of an array that comes from a variable or a flag have the origin of the array. A
    /// table has the origin of the highest layer that has it.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] and [`Error::Missing`], as for [`get`](Self::get).
    pub fn origin(&self, path: &str) -> Result<Origin, Error> {
        Ok(self.sources.origin(self.node(path)?.place))
    }

    /// How the value under `path` came to be: its origin, and what it shadows.
    ///
    /// One explanation for a value that is no table, or is an empty one. For another table, the
    /// explanations of all such values in it, in the order of their keys.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] and [`Error::Missing`], as for [`get`](Self::get).
    pub fn explain(&self, path: &str) -> Result<Vec<Explanation>, Error> {
        let path: KeyPath = path.parse()?;
        // Also tells whether the key is there: what only lower layers have is not.
        self.node(&path.to_string())?;
        Ok(explain(&self.root, &path, &self.sources))
    }

    /// The whole configuration as a text of `format`, with [`REDACTED`](crate::REDACTED), as a
    /// string, in place of every secret.
    ///
    /// The tables' keys are in ascending order of their characters, as far as the format lets
    /// them. Loading the text gives the same configuration: the same keys with the same values
    /// of the same kinds, except that JSON turns datetimes into strings.
    ///
    /// # Errors
    /// [`Error::NotRepresentable`]: TOML has neither null nor integers above `i64::MAX`, and
    /// JSON neither `nan` nor `inf`.
    pub fn dump(&self, format: Format) -> Result<String, Error> {
        dump(&self.root, format, Secrets::Redacted)
    }

    /// As [`dump`](Self::dump), but with every secret in clear.
    ///
    /// # Errors
    /// As for [`dump`](Self::dump).
    pub fn dump_revealed(&self, format: Format) -> Result<String, Error> {
        dump(&self.root, format, Secrets::Revealed)
    }
}

/// Shows the values, but no secret.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, entry) in &self.root {
            let shown = notation(&entry.node, Secrets::Redacted);
            map.entry(name, &format_args!("{shown}"));
        }
        map.finish()
    }
}
