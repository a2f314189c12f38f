//! The caches shared between threads. The peers hash with the standard library's `RandomState`,
//! as `ShardedLru` of the reference solution does.
//!
//! The functions are inlined by force, so that this interface costs all of them the same: nothing.

use std::hash::RandomState;
use std::num::NonZeroUsize;

/// A cache of numbers that threads share.
pub(crate) trait Shared: Sync {
    fn new(cap: NonZeroUsize) -> Self;
    fn get(&self, key: u64) -> Option<u64>;
    fn put(&self, key: u64, value: u64);
}

pub(crate) type This = lru_cache::ShardedLru<u64, u64>;
pub(crate) type Moka = moka::sync::Cache<u64, u64, RandomState>;
pub(crate) type QuickCache =
    quick_cache::sync::Cache<u64, u64, quick_cache::UnitWeighter, RandomState>;

impl Shared for This {
    fn new(cap: NonZeroUsize) -> Self {
        Self::builder(cap).build()
    }

    #[inline(always)]
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key)
    }

    #[inline(always)]
    fn put(&self, key: u64, value: u64) {
        // Without a weigher no entry is too heavy.
        _ = self.put(key, value);
    }
}

impl Shared for Moka {
    fn new(cap: NonZeroUsize) -> Self {
        Self::builder()
            .max_capacity(cap.get() as u64)
            .build_with_hasher(RandomState::new())
    }

    #[inline(always)]
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key)
    }

    #[inline(always)]
    fn put(&self, key: u64, value: u64) {
        self.insert(key, value);
    }
}

impl Shared for QuickCache {
    fn new(cap: NonZeroUsize) -> Self {
        Self::with(
            cap.get(),
            cap.get() as u64,
            quick_cache::UnitWeighter,
            RandomState::new(),
            quick_cache::sync::DefaultLifecycle::default(),
        )
    }

    #[inline(always)]
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key)
    }

    #[inline(always)]
    fn put(&self, key: u64, value: u64) {
        self.insert(key, value);
    }
}
