//! One thread that ends what runs too long, grows too big, or is no longer wanted.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use super::cancel::Cancel;
use super::clock::{Clock, Over};
use super::desk::{self, Hand};
use super::process::{LOOK, Tree};
use crate::verdict::Resource;

/// A folder is measured once in as many looks: its files must be listed.
const LOOKS_PER_FOLDER: u32 = 10;
/// The shortest time between looks.
const SHORTEST_LOOK: Duration = Duration::from_millis(5);

/// Why a process was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It had all of its time.
    TimedOut,
    /// It did not get its time, and too much has passed.
    Starved,
    /// It is no longer wanted.
    Cancelled,
    /// It passed a limit.
    Over(Resource),
}

/// A running process and its bounds.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) tree: Arc<Tree>,
    /// Processes and threads.
    pub(super) tasks: Option<u32>,
    /// Bytes.
    pub(super) memory: Option<u64>,
    /// A folder and the bytes that it may hold.
    pub(super) folder: Option<(PathBuf, u64)>,
    pub(super) cancel: Cancel,
    measured: Mutex<Measured>,
    stopped: Mutex<Option<Stop>>,
}

/// What looks have found so far.
#[derive(Debug)]
struct Measured {
    clock: Clock,
    /// Shows the time to the process.
    hand: Option<Hand>,
    /// When the process was looked at last.
    at: Instant,
    looks: u32,
}

impl Watched {
    /// A process that was started at `since`, with its clock and what shows it to the process.
    pub(super) fn new(
        tree: Arc<Tree>,
        cancel: Cancel,
        since: Instant,
        clock: Clock,
        hand: Option<Hand>,
    ) -> Watched {
        Watched {
            tree,
            tasks: None,
            memory: None,
            folder: None,
            cancel,
            measured: Mutex::new(Measured {
                clock,
                hand,
                at: since,
                looks: 0,
            }),
            stopped: Mutex::new(None),
        }
    }

    /// Kills the process. The first reason given is the one that stays.
    pub(super) fn stop(&self, why: Stop) {
        lock(&self.stopped).get_or_insert(why);
        self.tree.kill();
    }

    /// Why the process was killed, if it was.
    pub(super) fn stopped(&self) -> Option<Stop> {
        *lock(&self.stopped)
    }

    /// Says what the clock shows.
    pub(super) fn ask_clock<T>(&self, ask: impl FnOnce(&Clock) -> T) -> T {
        ask(&lock(&self.measured).clock)
    }

    /// How long the next look may be put off.
    fn until_next_look(&self) -> Duration {
        self.ask_clock(Clock::left).clamp(SHORTEST_LOOK, LOOK)
    }

    /// Measures the process, and ends it if it is over a limit or its time is.
    fn look(&self) {
        let mut measured = lock(&self.measured);
        let now = Instant::now();
        let interval = now.saturating_duration_since(measured.at);
        let Some(usage) = self.tree.usage(interval) else {
            return;
        };
        measured.at = now;
        measured.looks += 1;
        measured.clock.count(interval, &usage);
        let had = measured.clock.had();
        if let Some(hand) = &mut measured.hand {
            // A process whose clock stands still is a little more patient.
            let _ = hand.set(had);
        }
        let is_over = |used: Option<u64>, limit: Option<u64>| {
            used.zip(limit).is_some_and(|(used, limit)| used > limit)
        };
        let is_folder_due = measured.looks.is_multiple_of(LOOKS_PER_FOLDER);
        let folder = self.folder.as_ref().filter(|_| is_folder_due);
        if is_over(usage.tasks, self.tasks.map(u64::from)) {
            self.stop(Stop::Over(Resource::Processes));
        } else if is_over(usage.memory, self.memory) {
            self.stop(Stop::Over(Resource::Memory));
        } else if folder.is_some_and(|(path, limit)| desk::size(path) > *limit) {
            self.stop(Stop::Over(Resource::Files));
        } else {
            match measured.clock.over() {
                Some(Over::Deadline) => self.stop(Stop::TimedOut),
                Some(Over::Wall) => self.stop(Stop::Starved),
                None => {}
            }
        }
    }
}

/// Takes a process off the monitor when dropped.
#[derive(Debug)]
pub(super) struct Watch(Arc<Watched>);

impl Drop for Watch {
    fn drop(&mut self) {
        lock(&MONITOR.state)
            .entries
            .retain(|entry| !Arc::ptr_eq(&entry.watched, &self.0));
    }
}

/// Watches a process until the returned value is dropped.
///
/// # Errors
/// When the monitor's thread cannot be started.
pub(super) fn watch(watched: &Arc<Watched>) -> io::Result<Watch> {
    let mut state = lock(&MONITOR.state);
    if !state.is_running {
        thread::Builder::new()
            .name("test monitor".to_owned())
            .spawn(|| MONITOR.run())?;
        state.is_running = true;
    }
    let entry = Entry {
        watched: Arc::clone(watched),
        next_look: Instant::now() + watched.until_next_look(),
    };
    // Waking the monitor costs more than the rest, and is rarely needed.
    let is_earlier = state
        .wakes_at
        .is_none_or(|wakes_at| entry.next_look < wakes_at);
    state.entries.push(entry);
    if is_earlier || watched.cancel.is_cancelled() {
        state.must_look = true;
        MONITOR.changed.notify_one();
    }
    Ok(Watch(Arc::clone(watched)))
}

/// Lets the monitor look at once whether something was cancelled.
pub(super) fn wake() {
    lock(&MONITOR.state).must_look = true;
    MONITOR.changed.notify_one();
}

#[derive(Debug)]
struct Entry {
    watched: Arc<Watched>,
    next_look: Instant,
}

#[derive(Debug)]
struct State {
    entries: Vec<Entry>,
    is_running: bool,
    must_look: bool,
    wakes_at: Option<Instant>,
}

#[derive(Debug)]
struct Monitor {
    state: Mutex<State>,
    changed: Condvar,
}

static MONITOR: Monitor = Monitor {
    state: Mutex::new(State {
        entries: Vec::new(),
        is_running: false,
        must_look: false,
        wakes_at: None,
    }),
    changed: Condvar::new(),
};

impl Monitor {
    fn run(&self) -> ! {
        loop {
            for watched in self.await_due() {
                watched.look();
            }
        }
    }

    /// Waits, ends what is cancelled, and returns what is to be looked at.
    fn await_due(&self) -> Vec<Arc<Watched>> {
        let mut state = lock(&self.state);
        loop {
            let now = Instant::now();
            let mut looks = Vec::new();
            for entry in &mut state.entries {
                if entry.watched.cancel.is_cancelled() {
                    entry.watched.stop(Stop::Cancelled);
                } else if entry.next_look <= now {
                    entry.next_look = now + entry.watched.until_next_look();
                    looks.push(Arc::clone(&entry.watched));
                }
            }
            // What was killed needs no more watching.
            state
                .entries
                .retain(|entry| entry.watched.stopped().is_none());
            if !looks.is_empty() {
                return looks;
            }
            state.wakes_at = state.entries.iter().map(|entry| entry.next_look).min();
            state = self.sleep(state);
        }
    }

    /// Sleeps until the time that was set, or until there is something new.
    fn sleep<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if !state.must_look {
            state = match state.wakes_at {
                Some(at) => {
                    let rest = at.saturating_duration_since(Instant::now());
                    let woken = self.changed.wait_timeout(state, rest);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let woken = self.changed.wait(state);
                    woken.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
        state.must_look = false;
        state
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
