//! The command line of the checker: parses, calls, and turns the result into an exit code.

use std::process::ExitCode;

use checker::cli::Cli;
use checker::commands;

fn main() -> ExitCode {
    commands::run(Cli::of_process())
}
