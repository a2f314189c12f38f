//! A cache goes through its whole life without undefined behavior and without a leak.
//!
//! Every way in and every way out, with keys and values on the heap.
//!
//! phase: 5
//! section: phase-5-soundness

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn capacity(cap: usize) -> NonZeroUsize {
    NonZeroUsize::new(cap).expect("a capacity is not zero")
}

fn main() {
    let mut cache: LruCache<String, Box<u32>> = LruCache::new(capacity(4));
    for number in 0..12 {
        cache.put(format!("key {}", number % 7), Box::new(number));
        cache.get(format!("key {}", number % 3).as_str());
        if let Some(value) = cache.get_mut("key 2") {
            **value += 1;
        }
    }
    assert_eq!(cache.len(), 4);
    let oldest = cache
        .peek_lru()
        .map(|(key, _)| key.clone())
        .expect("the cache is not empty");
    assert!(cache.contains(oldest.as_str()) && cache.peek(oldest.as_str()).is_some());
    assert!(cache.pop(oldest.as_str()).is_some());
    cache.put(oldest, Box::new(100));
    let mut moved = Box::new(cache);
    moved.resize(capacity(8));
    for number in 0..6 {
        moved.put(format!("more {number}"), Box::new(number));
    }
    let copy = moved.clone();
    moved.resize(capacity(2));
    assert!(moved.pop_lru().is_some());
    moved.clear();
    moved.put("last".to_owned(), Box::new(1));
    assert_eq!(copy.iter().count(), 8);
    assert_eq!(
        moved.into_iter().next().map(|(key, _)| key).as_deref(),
        Some("last")
    );
    let mut rest = copy.into_iter();
    assert!(rest.next().is_some() && rest.next_back().is_some());
}
