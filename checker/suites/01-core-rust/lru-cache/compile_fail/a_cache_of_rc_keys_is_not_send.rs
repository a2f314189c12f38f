//! A cache whose keys are not `Send` cannot be moved to another thread.
//!
//! The bounds of an `unsafe impl` name every type parameter.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the marker in the stub's struct decides it

use lru_cache::LruCache;
use std::{num::NonZeroUsize, rc::Rc, thread};

fn main() {
    let cache: LruCache<Rc<str>, i32> = LruCache::new(NonZeroUsize::MIN);
    thread::spawn(move || drop(cache)); //~ E0277
}
