//! What `peek_lru` finds cannot be used after the cache is gone.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the signatures that the stub gives decide it

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache: LruCache<&str, i32> = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    let oldest = cache.peek_lru();
    drop(cache); //~ E0505
    println!("{oldest:?}");
}
