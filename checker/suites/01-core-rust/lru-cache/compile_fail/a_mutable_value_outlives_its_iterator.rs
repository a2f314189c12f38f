//! A value yielded by `iter_mut` cannot be held while the cache is used otherwise.
//!
//! The iterator is gone by then, but what it has yielded still borrows the cache.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the signatures that the stub gives decide it

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache: LruCache<&str, i32> = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    let first = cache.iter_mut().next();
    println!("{}", cache.len()); //~ E0502
    println!("{first:?}");
}
