//! A key cannot be changed through `iter_mut`.
//!
//! It would be at the wrong place then: its hash is another one.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the signatures that the stub gives decide it

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache: LruCache<&str, i32> = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    for (key, value) in &mut cache {
        *key = "b"; //~ E0594
        *value += 1;
    }
}
