//! Bare `checker` and `progress`: where the learner is.

use std::path::Path;

use anstream::println;
use serde::Serialize;

use super::{Context, Exit, Failure};
use crate::catalog::Exercise;
use crate::report::overview::{
    ExerciseRow, Here, Mark, ModuleRow, Overview, PhaseRow, Position, here, progress as list,
};
use crate::report::terminal::{Look, Text, until_closed};
use crate::verdict::SCHEMA_VERSION;

const COURSE: &str = "Systems in Rust";

/// Bare `checker`.
pub(super) fn next(place: Option<&Path>) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let position = position(&context)?;
    let course = COURSE.to_owned();
    print(&here(&Here { course, position }, &Look::for_stdout()))?;
    Ok(Exit::Passed)
}

/// `checker progress`.
pub(super) fn progress(place: Option<&Path>, json: bool) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
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

fn position(context: &Context) -> Result<Position, Failure> {
    let exercise = context.exercise(None)?;
    let marks = context.marks(exercise);
    let open = marks.iter().position(|mark| !mark.is_done());
    let Some(index) = open else {
        return Ok(after(context, exercise));
    };
    let phase = &exercise.manifest.phases[index];
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(Position::Phase {
        exercise: exercise.id().to_owned(),
        title: exercise.manifest.title.clone(),
        begun: marks.iter().any(|mark| *mark != Mark::Open),
        number: count(index + 1),
        of: count(marks.len()),
        phase: phase.title.clone(),
        goal: phase.goal.clone(),
        files: files(context, exercise, &phase.files),
        read_on: format!("{}#{}", exercise.page(), phase.section),
    })
}

/// What comes after a completed exercise: the next one that is not.
fn after(context: &Context, done: &Exercise) -> Position {
    let complete = |exercise: &&Exercise| context.marks(exercise).iter().all(|mark| mark.is_done());
    match context
        .checker
        .catalog
        .exercises()
        .iter()
        .find(|exercise| !complete(exercise))
    {
        None => Position::Complete,
        Some(next) => Position::Done {
            exercise: done.id().to_owned(),
            title: done.manifest.title.clone(),
            next: next.id().to_owned(),
            next_title: next.manifest.title.clone(),
        },
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
        course: COURSE.to_owned(),
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
    state: &'static str,
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
                        state: match mark {
                            Mark::Open => "not_begun",
                            Mark::Failed => "open",
                            Mark::Passed => "passed",
                            Mark::PassedEditedSince => "edited_since",
                        },
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
