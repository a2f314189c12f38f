//! Phase 1: entries are found, and a full cache evicts the least recently used one.

use crate::{
    driven::{Driven, capacity},
    hashing::{Compared, Counting, Masked, Quick},
    model::expect_agreement,
};
use lru_cache::LruCache;
use std::{cell::Cell, rc::Rc};
use suite_kit::{Scenario, memory::Meter};

/// A new cache is empty and has the capacity that it was created with.
#[test]
fn a_new_cache_is_empty() {
    for cap in [1, 2, 100] {
        let mut driven: Driven = Driven::new(cap);
        driven.expect_len(0);
        driven.expect_cap(cap);
    }
}

/// A `get` of a key that was never stored returns `None`.
#[test]
fn a_miss_is_none() {
    let mut driven = Driven::new(2);
    driven.expect_get("a", None);
    driven.put("a", 1);
    driven.expect_get("b", None);
    driven.expect_len(1);
}

/// A stored value is found under its key, as often as it is asked for.
#[test]
fn a_stored_value_is_found() {
    let mut driven = Driven::new(3);
    driven.expect_put("a", 1, None);
    driven.expect_put("b", 2, None);
    driven.expect_put("c", 3, None);
    for _ in 0..2 {
        driven.expect_found(&[("b", 2), ("a", 1), ("c", 3)]);
    }
    driven.expect_len(3);
}

/// A `put` of a new key into a full cache evicts exactly the least recently used entry.
///
/// Often the entry leaves the list but stays in the map, or the other way round.
///
/// hint: An eviction takes the same entry out of both structures, the one that finds and the one that orders.
#[test]
fn a_full_cache_evicts_the_least_recently_used() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.expect_put("c", 3, None);
    driven.expect_len(2);
    driven.expect_gone(&["a"]);
    driven.expect_found(&[("b", 2), ("c", 3)]);
}

/// A cache that is not full evicts nothing.
///
/// What usually goes wrong is a comparison that is off by one.
#[test]
fn a_cache_with_room_evicts_nothing() {
    let mut driven = Driven::new(3);
    for (number, key) in (1..).zip(["a", "b", "c"]) {
        driven.put(key, number);
        driven.expect_len(usize::try_from(number).unwrap());
    }
    driven.expect_found(&[("a", 1), ("b", 2), ("c", 3)]);
}

/// A `get` makes its entry the most recently used one.
///
/// hint: `get` takes `&mut self` because it changes the order.
#[test]
fn a_get_promotes_its_entry() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.expect_get("a", Some(1));
    driven.put("c", 3);
    driven.expect_gone(&["b"]);
    driven.expect_found(&[("a", 1), ("c", 3)]);
}

/// A `get` promotes an entry from every place in the order, and leaves the order of the others.
///
/// Unlinking a node in the middle, at the front and at the back are three cases: each has other
/// neighbors to mend.
#[test]
fn a_get_promotes_from_every_place() {
    const KEYS: [&str; 4] = ["a", "b", "c", "d"];
    const NEW: [&str; 3] = ["w", "x", "y"];
    for used in KEYS {
        let mut order: Vec<&str> = KEYS.into_iter().filter(|key| *key != used).collect();
        order.push(used);
        for evictions in 0..=NEW.len() {
            let mut driven = Driven::with(4, &KEYS.map(|key| (key, 0)));
            driven.get(used);
            for key in &NEW[..evictions] {
                driven.put(key, 1);
            }
            driven.expect_gone(&order[..evictions]);
            for key in &order[evictions..] {
                driven.expect_get(key, Some(0));
            }
            for key in &NEW[..evictions] {
                driven.expect_get(key, Some(1));
            }
        }
    }
}

/// A `get` that finds nothing leaves the order as it is.
#[test]
fn a_miss_changes_nothing() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.expect_get("x", None);
    driven.expect_len(2);
    driven.put("c", 3);
    driven.expect_gone(&["a"]);
    driven.expect_found(&[("b", 2), ("c", 3)]);
}

/// A `put` under a key that is there replaces the value and returns the old one.
///
/// Often a second entry for the same key is added: then `len` is wrong, and the key reappears
/// after its eviction.
#[test]
fn a_put_on_an_existing_key_replaces_the_value() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2)]);
    driven.expect_put("a", 10, Some(1));
    driven.expect_len(2);
    driven.expect_put("a", 100, Some(10));
    driven.expect_len(2);
    driven.expect_found(&[("a", 100), ("b", 2)]);
}

/// A `put` under a key that is there makes its entry the most recently used one.
#[test]
fn a_put_on_an_existing_key_promotes_it() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.put("a", 10);
    driven.put("c", 3);
    driven.expect_gone(&["b"]);
    driven.expect_found(&[("a", 10), ("c", 3)]);
}

/// A `put` under a key that is there evicts nothing, even if the cache is full.
///
/// hint: Look for the key first, and make room only if it is new.
#[test]
fn a_put_on_an_existing_key_evicts_nothing() {
    for key in ["a", "b", "c"] {
        let mut driven = Driven::with(3, &[("a", 0), ("b", 0), ("c", 0)]);
        driven.expect_put(key, 1, Some(0));
        driven.expect_len(3);
        for other in ["a", "b", "c"] {
            driven.expect_get(other, Some(i32::from(other == key)));
        }
    }
}

/// A cache of capacity 1 holds the entry that was put last.
///
/// Its only entry is the first and the last of the order at once.
#[test]
fn a_cache_of_capacity_one_holds_the_last_entry() {
    let mut driven = Driven::new(1);
    driven.expect_put("a", 1, None);
    driven.expect_put("a", 2, Some(1));
    driven.expect_get("a", Some(2));
    driven.expect_put("b", 3, None);
    driven.expect_len(1);
    driven.expect_gone(&["a"]);
    driven.expect_get("b", Some(3));
    driven.expect_put("a", 4, None);
    driven.expect_gone(&["b"]);
    driven.expect_get("a", Some(4));
}

/// A key that was evicted is stored again as a new one.
///
/// Whatever the map still remembers of an evicted key comes to light here.
#[test]
fn an_evicted_key_is_stored_again_as_new() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2), ("c", 3)]);
    driven.expect_put("a", 4, None);
    driven.expect_len(2);
    driven.expect_gone(&["b"]);
    driven.expect_found(&[("c", 3), ("a", 4)]);
}

/// The length counts the entries and is never above the capacity, however much is stored.
#[test]
fn the_length_never_exceeds_the_capacity() {
    let mut driven = Driven::new(5);
    for number in 0..40 {
        driven.put(number, number);
        driven.expect_len(usize::try_from(number + 1).unwrap().min(5));
    }
    driven.expect_gone(&[0, 1, 34]);
    driven.expect_found(&[(35, 35), (36, 36), (37, 37), (38, 38), (39, 39)]);
}

/// A capacity of `usize::MAX` works and allocates nothing in proportion to it.
///
/// What usually goes wrong is `with_capacity(cap)`, or `cap + 1` that overflows.
///
/// hint: Let the tables grow with the entries; the capacity is a limit, not a size.
#[test]
fn the_greatest_capacity_costs_nothing() {
    let meter = Meter::start();
    let mut cache = LruCache::new(capacity(usize::MAX));
    for number in 0..100_u32 {
        cache.put(number, number);
    }
    let found = (0..100).all(|number| cache.get(&number) == Some(&number));
    let peak = meter.peak();
    let scenario = Scenario::new();
    scenario.step("LruCache::new(usize::MAX), put and get 100 entries");
    scenario.expect(found, "all 100 entries are found", "some are missing");
    scenario.expect_eq("cap()", cache.cap().get(), usize::MAX);
    scenario.expect(
        peak < 256 << 10,
        "at most 256 KiB in use",
        format_args!("{peak} bytes"),
    );
}

/// Keys and values may be of size zero, and need nothing but `Hash` and `Eq` of the key.
#[test]
fn keys_and_values_of_any_type_are_stored() {
    #[derive(PartialEq, Eq, Hash)]
    struct Bare;
    struct Opaque;

    let scenario = Scenario::new();
    let mut cache: LruCache<Bare, Opaque> = LruCache::new(capacity(2));
    scenario.step("put the only value of a type of size zero, twice");
    scenario.expect(
        cache.put(Bare, Opaque).is_none(),
        "no old value",
        "an old value",
    );
    scenario.expect(
        cache.put(Bare, Opaque).is_some(),
        "the old value",
        "no old value",
    );
    scenario.expect(
        cache.get(&Bare).is_some(),
        "the value is found",
        "it is missing",
    );
    scenario.expect_eq("len()", cache.len(), 1);

    let mut units: LruCache<u8, ()> = LruCache::new(capacity(2));
    scenario.step("put 1, 2 and 3 with the value () into a cache of capacity 2");
    for key in 1..=3 {
        units.put(key, ());
    }
    scenario.expect_eq("get(1)", units.get(&1), None);
    scenario.expect_eq("get(3)", units.get(&3), Some(&()));
    scenario.expect_eq("len()", units.len(), 2);
}

/// Keys are hashed with the hasher that was given.
#[test]
fn a_given_hasher_is_used() {
    let scenario = Scenario::new();
    let hasher = Counting::default();
    let mut cache = LruCache::with_hasher(capacity(4), hasher.clone());
    scenario.step("with_hasher(4, a hasher that counts)");
    let mut before = hasher.hashes();
    for step in ["put(1)", "get(1)", "get(2)"] {
        scenario.step(step);
        match step {
            "put(1)" => drop(cache.put(1, "one")),
            "get(1)" => scenario.expect_eq("get(1)", cache.get(&1), Some(&"one")),
            _ => scenario.expect_eq("get(2)", cache.get(&2), None),
        }
        let now = hasher.hashes();
        scenario.expect(now > before, "the hasher is asked for a hash", "it is not");
        before = now;
    }
}

/// Keys with the same hash stay apart.
///
/// A hash only says where to look. Whether a key is there is for `Eq` to decide.
#[test]
fn keys_with_equal_hashes_stay_apart() {
    expect_agreement(1, Masked::NONE);
    expect_agreement(1, Masked::TWO);
}

/// A look-up compares a few keys only, however many entries there are.
///
/// hint: Finding a key by walking through the list compares it with every entry.
#[test]
fn a_lookup_does_not_compare_with_every_key() {
    const ENTRIES: u32 = 2_000;
    let scenario = Scenario::new();
    let comparisons = Rc::new(Cell::new(0));
    let mut cache = LruCache::new(capacity(ENTRIES as usize));
    scenario.step("put 2,000 entries, get them all, put 2,000 others");
    for number in 0..ENTRIES {
        cache.put(Compared::new(number, &comparisons), number);
    }
    for number in 0..ENTRIES {
        cache.get(&Compared::new(number, &comparisons));
    }
    for number in ENTRIES..2 * ENTRIES {
        cache.put(Compared::new(number, &comparisons), number);
    }
    let each = comparisons.get() / (3 * ENTRIES as usize);
    scenario.expect(
        each < 20,
        "fewer than 20 comparisons of keys for each operation",
        format_args!("{each} for each"),
    );
}

/// An operation on a cache of 100,000 entries takes no longer than on a small one.
///
/// A cache that walks through its entries to find the oldest one, or to move one to the front,
/// does not get to the end of this test before its deadline.
#[test]
fn an_operation_does_not_walk_through_all_entries() {
    const ENTRIES: usize = 100_000;
    let mut cache = LruCache::with_hasher(capacity(ENTRIES), Quick::default());
    let scenario = Scenario::new();
    scenario.step("put 100,000 entries, get 50,000 of them, put 50,000 others");
    for number in 0..ENTRIES {
        cache.put(number, number);
    }
    let wrong = (0..ENTRIES / 2).find(|number| cache.get(number) != Some(number));
    scenario.expect_eq("the first stored key that get does not find", wrong, None);
    for number in ENTRIES..ENTRIES + ENTRIES / 2 {
        cache.put(number, number);
    }
    scenario.expect_eq("get of the first key", cache.get(&0), Some(&0));
    scenario.expect_eq("get of the oldest key", cache.get(&(ENTRIES / 2)), None);
    scenario.expect_eq("len()", cache.len(), ENTRIES);
}

/// Random sequences of `put` and `get` give what a simple, slow cache gives.
#[test]
fn a_simple_model_agrees() {
    expect_agreement(1, Masked::ALL);
}
