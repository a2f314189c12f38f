//! `build`: the book as a static site.

use std::path::Path;

use anstream::{eprintln, println};

use super::{Context, Exit, Failure};
use crate::site::build::{BuildError, build};

pub(super) fn run(place: Option<&Path>, out: &Path) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let workspace = &context.checker.workspace;
    let built = build(&workspace.source(), &workspace.build_dir(), out)?;
    for warning in &built.warnings {
        eprintln!("warning: {warning}");
    }
    println!(
        "{} pages in {} ({} ms)",
        built.pages,
        out.display(),
        built.took.as_millis()
    );
    Ok(Exit::Passed)
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Failure {
        match error {
            BuildError::Output(error) => Failure::usage(error),
            error => Failure::fault(error),
        }
    }
}
