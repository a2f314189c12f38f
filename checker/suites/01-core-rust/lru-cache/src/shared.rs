//! What the tests of the shared cache have in common.

use crate::driven::capacity;
use lru_cache::{Clock, ShardedLru};
use std::{
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// More than any operation takes, unless it waits for ever.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);

/// How long an initializer gives other threads to do what they should not. A right cache passes
/// however long this is.
pub(crate) const GRACE: Duration = Duration::from_millis(20);

/// The cache of most tests.
pub(crate) type Shared = Arc<ShardedLru<u32, u64>>;

/// An error of an initializer: the number of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Failed(pub(crate) usize);

/// As many shards, or the most there can be.
pub(crate) fn shards(count: usize) -> NonZeroUsize {
    capacity(count)
}

pub(crate) fn shared(cap: usize, count: usize) -> Shared {
    Arc::new(ShardedLru::new(capacity(cap), shards(count)))
}

/// An initializer that returns `value`.
pub(crate) fn value(value: u64) -> impl FnOnce() -> Result<u64, Failed> {
    move || Ok(value)
}

/// A clock that stands still until it is set.
#[derive(Debug, Default)]
pub(crate) struct ManualClock {
    now: Mutex<Duration>,
    asked: AtomicUsize,
}

impl ManualClock {
    pub(crate) fn at(now: Duration) -> Arc<Self> {
        let clock = Self::default();
        clock.set(now);
        Arc::new(clock)
    }

    pub(crate) fn set(&self, now: Duration) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// How often the clock has been asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.asked.fetch_add(1, Ordering::Relaxed);
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
