//! The commands. Each only joins stages; what they do is in the stages.

mod bench;
mod build;
mod check;
mod context;
mod doctor;
mod enter;
mod error;
mod hint;
mod init;
mod list;
mod mutant;
mod new;
mod overview;
mod preprocess;
mod reset;
mod serve;
mod show;
mod solution;
mod status;
mod update;
mod verify;
mod watch;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

pub use self::context::Context;
pub use self::error::{Exit, Failure};

/// Runs a command and tells the exit code; an error is printed in one line.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let place = cli.course.as_deref();
    let result = match cli.command {
        None => overview::next(place),
        Some(Command::Check(arguments)) => check::run(place, &arguments),
        Some(Command::Watch { id }) => watch::run(place, id.as_deref()),
        Some(Command::Progress { json }) => overview::progress(place, json),
        Some(Command::Show { id, tests, json }) => show::run(place, id.as_deref(), tests, json),
        Some(Command::List {
            json,
            changed_since,
        }) => list::run(place, json, changed_since.as_deref()),
        Some(Command::Hint { id, phase, again }) => hint::run(place, id.as_deref(), phase, again),
        Some(Command::Solution { id, anyway }) => solution::run(place, id.as_deref(), anyway),
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
        Some(Command::Init { dir, git }) => init::run(&dir, git),
        Some(Command::Update) => update::run(place),
        Some(Command::Reset { id }) => reset::run(place, &id),
        Some(Command::Serve { no_open, port }) => serve::run(place, !no_open, port),
        Some(Command::Build(args)) => build::run(place, &args),
        Some(Command::Verify(arguments)) => verify::run(place, &arguments),
        Some(Command::Mutant(command)) => mutant::run(place, &command),
        Some(Command::New { module, id }) => new::run(place, &module, &id),
        Some(Command::Doctor { json }) => doctor::run(place, json),
        Some(Command::Preprocess { arguments }) => preprocess::run(&arguments),
        Some(Command::Busy) => {
            crate::verify::keep_busy(std::io::stdin());
            Ok(Exit::Passed)
        }
    };
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.print();
            failure.exit.into()
        }
    }
}
