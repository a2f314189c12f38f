//! Where a learner stands: the list of everything, and the one thing to do next.

mod here;
mod progress;

use anstyle::Style;
use serde::Serialize;

use super::terminal::Look;
use super::terminal::palette::{BAD, DIM, GOOD, NOTE};

pub use self::here::{Here, Position, here};
pub use self::progress::{ExerciseRow, ModuleRow, Overview, progress};

/// Where a phase stands, from the progress file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Mark {
    /// Never checked, or only a `todo!` was reached.
    #[serde(rename = "not_begun")]
    Open,
    /// Checked, and not passed.
    #[serde(rename = "open")]
    Failed,
    /// Passed with the code as it is.
    #[serde(rename = "passed")]
    Passed,
    /// Passed, but the code has changed since.
    #[serde(rename = "edited_since")]
    PassedEditedSince,
}

impl Mark {
    /// Whether the phase counts as done.
    #[must_use]
    pub fn is_done(self) -> bool {
        matches!(self, Mark::Passed | Mark::PassedEditedSince)
    }

    /// What the mark means, in a few words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Mark::Open => "not begun",
            Mark::Failed => "not passed yet",
            Mark::Passed => "passed",
            Mark::PassedEditedSince => "passed, edited since",
        }
    }

    /// The mark that is drawn, and its style.
    #[must_use]
    pub fn drawn(self, look: &Look) -> (&'static str, Style) {
        match self {
            Mark::Open => (look.glyphs.open, DIM),
            Mark::Failed => (look.glyphs.fail, BAD),
            Mark::Passed => (look.glyphs.pass, GOOD),
            Mark::PassedEditedSince => (look.glyphs.stale, NOTE),
        }
    }
}

/// One phase in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseRow {
    /// The number, from 1.
    pub number: u32,
    /// The title.
    pub title: String,
    /// Where it stands.
    pub mark: Mark,
}

#[cfg(test)]
mod tests;
