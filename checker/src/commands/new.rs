//! `new`: a new exercise in all four places.

use std::path::Path;

use anstream::println;

use super::{Context, Exit, Failure};
use crate::report::program;
use crate::scaffold::{self, ScaffoldError};

pub(super) fn run(place: Option<&Path>, module: &str, id: &str) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let created = scaffold::new(&context.checker.workspace, module, id)?;
    for (what, path) in [
        ("stub", &created.stub),
        ("solution", &created.solution),
        ("suite", &created.suite),
        ("chapter", &created.chapter),
        ("contents", &created.summary),
    ] {
        println!("{what:<9} {}", path.display());
    }
    let program = program::current();
    println!(
        "\nReplace the example piece by piece; `{program} verify {id}` tells what is missing."
    );
    println!(
        "Before a block of the chapter uses the crate, name {id}-solution in \
         checker/book-code/Cargo.toml."
    );
    Ok(Exit::Passed)
}

impl From<ScaffoldError> for Failure {
    fn from(error: ScaffoldError) -> Failure {
        match error {
            ScaffoldError::Name(_) | ScaffoldError::Exists { .. } | ScaffoldError::Occupied(_) => {
                Failure::usage(error)
            }
            ScaffoldError::LearnersFolder(_) | ScaffoldError::Io { .. } => {
                Failure::not_ready(error)
            }
            ScaffoldError::Catalog(error) => error.into(),
        }
    }
}
