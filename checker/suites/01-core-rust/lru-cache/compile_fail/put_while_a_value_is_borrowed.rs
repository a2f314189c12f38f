//! A value found by `get` cannot be held while the cache is changed.
//!
//! The next `put` might evict it, and the reference would lead to freed memory. `get` must tie the
//! lifetime of what it returns to the borrow of the cache.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the signatures that the stub gives decide it

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache: LruCache<&str, i32> = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    let found = cache.get("a");
    cache.put("b", 2); //~ E0499
    println!("{found:?}");
}
