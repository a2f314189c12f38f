//! Runs hidden tests, each in a process of its own, under limits, and says how they ended.
//!
//! The verdict rests on how the process ended and on a random token that it must write back as
//! the very last line of its error stream, after the test's body returned. What test frameworks
//! print is never read, so that neither `exit(0)` nor printed results can pass.
//!
//! What is enforced depends on the system:
//!
//! | | Linux | macOS, other Unix | Windows |
//! |---|---|---|---|
//! | deadline, output, cancelling | yes | yes | yes |
//! | memory | writable memory of each process | resident memory of the group, polled | private memory of the test's process, polled |
//! | size of a file | yes | yes | no |
//! | processes | processes and threads, polled | processes of the group, polled | processes of the job, polled |
//! | killed at the end | group, re-parented strays | group | job |
//! | killed with the checker | test and group | test and group | job |

pub mod bounded;
mod cancel;
mod capture;
mod judge;
mod monitor;
mod process;
mod supervise;
mod time;
mod token;

#[cfg(test)]
mod tests;

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

pub use self::cancel::Cancel;
pub use self::process::spare;

use self::capture::Keep;
use self::process::Tree;
use self::supervise::{Rules, Stop};
use crate::catalog::manifest::Limits;
use crate::verdict::{Output, Verdict};

const MIB: u64 = 1 << 20;

/// One hidden test to run.
#[derive(Debug, Clone)]
pub struct Job {
    /// The suite's binary.
    pub binary: PathBuf,
    /// The test's name, such as `p1_core::a_miss_is_none`.
    pub test: String,
    /// Its bounds. Seconds are multiplied by `CHECKER_TIME_SCALE`.
    pub limits: Limits,
    /// The working directory.
    pub dir: PathBuf,
    /// Variables beside the inherited environment.
    pub env: Vec<(String, String)>,
}

/// How a test ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The verdict.
    pub verdict: Verdict,
    /// What the test printed, head and tail.
    pub output: Output,
    /// From the start of the process to its end.
    pub took: Duration,
}

/// Runs one test and waits for its end. Nothing that it started is left behind.
///
/// What keeps the runner from doing its work — no such binary, no more processes — is a
/// [`Verdict::CheckerFault`], and so is a run that was cancelled.
#[must_use]
pub fn run(job: &Job, cancel: &Cancel) -> Ended {
    attempt(job, cancel).unwrap_or_else(|| fault("the run was cancelled".to_owned()))
}

/// Runs tests, as many at a time as there are workers.
///
/// `done` is called on this thread as tests end, with the job's index. After a cancellation, jobs
/// that were not started or were killed by it are not reported.
pub fn run_all(jobs: &[Job], workers: usize, cancel: &Cancel, done: &mut dyn FnMut(usize, Ended)) {
    let next = AtomicUsize::new(0);
    let take = || {
        let index = next.fetch_add(1, Ordering::Relaxed);
        jobs.get(index).map(|job| (index, job))
    };
    let (results, ended) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers.clamp(1, jobs.len().max(1)) {
            let results = results.clone();
            let work = move || {
                while let Some((index, job)) = take() {
                    let Some(ended) = attempt(job, cancel) else {
                        return;
                    };
                    // The receiver outlives the workers.
                    let _ = results.send((index, ended));
                }
            };
            // With fewer threads than asked for, the others do the work.
            let _ = thread::Builder::new()
                .name("test worker".to_owned())
                .spawn_scoped(scope, work);
        }
        drop(results);
        for (index, ended) in ended {
            done(index, ended);
        }
    });
    // Something is left only if not even one thread could be started.
    while let Some((index, job)) = take() {
        let Some(ended) = attempt(job, cancel) else {
            return;
        };
        done(index, ended);
    }
}

/// The factor by which all deadlines are multiplied, from `CHECKER_TIME_SCALE`; 1 by default.
#[must_use]
pub fn time_scale() -> f64 {
    time::scale()
}

/// As many tests at a time as this machine has processors.
#[must_use]
pub fn default_workers() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// `None` if the run was cancelled.
fn attempt(job: &Job, cancel: &Cancel) -> Option<Ended> {
    if cancel.is_cancelled() {
        return None;
    }
    match run_test(job, cancel) {
        Ok(ended) => ended,
        Err(error) => Some(fault(format!(
            "cannot run {}: {error}",
            job.binary.display()
        ))),
    }
}

fn fault(message: String) -> Ended {
    Ended {
        verdict: Verdict::CheckerFault { message },
        output: Output::default(),
        took: Duration::ZERO,
    }
}

fn run_test(job: &Job, cancel: &Cancel) -> io::Result<Option<Ended>> {
    let Limits {
        seconds,
        memory_mib,
        output_mib,
        processes,
        ..
    } = job.limits;
    let scale = job
        .env
        .iter()
        .rev()
        .find(|(name, _)| name == time::SCALE)
        .map_or_else(time::scale, |(_, value)| time::parse_scale(Some(value)));
    let token = token::new()?;

    let mut command = Command::new(&job.binary);
    command
        .arg(&job.test)
        .current_dir(&job.dir)
        .envs(job.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let started = Tree::start_test(command, &job.limits)?;
    let finished = supervise::supervise(
        started,
        &Rules {
            seconds: seconds * scale,
            tasks: Some(processes),
            memory: Some(memory_mib.saturating_mul(MIB)),
            output: output_mib.saturating_mul(MIB),
            keep: Keep::HeadAndTail,
            input: Some(format!("{token}\n")),
        },
        cancel,
    )?;

    let errors = finished.stderr.end();
    let verdict = match finished.stopped {
        Some(Stop::Cancelled) => return Ok(None),
        Some(Stop::TimedOut) => Verdict::TimedOut {
            seconds: seconds * scale,
        },
        Some(Stop::Over(resource)) => judge::over(resource, &job.limits),
        None => judge::judge(finished.exit, &errors, &token, &job.limits),
    };
    Ok(Some(Ended {
        verdict,
        output: Output {
            stdout: finished.stdout.shown(0),
            stderr: finished.stderr.shown(judge::own_bytes(&errors, &token)),
        },
        took: finished.took,
    }))
}
