//! `init`: a course folder of the learner's own.

use std::path::Path;

use anstream::println;
use jiff::Timestamp;

use super::{Exit, Failure};
use crate::catalog::source::Source;
use crate::workspace::LayoutError;
use crate::workspace::init::{InitError, init};

pub(super) fn run(dir: &Path, git: bool) -> Result<Exit, Failure> {
    let made = init(&Source::built_in(), dir, git, Timestamp::now())?;
    let exercises = match made.exercises.len() {
        1 => "1 exercise".to_owned(),
        count => format!("{count} exercises"),
    };
    println!(
        "Made {} with {exercises} of course version {}.",
        made.root.display(),
        made.version
    );
    println!("\nNext:");
    let is_here = std::env::current_dir().is_ok_and(|here| here == made.root);
    if !is_here {
        println!("  cd {}", quoted(dir));
    }
    println!("  checker serve     shows the book; read the chapter of an exercise");
    println!("  checker watch ID  checks that exercise whenever you save");
    let Some(first) = made.exercises.first() else {
        return Ok(Exit::Passed);
    };
    println!(
        "\nThe book begins with `{first}`. `checker progress` lists all exercises; you can begin \
         with any."
    );
    Ok(Exit::Passed)
}

/// A path as shells take it, as far as spaces go.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    match path.contains(char::is_whitespace) {
        true => format!("\"{path}\""),
        false => path,
    }
}

impl From<LayoutError> for Failure {
    fn from(error: LayoutError) -> Failure {
        Failure::fault(error)
    }
}

impl From<InitError> for Failure {
    fn from(error: InitError) -> Failure {
        match error {
            InitError::Course(_) | InitError::NotEmpty { .. } | InitError::NotAFolder(_) => {
                Failure::usage(error)
            }
            InitError::Write { .. } | InitError::Git(_) => Failure::not_ready(error),
            InitError::Layout(error) => error.into(),
        }
    }
}
