//! A flight: the computation of one missing value, for which any number of threads wait.
//!
//! A flight has one pilot at a time, who runs an initializer. The pilot either lands with a value,
//! which every waiting thread gets a clone of, or leaves the seat, which exactly one of them then
//! takes.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Locks a mutex, poisoned or not.
///
/// Poison says that a thread panicked while it held the lock. The panics that can happen there
/// come from `Eq` and `Clone` of keys and values, none of which runs amid a change.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The state of one computation.
pub(crate) struct Flight<V> {
    state: Mutex<State<V>>,
    changed: Condvar,
}

struct State<V> {
    seat: Seat<V>,
    /// The threads that have boarded and not got the seat.
    waiting: usize,
}

enum Seat<V> {
    /// A thread is running its initializer.
    Taken,
    /// The initializer failed, and the next waiting thread runs its own.
    Free,
    /// The value is there.
    Landed(V),
}

/// What a thread that has waited goes on with.
pub(crate) enum Arrival<V> {
    /// The value of another thread's initializer.
    Value(V),
    /// The thread is the pilot now.
    Seat,
}

impl<V> Flight<V> {
    /// A flight whose pilot is the thread that creates it.
    pub(crate) const fn new() -> Self {
        Self {
            state: Mutex::new(State {
                seat: Seat::Taken,
                waiting: 0,
            }),
            changed: Condvar::new(),
        }
    }

    /// Announces that this thread is going to [`wait`](Self::wait).
    pub(crate) fn board(&self) {
        lock(&self.state).waiting += 1;
    }

    /// Waits until there is a value or the seat is free. The thread has boarded before.
    pub(crate) fn wait(&self) -> Arrival<V>
    where
        V: Clone,
    {
        let mut state = lock(&self.state);
        loop {
            match &state.seat {
                Seat::Taken => {
                    state = self
                        .changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                Seat::Free => {
                    state.waiting -= 1;
                    state.seat = Seat::Taken;
                    return Arrival::Seat;
                }
                Seat::Landed(value) => return Arrival::Value(value.clone()),
            }
        }
    }

    /// Ends the flight with a value for everyone who waits.
    pub(crate) fn land(&self, value: V) {
        lock(&self.state).seat = Seat::Landed(value);
        self.changed.notify_all();
    }

    /// Frees the seat for one of the waiting threads. Returns whether there is one; if not, the
    /// flight is over.
    pub(crate) fn leave_seat(&self) -> bool {
        let mut state = lock(&self.state);
        state.seat = Seat::Free;
        self.changed.notify_one();
        state.waiting > 0
    }
}
