//! An exercise as it is shown: in a list, opened, and one hint of it.

use std::path::PathBuf;

use serde::Serialize;

use crate::report::overview::Mark;

/// An exercise in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExerciseItem {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// How many phases are passed.
    pub done: usize,
    /// How many phases there are.
    pub phases: usize,
}

/// An exercise to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The folder of the learner's crate.
    pub dir: PathBuf,
    /// The phases, in order.
    pub phases: Vec<PhaseOutline>,
    /// The id and the title of the exercise that comes next, if there is one.
    pub next: Option<(String, String)>,
}

/// A phase before it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseOutline {
    /// The number, from 1.
    pub number: u32,
    /// The title.
    pub title: String,
    /// What is reached.
    pub goal: String,
    /// How many tests it has.
    pub tests: usize,
    /// Where it stands, from the progress file.
    pub mark: Mark,
}

/// One step of the ladder of hints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hint {
    /// What it is about, in Markdown.
    pub title: String,
    /// What it says, in Markdown.
    pub content: String,
    /// Which step it is, from 1.
    pub step: usize,
    /// How many steps the ladder has.
    pub of: usize,
    /// Why it will not be remembered as given, if so.
    pub notice: Option<String>,
}
