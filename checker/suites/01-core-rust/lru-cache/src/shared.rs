//! What the tests of the shared cache have in common.

use crate::driven::capacity;
use lru_cache::{Clock, ShardedLru};
use std::{
    hash::{Hash, Hasher},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
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

/// A key or value whose `Drop` uses the cache.
#[derive(Clone)]
pub(crate) struct Guest {
    number: u64,
    host: Arc<OnceLock<Weak<Guests>>>,
}

/// A cache of guests.
pub(crate) type Guests = ShardedLru<Guest, Guest>;

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(cache) = self.host.get().and_then(Weak::upgrade) {
            // This waits for every lock.
            let _ = cache.len();
        }
    }
}

impl PartialEq for Guest {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Guest {}

impl Hash for Guest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

/// A cache of guests with one shard of capacity 3, its clock, which stands at 1,000 ns, and what
/// makes guests. A value weighs its number.
pub(crate) fn crowded(
    time_to_live: Duration,
) -> (Arc<Guests>, Arc<ManualClock>, impl Fn(u64) -> Guest + Send) {
    let clock = ManualClock::at(Duration::from_nanos(1_000));
    let cache = ShardedLru::builder(capacity(3))
        .shards(shards(1))
        .time_to_live(time_to_live)
        .clock(Arc::clone(&clock))
        .weigher(|_: &Guest, value: &Guest| usize::try_from(value.number).unwrap_or(usize::MAX));
    let cache = Arc::new(cache.build());
    let host = Arc::new(OnceLock::from(Arc::downgrade(&cache)));
    let guest = move |number| Guest {
        number,
        host: Arc::clone(&host),
    };
    (cache, clock, guest)
}
