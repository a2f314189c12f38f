//! `mutant`: named mistakes of a solution, for authors.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use anstream::{eprint, println};

use super::context::cancel_on_interrupt;
use super::status::Status;
use super::{Context, Exit, Failure};
use crate::cli::MutantCommand;
use crate::git::GitError;
use crate::mutate::{self, NewError, Outcome, RefreshError};
use crate::report::program;

pub(super) fn run(place: Option<&Path>, command: &MutantCommand) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    match command {
        MutantCommand::New { id, name, mistake } => new(&context, id, name, mistake.as_deref()),
        MutantCommand::Refresh { id } => refresh(&context, id),
    }
}

fn new(context: &Context, id: &str, name: &str, mistake: Option<&str>) -> Result<Exit, Failure> {
    let checker = &context.checker;
    let exercise = checker.catalog.find(id)?;
    let mistake = match mistake {
        Some(mistake) => mistake.to_owned(),
        None => asked()?,
    };
    if mistake.trim().is_empty() {
        return Err(Failure::usage("the mistake needs a sentence"));
    }
    let cancel = cancel_on_interrupt()?;
    let mut status = Status::new();
    status.show("running the suite on the changed solution");
    let created = mutate::new(checker, exercise, name, &mistake, &cancel);
    drop(status);
    let created = match created {
        Ok(created) => created,
        Err(error @ (NewError::Survives | NewError::FailsBefore(_))) => {
            println!("{error}");
            return Ok(Exit::NotPassed);
        }
        Err(error) => return Err(error.into()),
    };
    println!("phase {}  {}", created.phase, created.test);
    for other in &created.others {
        println!("     and  {other}");
    }
    println!("written  {}", created.path.display());
    for file in &created.restored {
        println!("put back {file}");
    }
    let program = program::current();
    println!("\n`{program} verify {id} --mutant {name}` proves it again.");
    Ok(Exit::Passed)
}

/// The sentence that tells the mistake.
fn asked() -> io::Result<String> {
    if io::stdin().is_terminal() {
        eprint!("The mistake, in a sentence: ");
        io::stderr().flush()?;
    }
    let mut sentence = String::new();
    io::stdin().lock().read_line(&mut sentence)?;
    Ok(sentence)
}

fn refresh(context: &Context, id: &str) -> Result<Exit, Failure> {
    let checker = &context.checker;
    let exercise = checker.catalog.find(id)?;
    let refreshed = mutate::refresh(checker, exercise)?;
    let (mut fitting, mut carried, mut open) = (0, 0, 0);
    for patch in &refreshed {
        let path = &patch.path;
        match &patch.outcome {
            Outcome::Fits => fitting += 1,
            Outcome::Carried { from } => {
                carried += 1;
                println!("carried over from {}  {path}", short(from));
            }
            Outcome::Conflicts { from, file, lines } => {
                open += 1;
                println!(
                    "conflict with {file} since {}  {path}\n{lines}",
                    short(from)
                );
            }
            Outcome::Vanished => {
                open += 1;
                println!("the solution has this change itself  {path}");
            }
            Outcome::NeverFitted(error) => {
                open += 1;
                println!("fits the solution of no commit: {error}  {path}");
            }
        }
    }
    println!("{fitting} fit, {carried} carried over, {open} for you to write anew");
    if carried > 0 {
        let program = program::current();
        println!("`{program} verify {id}` tells whether each is still caught.");
    }
    Ok(if open == 0 {
        Exit::Passed
    } else {
        Exit::NotPassed
    })
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

impl From<NewError> for Failure {
    fn from(error: NewError) -> Failure {
        match error {
            NewError::Check(error) => error.into(),
            NewError::Git(error) => error.into(),
            NewError::Write { .. } | NewError::NotACheckout => Failure::not_ready(error),
            _ => Failure::usage(error),
        }
    }
}

impl From<RefreshError> for Failure {
    fn from(error: RefreshError) -> Failure {
        match error {
            RefreshError::Catalog(error) => error.into(),
            RefreshError::Check(error) => error.into(),
            RefreshError::Git(error) => error.into(),
            RefreshError::Write { .. } | RefreshError::NotACheckout => Failure::not_ready(error),
        }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Failure {
        Failure::not_ready(error)
    }
}
