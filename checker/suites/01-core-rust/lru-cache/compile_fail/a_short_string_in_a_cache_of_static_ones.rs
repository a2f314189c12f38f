//! A string that goes soon cannot be written into a cache of strings that live for ever.
//!
//! An `IterMut` lets its caller write values, so the type of the values must be exactly that of the
//! cache. The compiler takes an `IterMut` over `&'static str` for one over shorter-lived strings
//! if its fields only ever lend values: with a `PhantomData<&'a (K, V)>` beside a `NonNull`, for
//! example. `PhantomData<&'a mut (K, V)>` forbids it.
//!
//! phase: 5
//! section: phase-5-soundness
//! passes-on-stub: the marker in the stub's struct decides it

use lru_cache::{IterMut, LruCache};
use std::num::NonZeroUsize;

fn fill<'short>(values: IterMut<'_, u8, &'short str>, text: &'short str) {
    for (_, value) in values {
        *value = text;
    }
}

fn main() {
    let mut cache: LruCache<u8, &'static str> = LruCache::new(NonZeroUsize::MIN);
    cache.put(1, "static");
    {
        let text = String::from("short");
        fill(cache.iter_mut(), &text); //~ E0597
    }
    println!("{:?}", cache.peek(&1));
}
