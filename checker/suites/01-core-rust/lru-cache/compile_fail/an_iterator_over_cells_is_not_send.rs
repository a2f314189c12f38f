//! An `iter` over values that are not `Sync` cannot be moved to another thread.
//!
//! It yields shared references, and the thread that it came from keeps the cache.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the marker in the stub's struct decides it

use lru_cache::LruCache;
use std::{cell::Cell, num::NonZeroUsize, thread};

fn main() {
    let cache: LruCache<&str, Cell<i32>> = LruCache::new(NonZeroUsize::MIN);
    let iter = cache.iter();
    thread::scope(|scope| {
        scope.spawn(move || iter.count()); //~ E0277
    });
}
