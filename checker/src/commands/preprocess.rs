//! `preprocess`: the book's preprocessor, as mdBook calls it.

use std::io;

use super::{Exit, Failure};
use crate::site::preprocess::{run_as_command, supports};

pub(super) fn run(arguments: &[String]) -> Result<Exit, Failure> {
    match arguments {
        [] => {
            run_as_command(io::stdin().lock(), io::stdout().lock()).map_err(Failure::fault)?;
            Ok(Exit::Passed)
        }
        [word, renderer] if word == "supports" => Ok(if supports(renderer) {
            Exit::Passed
        } else {
            Exit::NotPassed
        }),
        _ => Err(Failure::usage(
            "preprocess takes `supports RENDERER`, or a book on its standard input",
        )),
    }
}
