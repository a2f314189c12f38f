//! All references that `iter_mut` yields are used by turns without undefined behavior.
//!
//! What usually goes wrong is that reading a link of a node makes a reference to the whole node,
//! and with it to a value that was handed out before.
//!
//! phase: 5
//! section: phase-5-soundness

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache = LruCache::new(NonZeroUsize::MIN.saturating_add(4));
    for number in 0..8_u32 {
        cache.put(number, vec![number]);
    }
    cache.get(&4);
    cache.pop(&6);
    cache.put(9, vec![9]);

    let mut iter = cache.iter_mut();
    let mut values = Vec::new();
    while let Some((key, value)) = iter.next() {
        values.push((key, value));
        // Those yielded before are used while the iterator goes on.
        for (key, value) in &mut values {
            value.push(**key);
        }
        if let Some((key, value)) = iter.next_back() {
            values.push((key, value));
        }
        for (key, value) in values.iter_mut().rev() {
            value.push(**key);
        }
    }
    assert_eq!(values.len(), 5);
    assert!(
        values
            .iter()
            .all(|(key, value)| value.iter().all(|number| number == *key))
    );

    let mut borrowed = cache.iter();
    let (first, last) = (borrowed.next(), borrowed.next_back());
    assert_eq!(borrowed.len(), 3);
    assert_eq!(first.map(|(key, _)| *key), Some(9));
    assert!(last.is_some_and(|(key, value)| value[0] == *key));
}
