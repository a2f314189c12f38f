//! What the full-screen program and the live pages ask of the rest of the checker.
//!
//! Both live long while files change and other programs keep progress beside them. They know only
//! the traits [`Engine`] and [`Pages`]; [`Course`] is the engine that really checks. The commands share its parts.

mod course;
mod error;
pub mod files;
mod guard;
pub mod hints;
pub mod history;
pub mod next;
mod outline;
pub mod solution;
pub mod standing;

use std::path::PathBuf;

use crate::check::Request;
use crate::playground::{PlayError, Program, Shown};
use crate::report::solution::Comparison;
use crate::runner::Cancel;
use crate::verdict::{Event, Report};

pub use self::course::Course;
pub use self::error::EngineError;
pub use self::guard::check;
pub use self::history::History;
pub use self::outline::{ExerciseItem, Hint, Outline, PhaseOutline};
pub use self::standing::{Standing, marks};

/// The course's title.
pub const TITLE: &str = "Systems in Rust";

/// Checks exercises on behalf of a screen or a page, and knows where the learner is.
///
/// [`Engine::check`] runs on a thread of its own and may take as long as it needs, if it returns
/// soon after it was cancelled. Everything else reads a few files and is quick.
pub trait Engine: Send + Sync + 'static {
    /// Every exercise, in the order of the course.
    fn exercises(&self) -> Vec<ExerciseItem>;

    /// The facts of one exercise and where it stands.
    ///
    /// # Errors
    /// When there is no such exercise, or its suite is malformed.
    fn outline(&self, exercise: &str) -> Result<Outline, EngineError>;

    /// Checks the learner's code as the request says, and records the progress.
    ///
    /// # Errors
    /// When the run was cancelled, or could not be done at all.
    fn check(
        &self,
        request: &Request,
        cancel: &Cancel,
        on: &mut dyn FnMut(Event),
    ) -> Result<Report, Stopped>;

    /// The next hint of a phase's ladder, at its top the last one again. It is remembered as given.
    ///
    /// # Errors
    /// When there is no such phase, or it has no hints.
    fn hint(&self, exercise: &str, phase: u32) -> Result<Hint, EngineError>;
}

/// What live pages ask beside checks.
pub trait Pages: Engine {
    /// The folder of the learner's crate.
    ///
    /// # Errors
    /// When there is no such exercise.
    fn dir(&self, exercise: &str) -> Result<PathBuf, EngineError>;

    /// The number of the phase with a name.
    ///
    /// # Errors
    /// When there is no such exercise or phase.
    fn phase(&self, exercise: &str, name: &str) -> Result<u32, EngineError>;

    /// The path of one of the learner's files, if `name` is one that a check reads. Whatever else
    /// the name says leads nowhere.
    ///
    /// # Errors
    /// When there is no such exercise or file, or the sources cannot be read.
    fn file(&self, exercise: &str, name: &str) -> Result<PathBuf, EngineError>;

    /// The learner's code beside the reference; before every phase is passed only `anyway`.
    ///
    /// # Errors
    /// When phases are open, or either version cannot be read.
    fn solution(&self, exercise: &str, anyway: bool) -> Result<Comparison, EngineError>;

    /// Compiles and runs a program of the book's reader.
    ///
    /// # Errors
    /// When cargo cannot do its work, or the run was cancelled. A program that does not compile, or
    /// that ends badly, is no error.
    fn play(&self, program: &Program, cancel: &Cancel) -> Result<Shown, PlayError>;

    /// Where the learner stands in the whole course.
    fn standing(&self) -> Standing;

    /// What happened so far, and when.
    ///
    /// # Errors
    /// When the history cannot be read.
    fn history(&self) -> Result<History, EngineError>;

    /// The folder in which progress is kept; other programs may keep progress there, too.
    fn state_dir(&self) -> PathBuf;
}

/// Why a check ended without a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It was cancelled.
    Cancelled,
    /// It could not be done; the text says why, for the learner.
    Failed(String),
}
