//! How a command ends.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use anstream::eprintln;

use crate::bench::BenchError;
use crate::catalog::{CatalogError, UnknownExercise};
use crate::check::CheckError;
use crate::engine::EngineError;
use crate::harness::{BuildError, RoomError};
use crate::progress::StoreError;
use crate::report::program;
use crate::site::chapter::ChapterError;
use crate::workspace::NotACourse;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked for passed.
    Passed,
    /// Something did not pass.
    NotPassed,
    /// The command line names what does not exist.
    Usage,
    /// This machine or folder is not ready.
    NotReady,
    /// The course or the checker is at fault.
    Fault,
    /// Ctrl-C.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Passed => 0,
            Exit::NotPassed => 1,
            Exit::Usage => 2,
            Exit::NotReady => 3,
            Exit::Fault => 4,
            Exit::Interrupted => 130,
        })
    }
}

/// A command that could not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What to tell, in a line where it can be.
    pub message: String,
}

impl Failure {
    /// The command line names what does not exist.
    pub fn usage(message: impl Display) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    /// The machine or folder is not ready.
    pub fn not_ready(message: impl Display) -> Failure {
        Failure::new(Exit::NotReady, message)
    }

    /// The course or the checker is at fault.
    pub fn fault(message: impl Display) -> Failure {
        Failure::new(Exit::Fault, message)
    }

    fn new(exit: Exit, message: impl Display) -> Failure {
        Failure {
            exit,
            message: message.to_string(),
        }
    }

    /// Prints the message to the error stream.
    pub fn print(&self) {
        let message = program::addressed(&self.message, program::current());
        eprintln!("checker: {}", message.trim_end());
    }
}

impl From<NotACourse> for Failure {
    fn from(error: NotACourse) -> Failure {
        Failure::not_ready(error)
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Failure {
        Failure::fault(format!("the course itself is at fault: {error}"))
    }
}

impl From<UnknownExercise> for Failure {
    fn from(error: UnknownExercise) -> Failure {
        Failure::usage(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::not_ready(error)
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Failure {
        let exit = match &error {
            CheckError::UnknownExercise(_)
            | CheckError::UnknownPhase { .. }
            | CheckError::UnknownTest { .. } => Exit::Usage,
            CheckError::Snapshot(_)
            | CheckError::Load(_)
            | CheckError::Seed(_)
            | CheckError::Build(
                BuildError::NoCargo(_)
                | BuildError::NoCrates { .. }
                | BuildError::Replacement(_)
                | BuildError::Machine(_)
                | BuildError::Cargo(_),
            )
            | CheckError::Build(BuildError::Room(
                RoomError::Write { .. } | RoomError::Place { .. },
            ))
            | CheckError::Room(RoomError::Write { .. } | RoomError::Place { .. }) => Exit::NotReady,
            CheckError::Interrupted
            | CheckError::Build(
                BuildError::Interrupted | BuildError::Room(RoomError::Interrupted),
            )
            | CheckError::Room(RoomError::Interrupted) => Exit::Interrupted,
            CheckError::Catalog(_)
            | CheckError::Room(_)
            | CheckError::Build(BuildError::Room(_)) => Exit::Fault,
        };
        Failure::new(exit, error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::not_ready(error)
    }
}

impl From<ChapterError> for Failure {
    fn from(error: ChapterError) -> Failure {
        Failure::fault(format!("the course itself is at fault: {error}"))
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        match error {
            EngineError::UnknownExercise(error) => error.into(),
            EngineError::Check(error) => error.into(),
            EngineError::Catalog(error) => error.into(),
            EngineError::Chapter(error) => error.into(),
            EngineError::Store(error) => error.into(),
            EngineError::UnknownPhase { .. }
            | EngineError::NoHints { .. }
            | EngineError::UnknownFile { .. } => Failure::usage(error),
            EngineError::NotPassed { .. } => Failure::new(Exit::NotPassed, error),
        }
    }
}

impl From<BenchError> for Failure {
    fn from(error: BenchError) -> Failure {
        match error {
            BenchError::Check(error) => error.into(),
            BenchError::Failed => Failure::new(Exit::NotPassed, error),
            BenchError::NoCargo(_) | BenchError::Results { .. } => Failure::not_ready(error),
        }
    }
}
