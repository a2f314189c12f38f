//! A cache of borrowed keys cannot outlive what they borrow.

use std::num::NonZeroUsize;

use lru_cache::LruCache;

fn main() {
    let mut cache = LruCache::new(NonZeroUsize::MIN);
    {
        let key = String::from("a");
        cache.put(key.as_str(), 1);
    }
    assert_eq!(cache.len(), 1);
}
