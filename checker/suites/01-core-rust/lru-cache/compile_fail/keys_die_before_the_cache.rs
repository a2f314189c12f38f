//! A cache cannot be used after the strings that its keys borrow are gone.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the signatures that the stub gives decide it

use lru_cache::LruCache;
use std::num::NonZeroUsize;

fn main() {
    let mut cache: LruCache<&str, i32> = LruCache::new(NonZeroUsize::MIN);
    {
        let name = String::from("short");
        cache.put(&name, 1); //~ E0597
    }
    println!("{:?}", cache.pop_lru());
}
