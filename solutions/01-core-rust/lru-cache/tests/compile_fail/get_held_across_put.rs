//! A value that `get` returned may be evicted by `put`, so it cannot be held across it.

use std::num::NonZeroUsize;

use lru_cache::LruCache;

fn main() {
    let mut cache = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    let value = cache.get("a");
    cache.put("b", 2);
    assert_eq!(value, Some(&1));
}
