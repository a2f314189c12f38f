//! `hint`: the next step of a phase's ladder.

use std::path::Path;

use super::context::tell;
use super::overview::print;
use super::{Context, Exit, Failure};
use crate::catalog::Exercise;
use crate::catalog::manifest::Phase;
use crate::engine::{hints, next};
use crate::report::hint;
use crate::report::terminal::palette::{DIM, PLAIN};
use crate::report::terminal::{Line, Look, Text};
use crate::site::chapter::Hint;

pub(super) fn run(
    place: Option<&Path>,
    id: Option<&str>,
    phase: Option<u32>,
    again: bool,
) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let exercise = context.exercise(id)?;
    let Some(number) = phase.or_else(|| first_open(&context, exercise)) else {
        print(&passed(exercise.id(), &Look::for_stdout()))?;
        return Ok(Exit::Passed);
    };
    let ladder = hints::ladder(&context.checker.catalog, exercise, number)?;
    let Phase { name, title, .. } = hints::phase(exercise, number)?;
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
            title,
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

/// What is said where no phase is open.
fn passed(id: &str, look: &Look) -> Text {
    let hint = look.command(&format!("hint {id} --phase N"));
    let solution = look.command(&format!("solution {id}"));
    let told = format!(
        "You passed every phase of `{id}`. `{hint}` shows the hints of a phase nevertheless, \
         `{solution}` your code beside the reference."
    );
    let mut text = Text::default();
    text.push(Line::new().prose(&told, PLAIN));
    text
}

fn first_open(context: &Context, exercise: &Exercise) -> Option<u32> {
    let index = next::first_open(&context.marks(exercise))?;
    u32::try_from(index + 1).ok()
}
