//! `solution`: the learner's code beside the reference.

use std::path::Path;

use super::overview::print;
use super::{Context, Exit, Failure};
use crate::engine::{EngineError, solution as reference};
use crate::report::solution::solution;
use crate::report::terminal::Look;

pub(super) fn run(place: Option<&Path>, id: Option<&str>, anyway: bool) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let exercise = context.exercise(id)?;
    let marks = context.marks(exercise);
    let compared = reference::compare(&context.checker, exercise, &marks, anyway);
    let comparison = compared.map_err(|error| match error {
        EngineError::NotPassed { .. } => {
            let id = exercise.id();
            let mut failure = Failure::from(error);
            failure.message += &format!(", or with `checker solution {id} --anyway`");
            failure
        }
        error => error.into(),
    })?;
    print(&solution(&comparison, &Look::for_stdout()))?;
    Ok(Exit::Passed)
}
