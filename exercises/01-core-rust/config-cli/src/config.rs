//! Configurations and how they are built: phases 2 to 5.

use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;

use serde::Deserialize;

use crate::error::{Error, Errors};
use crate::format::Format;
use crate::origin::Origin;
use crate::schema::Schema;

/// A configuration: the values of all layers, merged, checked, and each with its origin.
///
/// It never changes. `Debug` shows no secret.
pub struct Config {
    // The fields are yours.
    marker: PhantomData<Origin>,
}

impl Config {
    /// Begins a configuration.
    ///
    /// ```no_run
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
        todo!("phase 2: an empty builder")
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
        _ = path;
        todo!("phase 2: the value under a key")
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
        _ = path;
        todo!("phase 5: the origin of a value")
    }

    /// How the value under `path` came to be: its origin, and what it shadows.
    ///
    /// One explanation for a value that is no table, or is an empty one. For another table, the
    /// explanations of all such values in it, in the order of their keys.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] and [`Error::Missing`], as for [`get`](Self::get).
    pub fn explain(&self, path: &str) -> Result<Vec<Explanation>, Error> {
        _ = path;
        todo!("phase 5: the layers of a value")
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
        _ = format;
        todo!("phase 5: write the configuration")
    }

    /// As [`dump`](Self::dump), but with every secret in clear.
    ///
    /// # Errors
    /// As for [`dump`](Self::dump).
    pub fn dump_revealed(&self, format: Format) -> Result<String, Error> {
        _ = format;
        todo!("phase 5: write the configuration with its secrets")
    }
}

/// Shows the values. The form is yours, but no secret is in it.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        _ = f;
        todo!("phase 5: show the values but no secret")
    }
}

/// Why a value is what it is. See [`Config::explain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The value's key, in its canonical form.
    pub key: String,
    /// The value, in the notation that [`run`](crate::run) documents, or `[redacted]`.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
    /// What else the layers give under this key, from the highest layer to the lowest.
    pub shadowed: Vec<Shadowed>,
}

/// A value that a higher layer has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadowed {
    /// The value, in the notation that [`run`](crate::run) documents, or `[redacted]`.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// The state of a [`Builder`] that has not been told its schema.
#[derive(Debug)]
pub enum SchemaUnset {}

/// The state of a [`Builder`] that has been told its schema, or that there is none.
#[derive(Debug)]
pub enum SchemaSet {}

/// A configuration in the making.
///
/// It can be built once it knows its schema: [`build`](Builder::build) exists only after
/// [`schema`](Builder::schema) or [`without_schema`](Builder::without_schema).
///
/// # Layers
///
/// From the lowest to the highest:
///
/// 1. the defaults of the schema,
/// 2. [`defaults`](Self::defaults),
/// 3. files and texts, in the order of the calls,
/// 4. the environment, in the order of the calls,
/// 5. [`set`](Self::set), in the order of the calls.
///
/// The order of calls of different sorts does not matter. A higher layer wins:
///
/// - a table is merged into a table, key by key, at every depth;
/// - anything else replaces what is there, wholly: an array replaces an array, a table a string,
///   a string a table, and null replaces too.
///
/// A text that has been merged from the lowest layers can take their place. One that has been
/// merged from other neighbors can too, so merging is *associative*, but only if no key is a
/// table in one layer and something else in another: merged on their own, a string and then a
/// table below the same key forget that the string has replaced what is below both. An empty
/// layer changes nothing, and a layer that is given twice in a row gives the same values as once.
pub struct Builder<State> {
    // The other fields are yours.
    state: PhantomData<State>,
}

impl<State> Builder<State> {
    /// Adds a text in TOML below all files. Its name in origins is `<defaults>`. Of several, the
    /// later ones win.
    #[must_use]
    pub fn defaults(self, toml: impl Into<String>) -> Self {
        _ = toml.into();
        todo!("phase 2: a layer of defaults")
    }

    /// Adds a file, of the format that its extension tells. It is read by
    /// [`build`](Builder::build), and it has to be there.
    #[must_use]
    pub fn file(self, path: impl Into<PathBuf>) -> Self {
        _ = path.into();
        todo!("phase 2: a file")
    }

    /// Adds a file of this format, whatever its extension.
    #[must_use]
    pub fn file_as(self, path: impl Into<PathBuf>, format: Format) -> Self {
        _ = (path.into(), format);
        todo!("phase 2: a file of a given format")
    }

    /// Adds a text, as if it was the contents of a file named `name`. It counts among the files.
    #[must_use]
    pub fn text(self, name: impl Into<String>, text: impl Into<Vec<u8>>, format: Format) -> Self {
        _ = (name.into(), text.into(), format);
        todo!("phase 2: a text")
    }

    /// Adds those of `variables` that have the prefix. They are one layer.
    ///
    /// A variable has the prefix if its name begins with exactly `prefix` and two underscores.
    /// The rest of its name is split at every two underscores, from the left, into names, which
    /// are turned to lower case (ASCII letters only): with the prefix `APP`, the variable
    /// `APP__SERVER__MAX_SIZE` sets `server.max_size`. Any other character is a part of a name,
    /// also a dot. `APPLE__X`, `APP_X`, `APP` and `app__x` do not have the prefix, and are
    /// ignored whatever they hold.
    ///
    /// Its value is text: see [`Kind`](crate::Kind). An empty value is a value, and so is one
    /// with `=` in it.
    ///
    /// Building reports
    ///
    /// - [`Error::Variable`], if name or value of a variable with the prefix are not Unicode, if
    ///   any of the names is empty (`APP__`, `APP__A____B`), or if there are more than
    ///   [`MAX_SEGMENTS`](crate::KeyPath::MAX_SEGMENTS); and once if the prefix is empty, whatever
    ///   the variables are;
    /// - [`Error::Duplicate`], if two variables of the layer set the same key (`APP__A` and
    ///   `APP__a`), or one sets a key below the other's (`APP__A` and `APP__A__B`). The error
    ///   has the key and the variable of one of the two.
    #[must_use]
    pub fn env<K, V>(
        self,
        prefix: impl Into<String>,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        _ = (prefix.into(), variables.into_iter());
        todo!("phase 3: the environment")
    }

    /// Sets one key, above all else. `key` is a [`KeyPath`](crate::KeyPath) without an index;
    /// building reports [`Error::InvalidKey`] for anything else. `value` is text: see
    /// [`Kind`](crate::Kind).
    #[must_use]
    pub fn set(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        _ = (key.into(), value.into());
        todo!("phase 3: set a key")
    }
}

impl Builder<SchemaUnset> {
    /// Says what the configuration may hold.
    #[must_use]
    pub fn schema(self, schema: Schema) -> Builder<SchemaSet> {
        _ = schema;
        todo!("phase 3: check by a schema")
    }

    /// Says that the configuration may hold anything.
    #[must_use]
    pub fn without_schema(self) -> Builder<SchemaSet> {
        todo!("phase 2: check nothing")
    }
}

impl Builder<SchemaSet> {
    /// Reads, merges and checks all layers.
    ///
    /// # Errors
    /// All that is wrong, at once, in this order of steps; a step with an error is the last:
    ///
    /// 1. the schema contradicts itself ([`Error::Schema`]);
    /// 2. the layers: each that cannot be read or parsed gives at least one error
    ///    ([`Error::Io`], [`Error::UnknownFormat`], [`Error::Parse`], [`Error::Duplicate`],
    ///    [`Error::Variable`], [`Error::InvalidKey`]), in the order of the layers, the lowest
    ///    first;
    /// 3. the merged values, and only these, not the ones that they shadow: exactly one error
    ///    for each value of a wrong kind ([`Error::WrongKind`]), each value that is not allowed
    ///    ([`Error::NotAllowed`]), each key that is required and not there
    ///    ([`Error::Required`]), and each key that the schema does not know
    ///    ([`Error::UnknownKey`]), in the order of their keys' segments: names by their
    ///    characters, indexes as numbers.
    ///
    /// Null is a value: it is there for a key that is required, and of the kind `Any` alone.
    ///
    /// A table that the schema does not know gives one error, and not one for each of its keys.
    /// Of an unknown key that several layers give, the origin is in the highest of them.
    /// Where the schema asks for a table, because it knows keys below, any other value is of the
    /// wrong kind, and the required keys below it give no errors of their own.
    ///
    /// The suggestion for an unknown key is a key of the schema with the same parent. There is
    /// one if a single edit leads to it (a character inserted, removed, replaced, or swapped with
    /// its neighbor) and one of the two names has more than one character. There is none if all
    /// keys with this parent differ in more than half of the characters of the longer one. In
    /// between the choice is yours.
    ///
    /// # What texts are refused
    ///
    /// - what is not UTF-8, with the place of the first byte that is not; a byte order mark at
    ///   the beginning is skipped;
    /// - what is not TOML or not JSON, with the place at which it stops being so;
    /// - a name that is given twice in one table ([`Error::Duplicate`]), with the place of the
    ///   second one; in TOML also a table that is given twice, with a place in its second header;
    /// - JSON whose root is not an object;
    /// - integers outside of `i64::MIN..=u64::MAX` (in TOML, those above `i64::MAX` may be
    ///   refused or taken), and JSON numbers with a fraction or an exponent that no finite `f64`
    ///   is near to. Any other JSON number with a fraction or an exponent is a float;
    /// - what nests too deep: 64 levels are taken, 10,000 are not, and in between the choice is
    ///   yours.
    pub fn build(self) -> Result<Config, Errors> {
        todo!("phase 2: read and merge the layers; phase 4: check them")
    }
}
