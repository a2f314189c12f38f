//! One thread that ends what runs too long, grows too big, or is no longer wanted.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use super::cancel::Cancel;
use super::process::Tree;
use crate::verdict::Resource;

/// Processes and memory are first looked at after this time, so that short tests cost nothing.
const FIRST_LOOK: Duration = Duration::from_millis(50);
/// The time between looks.
const NEXT_LOOK: Duration = Duration::from_millis(100);

/// Why a process was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Its deadline passed.
    TimedOut,
    /// It is no longer wanted.
    Cancelled,
    /// It passed a limit.
    Over(Resource),
}

/// A running process and its bounds.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) tree: Arc<Tree>,
    pub(super) deadline: Option<Instant>,
    /// Processes and threads.
    pub(super) tasks: Option<u32>,
    /// Bytes.
    pub(super) memory: Option<u64>,
    pub(super) cancel: Cancel,
    stopped: Mutex<Option<Stop>>,
}

impl Watched {
    pub(super) fn new(tree: Arc<Tree>, cancel: Cancel) -> Watched {
        Watched {
            tree,
            deadline: None,
            tasks: None,
            memory: None,
            cancel,
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

    fn is_past_deadline(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    fn has_limits(&self) -> bool {
        self.tasks.is_some() || self.memory.is_some()
    }

    /// The limit that the process and its descendants are over.
    fn excess(&self) -> Option<Resource> {
        let usage = self.tree.usage();
        let is_over = |used: Option<u64>, limit: Option<u64>| {
            used.zip(limit).is_some_and(|(used, limit)| used > limit)
        };
        if is_over(usage.tasks, self.tasks.map(u64::from)) {
            Some(Resource::Processes)
        } else if is_over(usage.memory, self.memory) {
            Some(Resource::Memory)
        } else {
            None
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
        next_look: watched.has_limits().then(|| Instant::now() + FIRST_LOOK),
    };
    // Waking the monitor costs more than the rest, and is rarely needed.
    let is_earlier = entry
        .due()
        .is_some_and(|due| state.wakes_at.is_none_or(|wakes_at| due < wakes_at));
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
    next_look: Option<Instant>,
}

impl Entry {
    fn due(&self) -> Option<Instant> {
        self.watched
            .deadline
            .into_iter()
            .chain(self.next_look)
            .min()
    }
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
                if let Some(excess) = watched.excess() {
                    watched.stop(Stop::Over(excess));
                }
            }
        }
    }

    /// Waits, ends what is late or cancelled, and returns what is to be looked at.
    fn await_due(&self) -> Vec<Arc<Watched>> {
        let mut state = lock(&self.state);
        loop {
            let now = Instant::now();
            let mut looks = Vec::new();
            for entry in &mut state.entries {
                if entry.watched.cancel.is_cancelled() {
                    entry.watched.stop(Stop::Cancelled);
                } else if entry.watched.is_past_deadline(now) {
                    entry.watched.stop(Stop::TimedOut);
                } else if entry.next_look.is_some_and(|due| due <= now) {
                    entry.next_look = Some(now + NEXT_LOOK);
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
            state.wakes_at = state.entries.iter().filter_map(Entry::due).min();
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
