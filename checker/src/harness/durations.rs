//! How long tests took last time, so that long ones start first and no core waits for the last.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::room::Room;

/// Shorter tests keep the order of the suite, which is the order a learner reads.
const LONG_MILLIS: u64 = 50;

/// The file's name in a room.
pub(super) const FILE: &str = "durations.json";

/// The last durations of a room's tests, in milliseconds by name.
#[derive(Debug)]
pub struct Durations {
    path: PathBuf,
    millis: BTreeMap<String, u64>,
}

impl Durations {
    /// Reads what the last runs took; nothing is known of a new room.
    #[must_use]
    pub fn of(room: &Room) -> Durations {
        Durations::at(&room.dir().join(FILE))
    }

    fn at(path: &Path) -> Durations {
        let millis = std::fs::read(path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Durations {
            path: path.to_path_buf(),
            millis: millis.unwrap_or_default(),
        }
    }

    /// Moves the long tests to the front, the longest first.
    pub fn order<T>(&self, tests: &mut [T], name: impl Fn(&T) -> &str) {
        tests.sort_by_key(|test| {
            let last = self.millis.get(name(test)).copied().unwrap_or(0);
            std::cmp::Reverse(if last >= LONG_MILLIS { last } else { 0 })
        });
    }

    /// Remembers a duration.
    pub fn note(&mut self, test: &str, millis: u64) {
        self.millis.insert(test.to_owned(), millis);
    }

    /// Keeps what was noted. Without it the next run is only a little slower.
    pub fn keep(&self) {
        if let Ok(text) = serde_json::to_vec(&self.millis) {
            let _ = std::fs::write(&self.path, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_tests_come_first_and_short_ones_keep_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let mut durations = Durations::at(&path);
        for (test, millis) in [("b", 3), ("c", 80), ("d", 900), ("e", 1)] {
            durations.note(test, millis);
        }
        durations.keep();
        let mut tests = ["a", "b", "c", "d", "e"];
        Durations::at(&path).order(&mut tests, |test| test);
        assert_eq!(tests, ["d", "c", "a", "b", "e"]);
    }
}
