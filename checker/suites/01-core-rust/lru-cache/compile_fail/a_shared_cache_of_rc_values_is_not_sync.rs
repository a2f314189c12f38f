//! A shared cache of values that are not `Send` cannot be shared between threads.
//!
//! A lock keeps threads from using a value at once, but every `get` hands out a clone, and the
//! clones of an `Rc` have one counter.
//!
//! phase: 6
//! section: phase-6-shared
//! passes-on-stub: the marker in the stub's struct decides it

use lru_cache::ShardedLru;
use std::{num::NonZeroUsize, rc::Rc, thread};

fn main() {
    let cache: ShardedLru<&str, Rc<i32>> = ShardedLru::new(NonZeroUsize::MIN, NonZeroUsize::MIN);
    thread::scope(|scope| {
        scope.spawn(|| cache.get("a").is_some()); //~ E0277
    });
}
