//! What `run` writes to, and how it ends. This file is complete.

use std::io::{self, IsTerminal, StderrLock, StdoutLock, Write};
use std::process::{ExitCode, Termination};

/// A stream to write to that knows whether a person is looking.
///
/// [`run`](crate::run) is handed its streams, so it cannot ask the process for this.
pub trait Output: Write {
    /// Whether the stream leads to a terminal.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Keeps what is written, for tests.
impl Output for Vec<u8> {}

impl Output for StdoutLock<'_> {
    fn is_terminal(&self) -> bool {
        IsTerminal::is_terminal(self)
    }
}

impl Output for StderrLock<'_> {
    fn is_terminal(&self) -> bool {
        IsTerminal::is_terminal(self)
    }
}

impl<W: Output> Output for io::BufWriter<W> {
    fn is_terminal(&self) -> bool {
        self.get_ref().is_terminal()
    }
}

/// How [`run`](crate::run) ended. Unlike [`ExitCode`], it can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well: 0.
    Success,
    /// The key that was asked for is not there, and nothing else is wrong: 1.
    Missing,
    /// Anything else that is wrong: the command line, a file, a value, a write: 2.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Missing => 1,
            Exit::Failure => 2,
        })
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        self.into()
    }
}
