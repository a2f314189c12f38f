//! Everything that happened, one line each: from it the progress file can be rebuilt, and a plot
//! over time be drawn.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Checked;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Happening {
    /// A phase was checked, with another result than before.
    Checked {
        /// The exercise.
        exercise: String,
        /// The phase.
        phase: String,
        /// The result.
        #[serde(flatten)]
        checked: Checked,
    },
    /// A hint was taken.
    Hint {
        /// The exercise.
        exercise: String,
        /// The phase.
        phase: String,
        /// How many of its hints are taken now.
        taken: usize,
        /// When.
        at: Timestamp,
    },
    /// An exercise was put back to its beginning.
    Reset {
        /// The exercise.
        exercise: String,
        /// When.
        at: Timestamp,
    },
}

/// Adds lines to the history. A line that a kill cut short is ended first, so that it spoils
/// nothing but itself.
pub(super) fn append(path: &Path, happenings: &[Happening]) -> io::Result<()> {
    let mut text = String::new();
    if std::fs::read(path).is_ok_and(|present| !present.is_empty() && !present.ends_with(b"\n")) {
        text.push('\n');
    }
    for happening in happenings {
        text.push_str(&serde_json::to_string(happening)?);
        text.push('\n');
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

/// Every line that can be read.
pub(super) fn read(path: &Path) -> io::Result<Vec<Happening>> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        bytes => bytes?,
    };
    let text = String::from_utf8_lossy(&bytes);
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    Ok(lines.collect())
}
