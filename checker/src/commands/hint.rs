//! `hint`: the next step of a phase's ladder.

use std::path::Path;

use anstream::println;

use super::context::tell;
use super::{Context, Exit, Failure};
use crate::catalog::Exercise;
use crate::check::CheckError;
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
    if shown.is_empty() {
        let (id, all) = (exercise.id(), ladder.len());
        println!(
            "{}",
            match (again, all) {
                (_, 0) => format!("Phase {number} of {id} has no hints."),
                (true, _) =>
                    format!("You took no hint of phase {number} yet: `checker hint {id}`."),
                (false, _) => format!(
                    "You took all {all} hints of phase {number}; `checker hint {id} --phase {number} \
                 --again` shows them again, `checker solution {id} --anyway` the reference."
                ),
            }
        );
        return Ok(Exit::Passed);
    }
    for index in shown.clone() {
        let hint = &ladder[index];
        println!(
            "Phase {number}, hint {} of {}: {}\n",
            index + 1,
            ladder.len(),
            hint.title
        );
        println!("{}\n", readable(&hint.content));
    }
    if !again {
        tell(context.store.record_hint(exercise.id(), name, shown.end));
    }
    Ok(Exit::Passed)
}

fn first_open(context: &Context, exercise: &Exercise) -> u32 {
    let marks = context.marks(exercise);
    let mut numbered = exercise.phase_numbers().zip(marks);
    numbered
        .find(|(_, mark)| !mark.is_done())
        .map_or(1, |(number, _)| number)
}

pub(super) fn phase_name(exercise: &Exercise, number: u32) -> &str {
    let index = (number as usize).wrapping_sub(1);
    exercise
        .manifest
        .phases
        .get(index)
        .map_or("", |phase| &phase.name)
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

/// A hint as a terminal shows it: Markdown, without the lines that the book hides.
pub(super) fn readable(content: &str) -> String {
    let mut in_code = false;
    let mut lines = Vec::new();
    for line in content.lines() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            in_code = !in_code;
            let language = info.split([',', ' ']).next().unwrap_or_default();
            lines.push(format!("```{language}"));
        } else if !(in_code && (line.trim() == "#" || line.trim_start().starts_with("# "))) {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_the_book_hides_are_left_out_of_code_only() {
        let hint = "# A title\n```rust,no_run\n# use x::Y;\nfn f() {}\n#\n```\n# Kept";
        assert_eq!(readable(hint), "# A title\n```rust\nfn f() {}\n```\n# Kept");
    }
}
