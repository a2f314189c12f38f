//! Threads that start together and are waited for with a deadline.
//!
//! A thread that never ends cannot be joined, nor stopped: it is left behind, and the test fails
//! with a word on who is stuck.

use crate::{Scenario, panics, time::Patience};
use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Barrier, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

type Outcome<T> = Result<T, Box<dyn Any + Send>>;

/// Runs `body(0)` … `body(count - 1)` on threads that start at one barrier, and returns what they
/// returned, in that order.
///
/// Fails if a thread panics, with its panic, or if some are not done within [`Patience`] of
/// `limit`.
#[track_caller]
pub fn together<T, F>(scenario: &Scenario, count: usize, limit: Duration, body: F) -> Vec<T>
where
    T: Send + 'static,
    F: Fn(usize) -> T + Send + Sync + 'static,
{
    let body = Arc::new(body);
    let barrier = Arc::new(Barrier::new(count));
    let threads: Vec<Background<T>> = (0..count)
        .map(|index| {
            let (body, barrier) = (Arc::clone(&body), Arc::clone(&barrier));
            background(move || {
                barrier.wait();
                body(index)
            })
        })
        .collect();
    let patience = Patience::of(limit);
    let mut results = Vec::with_capacity(count);
    let mut stuck = Vec::new();
    for (index, thread) in threads.iter().enumerate() {
        match thread.outcome(&patience) {
            Some(Ok(value)) => results.push(value),
            Some(Err(payload)) => panic::resume_unwind(payload),
            None => stuck.push(index.to_string()),
        }
    }
    scenario.expect(
        stuck.is_empty(),
        format_args!("all {count} threads are done within {limit:?}"),
        format_args!(
            "still at work, perhaps in a deadlock: threads {}",
            stuck.join(", ")
        ),
    );
    results
}

/// Runs `body` on a thread of its own.
///
/// # Panics
///
/// If the system has no thread left.
pub fn background<T, F>(body: F) -> Background<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    panics::install();
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .spawn(move || {
            let outcome = panic::catch_unwind(AssertUnwindSafe(body));
            // Nobody listens any more once the test has failed.
            let _ = sender.send(outcome);
        })
        .expect("a thread can be started");
    Background { receiver }
}

/// A thread at work.
#[derive(Debug)]
pub struct Background<T> {
    receiver: Receiver<Outcome<T>>,
}

impl<T> Background<T> {
    /// What the thread returned; fails with its panic if it panicked, and if it is not done within
    /// [`Patience`] of `limit`. `what` says what the thread does.
    #[track_caller]
    pub fn join(&self, scenario: &Scenario, what: &str, limit: Duration) -> T {
        match self.outcome(&Patience::of(limit)) {
            Some(Ok(value)) => value,
            Some(Err(payload)) => panic::resume_unwind(payload),
            None => scenario.fail(
                format_args!("{what} is done within {limit:?}"),
                "it is still at work, perhaps in a deadlock",
            ),
        }
    }

    /// Like [`Background::join`], for a thread that may panic.
    #[track_caller]
    pub fn join_or_panic(
        &self,
        scenario: &Scenario,
        what: &str,
        limit: Duration,
    ) -> Result<T, panics::Panic> {
        match self.outcome(&Patience::of(limit)) {
            Some(outcome) => outcome.map_err(|payload| panics::describe(&*payload)),
            None => scenario.fail(
                format_args!("{what} is done within {limit:?}"),
                "it is still at work, perhaps in a deadlock",
            ),
        }
    }

    fn outcome(&self, patience: &Patience) -> Option<Outcome<T>> {
        loop {
            let is_over = patience.is_over();
            match self.receiver.recv_timeout(patience.slice()) {
                Ok(outcome) => return Some(outcome),
                Err(RecvTimeoutError::Timeout) if is_over => return None,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Some(Err(Box::new("a thread ended without a result".to_owned())));
                }
            }
        }
    }
}

/// A gate that threads wait at until it is opened, once and for all.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    state: Arc<(Mutex<bool>, Condvar)>,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the gate for everyone.
    pub fn open(&self) {
        *self.lock() = true;
        self.state.1.notify_all();
    }

    /// Whether the gate is open.
    pub fn is_open(&self) -> bool {
        *self.lock()
    }

    /// Waits at the gate with [`Patience`] of `limit`.
    ///
    /// Returns whether it was opened.
    pub fn wait(&self, limit: Duration) -> bool {
        let patience = Patience::of(limit);
        let mut open = self.lock();
        while !*open && !patience.is_over() {
            open = self
                .state
                .1
                .wait_timeout(open, patience.slice())
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        *open
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panics::catch;

    const LIMIT: Duration = Duration::from_secs(30);

    #[test]
    fn results_come_in_the_order_of_the_threads() {
        let results = together(&Scenario::new(), 8, LIMIT, |index| index * 2);
        assert_eq!(results, [0, 2, 4, 6, 8, 10, 12, 14]);
    }

    #[test]
    fn a_panic_on_a_thread_is_the_failure() {
        let caught = catch(|| {
            together(&Scenario::new(), 4, LIMIT, |index| {
                Scenario::new().expect_eq("the index", index, index.min(2));
            })
        })
        .unwrap_err();
        assert!(
            caught.message.starts_with("the index"),
            "{}",
            caught.message
        );
        let failure = crate::Failure::recall(&caught.message).unwrap();
        assert_eq!(failure.received.as_deref(), Some("3"));
    }

    #[test]
    fn threads_that_are_stuck_are_named() {
        let gate = Gate::new();
        let stuck_at = gate.clone();
        let caught = catch(|| {
            together(
                &Scenario::new(),
                3,
                Duration::from_millis(50),
                move |index| index != 1 || stuck_at.wait(LIMIT),
            )
        })
        .unwrap_err();
        gate.open();
        assert!(
            caught.message.contains("deadlock: threads "),
            "{}",
            caught.message
        );
        assert!(caught.message.contains('1'), "{}", caught.message);
    }

    #[test]
    fn a_background_thread_is_joined_within_its_deadline() {
        let scenario = Scenario::new();
        assert_eq!(background(|| 5).join(&scenario, "counting", LIMIT), 5);
        let gate = Gate::new();
        let waiting = gate.clone();
        let stuck = background(move || waiting.wait(LIMIT));
        let caught =
            catch(|| stuck.join(&scenario, "waiting", Duration::from_millis(5))).unwrap_err();
        assert!(
            caught.message.contains("waiting is done within 5ms"),
            "{}",
            caught.message
        );
        gate.open();
        assert!(gate.is_open());
        assert!(stuck.join(&scenario, "waiting", LIMIT));
    }

    #[test]
    fn a_panic_that_is_expected_is_returned() {
        let thread = background(|| panics::catch(|| panic!("no luck")).unwrap());
        let panic = thread
            .join_or_panic(&Scenario::new(), "trying", LIMIT)
            .unwrap_err();
        assert!(panic.message.contains("no luck"), "{}", panic.message);
    }

    #[test]
    fn a_closed_gate_lets_nobody_through() {
        assert!(!Gate::new().wait(Duration::from_millis(1)));
    }
}
