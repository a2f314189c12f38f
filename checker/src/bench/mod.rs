//! Benchmarks of an exercise: ratios to real peers, measured in the same run.

pub mod page;
pub mod results;

use std::io;

use crate::catalog::Exercise;
use crate::check::{CheckError, Checker, Subject};
use crate::harness::Wait;
use crate::harness::benches::BenchRoom;
use crate::runner::Cancel;

pub use self::results::{Group, Measurement};

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whose code.
    pub subject: Subject,
    /// Only benchmarks whose name contains this.
    pub filter: Option<String>,
    /// Run each benchmark once, without measuring.
    pub smoke: bool,
}

/// Benchmarks that gave no figures.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The room could not be prepared.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// Cargo could not be started.
    #[error("cannot start cargo ({0}); `checker doctor` tells what to install")]
    NoCargo(io::Error),
    /// The benchmarks do not compile or did not finish.
    #[error("the benchmarks did not run to their end; the messages above tell why")]
    Failed,
    /// What criterion wrote cannot be read.
    #[error("cannot read the results in {path}: {source}")]
    Results {
        /// The folder or file.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// Runs the benchmarks of an exercise, showing what cargo and criterion print, and returns what
/// was measured; nothing in a smoke run.
///
/// # Errors
/// When the benchmarks cannot be built or do not finish.
pub fn run(
    checker: &Checker,
    exercise: &Exercise,
    plan: &Plan,
    cancel: &Cancel,
) -> Result<Vec<Group>, BenchError> {
    let snapshot = checker.snapshot(exercise, &plan.subject)?;
    let label = match plan.subject {
        Subject::Solution => "solution",
        _ => "learner",
    };
    let build_dir = checker.workspace.build_dir();
    let room = BenchRoom::prepare(
        &build_dir,
        &checker.catalog,
        exercise,
        label,
        &snapshot,
        Wait {
            cancel,
            tell: &mut |holder| anstream::eprintln!("Waiting for {holder}"),
        },
    )
    .map_err(CheckError::Room)?;
    let old = room.results();
    if old.exists() && !plan.smoke {
        std::fs::remove_dir_all(old).map_err(|source| BenchError::Results {
            path: old.display().to_string(),
            source,
        })?;
    }
    room.fetch(cancel).map_err(CheckError::Build)?;
    // Its output belongs to the terminal, and Ctrl-C reaches it there.
    let status = room
        .command(plan.filter.as_deref(), plan.smoke)
        .status()
        .map_err(BenchError::NoCargo)?;
    if cancel.is_cancelled() {
        return Err(CheckError::Interrupted.into());
    }
    if !status.success() {
        return Err(BenchError::Failed);
    }
    if plan.smoke {
        return Ok(Vec::new());
    }
    results::read(room.results()).map_err(|source| BenchError::Results {
        path: room.results().display().to_string(),
        source,
    })
}
