//! The memory that the caches need for each entry, in bytes as asked of the allocator, whose own
//! overhead comes on top.
//!
//! Prints a line `bytes_per_entry/<implementation>` for each cache, which is full and has evicted
//! as many entries as it holds. An entry is a key and a value of 8 bytes each. What the peers
//! allocate ahead for their capacity counts, as does what they keep for later use. The bytes are
//! divided by the number of entries that the cache turns out to hold.

use std::num::NonZeroUsize;

use keys::scramble;
use peers::Cache;
use shared_peers::Shared;

#[path = "support/counting.rs"]
mod counting;
#[path = "support/keys.rs"]
mod keys;
#[path = "support/peers.rs"]
mod peers;
#[path = "support/shared_peers.rs"]
mod shared_peers;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

/// The entries in each cache. A round number, not a power of two, which would be the best or the
/// worst case of some tables.
const ENTRIES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

fn numbers() -> impl Iterator<Item = u64> {
    0..2 * ENTRIES.get() as u64
}

fn report<C>(name: &str, fill: impl FnOnce() -> C, holds: impl Fn(&mut C, u64) -> bool) {
    let before = ALLOCATOR.in_use();
    let mut cache = fill();
    let bytes = ALLOCATOR.in_use() - before;
    let held = numbers()
        .filter(|&number| holds(&mut cache, scramble(number)))
        .count();
    println!(
        "bytes_per_entry/{name:<12} {:>7.1}",
        bytes as f64 / held as f64
    );
}

fn single<C: Cache>(name: &str) {
    let fill = || {
        let mut cache = C::new(ENTRIES);
        numbers().for_each(|number| cache.put(scramble(number), number));
        cache
    };
    report(name, fill, |cache, key| cache.get(key).is_some());
}

fn shared<C: Shared>(name: &str) {
    let fill = || {
        let cache = C::new(ENTRIES);
        numbers().for_each(|number| cache.put(scramble(number), number));
        cache
    };
    report(name, fill, |cache, key| cache.get(key).is_some());
}

fn main() {
    single::<peers::This>("this");
    single::<peers::Lru>("lru");
    single::<peers::Hashlink>("hashlink");
    single::<peers::Schnellru>("schnellru");
    shared::<shared_peers::This>("this_shared");
    shared::<shared_peers::Moka>("moka");
    shared::<shared_peers::QuickCache>("quick_cache");
}
