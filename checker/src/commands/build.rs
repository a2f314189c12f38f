//! `build`: the book as a static site.

use std::path::Path;

use anstream::{eprintln, println};

use super::{Context, Exit, Failure};
use crate::cli::BuildArgs;
use crate::site::build::{BuildError, Options, publish};

pub(super) fn run(place: Option<&Path>, args: &BuildArgs) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let workspace = &context.checker.workspace;
    let today = args.at.unwrap_or_else(|| jiff::Zoned::now().date());
    let options = Options {
        base_url: args.base_url.clone(),
        without_solutions: args.without_solutions,
        today: Some(today),
        live: None,
    };
    let built = publish(
        &workspace.source(),
        &workspace.build_dir(),
        &args.out,
        &options,
    )?;
    for warning in &built.warnings {
        eprintln!("warning: {warning}");
    }
    println!(
        "{} pages in {} ({} ms)",
        built.pages,
        args.out.display(),
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
