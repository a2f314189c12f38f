//! A cache cannot be changed while it is iterated over.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the signatures that the stub gives decide it

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache: LruCache<&str, i32> = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    for (key, value) in &cache {
        cache.put(*key, *value); //~ E0502
    }
}
