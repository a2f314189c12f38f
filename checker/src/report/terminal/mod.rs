//! What a person reads in a terminal.
//!
//! Every view is a pure function from plain data to [`Text`]. The commands write it with
//! [`Text::write`] to `anstream::stdout()`, which drops the colors where nobody would see them.

pub mod ansi;
pub mod card;
pub mod glyphs;
pub mod live;
pub mod palette;
pub mod problem;
pub mod summary;
pub mod text;
mod values;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};

pub use self::glyphs::Glyphs;
pub use self::text::{Line, Span, Text, Wrap};
use super::program;

/// Rows are never made narrower than this, in columns.
pub const MIN_WIDTH: usize = 40;
/// Rows are never made wider than this, in columns: longer lines of prose are hard to read.
pub const MAX_WIDTH: usize = 100;

/// How wide to write, with which marks, and how the reader runs this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Marks.
    pub glyphs: Glyphs,
    /// The command that advice names, such as `checker`.
    pub program: &'static str,
}

impl Look {
    /// A look of this width, kept within what reads well, for an installed program.
    #[must_use]
    pub fn new(width: usize, glyphs: Glyphs) -> Look {
        Look {
            width: width.clamp(MIN_WIDTH, MAX_WIDTH),
            glyphs,
            program: program::INSTALLED,
        }
    }

    /// A command to type, such as `checker watch lru-cache`.
    #[must_use]
    pub fn command(&self, arguments: &str) -> String {
        format!("{} {arguments}", self.program)
    }

    /// The look for standard output: the terminal's width, or 100 columns where there is none.
    #[must_use]
    pub fn for_stdout() -> Look {
        let size = io::stdout().is_terminal().then(crossterm::terminal::size);
        let width = match size {
            Some(Ok((columns, _))) if columns > 0 => usize::from(columns),
            _ => MAX_WIDTH,
        };
        let variable = |name: &str| std::env::var(name).ok();
        Look {
            program: program::for_environment(variable),
            ..Look::new(width, Glyphs::for_environment(variable))
        }
    }
}

/// Takes a closed pipe for a normal end: whoever reads has seen enough.
///
/// # Errors
/// Every other error of writing.
pub fn until_closed(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A number with the right form of its noun, such as `1 test` and `2 tests`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// Milliseconds as people say them: `38 ms`, `1.2 s`.
#[must_use]
pub fn duration(millis: u64) -> String {
    if millis < 1000 {
        format!("{millis} ms")
    } else {
        format!("{}.{} s", millis / 1000, millis % 1000 / 100)
    }
}
