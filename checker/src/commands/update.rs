//! `update`: a learner's folder brought to this program's version of the course.

use std::path::Path;

use anstream::println;
use jiff::Timestamp;

use super::{Exit, Failure};
use crate::catalog::source::Source;
use crate::workspace::Workspace;
use crate::workspace::update::{UpdateError, Updated, What, update};

pub(super) fn run(place: Option<&Path>) -> Result<Exit, Failure> {
    let place = match place {
        Some(place) => std::path::absolute(place)?,
        None => std::env::current_dir()?,
    };
    let workspace = Workspace::discover(&place)?;
    let updated = update(&workspace, &Source::built_in(), Timestamp::now())?;
    print(&updated);
    Ok(Exit::Passed)
}

fn print(updated: &Updated) {
    let Updated { from, to, .. } = updated;
    if updated.files.is_empty() {
        println!("This folder has version {to} of the course; nothing had to change.");
        return;
    }
    match from == to {
        true => println!("The course's files are those of version {to} again:\n"),
        false => println!("From version {from} of the course to {to}:\n"),
    }
    for change in &updated.files {
        let path = &change.path;
        match &change.what {
            What::Added => println!("  added     {path}"),
            What::Replaced => println!("  replaced  {path}"),
            What::Merged => println!("  merged    {path}"),
            What::Conflict { .. } => println!("  CONFLICT  {path}"),
            What::Left => println!("  left      {path} (no longer part of the course)"),
        }
    }
    let conflicts = updated
        .files
        .iter()
        .filter_map(|change| match &change.what {
            What::Conflict { beside } => Some(beside),
            _ => None,
        });
    let conflicts: Vec<&String> = conflicts.collect();
    if !conflicts.is_empty() {
        println!("\nThe course changed what you changed. Yours is as it was; the course's is in");
        for beside in conflicts {
            println!("  {beside}");
        }
        println!("Take over what you need, then delete it.");
    }
    if let Some(backup) = &updated.backup {
        println!("\nYour files as they were: {}", backup.display());
    }
}

impl From<UpdateError> for Failure {
    fn from(error: UpdateError) -> Failure {
        match error {
            UpdateError::Checkout(_) => Failure::usage(error),
            UpdateError::Newer { .. } | UpdateError::Marker(_) | UpdateError::Io { .. } => {
                Failure::not_ready(error)
            }
            UpdateError::Layout(error) => error.into(),
        }
    }
}
