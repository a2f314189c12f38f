//! Phase 3: entries leave the cache, and everything is dropped exactly once.

use crate::{
    driven::{Driven, capacity},
    hashing::{Masked, Quick},
    model::expect_agreement,
    tracked::{Cache, Operation, TrackedCache},
};
use lru_cache::LruCache;
use suite_kit::{
    Scenario,
    drops::{Ledger, Op},
    memory::Meter,
    panics::catch,
};

/// A `pop` removes the entry of a key and returns its value.
#[test]
fn a_pop_removes_the_entry() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2)]);
    driven.expect_pop("a", Some(1));
    driven.expect_len(1);
    driven.expect_peek("a", None);
    driven.expect_pop("a", None);
    driven.expect_peek("b", Some(2));
}

/// A `pop` of a missing key returns `None` and changes nothing.
#[test]
fn a_pop_of_a_missing_key_changes_nothing() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2)]);
    driven.expect_pop("x", None);
    driven.expect_drained(&[("a", 1), ("b", 2)]);
    driven.expect_pop("a", None);
}

/// A `pop` of the first, a middle or the last entry leaves the others in their order.
///
/// hint: Draw the list before and after: both neighbors of the removed node must learn of it, and so must the ends.
#[test]
fn a_pop_keeps_the_order_of_the_others() {
    let entries = [("a", 1), ("b", 2), ("c", 3), ("d", 4)];
    for (key, value) in entries {
        let mut driven = Driven::with(4, &entries);
        driven.expect_pop(key, Some(value));
        let left: Vec<_> = entries.into_iter().filter(|entry| entry.0 != key).collect();
        driven.expect_drained(&left);
    }
}

/// A `pop` of the only entry leaves an empty cache that can be used again.
#[test]
fn the_only_entry_can_be_popped() {
    let mut driven = Driven::with(2, &[("a", 1)]);
    driven.expect_pop("a", Some(1));
    driven.expect_empty();
    driven.expect_put("b", 2, None);
    driven.expect_put("c", 3, None);
    driven.expect_put("d", 4, None);
    driven.expect_drained(&[("c", 3), ("d", 4)]);
}

/// `pop_lru` removes the least recently used entries one after the other, and then returns `None`.
#[test]
fn pop_lru_removes_the_oldest_entry() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2), ("c", 3)]);
    driven.get("a");
    driven.expect_drained(&[("b", 2), ("c", 3), ("a", 1)]);
    driven.expect_empty();
    driven.put("d", 4);
    driven.expect_drained(&[("d", 4)]);
}

/// A removed entry makes room: the next `put` of a new key evicts nothing.
#[test]
fn a_removed_entry_makes_room() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2), ("c", 3)]);
    driven.pop("b");
    driven.expect_put("d", 4, None);
    driven.expect_len(3);
    driven.expect_put("b", 5, None);
    driven.expect_drained(&[("c", 3), ("d", 4), ("b", 5)]);
}

/// A `resize` to a smaller capacity evicts the least recently used entries, and only those.
#[test]
fn a_smaller_capacity_evicts_the_oldest() {
    let mut driven = Driven::with(5, &[("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)]);
    driven.get("a");
    driven.resize(2);
    driven.expect_cap(2);
    driven.expect_len(2);
    driven.expect_contains("d", false);
    driven.put("f", 6);
    driven.expect_drained(&[("a", 1), ("f", 6)]);
}

/// A `resize` to a capacity that is not smaller than the length changes no entry.
///
/// The new capacity counts from then on, and even `usize::MAX` costs nothing.
#[test]
fn a_greater_capacity_keeps_every_entry() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.resize(2);
    driven.resize(3);
    driven.expect_cap(3);
    driven.put("c", 3);
    driven.expect_len(3);
    driven.put("d", 4);
    driven.expect_len(3);
    let meter = Meter::start();
    driven.resize(usize::MAX);
    let used = meter.peak();
    driven.scenario.expect(
        used < 64 << 10,
        "at most 64 KiB more in use",
        format_args!("{used} bytes"),
    );
    driven.expect_drained(&[("b", 2), ("c", 3), ("d", 4)]);
}

/// A `clear` removes every entry, keeps the capacity, and the cache can be used again.
#[test]
fn a_cleared_cache_can_be_used_again() {
    let mut driven = Driven::with(2, &[("a", 1), ("b", 2)]);
    driven.clear();
    driven.expect_len(0);
    driven.expect_cap(2);
    driven.expect_peek("a", None);
    driven.clear();
    for (number, key) in (1..).zip(["a", "b", "c"]) {
        driven.expect_put(key, number, None);
    }
    driven.expect_drained(&[("b", 2), ("c", 3)]);
}

/// Entries that come and go leave the memory flat.
///
/// An arena that never uses a freed place again grows with every cycle; so does a table that
/// keeps the keys of removed entries.
///
/// hint: Keep a list of the free places, and take from it before the arena grows.
#[test]
fn entries_that_come_and_go_keep_memory_flat() {
    // A leak of one byte in a dozen cycles shows. A million cycles would show a fourth of it, and
    // cost each check a second.
    const ROUNDS: u64 = 12_500;
    const ENTRIES: u64 = 16;
    let scenario = Scenario::new();
    scenario.step("put and remove 200,000 entries, never more than 16 at a time");
    let mut cache = LruCache::with_hasher(capacity(ENTRIES as usize), Quick::default());
    let meter = Meter::start();
    for round in 0..ROUNDS {
        let first = round * ENTRIES;
        for key in first..first + ENTRIES {
            cache.put(key, key);
        }
        // A quarter of the rounds by each way out, so that no way tidies up after another; what is
        // left is evicted by the next round.
        match round * 4 / ROUNDS {
            0 => assert!((first..first + ENTRIES).all(|key| cache.pop(&key) == Some(key))),
            1 => assert!((first..first + ENTRIES).all(|key| cache.pop_lru() == Some((key, key)))),
            2 => cache.clear(),
            _ => {}
        }
    }
    let peak = meter.peak();
    scenario.expect(
        peak < 16 << 10,
        "at most 16 KiB in use at any time",
        format_args!("{peak} bytes"),
    );
}

/// A replaced value is handed back, and the key that was passed in is dropped.
#[test]
fn a_replaced_value_is_handed_back() {
    let mut tracked = TrackedCache::new(2, 2);
    let old = tracked.put(1);
    tracked
        .scenario
        .expect(old.is_some(), "the old value", "None");
    tracked.expect_live(&["key 1", "key 2", "value 1", "value 1", "value 2"]);
    drop(old);
    tracked.expect_live(&["key 1", "key 2", "value 1", "value 2"]);
    // Its drops say so, but an entry that was dropped and is still listed would show here.
    tracked.expect_consistent(&[2, 1], &[]);
}

/// An evicted entry is dropped at once, key and value.
#[test]
fn an_evicted_entry_is_dropped_at_once() {
    let mut tracked = TrackedCache::new(2, 2);
    drop(tracked.put(3));
    tracked.expect_live(&["key 2", "key 3", "value 2", "value 3"]);
    tracked.run("resize(1)", |cache| cache.resize(capacity(1)));
    tracked.expect_live(&["key 3", "value 3"]);
    tracked.expect_consistent(&[3], &[]);
}

/// A popped value belongs to the caller, and its key is dropped; `pop_lru` hands over both.
#[test]
fn a_popped_entry_belongs_to_the_caller() {
    let mut tracked = TrackedCache::new(3, 3);
    let probe = tracked.ledger.track("probe", 2);
    let value = tracked.run("pop(key 2)", |cache| cache.pop(&probe));
    drop(probe);
    tracked.expect_live(&["key 1", "key 3", "value 1", "value 2", "value 3"]);
    drop(value);
    let pair = tracked.run("pop_lru()", LruCache::pop_lru);
    tracked.expect_live(&["key 1", "key 3", "value 1", "value 3"]);
    drop(pair);
    tracked.expect_live(&["key 3", "value 3"]);
    tracked.expect_consistent(&[3], &[]);
}

/// A `clear` drops every key and value at once, and dropping the cache drops what is in it.
#[test]
fn a_cleared_or_dropped_cache_drops_its_entries() {
    let mut tracked = TrackedCache::new(4, 3);
    tracked.run("clear()", LruCache::clear);
    tracked.expect_live(&[]);
    for number in 4..=6 {
        drop(tracked.put(number));
    }
    tracked.expect_live(&["key 4", "key 5", "key 6", "value 4", "value 5", "value 6"]);
    tracked.expect_all_dropped_once();
}

/// Whatever is done to a cache, every key and every value is dropped exactly once.
///
/// hint: Whenever a value is moved out of the cache, its place must forget it.
#[test]
fn everything_is_dropped_exactly_once() {
    suite_kit::property::check_moves(60, 60, &|scenario, cap, moves| {
        let ledger = Ledger::new();
        let mut cache: Cache = LruCache::with_hasher(capacity(cap), Masked::TWO);
        scenario.step(format!("a cache of capacity {cap}"));
        for one in moves {
            let number = u64::from(one.key % 12);
            match one.kind % 8 {
                0..=3 => {
                    scenario.step(format!("put({number})"));
                    cache.put(ledger.key(number), ledger.value(number));
                }
                4 => {
                    scenario.step(format!("pop({number})"));
                    cache.pop(&ledger.track("probe", number));
                }
                5 => {
                    scenario.step("pop_lru()");
                    cache.pop_lru();
                }
                6 => {
                    let cap = usize::from(one.value % 8) + 1;
                    scenario.step(format!("resize({cap})"));
                    cache.resize(capacity(cap));
                }
                _ if one.value % 4 == 0 => {
                    scenario.step("clear()");
                    cache.clear();
                }
                _ => {}
            }
            let live = ledger.live().len();
            scenario.expect_eq(
                "the number of living keys and values",
                live,
                2 * cache.len(),
            );
        }
        drop(cache);
        ledger.expect_all_dropped_once(scenario);
    });
}

/// A panic in `Hash` reaches the caller and leaves the cache consistent.
///
/// Ask for the hash before you change anything.
#[test]
fn a_panicking_hash_leaves_the_cache_consistent() {
    let operations: [(&str, Operation); 5] = [
        ("get(key 2)", |cache, ledger| {
            let _ = cache.get(&ledger.key(2)).is_some();
        }),
        ("get_mut(key 2)", |cache, ledger| {
            let _ = cache.get_mut(&ledger.key(2)).is_some();
        }),
        ("peek(key 2)", |cache, ledger| {
            let _ = cache.peek(&ledger.key(2)).is_some();
        }),
        ("pop(key 2)", |cache, ledger| {
            drop(cache.pop(&ledger.key(2)))
        }),
        ("put(key 2, value 2)", |cache, ledger| {
            drop(cache.put(ledger.key(2), ledger.value(2)));
        }),
    ];
    for (step, operation) in operations {
        let mut tracked = TrackedCache::new(3, 3);
        tracked.expect_panic((Op::Hash, "key", 2), step, operation);
        tracked.expect_consistent(&[1, 3], &[2]);
    }
    let mut tracked = TrackedCache::new(3, 3);
    tracked.expect_panic(
        (Op::Hash, "key", 4),
        "put(key 4, value 4)",
        |cache, ledger| {
            cache.put(ledger.key(4), ledger.value(4));
        },
    );
    // It must not matter to the oldest entry that somebody nearly took its place.
    tracked.expect_consistent(&[2, 3], &[1, 4]);
}

/// A panic in `Hash` of a stored key, while the tables grow, loses no entry.
///
/// Either the stored keys are never hashed again, or nothing changes before all of that is done.
#[test]
fn a_panicking_hash_while_growing_loses_no_entry() {
    for armed_at in [3, 7, 14, 28] {
        let mut tracked = TrackedCache::new(200, armed_at);
        tracked
            .scenario
            .step("put more entries, while Hash of key 1 panics");
        tracked.ledger.panic_on(Op::Hash, "key", 1);
        let mut next = armed_at;
        while next < 60 && tracked.ledger.is_armed() {
            next += 1;
            let (key, value) = (tracked.ledger.key(next), tracked.ledger.value(next));
            let cache = &mut tracked.cache;
            let caught = catch(|| cache.put(key, value));
            tracked.scenario.expect(
                caught.is_err() != tracked.ledger.is_armed(),
                "a panic in Hash reaches the caller",
                "it does not",
            );
        }
        tracked.ledger.disarm();
        // The last one may be there or not.
        let kept: Vec<u64> = (1..next).collect();
        tracked.expect_consistent(&kept, &[next]);
    }
}

/// A panic in `Eq` reaches the caller and leaves the cache consistent.
#[test]
fn a_panicking_eq_leaves_the_cache_consistent() {
    let operations: [(&str, Operation); 4] = [
        ("get(key 2)", |cache, ledger| {
            let _ = cache.get(&ledger.key(2)).is_some();
        }),
        ("pop(key 2)", |cache, ledger| {
            drop(cache.pop(&ledger.key(2)))
        }),
        ("put(key 2, value 2)", |cache, ledger| {
            drop(cache.put(ledger.key(2), ledger.value(2)));
        }),
        ("put(key 4, value 4)", |cache, ledger| {
            drop(cache.put(ledger.key(4), ledger.value(4)));
        }),
    ];
    for (step, operation) in operations {
        let mut tracked = TrackedCache::with_hasher(4, 3, Masked::NONE);
        tracked.expect_panic((Op::Eq, "key", 2), step, operation);
        tracked.expect_consistent(&[1, 3], &[2, 4]);
    }
    let mut tracked = TrackedCache::with_hasher(3, 3, Masked::NONE);
    tracked.expect_panic(
        (Op::Eq, "key", 4),
        "put(key 4, value 4)",
        |cache, ledger| {
            cache.put(ledger.key(4), ledger.value(4));
        },
    );
    tracked.expect_consistent(&[2, 3], &[1, 4]);
}

/// A panic in `Drop` of what a `put` or a `pop` removes leaves the cache consistent.
///
/// What usually goes wrong is that an entry is dropped while the list or the map still points to
/// it: the panic leaves in the middle.
///
/// hint: First take the entry out of all structures, then drop it.
#[test]
fn a_panicking_drop_leaves_the_cache_consistent() {
    for kind in ["key", "value"] {
        let mut tracked = TrackedCache::new(3, 3);
        tracked.expect_panic(
            (Op::Drop, kind, 1),
            "put(key 4, value 4)",
            |cache, ledger| {
                cache.put(ledger.key(4), ledger.value(4));
            },
        );
        tracked.expect_consistent(&[2, 3], &[4]);
    }
    let mut tracked = TrackedCache::new(3, 3);
    tracked.expect_panic((Op::Drop, "key", 2), "pop(key 2)", |cache, ledger| {
        cache.pop(&ledger.track("probe", 2));
    });
    tracked.expect_consistent_without("value 2", &[1, 3], &[]);
    let mut tracked = TrackedCache::new(3, 3);
    tracked.expect_panic(
        (Op::Drop, "key", 2),
        "put(key 2, value 2)",
        |cache, ledger| {
            cache.put(ledger.key(2), ledger.value(2));
        },
    );
    tracked.expect_consistent_without("value 2", &[1, 3], &[2]);
}

/// A panic in `Drop` while a cache is cleared, resized or dropped stops nothing: the others are
/// dropped, too.
///
/// hint: `Vec` goes on dropping its other elements when one panics; a loop of yours ends there unless something with a `Drop` of its own carries it on.
#[test]
fn a_panicking_drop_does_not_stop_the_others() {
    for (kind, number) in [("key", 1), ("value", 1), ("key", 2), ("value", 3)] {
        let mut tracked = TrackedCache::new(4, 4);
        tracked.expect_panic((Op::Drop, kind, number), "clear()", |cache, _| {
            cache.clear()
        });
        tracked.expect_live(&[]);
        drop(tracked.put(5));
        tracked.expect_consistent(&[5], &[]);

        let mut tracked = TrackedCache::new(5, 5);
        tracked.expect_panic((Op::Drop, kind, number), "resize(2)", |cache, _| {
            cache.resize(capacity(2));
        });
        tracked.expect_live(&["key 4", "key 5", "value 4", "value 5"]);
        tracked
            .scenario
            .expect_eq("cap()", tracked.cache.cap().get(), 2);
        tracked.expect_consistent(&[4, 5], &[]);

        let mut tracked = TrackedCache::new(4, 4);
        tracked.expect_panic((Op::Drop, kind, number), "drop the cache", |cache, _| {
            drop(std::mem::replace(
                cache,
                LruCache::with_hasher(capacity(1), Masked::ALL),
            ));
        });
        tracked.expect_all_dropped_once();
    }
}

/// Random sequences of all operations so far give what a simple, slow cache gives.
#[test]
fn a_simple_model_agrees() {
    expect_agreement(3, Masked::ALL);
    expect_agreement(3, Masked::TWO);
}
