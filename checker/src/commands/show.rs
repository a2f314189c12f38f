//! `show`: an exercise's phases and the behaviours that are verified.

use std::path::Path;

use anstream::println;
use serde::Serialize;

use super::overview::{files, print};
use super::{Context, Exit, Failure};
use crate::report::show::{Show, ShowBehaviour, ShowPhase, show};
use crate::report::terminal::Look;
use crate::verdict::SCHEMA_VERSION;

pub(super) fn run(
    place: Option<&Path>,
    id: Option<&str>,
    tests: bool,
    json: bool,
) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let exercise = context.exercise(id)?;
    let manifest = &exercise.manifest;
    let source = context.checker.catalog.source();
    let mut phases = Vec::new();
    let mut entries = Vec::new();
    let numbered = manifest.phases.iter().zip(exercise.phase_numbers());
    for ((phase, number), mark) in numbered.zip(context.marks(exercise)) {
        let behaviours = exercise.behaviours(source, number)?;
        entries.extend(behaviours.iter().map(|behaviour| Entry {
            phase: number,
            test: behaviour.test.clone(),
            behaviour: behaviour.note.behaviour.clone(),
        }));
        phases.push(ShowPhase {
            number,
            title: phase.title.clone(),
            goal: phase.goal.clone(),
            mark,
            behaviours: behaviours
                .into_iter()
                .map(|behaviour| ShowBehaviour {
                    text: behaviour.note.behaviour,
                    test: tests.then_some(behaviour.test),
                })
                .collect(),
        });
    }
    if json {
        let document = Document {
            schema: SCHEMA_VERSION,
            exercise: exercise.id(),
            title: &manifest.title,
            tests: entries,
        };
        let text = serde_json::to_string_pretty(&document).map_err(Failure::fault)?;
        println!("{text}");
        return Ok(Exit::Passed);
    }
    let view = Show {
        id: exercise.id().to_owned(),
        title: manifest.title.clone(),
        summary: manifest.summary.clone(),
        difficulty: manifest.difficulty.label().to_owned(),
        hours: manifest.hours.clone(),
        files: files(&context, exercise, &manifest.files),
        requires: manifest.requires.clone(),
        page: exercise.page(),
        phases,
    };
    print(&show(&view, &Look::for_stdout()))?;
    Ok(Exit::Passed)
}

/// `show --json`.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    exercise: &'a str,
    title: &'a str,
    tests: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    phase: u32,
    test: String,
    behaviour: String,
}
