//! `reset`: an exercise put back to its beginning.

use std::path::Path;

use anstream::println;
use jiff::Timestamp;

use super::context::tell;
use super::{Context, Exit, Failure};
use crate::workspace::reset::{Origin, ResetError, reset};

pub(super) fn run(place: Option<&Path>, id: &str) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let exercise = context.exercise(Some(id))?;
    let checker = &context.checker;
    let source = checker.catalog.source();
    let done = reset(&checker.workspace, source, exercise, Timestamp::now())?;
    if done.restored.is_empty() && done.moved.is_empty() {
        println!("{id} is at its beginning already.");
        return Ok(Exit::Passed);
    }
    tell(context.store.record_reset(id));
    match &done.from {
        Origin::Program => println!("{id} is back at its beginning."),
        Origin::Commit(commit) => println!("{id} is as in the last commit, {commit}."),
    }
    for path in &done.restored {
        println!("  restored   {path}");
    }
    for path in &done.moved {
        println!("  set aside  {path}");
    }
    if let Some(backup) = &done.backup {
        println!("\nYour files as they were: {}", backup.display());
    }
    Ok(Exit::Passed)
}

impl From<ResetError> for Failure {
    fn from(error: ResetError) -> Failure {
        match error {
            ResetError::Unknown(_) => Failure::usage(error),
            ResetError::NoGit(_) | ResetError::NotCommitted { .. } | ResetError::Io { .. } => {
                Failure::not_ready(error)
            }
        }
    }
}
