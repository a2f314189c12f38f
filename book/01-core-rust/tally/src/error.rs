//! What can go wrong, and where.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::str::FromStr;

use crate::intern::InternerFull;

// ANCHOR: parse-error
/// A line that is not an entry of a log, and the place where that shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {kind}")]
pub struct ParseError {
    /// The number of the line, from 1.
    pub line: u64,
    /// The first byte of the bad field, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub kind: ParseErrorKind,
}
// ANCHOR_END: parse-error

// ANCHOR: parse-error-methods
impl ParseError {
    /// An error in a text that has only one line.
    #[must_use]
    pub const fn at(column: usize, kind: ParseErrorKind) -> Self {
        Self {
            line: 1,
            column,
            kind,
        }
    }

    /// The same error in line `number` of a longer text.
    #[must_use]
    pub const fn on_line(self, number: u64) -> Self {
        Self {
            line: number,
            ..self
        }
    }
}
// ANCHOR_END: parse-error-methods

// ANCHOR: parse-error-kind
/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The line ends before the field does.
    #[error("{field} does not end: no {delimiter:?} follows")]
    Unterminated {
        /// The field that was being read.
        field: Field,
        /// The text that would have ended it.
        delimiter: &'static str,
    },
    /// The text of a field does not mean anything.
    #[error("{0} is invalid: expected {expected}", expected = .0.expected())]
    Invalid(Field),
    /// The line is not UTF-8.
    #[error("invalid UTF-8")]
    NotUtf8,
}
// ANCHOR_END: parse-error-kind

// ANCHOR: field
/// A field of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The address of the client.
    Client,
    /// The name that the client authenticated with.
    User,
    /// When the request was answered.
    Time,
    /// Method, target and protocol.
    Request,
    /// The status code of the response.
    Status,
    /// The length of the response's body.
    Bytes,
    /// The page that led to the request.
    Referrer,
    /// What the client calls itself.
    Agent,
    /// How long the request took.
    Latency,
}

impl Field {
    /// What a valid text of this field looks like.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Client | Self::User | Self::Referrer | Self::Agent => "any text",
            Self::Time => "a time like 12/Mar/2026:10:15:32 +0000",
            Self::Request => "a method, a target and a protocol",
            Self::Status => "a number from 100 to 599",
            Self::Bytes => "a number of bytes",
            Self::Latency => "seconds with at most six decimals",
        }
    }
}
// ANCHOR_END: field

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::User => "user",
            Self::Time => "time",
            Self::Request => "request",
            Self::Status => "status",
            Self::Bytes => "bytes",
            Self::Referrer => "referrer",
            Self::Agent => "agent",
            Self::Latency => "latency",
        })
    }
}

// ANCHOR: error
/// Why a log could not be answered about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The log could not be read.
    #[error("cannot read the log")]
    Read(#[from] io::Error),
    /// A line is bad, and [`BadLines::Stop`] was asked for.
    #[error("bad line")]
    Parse(#[from] ParseError),
    /// There are more different names than the interner can number.
    #[error("too many different names")]
    Full(#[from] InternerFull),
    /// Two answers to different questions were merged.
    #[error("cannot merge the answers")]
    Merge(#[from] Mismatch),
}
// ANCHOR_END: error

// ANCHOR: mismatch
/// Two metrics that do not measure the same thing were merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the metrics are of different kinds")]
pub struct Mismatch;
// ANCHOR_END: mismatch

// ANCHOR: bad-lines
/// What to do about a line that is not an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadLines {
    /// Give up with [`Error::Parse`].
    Stop,
    /// Go on with the next line, and count the bad ones.
    #[default]
    Skip,
}
// ANCHOR_END: bad-lines

/// A word that names none of the possible values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct UnknownWord {
    /// What would have been understood.
    pub expected: &'static str,
}

impl FromStr for BadLines {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "stop" => Ok(Self::Stop),
            "skip" => Ok(Self::Skip),
            _ => Err(UnknownWord {
                expected: "stop or skip",
            }),
        }
    }
}

// ANCHOR: failure
/// What a program tells its user: what it was doing, and why that failed.
#[derive(Debug)]
pub struct Failure {
    context: String,
    source: Box<dyn StdError + Send + Sync>,
}

impl fmt::Display for Failure {
    /// The context; with `{:#}`, followed by all causes on the same line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)?;
        if f.alternate() {
            let mut cause = self.source();
            while let Some(error) = cause {
                write!(f, ": {error}")?;
                cause = error.source();
            }
        }
        Ok(())
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
// ANCHOR_END: failure

// ANCHOR: context
/// Says what the program was doing when an error came.
pub trait Context<T> {
    /// Turns an error into a [`Failure`] with this context, which is made only if it is needed.
    ///
    /// # Errors
    ///
    /// Fails if `self` is an error.
    fn context<C: Into<String>>(self, context: impl FnOnce() -> C) -> Result<T, Failure>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Context<T> for Result<T, E> {
    fn context<C: Into<String>>(self, context: impl FnOnce() -> C) -> Result<T, Failure> {
        self.map_err(|error| Failure {
            context: context().into(),
            source: error.into(),
        })
    }
}
// ANCHOR_END: context
