//! Phase 4: iterators in the order of use, `Clone` and `Debug`.

use crate::{
    driven::{Driven, capacity},
    hashing::{Counting, Masked},
    model::expect_agreement,
    tracked::TrackedCache,
};
use lru_cache::LruCache;
use std::fmt::Debug;
use suite_kit::{Scenario, drops::Op, memory::Meter, panics::catch};

/// The entries of most tests, in the order in which they are put.
const ENTRIES: [(&str, i32); 4] = [("a", 1), ("b", 2), ("c", 3), ("d", 4)];

/// Takes an iterator over four entries apart from both ends by turns; its exact length must be
/// known at every step, and after the end there is nothing more on either end.
#[track_caller]
fn expect_four_from_both_ends<I>(scenario: &Scenario, mut iter: I, expected: [I::Item; 4])
where
    I: DoubleEndedIterator + ExactSizeIterator,
    I::Item: Debug + PartialEq,
{
    let [first, second, third, fourth] = expected;
    let expected = [
        Some(first),
        Some(fourth),
        Some(second),
        Some(third),
        None,
        None,
        None,
        None,
    ];
    for (number, expected) in expected.into_iter().enumerate() {
        let left = 4_usize.saturating_sub(number);
        scenario.expect_eq("len() of the iterator", iter.len(), left);
        scenario.expect_eq(
            "size_hint() of the iterator",
            iter.size_hint(),
            (left, Some(left)),
        );
        let (end, received) = match number % 2 {
            0 => ("next()", iter.next()),
            _ => ("next_back()", iter.next_back()),
        };
        scenario.step(end);
        scenario.expect_eq(end, received, expected);
    }
}

/// `iter` yields the entries from the most to the least recently used.
#[test]
fn iter_goes_from_the_most_to_the_least_recent() {
    let mut driven = Driven::with(4, &ENTRIES);
    driven.expect_order(&[("d", 4), ("c", 3), ("b", 2), ("a", 1)]);
    driven.get("b");
    driven.put("e", 5);
    driven.expect_order(&[("e", 5), ("b", 2), ("d", 4), ("c", 3)]);
}

/// A reversed `iter` yields the entries from the least to the most recently used.
#[test]
fn iter_can_be_reversed() {
    let driven = Driven::with(4, &ENTRIES);
    driven.scenario.step("iter().rev()");
    let received: Vec<_> = driven
        .cache
        .iter()
        .rev()
        .map(|(key, value)| (*key, *value))
        .collect();
    driven
        .scenario
        .expect_eq("the entries", received, ENTRIES.to_vec());
}

/// `iter` can be taken from both ends; every entry comes once, and its length is exact throughout.
///
/// What usually goes wrong is that the two ends pass each other in the middle.
///
/// hint: Count the entries that are left; at zero, both ends are at their end.
#[test]
fn iter_meets_itself_in_the_middle() {
    let driven = Driven::with(4, &ENTRIES);
    driven.scenario.step("iter()");
    let expected = [(&"d", &4), (&"c", &3), (&"b", &2), (&"a", &1)];
    expect_four_from_both_ends(&driven.scenario, driven.cache.iter(), expected);
}

/// `iter_mut` can be taken from both ends; every entry comes once, and its length is exact
/// throughout.
#[test]
fn iter_mut_meets_itself_in_the_middle() {
    let Driven {
        scenario,
        mut cache,
    } = Driven::with(4, &ENTRIES);
    scenario.step("iter_mut()");
    let (mut one, mut two, mut three, mut four) = (1, 2, 3, 4);
    let expected = [
        (&"d", &mut four),
        (&"c", &mut three),
        (&"b", &mut two),
        (&"a", &mut one),
    ];
    expect_four_from_both_ends(&scenario, cache.iter_mut(), expected);
}

/// `into_iter` can be taken from both ends; every entry comes once, and its length is exact
/// throughout.
#[test]
fn into_iter_meets_itself_in_the_middle() {
    let Driven { scenario, cache } = Driven::with(4, &ENTRIES);
    scenario.step("into_iter()");
    expect_four_from_both_ends(
        &scenario,
        cache.into_iter(),
        [("d", 4), ("c", 3), ("b", 2), ("a", 1)],
    );
}

/// The iterators of an empty cache yield nothing, from either end.
#[test]
fn an_empty_cache_yields_nothing() {
    let mut driven: Driven = Driven::new(3);
    driven.put("a", 1);
    driven.clear();
    let Driven {
        scenario,
        mut cache,
    } = driven;
    scenario.expect_eq("iter().len()", cache.iter().len(), 0);
    scenario.expect_eq("iter().next()", cache.iter().next(), None);
    scenario.expect_eq("iter().next_back()", cache.iter().next_back(), None);
    scenario.expect_eq("iter_mut().len()", cache.iter_mut().len(), 0);
    scenario.expect_eq("iter_mut().next()", cache.iter_mut().next(), None);
    scenario.expect_eq("iter_mut().next_back()", cache.iter_mut().next_back(), None);
    let mut owned = cache.into_iter();
    scenario.expect_eq("into_iter().len()", owned.len(), 0);
    scenario.expect_eq("into_iter().next()", owned.next(), None);
    scenario.expect_eq("into_iter().next_back()", owned.next_back(), None);
}

/// Iterating promotes nothing, whichever way.
#[test]
fn iterating_promotes_nothing() {
    let mut driven = Driven::with(4, &ENTRIES);
    let order = [("d", 4), ("c", 3), ("b", 2), ("a", 1)];
    driven.expect_order(&order);
    driven.expect_order(&order);
    driven
        .scenario
        .step("iter_mut(), from both ends, all of it");
    let mut iter = driven.cache.iter_mut();
    while iter.next_back().is_some() && iter.next().is_some() {}
    driven.expect_order(&order);
    driven.scenario.step("clone()");
    drop(driven.cache.clone());
    driven.expect_order(&order);
    driven.expect_drained(&ENTRIES);
}

/// What is changed through `iter_mut` is what later look-ups find.
#[test]
fn iter_mut_changes_values_in_place() {
    let mut driven = Driven::with(4, &ENTRIES);
    driven.get("a");
    driven
        .scenario
        .step("add 10, 20, 30, 40 in the order of iter_mut()");
    for ((_, value), addend) in driven.cache.iter_mut().zip([10, 20, 30, 40]) {
        *value += addend;
    }
    driven.expect_order(&[("a", 11), ("d", 24), ("c", 33), ("b", 42)]);
    driven.expect_peek("c", Some(33));
    driven.expect_get("b", Some(42));
}

/// All references that `iter_mut` yields can be held and used at the same time.
#[test]
fn iter_mut_yields_references_that_do_not_overlap() {
    let mut driven = Driven::with(4, &ENTRIES);
    driven
        .scenario
        .step("swap the values of the first and the last, and of the two between");
    let mut values: Vec<&mut i32> = driven.cache.iter_mut().map(|(_, value)| value).collect();
    let (front, back) = values.split_at_mut(2);
    std::mem::swap(front[0], back[1]);
    std::mem::swap(front[1], back[0]);
    driven.expect_order(&[("d", 1), ("c", 2), ("b", 3), ("a", 4)]);
}

/// Iterators see the order after removals, too, when places in memory have been used again.
///
/// An iterator that goes through the arena in the order of its places is right only until the
/// first removal.
#[test]
fn iterators_follow_the_list_and_not_the_memory() {
    let mut driven = Driven::with(4, &ENTRIES);
    driven.pop("b");
    driven.pop("d");
    driven.put("e", 5);
    driven.get("a");
    driven.put("f", 6);
    let order = [("f", 6), ("a", 1), ("e", 5), ("c", 3)];
    driven.expect_order(&order);
    let received: Vec<_> = driven
        .cache
        .iter_mut()
        .map(|(key, value)| (*key, *value))
        .collect();
    driven.scenario.expect_eq(
        "the entries that iter_mut() yields",
        received,
        order.to_vec(),
    );
    let Driven { scenario, cache } = driven;
    let mut received: Vec<_> = cache.into_iter().rev().collect();
    received.reverse();
    scenario.expect_eq(
        "the entries that into_iter() yields",
        received,
        order.to_vec(),
    );
}

/// A cache can stand after `in` in a `for` loop: by reference, by mutable reference, by value.
#[test]
fn a_cache_can_be_looped_over() {
    let Driven {
        scenario,
        mut cache,
    } = Driven::with(4, &ENTRIES);
    let mut sum = 0;
    for (_, value) in &cache {
        sum += value;
    }
    scenario.expect_eq("the sum over &cache", sum, 10);
    for (_, value) in &mut cache {
        *value *= 2;
    }
    let mut seen = String::new();
    for (key, value) in cache {
        seen += &format!("{key}{value} ");
    }
    scenario.expect_eq("the entries of cache after doubling", seen, "d8 c6 b4 a2 ");
}

/// An `iter` can be cloned: the copy goes on from the same place, on its own.
#[test]
fn a_cloned_iterator_goes_on_by_itself() {
    let driven = Driven::with(4, &ENTRIES);
    let mut iter = driven.cache.iter();
    driven.scenario.step("iter(), next(), clone()");
    iter.next();
    let copy = iter.clone();
    driven
        .scenario
        .expect_eq("next() of the first", iter.next(), Some((&"c", &3)));
    driven.scenario.expect_eq(
        "next_back() of the first",
        iter.next_back(),
        Some((&"a", &1)),
    );
    driven
        .scenario
        .expect_eq("len() of the copy", copy.len(), 3);
    let keys: Vec<&str> = copy.map(|(key, _)| *key).collect();
    driven
        .scenario
        .expect_eq("the keys of the copy", keys, vec!["c", "b", "a"]);
}

/// The adapters that an iterator inherits agree with `next`: `nth`, `count`, `rfold`.
#[test]
fn adapters_agree_with_next() {
    let Driven {
        scenario,
        mut cache,
    } = Driven::with(4, &ENTRIES);
    scenario.expect_eq("iter().nth(2)", cache.iter().nth(2), Some((&"b", &2)));
    scenario.expect_eq("iter().nth(4)", cache.iter().nth(4), None);
    scenario.expect_eq(
        "iter().rev().nth(1)",
        cache.iter().rev().nth(1),
        Some((&"b", &2)),
    );
    scenario.expect_eq(
        "iter().rev().nth(3)",
        cache.iter().rev().nth(3),
        Some((&"d", &4)),
    );
    scenario.expect_eq("iter().skip(1).count()", cache.iter().skip(1).count(), 3);
    scenario.expect_eq(
        "iter_mut().nth(3)",
        cache.iter_mut().nth(3),
        Some((&"a", &mut 1)),
    );
    scenario.expect_eq("iter_mut().count()", cache.iter_mut().count(), 4);
    let joined = cache
        .into_iter()
        .rfold(String::new(), |text, (key, _)| text + key);
    scenario.expect_eq(
        "the keys of into_iter(), folded from the back",
        joined,
        "abcd",
    );
}

/// An `into_iter` that is dropped half-way drops what it has not yielded, once.
///
/// What usually goes wrong is that entries are copied out of the arena, which then drops them
/// again, or that nobody drops the rest.
#[test]
fn a_half_consumed_into_iter_drops_the_rest() {
    for (front, back) in [(0, 0), (1, 0), (0, 1), (2, 1), (3, 2)] {
        let TrackedCache {
            scenario,
            ledger,
            cache,
        } = TrackedCache::new(5, 5);
        scenario.step(format!(
            "into_iter(), {front} times next(), {back} times next_back()"
        ));
        let mut iter = cache.into_iter();
        let mut taken: Vec<_> = iter.by_ref().take(front).collect();
        taken.extend(iter.by_ref().rev().take(back));
        scenario.expect_eq("living keys and values", ledger.live().len(), 10);
        scenario.step("drop the iterator");
        drop(iter);
        let live = ledger.live().len();
        scenario.expect_eq("living keys and values", live, 2 * (front + back));
        drop(taken);
        ledger.expect_all_dropped_once(&scenario);
    }
}

/// A panic in `Drop` while an `into_iter` is dropped does not keep the others from being dropped.
#[test]
fn a_panicking_drop_does_not_stop_into_iter() {
    for (kind, number) in [("key", 4), ("value", 3), ("key", 1)] {
        let TrackedCache {
            scenario,
            ledger,
            cache,
        } = TrackedCache::new(5, 5);
        let mut iter = cache.into_iter();
        drop(iter.next());
        scenario.step(format!(
            "into_iter(), next(), drop it while Drop of {kind} {number} panics"
        ));
        ledger.panic_on(Op::Drop, kind, number);
        let caught = catch(|| drop(iter));
        scenario.expect(
            caught.is_err(),
            "the panic reaches the caller",
            "it does not",
        );
        ledger.expect_all_dropped_once(&scenario);
    }
}

/// A clone has the same entries, order and capacity, and from then on the two are independent.
#[test]
fn a_clone_is_equal_and_independent() {
    let mut driven = Driven::with(5, &ENTRIES);
    driven.get("a");
    driven.pop("c");
    driven.scenario.step("clone()");
    let mut copy = Driven {
        scenario: Scenario::new(),
        cache: driven.cache.clone(),
    };
    copy.scenario
        .step("put a, b, c, d into a cache of capacity 5, get a, pop c, clone()");
    let order = [("a", 1), ("d", 4), ("b", 2)];
    copy.expect_order(&order);
    copy.expect_cap(5);
    copy.put("e", 5);
    copy.put("a", 10);
    copy.resize(2);
    copy.expect_order(&[("a", 10), ("e", 5)]);
    driven.expect_order(&order);
    driven.expect_cap(5);
    driven.clear();
    copy.expect_order(&[("a", 10), ("e", 5)]);
    copy.expect_peek("a", Some(10));
}

/// A clone hashes with a copy of the same hasher.
///
/// hint: Clone the hasher. A new one of the same type may have another seed, or none.
#[test]
fn a_clone_keeps_the_hasher() {
    let scenario = Scenario::new();
    let hasher = Counting::default();
    let mut cache = LruCache::with_hasher(capacity(3), hasher.clone());
    cache.put(1, "one");
    scenario.step("with_hasher(3, a hasher that counts), put(1), clone()");
    let mut copy = cache.clone();
    let before = hasher.hashes();
    scenario.expect_eq("get(1) of the clone", copy.get(&1), Some(&"one"));
    let now = hasher.hashes();
    scenario.expect(
        now > before,
        "the same hasher is asked for a hash",
        "it is not",
    );
}

/// A panic while a clone is made leaves the original as it was, and drops the copies made so far.
#[test]
fn a_panicking_clone_leaves_the_original() {
    for (kind, number) in [("key", 1), ("value", 2), ("key", 4), ("value", 4)] {
        let mut tracked = TrackedCache::new(4, 4);
        tracked.expect_panic((Op::Clone, kind, number), "clone()", |cache, _| {
            drop(cache.clone())
        });
        tracked
            .scenario
            .expect_eq("living keys and values", tracked.ledger.live().len(), 8);
        tracked.expect_consistent(&[1, 2, 3, 4], &[]);
    }
}

/// A key or value on the heap, whose next `Clone` panics if it is told so.
struct Heavy {
    fuse: bool,
    content: Box<[u64; 4]>,
}

impl Heavy {
    fn new(number: u64) -> Self {
        Self {
            fuse: false,
            content: Box::new([number; 4]),
        }
    }
}

impl Clone for Heavy {
    fn clone(&self) -> Self {
        assert!(!self.fuse, "as told");
        Self {
            fuse: false,
            content: self.content.clone(),
        }
    }
}

/// A cache gives all of its memory back however it goes, and so do its clones and iterators.
///
/// What usually goes wrong is that every key and value is dropped, but not the memory in which they
/// were: the nodes behind raw pointers, or the table beside them.
#[test]
fn all_memory_is_given_back() {
    type Life = fn(LruCache<u64, Heavy>);
    let lives: [(&str, Life); 7] = [
        ("drop it", |cache| drop(cache)),
        ("clear it, drop it", |mut cache| cache.clear()),
        ("resize(1), drop it", |mut cache| cache.resize(capacity(1))),
        ("drop a clone of it, then drop it", |cache| {
            drop(cache.clone());
        }),
        ("clone() while Clone panics, drop it", |mut cache| {
            if let Some(value) = cache.get_mut(&20) {
                value.fuse = true;
            }
            assert!(catch(|| cache.clone()).is_err());
        }),
        ("iter() and iter_mut() half-way, drop it", |mut cache| {
            assert!(cache.iter().nth(8).is_some() && cache.iter_mut().nth(8).is_some());
        }),
        ("into_iter(), drop that half-way", |cache| {
            let mut iter = cache.into_iter();
            let taken: Vec<_> = iter.by_ref().take(8).collect();
            assert!(taken.iter().all(|(key, value)| value.content[0] == *key));
        }),
    ];
    for (name, live) in lives {
        let scenario = Scenario::new();
        scenario.step(format!(
            "200 times: put 24 entries into a cache for 16, {name}"
        ));
        let meter = Meter::start();
        for _ in 0..200 {
            let mut cache = LruCache::new(capacity(16));
            (1..=24).for_each(|key| drop(cache.put(key, Heavy::new(key))));
            live(cache);
        }
        // A leak of 8 bytes a round shows; whatever the test itself keeps does not grow.
        let left = format_args!("{} bytes", meter.live());
        scenario.expect(meter.live() < 1 << 10, "at most 1 KiB still in use", left);
    }
}

/// `{:?}` prints the entries as a map, from the most to the least recently used.
#[test]
fn debug_prints_a_map_in_the_order_of_use() {
    let mut driven = Driven::with(3, &ENTRIES[..3]);
    driven.get("a");
    let received = format!("{:?}", driven.cache);
    driven
        .scenario
        .expect_eq("{:?}", received, r#"{"a": 1, "c": 3, "b": 2}"#);
    driven.clear();
    driven.scenario.expect_eq(
        "{:?} of an empty cache",
        format!("{:?}", driven.cache),
        "{}",
    );
    driven.put("x", 1);
    let received = format!("{:#?}", driven.cache);
    driven
        .scenario
        .expect_eq("{:#?}", received, "{\n    \"x\": 1,\n}");
}

/// Random sequences of all operations give the order that a simple, slow cache gives, by every
/// iterator.
#[test]
fn a_simple_model_agrees() {
    expect_agreement(4, Masked::ALL);
    expect_agreement(4, Masked::TWO);
}
