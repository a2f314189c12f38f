//! `hint`: the next step of a phase's ladder.

use std::path::Path;

use super::context::tell;
use super::overview::print;
use super::{Context, Exit, Failure};
use crate::catalog::Exercise;
use crate::check::CheckError;
use crate::report::hint;
use crate::report::terminal::palette::{DIM, PLAIN};
use crate::report::terminal::{Line, Look, Text};
use crate::site::chapter::{ChapterGuide, Hint};

pub(super) fn run(
    place: Option<&Path>,
    id: Option<&str>,
    phase: Option<u32>,
    again: bool,
) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let exercise = context.exercise(id)?;
    let number = phase.unwrap_or_else(|| first_open(&context, exercise));
    let ladder = ladder(&context, exercise, number)?;
    let name = phase_name(exercise, number);
    let taken = context
        .progress
        .hints(exercise.id(), name)
        .min(ladder.len());
    let shown = if again {
        0..taken
    } else {
        taken..(taken + 1).min(ladder.len())
    };
    let look = Look::for_stdout();
    let mut text = Text::default();
    for index in shown.clone() {
        let place = hint::Place {
            phase: number,
            title: phase_title(exercise, number),
            step: index + 1,
            of: ladder.len(),
        };
        let Hint { title, content, .. } = &ladder[index];
        text.append(hint::hint(title, content, place, &look));
        text.gap();
    }
    text.push(further(exercise.id(), number, &shown, ladder.len(), &look));
    print(&text)?;
    if !again && !shown.is_empty() {
        tell(context.store.record_hint(exercise.id(), name, shown.end));
    }
    Ok(Exit::Passed)
}

/// What comes after the steps that are shown.
fn further(id: &str, number: u32, shown: &std::ops::Range<usize>, all: usize, look: &Look) -> Line {
    let hint = look.command(&format!("hint {id} --phase {number}"));
    let line = Line::new();
    if all == 0 {
        line.prose(&format!("Phase {number} of `{id}` has no hints."), PLAIN)
    } else if shown.end == 0 {
        line.prose(
            &format!("You took no hint of phase {number} yet: `{hint}`"),
            PLAIN,
        )
    } else if shown.end < all {
        let step = if shown.end + 1 == all { "last" } else { "next" };
        line.prose(&format!("`{hint}` shows the {step} step."), DIM)
    } else if shown.is_empty() {
        let solution = look.command(&format!("solution {id} --anyway"));
        let told = format!(
            "You took all {all} hints of phase {number}. `{hint} --again` shows them again, \
             `{solution}` the reference."
        );
        line.prose(&told, PLAIN)
    } else {
        line.with("This was the last step.", DIM)
    }
}

fn first_open(context: &Context, exercise: &Exercise) -> u32 {
    let marks = context.marks(exercise);
    let mut numbered = exercise.phase_numbers().zip(marks);
    numbered
        .find(|(_, mark)| !mark.is_done())
        .map_or(1, |(number, _)| number)
}

pub(super) fn phase_name(exercise: &Exercise, number: u32) -> &str {
    exercise
        .manifest
        .phases
        .get((number as usize).wrapping_sub(1))
        .map_or("", |phase| &phase.name)
}

fn phase_title(exercise: &Exercise, number: u32) -> &str {
    exercise
        .manifest
        .phases
        .get((number as usize).wrapping_sub(1))
        .map_or("", |phase| &phase.title)
}

/// The hints of a phase, in order.
pub(super) fn ladder(
    context: &Context,
    exercise: &Exercise,
    number: u32,
) -> Result<Vec<Hint>, Failure> {
    if !exercise.phase_numbers().any(|other| other == number) {
        return Err(CheckError::UnknownPhase {
            exercise: exercise.id().to_owned(),
            asked: number,
            count: exercise.manifest.phases.len(),
        }
        .into());
    }
    let guide = ChapterGuide::load(context.checker.catalog.source(), exercise)?;
    Ok(guide
        .phase(exercise, number)
        .map_or_else(Vec::new, |phase| phase.hints.clone()))
}
