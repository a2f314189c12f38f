//! The cache shared between threads: phase 6.

use std::borrow::Borrow;
use std::error::Error;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::num::NonZeroUsize;

use crate::builder::ShardedLruBuilder;

/// An LRU cache that threads share by reference or in an [`Arc`](std::sync::Arc).
///
/// The keys are divided among *shards* by their hash. Each shard is an LRU cache of its own
/// behind a lock of its own, so that threads that work on different shards do not wait for each
/// other. The order of use is kept for each shard; with one shard the cache evicts exactly the
/// least recently used entry.
///
/// Look-ups return clones of the values. Put large values into an `Arc`.
///
/// # Capacity
///
/// There are `min(shards, cap)` shards. Their capacities differ by at most 1 and add up to exactly
/// `cap`, so that [`len`](Self::len) is never above [`cap`](Self::cap), not for a moment and not
/// with any number of shards. A shard that is full evicts although others may have room.
///
/// # Weights
///
/// Every entry weighs 1, unless the builder was given a
/// [`weigher`](ShardedLruBuilder::weigher). Then the capacity is the greatest total weight, and a
/// shard evicts its least recently used entries until the new one fits. A weight of 0 counts as
/// 1, so that `len() <= weight() <= cap()` always holds. A value heavier than
/// [`max_weight`](Self::max_weight) is not stored, and nothing is evicted for it.
///
/// An entry keeps the weight that it was stored with until it goes, even if its value changes
/// meanwhile, as what is in an `Arc<Mutex<_>>` can.
///
/// # Expiry
///
/// With a [`time_to_live`](ShardedLruBuilder::time_to_live), an entry that was written at time
/// `t` is there while `now < t + time_to_live` and gone from `now == t + time_to_live` on. Writing
/// counts, reading does not extend the time. An expired entry is never returned, by any
/// operation; for all of them its key is missing. It may stay in memory, and count in
/// [`len`](Self::len) and [`weight`](Self::weight), until it is evicted as the least recently used
/// or there is an operation on its key: each of them removes it, and its weight with it.
///
/// # Drops
///
/// No `Drop` of a key or value runs while a lock is held, so that it may use the cache itself.
/// (Where `Eq` or `Clone` panics under a lock, what is dropped on the way out may find it held.)
///
/// # Panics
///
/// A panic in an initializer, the weigher, the clock, or in `Hash`, `Eq`, `Clone` or `Drop` of a
/// key or value reaches the thread that caused it. No other thread sees it, no lock stays
/// poisoned, and the cache stays usable.
pub struct ShardedLru<K, V> {
    // The fields are yours: put here whatever your design needs.
    marker: PhantomData<(K, V)>,
}

impl<K, V> ShardedLru<K, V> {
    /// Creates an empty cache for at most `cap` entries in `min(shards, cap)` shards, without
    /// expiry and weights.
    #[must_use]
    pub fn new(cap: NonZeroUsize, shards: NonZeroUsize) -> Self {
        Self::builder(cap).shards(shards).build()
    }

    /// Settings for a cache of capacity `cap`, to be completed with
    /// [`build`](ShardedLruBuilder::build).
    pub fn builder(cap: NonZeroUsize) -> ShardedLruBuilder<K, V> {
        ShardedLruBuilder::new(cap)
    }

    /// The greatest total weight of the entries, which is their greatest number if there is no
    /// weigher.
    #[must_use]
    pub fn cap(&self) -> NonZeroUsize {
        todo!("phase 6: the capacity")
    }

    /// The greatest weight of a single entry: `cap / min(shards, cap)`, rounded down, the same
    /// for every key.
    #[must_use]
    pub fn max_weight(&self) -> NonZeroUsize {
        todo!("phase 6: the greatest weight of an entry")
    }

    /// The number of entries in memory, expired ones included. Never above [`cap`](Self::cap),
    /// even while other threads write.
    ///
    /// Takes time in proportion to the number of shards.
    #[must_use]
    pub fn len(&self) -> usize {
        todo!("phase 6: the number of entries")
    }

    /// Whether there is no entry in memory.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        todo!("phase 6: whether the cache is empty")
    }

    /// The total weight of the entries in memory, expired ones included. Never above
    /// [`cap`](Self::cap), even while other threads write.
    ///
    /// Takes time in proportion to the number of shards.
    #[must_use]
    pub fn weight(&self) -> usize {
        todo!("phase 6: the total weight")
    }
}

impl<K, V> ShardedLru<K, V>
where
    K: Hash + Eq,
    V: Clone,
{
    /// A clone of the value stored under `key`, or `None` if the key is missing. Promotes the
    /// entry in its shard.
    ///
    /// Does not wait for an initializer that is running for the key.
    #[must_use]
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        _ = key;
        todo!("phase 6: find a value, promote its entry")
    }

    /// Stores `value` under `key` and makes the entry the most recent of its shard. Returns the
    /// value that was stored there before, unless that had expired.
    ///
    /// If the key is there, its entry is replaced. What the shard then has no room for is evicted,
    /// least recently used entries first and never the new one. If an initializer is running for
    /// the key, see [`get_or_try_insert_with`](Self::get_or_try_insert_with).
    ///
    /// # Errors
    ///
    /// [`TooHeavy`], with the key and the value in it, if the value weighs more than
    /// [`max_weight`](Self::max_weight). The cache is unchanged then: nothing is evicted, and an
    /// older value under the same key stays where it is.
    pub fn put(&self, key: K, value: V) -> Result<Option<V>, TooHeavy<K, V>> {
        _ = (key, value);
        todo!("phase 6: store a value, evict what no longer fits")
    }

    /// Removes the entry under `key` and returns its value, or `None` if the key is missing.
    ///
    /// An initializer that is running for the key is not affected, and stores its value later.
    pub fn pop<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        _ = key;
        todo!("phase 6: remove an entry by its key")
    }

    /// A clone of the value stored under `key`, which is promoted; if the key is missing, the
    /// value that `init` returns, which is stored.
    ///
    /// However many threads miss the same key at the same time, one of them runs its initializer
    /// and the others wait. (Keys are the same if they are equal; equal hashes are not enough.)
    ///
    /// - If the initializer returns a value, that is stored, and its caller and everyone who
    ///   waited return a clone of it. Their own initializers are dropped without running.
    /// - If it returns an error, its caller alone returns that error. Exactly one of the waiting
    ///   threads then runs its own initializer, and the others wait for that one.
    /// - If it panics, the panic goes on in its own thread. Exactly one of the waiting threads
    ///   takes over in the same way.
    ///
    /// While an initializer runs, no lock is held: other keys, those of the same shard included,
    /// can be read and written, by the initializer itself too. An initializer must not ask for its
    /// own key with this function, for it would wait for itself.
    ///
    /// A value that is [`put`](Self::put) under the key while an initializer is running is newer
    /// than what that returns. It stays, and the initializer's value is not stored; its caller and
    /// the waiting threads return it nevertheless. So they do with a value that is too heavy to be
    /// stored, or that expires at once. If what was put has expired when `init` returns, the key
    /// is missing, and the initializer's value is stored.
    ///
    /// With a time to live, the value is written at the time when `init` has returned.
    ///
    /// # Errors
    ///
    /// The error of `init`, if it was this call's initializer that ran and failed.
    pub fn get_or_try_insert_with<E>(
        &self,
        key: K,
        init: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E>
    where
        K: Clone,
    {
        _ = (key, init);
        todo!("phase 6: run one initializer for a missing key")
    }
}

/// Prints the capacity, the number of entries and the weight, not the entries.
impl<K, V> fmt::Debug for ShardedLru<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardedLru")
            .field("cap", &self.cap())
            .field("len", &self.len())
            .field("weight", &self.weight())
            .finish_non_exhaustive()
    }
}

/// The error of [`ShardedLru::put`]: the value weighs more than any shard could hold. It hands
/// back what was to be stored.
pub struct TooHeavy<K, V> {
    /// The key that was passed in.
    pub key: K,
    /// The value that was passed in.
    pub value: V,
    /// What the weigher said of them.
    pub weight: usize,
    /// The greatest weight that the cache accepts.
    pub max_weight: NonZeroUsize,
}

impl<K, V> fmt::Debug for TooHeavy<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TooHeavy")
            .field("weight", &self.weight)
            .field("max_weight", &self.max_weight)
            .finish_non_exhaustive()
    }
}

impl<K, V> fmt::Display for TooHeavy<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the entry weighs {}, but the cache takes no entry heavier than {}",
            self.weight, self.max_weight
        )
    }
}

impl<K, V> Error for TooHeavy<K, V> {}
