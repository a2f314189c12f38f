//! What goes to the error stream, and its colors.

use std::ffi::OsString;
use std::fmt::Write as _;

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style as Ansi};

use crate::error::Errors;
use crate::output::Output;

/// When to use colors: without being told, on a terminal unless the environment refuses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// The choice on a command line that may be wrong elsewhere: also that is told in colors.
    pub(super) fn find(args: &[OsString]) -> Self {
        let mut choice = Self::Auto;
        let mut args = args
            .iter()
            .map(|arg| arg.to_str().unwrap_or_default())
            .take_while(|arg| *arg != "--");
        while let Some(arg) = args.next() {
            let value = match arg.strip_prefix("--color") {
                Some("") => args.next(),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            };
            if let Some(found) = value.and_then(|value| Self::from_str(value, false).ok()) {
                choice = found;
            }
        }
        choice
    }
}

/// How to write to one stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    colors: bool,
}

impl Style {
    pub(super) fn new(choice: ColorChoice, env: &[(OsString, OsString)], terminal: bool) -> Self {
        let refused = env.iter().any(|(name, value)| {
            (name == "NO_COLOR" && !value.is_empty()) || (name == "TERM" && value == "dumb")
        });
        let colors = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !refused,
        };
        Self { colors }
    }

    /// Help, or what is wrong with the command line.
    pub(super) fn render(self, error: &clap::Error) -> String {
        if self.colors {
            error.render().ansi().to_string()
        } else {
            error.render().to_string()
        }
    }

    /// A line for each error.
    pub(super) fn lines(self, errors: &Errors) -> String {
        let place = if self.colors {
            Ansi::new().bold().fg_color(Some(AnsiColor::Red.into()))
        } else {
            Ansi::new()
        };
        let mut lines = String::new();
        for error in errors {
            let line = error.to_string();
            let origin = error.origin().map(ToString::to_string);
            let rest = origin
                .as_deref()
                .and_then(|origin| line.strip_prefix(origin));
            let (begin, rest) = match (&origin, rest) {
                (Some(origin), Some(rest)) => (origin.as_str(), rest.to_owned()),
                _ => ("conf", format!(": {line}")),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{place}{begin}{place:#}{rest}");
        }
        lines
    }
}

/// Writes to the error stream. If that fails, nobody is left to be told.
pub(super) fn write(stderr: &mut dyn Output, text: &str) {
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}
