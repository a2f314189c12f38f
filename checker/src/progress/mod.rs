//! What is kept of a learner's work: one entry for each phase, and a history of how it came about.

mod file;
mod history;
mod record;
mod store;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalog::Exercise;
use crate::catalog::source::Source;
use crate::verdict::PhaseStatus;

pub use self::history::Happening;
pub use self::store::{Loaded, Store, StoreError};

/// All that is known of a learner's work. Exercises and phases are known by their ids and names,
/// which stay when their order or titles change.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// The exercise that was worked on last.
    pub last_exercise: Option<String>,
    /// The phases that were ever checked or whose hints were taken, by exercise and name.
    pub exercises: BTreeMap<String, BTreeMap<String, PhaseProgress>>,
}

/// What is known of one phase.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseProgress {
    /// How far the ladder of hints was gone.
    pub hints: usize,
    /// When it passed for the first time.
    pub first_passed: Option<Timestamp>,
    /// The last run that told whether it passes.
    pub last: Option<Checked>,
    /// The last pass that no later run of the same code and tests refuted.
    pub passed: Option<Checked>,
}

/// The outcome of a phase for certain code and tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// The outcome.
    pub status: PhaseStatus,
    /// When it was found.
    pub at: Timestamp,
    /// Hash of the learner's sources.
    pub source_hash: String,
    /// Hash of the phase's hidden tests.
    pub suite_hash: String,
}

/// Where a phase stands, given the code and the tests of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Never checked, or only a `todo!` was reached.
    NotBegun,
    /// Checked, and not passed.
    Open,
    /// Passed, with the code and the tests as they are.
    Passed,
    /// Passed; the code has changed since.
    EditedSince,
    /// Passed; the code is the same, but the tests have changed since.
    TestsChangedSince,
}

impl Progress {
    /// What is known of a phase.
    #[must_use]
    pub fn phase(&self, exercise: &str, phase: &str) -> Option<&PhaseProgress> {
        self.exercises.get(exercise)?.get(phase)
    }

    /// How far the ladder of a phase's hints was gone.
    #[must_use]
    pub fn hints(&self, exercise: &str, phase: &str) -> usize {
        self.phase(exercise, phase).map_or(0, |phase| phase.hints)
    }

    /// Where the phase with a number stands. `source` holds the tests of now; `source_hash` is the
    /// hash of the learner's sources, nothing if they cannot be read.
    #[must_use]
    pub fn state(
        &self,
        exercise: &Exercise,
        number: u32,
        source: &Source,
        source_hash: Option<&str>,
    ) -> State {
        let index = (number as usize).checked_sub(1);
        let phase = index.and_then(|index| exercise.manifest.phases.get(index));
        match phase.and_then(|phase| self.phase(exercise.id(), &phase.name)) {
            None => State::NotBegun,
            // Only a pass depends on the tests of now, and hashing them takes time.
            Some(known) if known.passed.is_none() => known.state(source_hash, ""),
            Some(known) => known.state(source_hash, &exercise.suite_hash(source, number)),
        }
    }

    fn entry(&mut self, exercise: &str, phase: &str) -> &mut PhaseProgress {
        let phases = self.exercises.entry(exercise.to_owned()).or_default();
        phases.entry(phase.to_owned()).or_default()
    }
}

impl PhaseProgress {
    /// Where the phase stands, given the hashes of the learner's sources and the phase's tests.
    #[must_use]
    pub fn state(&self, source_hash: Option<&str>, suite_hash: &str) -> State {
        let same_code = |checked: &Checked| source_hash == Some(checked.source_hash.as_str());
        let of_now = |checked: &&Checked| same_code(checked) && checked.suite_hash == suite_hash;
        if let Some(last) = self.last.as_ref().filter(of_now) {
            return last.state();
        }
        if self.passed.as_ref().filter(of_now).is_some() {
            return State::Passed;
        }
        match &self.last {
            None => State::NotBegun,
            Some(last) if last.status != PhaseStatus::Passed => last.state(),
            Some(last) if same_code(last) => State::TestsChangedSince,
            Some(_) => State::EditedSince,
        }
    }
}

impl Checked {
    fn state(&self) -> State {
        match self.status {
            PhaseStatus::Passed => State::Passed,
            PhaseStatus::NotImplemented => State::NotBegun,
            _ => State::Open,
        }
    }
}
