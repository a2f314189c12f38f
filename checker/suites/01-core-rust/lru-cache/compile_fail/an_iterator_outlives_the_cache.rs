//! An `iter` cannot be used after the cache is gone.
//!
//! The lifetime in `Iter<'a, K, V>` must be that of the borrow of the cache. Where it is built from
//! raw pointers, nothing but the signature of `iter` says so: one with a lifetime that the caller
//! chooses compiles.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the signatures that the stub gives decide it

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache: LruCache<&str, i32> = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    let iter = cache.iter();
    drop(cache); //~ E0505
    println!("{}", iter.count());
}
