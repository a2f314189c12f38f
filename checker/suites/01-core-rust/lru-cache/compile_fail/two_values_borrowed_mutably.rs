//! Two values cannot be held through `get_mut` at the same time.
//!
//! They might be the same value.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the signatures that the stub gives decide it

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache: LruCache<&str, i32> = LruCache::new(NonZeroUsize::MIN);
    cache.put("a", 1);
    let one = cache.get_mut("a");
    let other = cache.get_mut("a"); //~ E0499
    println!("{one:?} {other:?}");
}
