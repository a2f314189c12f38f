//! What the full-screen program asks of the rest of the checker.

use std::path::PathBuf;

use crate::report::overview::Mark;
use crate::runner::Cancel;
use crate::verdict::{Event, Report};

/// Checks exercises on behalf of the screen.
///
/// [`Engine::check`] runs on a thread of its own and may take as long as it needs, if it returns
/// soon after it was cancelled. Everything else runs on the thread that draws, and is quick.
pub trait Engine: Send + Sync + 'static {
    /// Every exercise, in the order of the course.
    fn exercises(&self) -> Vec<ExerciseItem>;

    /// The facts of one exercise and where it stands.
    ///
    /// # Errors
    /// A sentence for the learner when there is no such exercise or its folder is missing.
    fn outline(&self, exercise: &str) -> Result<Outline, String>;

    /// Checks one phase, or all of them, and records the progress.
    ///
    /// # Errors
    /// When the run was cancelled, or could not be done at all.
    fn check(
        &self,
        exercise: &str,
        phase: Option<u32>,
        cancel: &Cancel,
        on: &mut dyn FnMut(Event),
    ) -> Result<Report, Stopped>;

    /// The next hint of a phase's ladder. It is remembered as given.
    ///
    /// # Errors
    /// A sentence for the learner when there is none.
    fn hint(&self, exercise: &str, phase: u32) -> Result<Hint, String>;
}

/// Why a check ended without a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It was cancelled.
    Cancelled,
    /// It could not be done; the text says why, for the learner.
    Failed(String),
}

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it is about, in Markdown.
    pub title: String,
    /// What it says, in Markdown.
    pub content: String,
    /// Which step it is, from 1.
    pub step: usize,
    /// How many steps the ladder has.
    pub of: usize,
}
