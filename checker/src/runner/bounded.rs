//! Runs any other command under the same bounds as a test: cargo, Miri, benchmarks.

use std::io;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use super::capture::Keep;
use super::process::Tree;
use super::supervise::{self, Rules, Stop};
use super::{Cancel, MIB, time};
use crate::verdict::Resource;

/// Bounds on a command.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Seconds until it is killed, multiplied by `CHECKER_TIME_SCALE`. Time in which it waits for
    /// a processor does not count, up to ten times as many seconds or a minute by the wall clock.
    pub seconds: f64,
    /// Bytes that it may write to its standard streams; all of them are kept.
    pub output_bytes: usize,
    /// Mebibytes of writable memory for each of its processes, as far as the system enforces it.
    pub memory_mib: Option<u64>,
    /// Mebibytes of each file that it writes, as far as the system enforces it.
    pub file_mib: Option<u64>,
    /// Processes, and threads on Linux, that it may have at one time.
    pub processes: Option<u32>,
}

impl Default for Bounds {
    /// Ten minutes, 64 MiB of output, nothing else bounded.
    fn default() -> Bounds {
        Bounds {
            seconds: 600.0,
            output_bytes: 64 << 20,
            memory_mib: None,
            file_mib: None,
            processes: None,
        }
    }
}

/// A command that has ended.
#[derive(Debug)]
pub struct Finished {
    /// How it ended; by a signal where it was killed for breaking a bound.
    pub status: ExitStatus,
    /// What it wrote to its standard output, up to the bound.
    pub stdout: Vec<u8>,
    /// What it wrote to its error stream, up to the bound.
    pub stderr: Vec<u8>,
    /// Whether it was killed at its deadline.
    pub timed_out: bool,
    /// Whether it was killed because it wrote too much.
    pub over_output: bool,
    /// What else ran out, if it was killed for that.
    pub over_resource: Option<Resource>,
    /// Whether it was killed because it was no longer wanted.
    pub cancelled: bool,
    /// From its start to its end.
    pub took: Duration,
}

/// Runs a command without terminal and without input, in a group of its own, and waits for it.
///
/// Nothing that it started is left behind, even if the checker itself is killed. On Unix it is
/// started through `/bin/sh`, which keeps the variables set on the command but not that it clears
/// the environment.
///
/// # Errors
/// When the program does not exist ([`io::ErrorKind::NotFound`]), cannot be executed
/// ([`io::ErrorKind::PermissionDenied`]), or cannot be started or waited for; also when the run
/// was cancelled before ([`io::ErrorKind::Interrupted`]).
pub fn run(command: Command, bounds: Bounds, cancel: &Cancel) -> io::Result<Finished> {
    if cancel.is_cancelled() {
        return Err(io::ErrorKind::Interrupted.into());
    }
    let program = command.get_program().to_owned();
    let started = Tree::start_tool(command, bounds.memory_mib, bounds.file_mib)?;
    let finished = supervise::supervise(
        started,
        Rules {
            seconds: bounds.seconds * time::scale(),
            hand: None,
            tasks: bounds.processes,
            memory: bounds.memory_mib.map(|mib| mib.saturating_mul(MIB)),
            folder: None,
            output: bounds.output_bytes as u64,
            keep: Keep::UpTo(bounds.output_bytes),
            input: None,
        },
        cancel,
    )?;
    if finished.stopped.is_none()
        && let Some(kind) = finished.exit.start_failure()
    {
        let name = program.display();
        return Err(io::Error::new(kind, format!("cannot start {name}")));
    }
    Ok(Finished {
        status: finished.status,
        stdout: finished.stdout.into_head(),
        stderr: finished.stderr.into_head(),
        timed_out: matches!(finished.stopped, Some(Stop::TimedOut | Stop::Starved)),
        over_output: finished.stopped == Some(Stop::Over(Resource::Output)),
        over_resource: match finished.stopped {
            Some(Stop::Over(resource)) if resource != Resource::Output => Some(resource),
            _ => None,
        },
        cancelled: finished.stopped == Some(Stop::Cancelled),
        took: finished.took,
    })
}
