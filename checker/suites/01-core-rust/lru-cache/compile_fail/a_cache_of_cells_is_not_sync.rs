//! A cache whose values are not `Sync` cannot be shared between threads.
//!
//! Two threads could `peek` at the same `Cell`, and change it at once.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the marker in the stub's struct decides it

use lru_cache::LruCache;
use std::{cell::Cell, num::NonZeroUsize, thread};

fn main() {
    let cache: LruCache<&str, Cell<i32>> = LruCache::new(NonZeroUsize::MIN);
    thread::scope(|scope| {
        scope.spawn(|| cache.len()); //~ E0277
    });
}
