//! Runs a block of the book on this machine: compiled with what blocks may use, bounded like a
//! test, in a folder of its own that is gone afterwards.

use std::io;
use std::path::Path;
use std::process::Command;

use crate::catalog::source::Source;
use crate::harness::blocks::{BlockBuilt, BlockRoom, Edition, Prepared};
use crate::harness::{BuildError, RoomError};
use crate::runner::Cancel;
use crate::runner::bounded::{self, Bounds, Finished};
use crate::verdict::Resource;

/// Seconds until the program is killed.
pub const RUN_SECONDS: f64 = 10.0;
/// Bytes that it may print.
pub const OUTPUT_BYTES: usize = 64 * 1024;
/// Mebibytes of memory for each of its processes.
pub const MEMORY_MIB: u64 = 1024;
/// Mebibytes of a file that it writes.
pub const FILE_MIB: u64 = 64;
/// Processes and threads at one time.
pub const PROCESSES: u32 = 128;

/// A program to run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// A whole program with `fn main`.
    pub code: String,
    /// Its edition.
    pub edition: Edition,
}

/// What a reader gets to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What the program printed, or what the compiler says against it.
    pub text: String,
    /// Why it did not end well, if so, in a few words.
    pub fault: Option<String>,
}

/// Nothing is known of the program.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The room could not be laid out.
    #[error(transparent)]
    Room(#[from] RoomError),
    /// Cargo could not do its work.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The program could not be started.
    #[error("the program cannot be run: {0}")]
    Run(#[from] io::Error),
    /// The reader went away.
    #[error("interrupted")]
    Interrupted,
}

/// Compiles and runs a program.
///
/// # Errors
/// When cargo cannot do its work, or the run was cancelled. A program that does not compile, or
/// that ends badly, is no error.
pub fn play(
    build_dir: &Path,
    source: &Source,
    program: &Program,
    prepared: &Prepared,
    cancel: &Cancel,
) -> Result<Shown, PlayError> {
    let Program { code, edition } = program;
    let room = BlockRoom::prepare(build_dir, source, code, *edition, cancel)?;
    match room.build(prepared, cancel)? {
        BlockBuilt::Rejected(errors) => Ok(Shown {
            text: errors,
            fault: Some("It does not compile.".to_owned()),
        }),
        BlockBuilt::Program(path) => run(&path, cancel),
    }
}

fn run(program: &Path, cancel: &Cancel) -> Result<Shown, PlayError> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .env("RUST_BACKTRACE", "0");
    let bounds = Bounds {
        seconds: RUN_SECONDS,
        output_bytes: OUTPUT_BYTES,
        memory_mib: Some(MEMORY_MIB),
        file_mib: Some(FILE_MIB),
        processes: Some(PROCESSES),
    };
    let finished = bounded::run(command, bounds, cancel)?;
    if finished.cancelled {
        return Err(PlayError::Interrupted);
    }
    let mut text = String::from_utf8_lossy(&finished.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&finished.stderr));
    Ok(Shown {
        text,
        fault: fault(&finished),
    })
}

fn fault(finished: &Finished) -> Option<String> {
    if finished.timed_out {
        return Some(format!(
            "It did not end within {RUN_SECONDS} s and was stopped."
        ));
    }
    if finished.over_output {
        let kib = OUTPUT_BYTES / 1024;
        return Some(format!("It printed more than {kib} KiB and was stopped."));
    }
    match finished.over_resource {
        Some(Resource::Memory) => {
            return Some(format!(
                "It took more than {MEMORY_MIB} MiB and was stopped."
            ));
        }
        Some(_) => {
            let why =
                format!("It had more than {PROCESSES} processes and threads and was stopped.");
            return Some(why);
        }
        None => {}
    }
    let status = finished.status;
    match status.code() {
        _ if status.success() => None,
        Some(code) => Some(format!("It ended with code {code}.")),
        None => Some(format!("It was ended by the system: {status}.")),
    }
}
