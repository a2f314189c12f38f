//! Threads that share a cache do so without a data race and without a leak.
//!
//! phase: 6
//! section: phase-6-shared

use lru_cache::ShardedLru;
use std::{num::NonZeroUsize, thread};

fn main() {
    let cap = NonZeroUsize::MIN.saturating_add(3);
    let cache: ShardedLru<u32, Box<u32>> = ShardedLru::new(cap, NonZeroUsize::MIN);
    thread::scope(|scope| {
        for thread in 0..3 {
            let cache = &cache;
            scope.spawn(move || {
                for key in 0..4 {
                    let value = cache.get_or_try_insert_with(key, || {
                        if thread == 0 {
                            Err(())
                        } else {
                            Ok(Box::new(key))
                        }
                    });
                    assert!(value.is_err() || value == Ok(Box::new(key)));
                    assert!(cache.put(10 + thread, Box::new(thread)).is_ok());
                    assert!(cache.get(&10).is_none_or(|value| *value == 0));
                    assert!(cache.pop(&key).is_none_or(|value| *value == key));
                    assert!(cache.len() <= cap.get());
                }
            });
        }
    });
}
