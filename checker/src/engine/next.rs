//! The one thing to do next.

use super::marks;
use crate::catalog::{Catalog, Exercise};
use crate::check::Checker;
use crate::progress::Progress;
use crate::report::overview::Mark;

/// What a learner does next.
#[derive(Debug)]
pub enum Next<'a> {
    /// Goes on in the exercise that they work on.
    Phase {
        /// The exercise.
        exercise: &'a Exercise,
        /// The index of its first open phase.
        index: usize,
        /// Where its phases stand.
        marks: Vec<Mark>,
    },
    /// Begins the next exercise that is not complete.
    Exercise {
        /// The exercise that was completed.
        done: &'a Exercise,
        /// The next one.
        next: &'a Exercise,
        /// The index of its first open phase.
        index: usize,
    },
    /// Nothing is left.
    Complete,
}

/// The exercise that was worked on last, or the first; nothing in a course without exercises.
#[must_use]
pub fn current<'a>(catalog: &'a Catalog, progress: &Progress) -> Option<&'a Exercise> {
    let last = progress.last_exercise.as_deref();
    last.and_then(|id| catalog.find(id).ok())
        .or_else(|| catalog.exercises().first())
}

/// What comes next by some progress.
#[must_use]
pub fn next<'a>(checker: &'a Checker, progress: &Progress) -> Next<'a> {
    let Some(exercise) = current(&checker.catalog, progress) else {
        return Next::Complete;
    };
    let own = marks(checker, progress, exercise);
    if let Some(index) = first_open(&own) {
        return Next::Phase {
            exercise,
            index,
            marks: own,
        };
    }
    let mut others = checker.catalog.exercises().iter();
    let open = others.find_map(|next| Some((next, first_open(&marks(checker, progress, next))?)));
    open.map_or(Next::Complete, |(next, index)| Next::Exercise {
        done: exercise,
        next,
        index,
    })
}

/// The index of the first phase that is not passed.
#[must_use]
pub fn first_open(marks: &[Mark]) -> Option<usize> {
    marks.iter().position(|mark| !mark.is_done())
}
