//! Schemas: what a configuration may hold. Kinds and text are phase 3, the rest is phase 4,
//! secrets are phase 5.

use std::marker::PhantomData;
use std::ops::RangeBounds;

use crate::error::Errors;
use crate::format::Format;

/// The kinds of values.
///
/// A value *is of* a kind, and a text *reads as* a kind. Text is what environment variables,
/// `--set`, [`Builder::set`](crate::Builder::set) and [`Rule::default`] hold: it has no kind of
/// its own, and is never guessed at.
///
/// | kind | a value in a file | text |
/// |---|---|---|
/// | `String` | a string | any text, as it is: `007` stays `007` |
/// | `Integer` | an integer | an optional sign and decimal digits, within the range of integers |
/// | `Float` | a float, or an integer that an `f64` holds exactly, which becomes one | what `f64::from_str` takes |
/// | `Boolean` | a boolean | `true` or `false` |
/// | `Datetime` | a datetime, or a string that reads as one, which becomes one | a date, a time, or both, as TOML writes them |
/// | `Array` | an array | an array as TOML writes it in one line: `["a", "b"]` |
/// | `Table` | a table | an inline table as TOML writes it: `{ a = 1 }` |
/// | `Any` | any value | any text, which becomes a string |
///
/// White space around a text is a part of it, so ` 1` does not read as an integer. A text that
/// does not read as the kind of its key is a string, and therefore of the wrong kind. Text under
/// a key that the schema does not know, and all text if there is no schema, becomes a string.
///
/// A key that is a table because the schema has keys below it is of the kind `Table`.
///
/// Integers are those from `i64::MIN` to `u64::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any kind of value.
    Any,
    /// A string.
    String,
    /// An integer.
    Integer,
    /// A floating-point number.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A date, a time, or both, with or without an offset.
    Datetime,
    /// An array.
    Array,
    /// A table with whatever keys.
    Table,
}

/// What the schema says about one key. `Debug` shows no default, which may be a secret.
///
/// ```no_run
/// # use config_cli::{Kind, Rule};
/// let port = Rule::new(Kind::Integer).range(1..=65_535).default("8080");
/// let password = Rule::new(Kind::String).secret().required();
/// ```
#[derive(Clone, Debug)]
pub struct Rule {
    // The fields are yours.
    marker: PhantomData<Kind>,
}

impl Rule {
    /// A rule that asks for nothing but a kind.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        _ = kind;
        todo!("phase 3: a rule about the kind of a value")
    }

    /// Some layer has to give the key.
    #[must_use]
    pub fn required(self) -> Self {
        todo!("phase 4: a required key")
    }

    /// The value, read from text, if no layer gives one. Its origin is
    /// [`Origin::SchemaDefault`](crate::Origin::SchemaDefault).
    #[must_use]
    pub fn default(self, text: impl Into<String>) -> Self {
        _ = text.into();
        todo!("phase 4: a default")
    }

    /// The integers that are allowed.
    #[must_use]
    pub fn range(self, range: impl RangeBounds<i64>) -> Self {
        _ = range;
        todo!("phase 4: a range of integers")
    }

    /// The floats that are allowed. `nan` is in no range.
    #[must_use]
    pub fn float_range(self, range: impl RangeBounds<f64>) -> Self {
        _ = range;
        todo!("phase 4: a range of floats")
    }

    /// The strings that are allowed.
    #[must_use]
    pub fn one_of<T: Into<String>>(self, choices: impl IntoIterator<Item = T>) -> Self {
        _ = choices.into_iter();
        todo!("phase 4: a choice of strings")
    }

    /// The kind of the elements of an array. They are converted as the table of [`Kind`] says.
    #[must_use]
    pub fn items(self, kind: Kind) -> Self {
        _ = kind;
        todo!("phase 4: the kind of the elements")
    }

    /// The value, and all that is below it, is shown to nobody: wherever it would be printed,
    /// there stands `[redacted]`. So it is with what stands in the place of a table in which the
    /// schema has a secret, and is no table: a text that does not read as one may hold the secret.
    /// Keys are not secret, and neither are the choices and the range of a rule. See
    /// [`Secret`](crate::Secret).
    #[must_use]
    pub fn secret(self) -> Self {
        todo!("phase 5: a secret")
    }
}

/// The keys that a configuration may hold, each with its rule.
///
/// A key `server.port` makes `server` a table, of which only the keys of the schema are known.
/// A rule of kind [`Kind::Table`] for `server` opens it to any others.
///
/// The schema contradicts itself, which building a configuration reports as
/// [`Error::Schema`](crate::Error::Schema), if
///
/// - a key is no [`KeyPath`](crate::KeyPath), or holds an index, or is given twice;
/// - a key lies below a key whose kind is not `Table`;
/// - `range` is not with `Integer`, `float_range` not with `Float`, `one_of` not with `String`,
///   or `items` not with `Array`;
/// - a default does not read as its kind, or is not allowed;
/// - a key is required and has a default.
///
/// The error quotes no default.
#[derive(Clone, Debug)]
pub struct Schema {
    // The fields are yours.
    marker: PhantomData<Rule>,
}

impl Schema {
    /// A schema that knows no key.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "an empty schema is no sensible default"
    )]
    pub fn new() -> Self {
        todo!("phase 3: an empty schema")
    }

    /// Adds a rule for a key.
    #[must_use]
    pub fn key(self, key: impl Into<String>, rule: Rule) -> Self {
        _ = (key.into(), rule);
        todo!("phase 3: add a rule")
    }

    /// Reads a schema from the text of a file:
    ///
    /// ```toml
    /// [keys]
    /// "server.host" = { type = "string", default = "127.0.0.1" }
    /// "server.port" = { type = "integer", min = 1, max = 65535, default = 8080 }
    /// "server.tags" = { type = "array", items = "string" }
    /// "log.level" = { type = "string", one_of = ["debug", "info", "warn"] }
    /// "database.password" = { type = "string", required = true, secret = true }
    /// labels = { type = "table" }
    /// ```
    ///
    /// The root holds nothing but the table `keys`; without it, the schema knows no key. Each of
    /// its names is a key, written as a [`KeyPath`](crate::KeyPath), and each of its values a
    /// table with
    ///
    /// | name | value |
    /// |---|---|
    /// | `type` | the kind, in lower case; it must be there |
    /// | `required`, `secret` | a boolean; `false` if it is not there |
    /// | `default` | a value of the kind, or a string that reads as the kind |
    /// | `min`, `max` | for an integer, the least and the greatest integer that are allowed; for a float, a float or an integer |
    /// | `one_of` | an array of strings |
    /// | `items` | the kind of the elements, in lower case |
    ///
    /// and nothing else. The same in JSON is a schema too. `name` stands for the file in
    /// origins.
    ///
    /// # Errors
    /// [`Error::Parse`](crate::Error::Parse) and [`Error::Duplicate`](crate::Error::Duplicate)
    /// as for any text of the format; [`Error::Schema`](crate::Error::Schema), with its origin,
    /// when the text is not a schema, or one that contradicts itself. At least one error of each
    /// rule that has any is reported.
    pub fn parse(
        name: impl Into<String>,
        text: impl Into<Vec<u8>>,
        format: Format,
    ) -> Result<Self, Errors> {
        _ = (name.into(), text.into(), format);
        todo!("phase 3: read the kinds of a schema; the rest is phase 4 and 5")
    }
}
