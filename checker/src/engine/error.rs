//! Why the engine cannot give what was asked for.

use crate::catalog::{CatalogError, UnknownExercise};
use crate::check::CheckError;
use crate::progress::StoreError;
use crate::site::chapter::ChapterError;

/// Why the engine cannot give what was asked for, in a sentence for the learner.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no such exercise.
    #[error(transparent)]
    UnknownExercise(#[from] UnknownExercise),
    /// There is no such phase, or the sources cannot be read.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The course's own files contradict themselves.
    #[error("the course itself is at fault: {0}")]
    Catalog(#[from] CatalogError),
    /// The chapter is malformed.
    #[error("the course itself is at fault: {0}")]
    Chapter(#[from] ChapterError),
    /// Progress cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no phase of this name.
    #[error("`{exercise}` has no phase `{name}`")]
    UnknownPhase {
        /// The exercise.
        exercise: String,
        /// What was asked for.
        name: String,
    },
    /// The phase has no ladder.
    #[error("phase {phase} of `{exercise}` has no hints")]
    NoHints {
        /// The exercise.
        exercise: String,
        /// The phase's number.
        phase: u32,
    },
    /// The reference is asked for too early.
    #[error(
        "{open} of {of} phases of `{exercise}` are open; the reference is shown once you have \
         passed them"
    )]
    NotPassed {
        /// The exercise.
        exercise: String,
        /// How many phases are open.
        open: usize,
        /// How many phases there are.
        of: usize,
    },
    /// No such file is checked.
    #[error("`{name}` is no file of `{exercise}` that a check reads")]
    UnknownFile {
        /// The exercise.
        exercise: String,
        /// What was asked for.
        name: String,
    },
}
