//! The commands. Each only joins stages; what they do is in the stages.

mod bench;
mod build;
mod check;
mod context;
mod error;
mod preprocess;
mod serve;
mod status;
mod verify;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

pub use self::context::Context;
pub use self::error::{Exit, Failure};

/// Runs a command and tells the exit code; an error is printed in one line.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let place = cli.course.as_deref();
    let result = match cli.command {
        Some(Command::Check(arguments)) => check::run(place, &arguments),
        Some(Command::Bench {
            id,
            solution,
            filter,
            smoke,
            record,
        }) => bench::run(
            place,
            &bench::Arguments {
                id: id.as_deref(),
                solution,
                filter,
                smoke,
                record,
            },
        ),
        Some(Command::Serve { no_open, port }) => serve::run(place, !no_open, port),
        Some(Command::Build { out }) => build::run(place, &out),
        Some(Command::Verify(arguments)) => verify::run(place, &arguments),
        Some(Command::Preprocess { arguments }) => preprocess::run(&arguments),
        _ => Err(Failure::fault("not built in")),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.print();
            failure.exit.into()
        }
    }
}
