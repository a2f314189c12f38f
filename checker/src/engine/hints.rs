//! The ladders of hints.

use super::EngineError;
use crate::catalog::manifest::Phase;
use crate::catalog::{Catalog, Exercise};
use crate::check::CheckError;
use crate::site::chapter::{ChapterGuide, Hint};

/// The facts of the phase with a number.
///
/// # Errors
/// When there is no such phase.
pub fn phase(exercise: &Exercise, number: u32) -> Result<&Phase, EngineError> {
    let index = (number as usize).checked_sub(1);
    let phase = index.and_then(|index| exercise.manifest.phases.get(index));
    let unknown = || CheckError::UnknownPhase {
        exercise: exercise.id().to_owned(),
        asked: number,
        count: exercise.manifest.phases.len(),
    };
    Ok(phase.ok_or_else(unknown)?)
}

/// The hints of a phase, in order.
///
/// # Errors
/// When there is no such phase, or the chapter is malformed.
pub fn ladder(
    catalog: &Catalog,
    exercise: &Exercise,
    number: u32,
) -> Result<Vec<Hint>, EngineError> {
    phase(exercise, number)?;
    let guide = ChapterGuide::load(catalog.source(), exercise)?;
    Ok(guide
        .phase(exercise, number)
        .map_or_else(Vec::new, |phase| phase.hints.clone()))
}
