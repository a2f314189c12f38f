//! Gates that operations wait at.

use super::fault::{Filter, Kind};
use crate::time::Patience;
use std::{
    fmt::{self, Debug},
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Holds operations until it is opened, once and for all. It opens when it is dropped, too.
#[derive(Debug)]
pub struct Gate {
    barrier: Arc<Barrier>,
}

impl Gate {
    pub(super) fn new(barrier: Arc<Barrier>) -> Self {
        Self { barrier }
    }

    /// How many operations wait.
    pub fn waiting(&self) -> usize {
        self.barrier.lock().waiting
    }

    /// Waits until at least `count` operations wait at the gate, with
    /// [`Patience`] of `limit`. Returns whether they do.
    pub fn wait_for(&self, count: usize, limit: Duration) -> bool {
        let patience = Patience::of(limit);
        let mut state = self.barrier.lock();
        while state.waiting < count && !patience.is_over() {
            state = self
                .barrier
                .changed
                .wait_timeout(state, patience.slice())
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.waiting >= count
    }

    /// Lets `count` operations pass, of those that wait or come later.
    pub fn let_through(&self, count: usize) {
        self.barrier.lock().passes += count;
        self.barrier.changed.notify_all();
    }

    /// Lets everything pass from now on.
    pub fn open(&self) {
        self.barrier.lock().is_open = true;
        self.barrier.changed.notify_all();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

/// The side of a gate that operations see.
pub(super) struct Barrier {
    filter: Filter,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    passes: usize,
    is_open: bool,
}

impl Barrier {
    pub(super) fn new(filter: impl Fn(Kind, &Path) -> bool + Send + Sync + 'static) -> Self {
        Self {
            filter: Box::new(filter),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.lock().is_open
    }

    /// Waits if the operation is one of those that are held.
    pub(super) fn pass(&self, kind: Kind, path: &Path) {
        if !(self.filter)(kind, path) {
            return;
        }
        let mut state = self.lock();
        state.waiting += 1;
        self.changed.notify_all();
        let mut state = self
            .changed
            .wait_while(state, |state| !state.is_open && state.passes == 0)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state.passes = state.passes.saturating_sub(1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Debug for Barrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Barrier")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
