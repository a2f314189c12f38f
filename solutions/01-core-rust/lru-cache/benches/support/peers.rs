//! The caches for one thread. All of them hash with the same `foldhash`, so that what is compared
//! is the rest.
//!
//! The functions are inlined by force, so that this interface costs all of them the same: nothing.

use std::num::NonZeroUsize;

use foldhash::fast::RandomState;

/// A cache of numbers for one thread.
pub(crate) trait Cache {
    fn new(cap: NonZeroUsize) -> Self;
    fn get(&mut self, key: u64) -> Option<u64>;
    fn put(&mut self, key: u64, value: u64);
}

pub(crate) type This = lru_cache::LruCache<u64, u64, RandomState>;
pub(crate) type Lru = lru::LruCache<u64, u64, RandomState>;
pub(crate) type Hashlink = hashlink::LruCache<u64, u64, RandomState>;
pub(crate) type Schnellru = schnellru::LruMap<u64, u64, schnellru::ByLength, RandomState>;

impl Cache for This {
    fn new(cap: NonZeroUsize) -> Self {
        Self::with_hasher(cap, RandomState::default())
    }

    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.get(&key).copied()
    }

    #[inline(always)]
    fn put(&mut self, key: u64, value: u64) {
        self.put(key, value);
    }
}

impl Cache for Lru {
    fn new(cap: NonZeroUsize) -> Self {
        Self::with_hasher(cap, RandomState::default())
    }

    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.get(&key).copied()
    }

    #[inline(always)]
    fn put(&mut self, key: u64, value: u64) {
        self.put(key, value);
    }
}

impl Cache for Hashlink {
    fn new(cap: NonZeroUsize) -> Self {
        Self::with_hasher(cap.get(), RandomState::default())
    }

    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.get(&key).copied()
    }

    #[inline(always)]
    fn put(&mut self, key: u64, value: u64) {
        self.insert(key, value);
    }
}

impl Cache for Schnellru {
    fn new(cap: NonZeroUsize) -> Self {
        let cap = u32::try_from(cap.get()).unwrap_or(u32::MAX);
        Self::with_hasher(schnellru::ByLength::new(cap), RandomState::default())
    }

    #[inline(always)]
    fn get(&mut self, key: u64) -> Option<u64> {
        self.get(&key).copied()
    }

    #[inline(always)]
    fn put(&mut self, key: u64, value: u64) {
        self.insert(key, value);
    }
}
