//! What can go wrong. The types are complete; making and collecting the errors is your part.

use std::fmt::{self, Write as _};
use std::io;

use crate::format::Format;
use crate::origin::Origin;

/// What is wrong with one thing.
///
/// The display is one line: the origin, a colon and a space if there is an origin, and then a
/// message. The message names the key if there is one, in its canonical form. It never holds
/// the value of a secret, nor a part of a file's text. Control characters, of which a name of a
/// file may hold any, are escaped as in `\n` and `\u{1b}`.
///
/// `Debug` follows the same rule, because all that is kept here is fit to be printed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing is there under the key.
    #[error("{key}: not found{}", did_you_mean(suggestion.as_deref()))]
    Missing {
        /// The key that was asked for.
        key: String,
        /// A key that is there and is written almost like it.
        suggestion: Option<String>,
    },
    /// A text is not a key. See [`KeyPath`](crate::KeyPath) for what is one.
    #[error("{text:?} is not a key: {reason}")]
    InvalidKey {
        /// The text.
        text: String,
        /// Why it is none.
        reason: String,
    },
    /// The value is there but cannot become the type that was asked for.
    #[error("{origin}: {key}: {}", one_line(message))]
    Type {
        /// The key that was asked for.
        key: String,
        /// Where the value comes from.
        origin: Origin,
        /// Why it cannot. Holds no part of a secret.
        message: String,
    },
    /// A file cannot be read, or not be written.
    #[error("{}: {}", one_line(name), one_line(source))]
    Io {
        /// The file, as it was named by the caller.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// Nothing says which format a file has.
    #[error(
        "{}: the format is unknown: the name ends neither in .toml nor in .json",
        one_line(name)
    )]
    UnknownFormat {
        /// The file, as it was named by the caller.
        name: String,
    },
    /// A text is not what its format asks for, nests too deep, holds a number outside of the
    /// range, or is not UTF-8.
    #[error("{origin}: {}", one_line(message))]
    Parse {
        /// The place in the text.
        origin: Origin,
        /// What is wrong there.
        message: String,
    },
    /// A key is given twice: by one text, or by the environment.
    #[error("{origin}: {key}: given more than once")]
    Duplicate {
        /// The key. In a text, only the name that is given twice, without the tables that it is
        /// in.
        key: String,
        /// The second one of the two: the place of its name in a text, or its variable.
        origin: Origin,
    },
    /// The name or the value of an environment variable with the prefix is not Unicode, or its
    /// name holds no key.
    #[error("env {}: {}", one_line(variable), one_line(message))]
    Variable {
        /// The variable's name, with what is not Unicode replaced.
        variable: String,
        /// What is wrong with it.
        message: String,
    },
    /// The schema contradicts itself.
    #[error("{}: {key}: {}", place(origin.as_ref()), one_line(message))]
    Schema {
        /// The key whose rule is at fault.
        key: String,
        /// Where the fault is, if the schema was read from a text.
        origin: Option<Origin>,
        /// What is wrong with it.
        message: String,
    },
    /// The schema asks for a key that no layer gives.
    #[error("{key}: required, and given by no file, variable or flag")]
    Required {
        /// The key.
        key: String,
    },
    /// The schema knows no such key.
    #[error("{origin}: {key}: unknown key{}", did_you_mean(suggestion.as_deref()))]
    UnknownKey {
        /// The key. For a table of unknown keys, the table.
        key: String,
        /// Where its name stands.
        origin: Origin,
        /// A key of the schema that is written almost like it.
        suggestion: Option<String>,
    },
    /// The value is not of the kind that the schema asks for.
    #[error("{origin}: {key}: expected {expected}, found {found}")]
    WrongKind {
        /// The key. For an element of an array, with its index.
        key: String,
        /// Where the value comes from.
        origin: Origin,
        /// The kind that the schema asks for, with an article.
        expected: String,
        /// What is there instead. `[redacted]` for a secret.
        found: String,
    },
    /// The value is of the right kind but is not allowed: out of its range, or none of the
    /// choices.
    #[error(
        "{origin}: {key}: {value} is not allowed: expected {}",
        one_line(expected)
    )]
    NotAllowed {
        /// The key.
        key: String,
        /// Where the value comes from.
        origin: Origin,
        /// The value. `[redacted]` for a secret.
        value: String,
        /// What is allowed.
        expected: String,
    },
    /// A format has no way to write a value.
    #[error("{key}: {format} cannot hold {value}")]
    NotRepresentable {
        /// The value's key.
        key: String,
        /// The format.
        format: Format,
        /// The value. `[redacted]` for a secret.
        value: String,
    },
    /// A key cannot be set, because of what is there in the file.
    #[error("{origin}: {key}: cannot be set: {}", one_line(message))]
    CannotSet {
        /// The key.
        key: String,
        /// What is in the way.
        origin: Origin,
        /// Why it is in the way.
        message: String,
    },
}

impl Error {
    /// The key that the error is about, in its canonical form.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Missing { key, .. }
            | Self::Type { key, .. }
            | Self::Duplicate { key, .. }
            | Self::Schema { key, .. }
            | Self::Required { key }
            | Self::UnknownKey { key, .. }
            | Self::WrongKind { key, .. }
            | Self::NotAllowed { key, .. }
            | Self::NotRepresentable { key, .. }
            | Self::CannotSet { key, .. } => Some(key),
            Self::InvalidKey { .. }
            | Self::Io { .. }
            | Self::UnknownFormat { .. }
            | Self::Parse { .. }
            | Self::Variable { .. } => None,
        }
    }

    /// Where the fault is, as far as it has a place.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Type { origin, .. }
            | Self::Parse { origin, .. }
            | Self::Duplicate { origin, .. }
            | Self::UnknownKey { origin, .. }
            | Self::WrongKind { origin, .. }
            | Self::NotAllowed { origin, .. }
            | Self::CannotSet { origin, .. } => Some(origin),
            Self::Schema { origin, .. } => origin.as_ref(),
            Self::Missing { .. }
            | Self::InvalidKey { .. }
            | Self::Io { .. }
            | Self::UnknownFormat { .. }
            | Self::Variable { .. }
            | Self::Required { .. }
            | Self::NotRepresentable { .. } => None,
        }
    }
}

/// What displays in one line, and changes nothing on a terminal, whatever is in it.
pub(crate) fn one_line(shown: impl fmt::Display) -> impl fmt::Display {
    fmt::from_fn(move |f| write!(OneLine(f), "{shown}"))
}

/// Passes on what is written, with control characters escaped.
struct OneLine<'f, 'b>(&'f mut fmt::Formatter<'b>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            let plain = part.trim_end_matches(char::is_control);
            self.0.write_str(plain)?;
            write!(self.0, "{}", part[plain.len()..].escape_debug())?;
        }
        Ok(())
    }
}

/// The end of a message that has a suggestion.
fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |key| format!("; did you mean {key}?"))
}

/// How a message about the schema begins.
fn place(origin: Option<&Origin>) -> String {
    origin.map_or_else(|| "schema".to_owned(), Origin::to_string)
}

/// All that is wrong, at once. Never empty.
///
/// The display is one line for each error, without a line break at the end.
#[derive(Debug)]
pub struct Errors(Vec<Error>);

impl Errors {
    /// `Ok` if `errors` is empty, and otherwise all of them.
    ///
    /// # Errors
    /// When there is any.
    pub fn check(errors: Vec<Error>) -> Result<(), Self> {
        if errors.is_empty() {
            return Ok(());
        }
        Err(Self(errors))
    }

    /// The errors, in the order in which they are displayed.
    pub fn iter(&self) -> std::slice::Iter<'_, Error> {
        self.0.iter()
    }
}

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

impl IntoIterator for Errors {
    type Item = Error;
    type IntoIter = std::vec::IntoIter<Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Errors {
    type Item = &'a Error;
    type IntoIter = std::slice::Iter<'a, Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}
