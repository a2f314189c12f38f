//! `list`: the exercises of the course, for people and scripts.

use std::path::Path;

use anstream::println;
use serde::Serialize;

use super::{Context, Exit, Failure};
use crate::catalog::Exercise;
use crate::git::Git;

/// `list --json`.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: u32,
    exercises: Vec<Listed<'a>>,
}

/// What a script needs of an exercise.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    id: &'a str,
    module: &'a str,
    title: &'a str,
}

/// Files that every exercise is built from.
const SHARED: [&str; 3] = ["Cargo.toml", "Cargo.lock", "checker/kit/"];

pub(super) fn run(
    place: Option<&Path>,
    as_json: bool,
    changed_since: Option<&str>,
) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let checker = &context.checker;
    let changed = match changed_since {
        None => None,
        Some(commit) => Some(Git::at(checker.workspace.root()).changed_since(commit)?),
    };
    let exercises = checker.catalog.exercises().iter();
    let chosen = exercises.filter(|exercise| {
        let changed = changed.as_ref();
        changed.is_none_or(|files| files.iter().any(|file| concerns(file, exercise)))
    });
    if as_json {
        let exercises = chosen.map(|exercise| Listed {
            id: exercise.id(),
            module: &exercise.module,
            title: &exercise.manifest.title,
        });
        let document = Document {
            schema: 1,
            exercises: exercises.collect(),
        };
        let text = serde_json::to_string(&document).map_err(Failure::fault)?;
        println!("{text}");
    } else {
        for exercise in chosen {
            println!("{}", exercise.id());
        }
    }
    Ok(Exit::Passed)
}

/// Whether a file's change may change what an exercise is.
fn concerns(file: &str, exercise: &Exercise) -> bool {
    let places = [
        exercise.stub_dir(),
        exercise.solution_dir(),
        exercise.suite_dir(),
    ];
    let is_below = |folder: &String| {
        let rest = file.strip_prefix(folder.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    SHARED.iter().any(|shared| file.starts_with(shared)) || places.iter().any(is_below)
}
