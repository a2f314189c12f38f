//! A cache whose values are not `Send` cannot be moved to another thread.
//!
//! An `unsafe impl Send` needs the bound `V: Send`, or two threads count the same `Rc` at once.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the marker in the stub's struct decides it

use lru_cache::LruCache;
use std::{num::NonZeroUsize, rc::Rc, thread};

fn main() {
    let cache: LruCache<&str, Rc<i32>> = LruCache::new(NonZeroUsize::MIN);
    thread::spawn(move || drop(cache)); //~ E0277
}
