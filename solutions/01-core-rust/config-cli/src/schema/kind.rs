//! The kinds of values.

use crate::value::Value;

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

impl Kind {
    /// The kind of this name, as schema files and `--type` write it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "any" => Self::Any,
            "string" => Self::String,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "boolean" => Self::Boolean,
            "datetime" => Self::Datetime,
            "array" => Self::Array,
            "table" => Self::Table,
            _ => return None,
        })
    }

    /// The names that [`named`](Self::named) knows.
    pub(crate) const NAMES: [&str; 8] = [
        "any", "string", "integer", "float", "boolean", "datetime", "array", "table",
    ];

    /// The kind of a value. Null is of no kind but `Any`.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Any,
            Value::Boolean(_) => Self::Boolean,
            Value::Integer(_) => Self::Integer,
            Value::Float(_) => Self::Float,
            Value::String(_) => Self::String,
            Value::Datetime(_) => Self::Datetime,
            Value::Array(_) => Self::Array,
            Value::Table(_) => Self::Table,
        }
    }

    /// The kind with an article, for messages.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Float => "a float",
            Self::Boolean => "a boolean",
            Self::Datetime => "a datetime",
            Self::Array => "an array",
            Self::Table => "a table",
        }
    }
}
