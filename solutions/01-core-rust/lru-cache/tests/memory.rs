//! How much memory a cache holds.

use std::num::NonZeroUsize;

use lru_cache::LruCache;

#[path = "../benches/support/counting.rs"]
mod counting;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

#[test]
fn memory_stays_flat_and_is_given_back() {
    let cycles = if cfg!(miri) { 2_000 } else { 1_000_000 };
    let before = ALLOCATOR.in_use();
    let mut cache = LruCache::new(NonZeroUsize::MAX);
    cache.resize(NonZeroUsize::MIN.saturating_add(99));
    for key in 0..100 {
        cache.put(key, key);
    }
    // A few removals first: the table grows once for the marks that they leave in it.
    churn(&mut cache, 1_000);
    let full = ALLOCATOR.in_use();
    churn(&mut cache, cycles);
    assert!(ALLOCATOR.in_use() <= full, "removed entries are used again");

    cache.resize(NonZeroUsize::MIN);
    assert!(
        ALLOCATOR.in_use() - before < (full - before) / 4,
        "a smaller cache needs less"
    );

    drop(cache);
    assert_eq!(
        ALLOCATOR.in_use(),
        before,
        "a dropped cache gives everything back"
    );
}

/// Puts new entries and removes about as many.
fn churn(cache: &mut LruCache<u64, u64>, cycles: u64) {
    for key in 0..cycles {
        cache.put(key, key);
        match key % 3 {
            0 => assert_eq!(cache.pop(&key), Some(key)),
            1 => assert!(cache.pop_lru().is_some()),
            _ => {}
        }
    }
}
