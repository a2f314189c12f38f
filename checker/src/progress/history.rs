//! Everything that happened, one line each: from it the progress file can be rebuilt, and a plot
//! over time be drawn.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Checked;
use crate::workspace::disk;

/// A longer history loses its older half. Some thousand lines fit, more than the course takes.
const LONGEST_BYTES: usize = 1 << 20;

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
/// nothing but itself. A history that grew too long loses its older half.
pub(super) fn append(path: &Path, happenings: &[Happening]) -> io::Result<()> {
    let present = disk::read_if_there(path)?.unwrap_or_default();
    let mut text = String::new();
    if !present.is_empty() && !present.ends_with(b"\n") {
        text.push('\n');
    }
    for happening in happenings {
        text.push_str(&serde_json::to_string(happening)?);
        text.push('\n');
    }
    if present.len() > LONGEST_BYTES {
        let half = present.len() / 2;
        let end = present[half..].iter().position(|byte| *byte == b'\n');
        let newer = end.map_or(&[][..], |end| &present[half + end + 1..]);
        let path = path.canonicalize()?;
        return disk::replace(&path, &[newer, text.as_bytes()].concat());
    }
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

/// Every line that can be read.
pub(super) fn read(path: &Path) -> io::Result<Vec<Happening>> {
    let bytes = disk::read_if_there(path)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_that_grew_too_long_loses_its_oldest_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.jsonl");
        let at = |second| Timestamp::from_second(1_800_000_000_i64 + second).unwrap();
        let resets = |seconds: std::ops::Range<i64>| {
            let reset = |second| Happening::Reset {
                exercise: "lru-cache".into(),
                at: at(second),
            };
            seconds.map(reset).collect::<Vec<_>>()
        };
        append(&path, &resets(0..20_000)).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() > LONGEST_BYTES as u64);
        append(&path, &resets(20_000..20_001)).unwrap();
        let left = read(&path).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < LONGEST_BYTES as u64);
        let first = 20_001 - i64::try_from(left.len()).unwrap();
        assert!(first > 0 && left == resets(first..20_001));
    }
}
