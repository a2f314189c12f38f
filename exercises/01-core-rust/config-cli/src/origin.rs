//! Where a value comes from. This file is complete.

use std::fmt;

use crate::error::one_line;

/// Where a value comes from.
///
/// It is displayed as the tool prints it: `app.toml:3:8`, `env APP__PORT`, `--set port`, or
/// `schema default`. Control characters in a name are escaped, so that it is one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Origin {
    /// The default that the schema gives.
    SchemaDefault,
    /// A text: a file, the standard input, or what was passed to the builder.
    Text {
        /// The file as it was named by the caller, or `<stdin>`, or `<defaults>`, or the name
        /// that was passed to [`Builder::text`](crate::Builder::text).
        name: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, counted in characters (`char`). A byte order mark is not counted.
        column: usize,
    },
    /// An environment variable.
    Env {
        /// The variable's whole name.
        variable: String,
    },
    /// `--set`, or [`Builder::set`](crate::Builder::set).
    Set {
        /// The key in its canonical form, which [`KeyPath`](crate::KeyPath) displays.
        key: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SchemaDefault => f.write_str("schema default"),
            Self::Text { name, line, column } => write!(f, "{}:{line}:{column}", one_line(name)),
            Self::Env { variable } => write!(f, "env {}", one_line(variable)),
            Self::Set { key } => write!(f, "--set {key}"),
        }
    }
}
