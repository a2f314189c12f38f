//! `suite.toml`: the one place where an exercise's facts stand.

use serde::Deserialize;

/// The facts of one exercise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The stable id, such as `lru-cache`; also the package's and the folder's name.
    pub id: String,
    /// The title that people see.
    pub title: String,
    /// What is built, in a sentence.
    pub summary: String,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// The hours that it takes, such as `4–6`.
    pub hours: String,
    /// The files to edit, in the order of the phases, relative to the exercise.
    pub files: Vec<String>,
    /// Exercises to do before this one.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Bounds on each test.
    #[serde(default)]
    pub limits: Limits,
    /// Programs of the learner that black-box phases start.
    #[serde(default, rename = "binary")]
    pub binaries: Vec<Binary>,
    /// The phases, in order.
    #[serde(rename = "phase")]
    pub phases: Vec<Phase>,
}

/// How hard an exercise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Difficulty {
    /// For a first exercise.
    Beginner,
    /// For who has done a few.
    Intermediate,
    /// For the last modules.
    Advanced,
}

impl Difficulty {
    /// The word shown to people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Difficulty::Beginner => "beginner",
            Difficulty::Intermediate => "intermediate",
            Difficulty::Advanced => "advanced",
        }
    }
}

/// Bounds on each test of an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Seconds until a test is killed.
    pub seconds: f64,
    /// Mebibytes of writable memory for each process of a test.
    pub memory_mib: u64,
    /// Mebibytes that a test may write to its standard streams.
    pub output_mib: u64,
    /// Mebibytes that one written file may have.
    pub file_mib: u64,
    /// Processes and threads that a test may have at one time.
    pub processes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            seconds: 10.0,
            memory_mib: 2048,
            output_mib: 8,
            file_mib: 256,
            processes: 512,
        }
    }
}

/// A program of the learner's crate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binary {
    /// The program's name; tests read its path from `CARGO_BIN_EXE_<name>`.
    pub name: String,
    /// Its root file, relative to the exercise.
    pub path: String,
}

/// One phase of an exercise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// The name, such as `core`; its tests stand in `src/p1_core.rs`.
    pub name: String,
    /// The title that people see.
    pub title: String,
    /// What is reached, in a sentence or two.
    pub goal: String,
    /// The files that this phase is about.
    #[serde(default)]
    pub files: Vec<String>,
    /// Seconds that the whole phase may take on two cores.
    #[serde(default = "default_budget")]
    pub budget_seconds: f64,
    /// The anchor of the phase in the exercise's chapter.
    pub section: String,
}

fn default_budget() -> f64 {
    5.0
}
