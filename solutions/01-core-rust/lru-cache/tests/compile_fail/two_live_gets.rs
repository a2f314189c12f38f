//! `get` changes the order, so it borrows the cache mutably: two results cannot live at once.

use std::num::NonZeroUsize;

use lru_cache::LruCache;

fn main() {
    let mut cache = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    let first = cache.get("a");
    let second = cache.get("a");
    assert_eq!(first, second);
}
