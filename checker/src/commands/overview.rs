//! Bare `checker` and `progress`: where the learner is.

use std::path::Path;

use anstream::println;
use serde::Serialize;

use super::{Context, Exit, Failure};
use crate::catalog::Exercise;
use crate::engine::TITLE;
use crate::engine::next::{Next, next as next_step};
use crate::report::overview::{
    ExerciseRow, Here, Mark, ModuleRow, Overview, PhaseRow, Position, here, progress as list,
};
use crate::report::terminal::{Look, Text, until_closed};
use crate::verdict::SCHEMA_VERSION;

/// Bare `checker`.
pub(super) fn next(place: Option<&Path>) -> Result<Exit, Failure> {
    let context = Context::with_progress(place)?;
    // A course without exercises is at fault, and nobody completed it.
    context.exercise(None)?;
    let position = position(&context);
    let course = TITLE.to_owned();
    print(&here(&Here { course, position }, &Look::for_stdout()))?;
    Ok(Exit::Passed)
}

/// `checker progress`.
pub(super) fn progress(place: Option<&Path>, json: bool) -> Result<Exit, Failure> {
    let context = Context::with_progress(place)?;
    if json {
        let document = serde_json::to_string_pretty(&document(&context));
        println!("{}", document.map_err(Failure::fault)?);
    } else {
        print(&list(&overview(&context), &Look::for_stdout()))?;
    }
    Ok(Exit::Passed)
}

pub(super) fn print(text: &Text) -> Result<(), Failure> {
    let look = Look::for_stdout();
    Ok(until_closed(
        text.write(look.width, &mut anstream::stdout()),
    )?)
}

fn position(context: &Context) -> Position {
    let (exercise, index, marks) = match next_step(&context.checker, &context.progress) {
        Next::Phase {
            exercise,
            index,
            marks,
        } => (exercise, index, marks),
        Next::Exercise { done, next, .. } => {
            return Position::Done {
                exercise: done.id().to_owned(),
                title: done.manifest.title.clone(),
                next: next.id().to_owned(),
                next_title: next.manifest.title.clone(),
            };
        }
        Next::Complete => return Position::Complete,
    };
    let phase = &exercise.manifest.phases[index];
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position::Phase {
        exercise: exercise.id().to_owned(),
        title: exercise.manifest.title.clone(),
        begun: marks.iter().any(|mark| *mark != Mark::Open),
        number: count(index + 1),
        of: count(marks.len()),
        phase: phase.title.clone(),
        goal: phase.goal.clone(),
        files: files(context, exercise, &phase.files),
        read_on: format!("{}#{}", exercise.page(), phase.section),
    }
}

/// Paths of an exercise's files from where the command runs, where that is shorter.
pub(super) fn files(context: &Context, exercise: &Exercise, files: &[String]) -> Vec<String> {
    let dir = context.checker.workspace.exercise_dir(exercise);
    let here = std::env::current_dir().unwrap_or_default();
    let dir = dir.strip_prefix(&here).unwrap_or(&dir).to_path_buf();
    files
        .iter()
        .map(|file| dir.join(file).display().to_string())
        .collect()
}

fn overview(context: &Context) -> Overview {
    let catalog = &context.checker.catalog;
    let current = context
        .exercise(None)
        .ok()
        .map(|exercise| exercise.id().to_owned());
    let mut modules: Vec<(&str, ModuleRow)> = Vec::new();
    for exercise in catalog.exercises() {
        let marks = context.marks(exercise);
        let phases = exercise
            .manifest
            .phases
            .iter()
            .zip(exercise.phase_numbers());
        let row = ExerciseRow {
            id: exercise.id().to_owned(),
            title: exercise.manifest.title.clone(),
            hours: exercise.manifest.hours.clone(),
            phases: phases
                .zip(marks)
                .map(|((phase, number), mark)| PhaseRow {
                    number,
                    title: phase.title.clone(),
                    mark,
                })
                .collect(),
            current: current.as_deref() == Some(exercise.id()),
        };
        match modules.last_mut() {
            Some((module, rows)) if *module == exercise.module => rows.exercises.push(row),
            _ => modules.push((
                &exercise.module,
                ModuleRow {
                    title: catalog.module_title(&exercise.module),
                    exercises: vec![row],
                },
            )),
        }
    }
    Overview {
        course: TITLE.to_owned(),
        modules: modules.into_iter().map(|(_, row)| row).collect(),
    }
}

/// `progress --json`.
#[derive(Serialize)]
struct Document {
    schema: u32,
    exercises: Vec<ExerciseEntry>,
}

#[derive(Serialize)]
struct ExerciseEntry {
    module: String,
    id: String,
    title: String,
    phases: Vec<PhaseEntry>,
}

#[derive(Serialize)]
struct PhaseEntry {
    number: u32,
    name: String,
    title: String,
    state: Mark,
    first_passed: Option<jiff::Timestamp>,
    hints: usize,
}

fn document(context: &Context) -> Document {
    let entries = context.checker.catalog.exercises().iter().map(|exercise| {
        let phases = exercise
            .manifest
            .phases
            .iter()
            .zip(exercise.phase_numbers());
        ExerciseEntry {
            module: exercise.module.clone(),
            id: exercise.id().to_owned(),
            title: exercise.manifest.title.clone(),
            phases: phases
                .zip(context.marks(exercise))
                .map(|((phase, number), mark)| {
                    let kept = context.progress.phase(exercise.id(), &phase.name);
                    PhaseEntry {
                        number,
                        name: phase.name.clone(),
                        title: phase.title.clone(),
                        state: mark,
                        first_passed: kept.and_then(|kept| kept.first_passed),
                        hints: kept.map_or(0, |kept| kept.hints),
                    }
                })
                .collect(),
        }
    });
    Document {
        schema: SCHEMA_VERSION,
        exercises: entries.collect(),
    }
}
