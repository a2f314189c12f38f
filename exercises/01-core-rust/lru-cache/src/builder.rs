//! How a shared cache is set up: phase 6. The settings are complete, [`ShardedLruBuilder::build`]
//! is yours.

use std::fmt;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::sharded::ShardedLru;

/// The default number of shards for each thread that the machine runs in parallel.
const SHARDS_PER_THREAD: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// Tells what an entry weighs.
type Weigher<K, V> = Box<dyn Fn(&K, &V) -> usize + Send + Sync>;

/// The settings of a [`ShardedLru`], made by [`ShardedLru::builder`].
#[must_use = "a builder does nothing until `build` is called"]
pub struct ShardedLruBuilder<K, V> {
    cap: NonZeroUsize,
    shards: NonZeroUsize,
    time_to_live: Option<Duration>,
    clock: Box<dyn Clock>,
    weigher: Option<Weigher<K, V>>,
}

impl<K, V> ShardedLruBuilder<K, V> {
    /// The default settings: four shards for each thread that the machine runs in parallel, no
    /// expiry, the [`SystemClock`], and every entry weighs 1.
    pub(crate) fn new(cap: NonZeroUsize) -> Self {
        let parallelism = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            cap,
            shards: parallelism.saturating_mul(SHARDS_PER_THREAD),
            time_to_live: None,
            clock: Box::new(SystemClock::new()),
            weigher: None,
        }
    }

    /// Divides the cache into `shards` parts, or into `cap` parts if that is less.
    pub fn shards(mut self, shards: NonZeroUsize) -> Self {
        self.shards = shards;
        self
    }

    /// Lets entries expire: one that was written at time `t` is there while
    /// `now < t + time_to_live` and gone from `now == t + time_to_live` on. If the sum is too
    /// large for a [`Duration`], the entry never expires.
    pub fn time_to_live(mut self, time_to_live: Duration) -> Self {
        self.time_to_live = Some(time_to_live);
        self
    }

    /// Takes the time from `clock`. It is only asked if there is a
    /// [`time_to_live`](Self::time_to_live).
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Lets `weigher` tell what each entry weighs; the capacity is then the greatest total
    /// weight. A weight of 0 counts as 1.
    ///
    /// The weigher is called once for each value that is about to be stored, with no lock held,
    /// and not again when the entry goes.
    pub fn weigher(mut self, weigher: impl Fn(&K, &V) -> usize + Send + Sync + 'static) -> Self {
        self.weigher = Some(Box::new(weigher));
        self
    }

    /// Creates the cache. Allocates nothing in proportion to the capacity.
    #[must_use]
    pub fn build(self) -> ShardedLru<K, V> {
        let Self {
            cap,
            shards,
            time_to_live,
            clock,
            weigher,
        } = self;
        _ = (cap, shards, time_to_live, clock, weigher);
        todo!("phase 6: divide the capacity and create the shards")
    }
}

impl<K, V> fmt::Debug for ShardedLruBuilder<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardedLruBuilder")
            .field("cap", &self.cap)
            .field("shards", &self.shards)
            .field("time_to_live", &self.time_to_live)
            .finish_non_exhaustive()
    }
}
