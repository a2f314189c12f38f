//! A child from its start to its end: input, output, bounds, and nothing left behind.

use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::cancel::Cancel;
use super::capture::{Capture, Keep};
use super::clock::{Clock, Spent};
use super::desk::Hand;
use super::monitor::{self, Watched};
use super::process::{Exit, Started, Tree};
use crate::verdict::Resource;

pub(super) use super::monitor::Stop;

/// How long the end of the output is waited for once the child and its descendants are killed. It
/// does not come while a process that escaped holds the pipes.
const GRACE: Duration = Duration::from_millis(500);
/// Bytes read at a time.
const CHUNK: usize = 16 * 1024;

/// Bounds on a child and what to keep of it.
pub(super) struct Rules {
    /// Seconds of its own time until it is killed.
    pub(super) seconds: f64,
    /// Where it can read how much of them it has had.
    pub(super) hand: Option<Hand>,
    /// Processes and threads at one time.
    pub(super) tasks: Option<u32>,
    /// Bytes of memory, where the system is asked how much is used.
    pub(super) memory: Option<u64>,
    /// A folder and the bytes that may be in it.
    pub(super) folder: Option<(PathBuf, u64)>,
    /// Bytes on both output streams together.
    pub(super) output: u64,
    /// What is kept of each stream.
    pub(super) keep: Keep,
    /// What is written to its standard input, which then stays open.
    pub(super) input: Option<String>,
}

/// A child that has ended.
pub(super) struct Finished {
    pub(super) exit: Exit,
    pub(super) status: std::process::ExitStatus,
    pub(super) stopped: Option<Stop>,
    pub(super) stdout: Capture,
    pub(super) stderr: Capture,
    pub(super) took: Duration,
    pub(super) time: Time,
}

/// What became of a child's time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    /// It ran and waited for a processor, all tasks together.
    pub(super) spent: Spent,
    /// It had this time.
    pub(super) had: Duration,
    /// The wall clock's time, without what passed while the checker was stopped.
    pub(super) wall: Duration,
    /// It was computing in the end.
    pub(super) is_at_work: bool,
    /// It was stopped most of the time.
    pub(super) was_stopped: bool,
}

impl Time {
    fn of(clock: &Clock) -> Time {
        Time {
            spent: clock.spent(),
            had: clock.had(),
            wall: clock.wall(),
            is_at_work: clock.is_at_work(),
            was_stopped: clock.was_stopped(),
        }
    }
}

/// Waits for the child's end. Kills it when it breaks a rule, and then all that it left.
///
/// # Errors
/// When a thread cannot be started or the child cannot be waited for; the child is killed then.
pub(super) fn supervise(started: Started, rules: Rules, cancel: &Cancel) -> io::Result<Finished> {
    let since = started.since;
    let mut running = Running::new(started);
    let (child, tree) = (&mut running.child, &running.tree);

    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let clock = Clock::new(rules.seconds, processors);
    let mut watched = Watched::new(Arc::clone(tree), cancel.clone(), since, clock, rules.hand);
    watched.tasks = rules.tasks;
    watched.memory = rules.memory;
    watched.folder = rules.folder;
    let watched = Arc::new(watched);

    let budget = Arc::new(AtomicU64::new(rules.output));
    let (alive, ends) = mpsc::channel();
    let reader = Reader {
        budget,
        watched: Arc::clone(&watched),
        _alive: alive,
    };
    let stdout = reader.clone().read(child.stdout.take(), rules.keep)?;
    let stderr = reader.read(child.stderr.take(), rules.keep)?;

    let watch = monitor::watch(&watched)?;
    let mut stdin = child.stdin.take();
    if let (Some(stdin), Some(input)) = (&mut stdin, &rules.input) {
        // A child that has ended already does not read, which its status tells better.
        let _ = stdin.write_all(input.as_bytes());
    }
    tree.wait_end(child)?;
    let took = since.elapsed();
    drop(watch);
    let status = running.finish()?;
    drop(stdin);

    // Nothing is ever sent: the channel is closed by the last reader's end.
    let deadline = Instant::now() + GRACE;
    while let Err(RecvTimeoutError::Timeout) =
        ends.recv_timeout(deadline.saturating_duration_since(Instant::now()))
    {
        if Instant::now() >= deadline {
            break;
        }
    }
    Ok(Finished {
        exit: Exit::of(status),
        status,
        stopped: watched.stopped(),
        stdout: taken(&stdout),
        stderr: taken(&stderr),
        took,
        time: watched.ask_clock(Time::of),
    })
}

/// A child that does not outlive this value.
struct Running {
    tree: Arc<Tree>,
    child: Child,
    is_finished: bool,
}

impl Running {
    fn new(started: Started) -> Running {
        Running {
            tree: started.tree,
            child: started.child,
            is_finished: false,
        }
    }

    fn finish(&mut self) -> io::Result<std::process::ExitStatus> {
        self.is_finished = true;
        self.tree.finish(&mut self.child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_finished {
            // This happens on the way out with an error, which says more than a second one.
            let _ = self.finish();
        }
    }
}

/// What the threads share that read a child's output.
#[derive(Clone)]
struct Reader {
    budget: Arc<AtomicU64>,
    watched: Arc<Watched>,
    _alive: Sender<()>,
}

impl Reader {
    /// Reads a pipe to its end on a thread of its own.
    fn read(
        self,
        pipe: Option<impl Read + Send + 'static>,
        keep: Keep,
    ) -> io::Result<Arc<Mutex<Capture>>> {
        let capture = Arc::new(Mutex::new(Capture::new(keep)));
        let Some(mut pipe) = pipe else {
            return Ok(capture);
        };
        let shared = Arc::clone(&capture);
        let read = move || {
            let mut chunk = vec![0; CHUNK];
            loop {
                match pipe.read(&mut chunk) {
                    Ok(0) => return,
                    Ok(length) => self.take(&chunk[..length], &shared),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => return,
                }
            }
        };
        thread::Builder::new()
            .name("output reader".to_owned())
            .spawn(read)?;
        Ok(capture)
    }

    fn take(&self, bytes: &[u8], capture: &Mutex<Capture>) {
        capture
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(bytes);
        let length = bytes.len() as u64;
        let within = self
            .budget
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |rest| {
                rest.checked_sub(length)
            });
        if within.is_err() {
            self.watched.stop(Stop::Over(Resource::Output));
        }
    }
}

/// What was read so far.
fn taken(capture: &Mutex<Capture>) -> Capture {
    let mut capture = capture.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut capture, Capture::new(Keep::UpTo(0)))
}
