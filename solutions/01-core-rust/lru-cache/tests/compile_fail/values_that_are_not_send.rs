//! A cache of values that must stay on their thread stays there with them.

use std::num::NonZeroUsize;
use std::rc::Rc;
use std::thread;

use lru_cache::LruCache;

fn main() {
    let mut cache = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", Rc::new(1));
    thread::spawn(move || drop(cache));
}
