//! A line that tells what is under way, on a terminal only.

use std::io::{self, IsTerminal, Write};

/// A line on the error stream that is overwritten, and gone when dropped.
pub(super) struct Status {
    shown: bool,
}

impl Status {
    pub(super) fn new() -> Status {
        Status { shown: false }
    }

    pub(super) fn show(&mut self, text: &str) {
        if io::stderr().is_terminal() {
            self.clear();
            let line: String = text.chars().take(78).collect();
            // What cannot be shown is not worth failing for.
            let _ = write!(io::stderr(), "{line}");
            let _ = io::stderr().flush();
            self.shown = true;
        }
    }

    /// Leaves the line empty for something else.
    pub(super) fn clear(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[2K");
            self.shown = false;
        }
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        self.clear();
    }
}
