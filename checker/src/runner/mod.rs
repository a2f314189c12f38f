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
//! | output, cancelling | yes | yes | yes |
//! | deadline | time that the test had | time that it had, from processor time | three times by the wall clock |
//! | memory | writable memory of each process | resident memory of the group, polled | private memory of the test's process, polled |
//! | size of a file | yes | yes | no |
//! | size of all temporary files | polled | polled | polled |
//! | processes | processes and threads, polled | processes of the group, polled | processes of the job, polled |
//! | killed at the end | group, re-parented strays | group | job |
//! | killed with the checker | test and group | test and group | job |

pub mod bounded;
mod cancel;
mod capture;
mod clock;
mod desk;
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

use self::capture::Keep;
use self::desk::Desk;
use self::process::Tree;
use self::supervise::{Rules, Stop, Time};
use crate::catalog::manifest::Limits;
use crate::verdict::{FaultOrigin, Manner, Output, TimedOut, Verdict};

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
    /// The steps that the test took, first and last.
    pub steps: Vec<String>,
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
    let all = Choice {
        wants: &|_| true,
        ended: &|_, _| {},
    };
    run_chosen(jobs, workers, cancel, all, done);
}

/// Which jobs are still worth running. Both are asked by the workers, with the job's index.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// Whether a job is to begin. One that is not is never reported.
    pub wants: &'a (dyn Fn(usize) -> bool + Sync),
    /// Told how a job ended, before its worker takes another.
    pub ended: &'a (dyn Fn(usize, &Ended) + Sync),
}

/// As [`run_all`], but leaves out what a choice does not want any more.
pub fn run_chosen(
    jobs: &[Job],
    workers: usize,
    cancel: &Cancel,
    choice: Choice<'_>,
    done: &mut dyn FnMut(usize, Ended),
) {
    let next = AtomicUsize::new(0);
    let take = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let job = jobs.get(index)?;
            if (choice.wants)(index) {
                return Some((index, job));
            }
        }
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
                    (choice.ended)(index, &ended);
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
        (choice.ended)(index, &ended);
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
        verdict: Verdict::CheckerFault {
            message,
            origin: FaultOrigin::Checker,
        },
        steps: Vec::new(),
        output: Output::default(),
        took: Duration::ZERO,
    }
}

fn run_test(job: &Job, cancel: &Cancel) -> io::Result<Option<Ended>> {
    let Limits {
        seconds,
        memory_mib,
        output_mib,
        file_mib,
        processes,
        ..
    } = job.limits;
    let scale = job
        .env
        .iter()
        .rev()
        .find(|(name, _)| name == time::SCALE)
        .map_or_else(time::scale, |(_, value)| time::parse_scale(Some(value)));
    let seconds = seconds * scale;
    // Where a shell starts the test, a missing program would be a test that exits with a code.
    std::fs::metadata(&job.binary)?;
    let token = token::new()?;
    let desk = match Desk::new() {
        Ok(desk) => desk,
        Err(error) => {
            let mut ended = fault(error.to_string());
            ended.verdict = machine_fault(error.to_string());
            return Ok(Some(ended));
        }
    };

    let mut command = Command::new(&job.binary);
    command
        .arg(&job.test)
        .current_dir(&job.dir)
        .envs(desk::TEMPORARY.iter().map(|name| (name, desk.files())))
        .env(desk::DESK, desk.path())
        .envs(job.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let hand = desk.clock()?;
    let started = Tree::start_test(command, &job.limits)?;
    let finished = supervise::supervise(
        started,
        Rules {
            seconds,
            hand: Some(hand),
            tasks: Some(processes),
            memory: Some(memory_mib.saturating_mul(MIB)),
            folder: Some((desk.files(), total_file_mib(file_mib).saturating_mul(MIB))),
            output: output_mib.saturating_mul(MIB),
            keep: Keep::HeadAndTail,
            input: Some(format!("{token}\n")),
        },
        cancel,
    )?;

    let errors = finished.stderr.end();
    let (verdict, told) = match finished.stopped {
        Some(Stop::Cancelled) => return Ok(None),
        Some(Stop::TimedOut) => (timed_out(seconds, &finished.time), None),
        Some(Stop::Starved) => (starved(seconds, &finished.time), None),
        Some(Stop::Over(resource)) => (judge::over(resource, &job.limits), None),
        None => judge::judge(finished.exit, &errors, &token, &job.limits),
    };
    let steps = match verdict {
        Verdict::Passed => Vec::new(),
        // A failed expectation knows its own steps best: those of the smallest input.
        _ => told
            .filter(|steps| !steps.is_empty())
            .unwrap_or_else(|| desk.steps()),
    };
    Ok(Some(Ended {
        verdict,
        steps,
        output: Output {
            stdout: finished.stdout.shown(0),
            stderr: finished.stderr.shown(judge::own_bytes(&errors, &token)),
        },
        took: finished.took,
    }))
}

/// What all temporary files of a test may take together.
fn total_file_mib(file_mib: u64) -> u64 {
    file_mib.saturating_mul(4)
}

/// The verdict on a test that had all of its time.
fn timed_out(seconds: f64, time: &Time) -> Verdict {
    let manner = if time.is_at_work {
        Manner::Computing
    } else {
        Manner::Waiting
    };
    Verdict::TimedOut(TimedOut {
        seconds,
        ran_seconds: time.spent.ran.as_secs_f64(),
        waited_seconds: time.spent.waited.as_secs_f64(),
        wall_seconds: time.wall.as_secs_f64(),
        manner,
    })
}

/// The verdict on a test that was ended by the wall clock, before it had its time.
fn starved(seconds: f64, time: &Time) -> Verdict {
    if time.was_stopped {
        // It stopped itself: nobody else stops what has a session of its own.
        return timed_out(seconds, time);
    }
    let (had, wall) = (time.had.as_secs_f64(), time.wall.as_secs_f64());
    machine_fault(format!(
        "this machine is too busy: in {wall:.0} s, the test had {had:.1} of the {seconds} s that \
         it may take, and waited for a processor otherwise"
    ))
}

fn machine_fault(message: String) -> Verdict {
    Verdict::CheckerFault {
        message,
        origin: FaultOrigin::Machine,
    }
}
