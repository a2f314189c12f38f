//! Phase 5: what no safe program may be able to do.

use crate::{
    driven::{Driven, capacity},
    hashing::Masked,
    model::expect_agreement,
    tracked::{Operation, TrackedCache},
};
use lru_cache::{IntoIter, Iter, IterMut, LruCache};
use std::{
    cell::Cell,
    hash::RandomState,
    marker::PhantomData,
    mem,
    rc::Rc,
    sync::{Arc, MutexGuard},
};
use suite_kit::{Scenario, drops::Op};

/// Asks at run time whether a type is `Send` or `Sync`, so that a cache that is not still
/// compiles with these tests.
///
/// `Probe::<T>::SEND` is the inherent constant if its bound holds; otherwise the trait's is found.
struct Probe<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    const SEND: bool = false;
    const SYNC: bool = false;
}

impl<T: ?Sized> Otherwise for Probe<T> {}

impl<T: ?Sized + Send> Probe<T> {
    const SEND: bool = true;
}

impl<T: ?Sized + Sync> Probe<T> {
    const SYNC: bool = true;
}

/// `Send` but not `Sync`.
type NotSync = Cell<u8>;
/// Neither `Send` nor `Sync`.
type Neither = Rc<u8>;
/// `Sync` but not `Send`.
type NotSend = MutexGuard<'static, u8>;

/// A scenario in which a cache works at all: whether something that does not exist yet may be
/// sent to other threads is no question.
fn working_cache() -> Scenario {
    let mut driven = Driven::with(2, &[("a", 1)]);
    driven.expect_get("a", Some(1));
    driven.expect_order(&[("a", 1)]);
    Scenario::new()
}

#[track_caller]
fn expect_traits(scenario: &Scenario, name: &str, received: (bool, bool), expected: (bool, bool)) {
    let words = |(send, sync)| match (send, sync) {
        (true, true) => "Send and Sync",
        (true, false) => "Send, not Sync",
        (false, true) => "Sync, not Send",
        (false, false) => "neither Send nor Sync",
    };
    scenario.expect(
        received == expected,
        format_args!("{name} is {}", words(expected)),
        format_args!("it is {}", words(received)),
    );
}

/// Expects `(Send, Sync)` of a type.
macro_rules! expect_traits {
    ($scenario:expr, $type:ty, $expected:expr) => {
        expect_traits(
            &$scenario,
            stringify!($type),
            (Probe::<$type>::SEND, Probe::<$type>::SYNC),
            $expected,
        )
    };
}

/// A cache is `Send` and `Sync` if its keys, values and hasher are both.
///
/// Raw pointers and `Rc` make a type neither. Where they are sound in spite of that, an
/// `unsafe impl` says so, with the bounds that make it true.
#[test]
fn a_cache_of_sendable_entries_is_sendable() {
    let scenario = working_cache();
    expect_traits!(scenario, LruCache<u8, u8>, (true, true));
    expect_traits!(scenario, LruCache<String, Vec<String>>, (true, true));
    expect_traits!(
        scenario,
        LruCache<Arc<str>, Arc<u8>, RandomState>,
        (true, true)
    );
}

/// A cache is not `Send` if its keys, values or hasher are not, and not `Sync` if they are not.
///
/// An `unsafe impl Send` without bounds lets a safe program race on an `Rc`.
///
/// hint: An arena in safe code gets this right by itself; with raw pointers, bound every parameter.
#[test]
fn a_cache_promises_no_more_than_its_entries() {
    let scenario = working_cache();
    expect_traits!(scenario, LruCache<u8, NotSync>, (true, false));
    expect_traits!(scenario, LruCache<NotSync, u8>, (true, false));
    expect_traits!(scenario, LruCache<u8, u8, NotSync>, (true, false));
    expect_traits!(scenario, LruCache<u8, Neither>, (false, false));
    expect_traits!(scenario, LruCache<Neither, u8>, (false, false));
    expect_traits!(scenario, LruCache<u8, u8, Neither>, (false, false));
    expect_traits!(scenario, LruCache<u8, NotSend>, (false, true));
}

/// Iterators are `Send` and `Sync` where the references or entries that they yield are.
///
/// `iter` yields shared references, and those are `Send` only if the entries are `Sync`;
/// `iter_mut` yields exclusive ones to the values.
#[test]
fn iterators_promise_no_more_than_what_they_yield() {
    let scenario = working_cache();
    expect_traits!(scenario, Iter<'static, u8, u8>, (true, true));
    expect_traits!(scenario, Iter<'static, u8, NotSync>, (false, false));
    expect_traits!(scenario, Iter<'static, NotSync, u8>, (false, false));
    expect_traits!(scenario, Iter<'static, u8, Neither>, (false, false));
    expect_traits!(scenario, IterMut<'static, u8, u8>, (true, true));
    expect_traits!(scenario, IterMut<'static, u8, NotSync>, (true, false));
    expect_traits!(scenario, IterMut<'static, u8, Neither>, (false, false));
    expect_traits!(scenario, IterMut<'static, Neither, u8>, (false, false));
    expect_traits!(scenario, IntoIter<u8, u8>, (true, true));
    expect_traits!(scenario, IntoIter<u8, NotSync>, (true, false));
    expect_traits!(scenario, IntoIter<Neither, u8>, (false, false));
}

/// A cache can be moved between any two operations.
///
/// Pointers into the value itself, to a sentinel that is stored inline for example, are left
/// behind by a move.
///
/// hint: Pointers may lead to the heap, never into the `LruCache` itself.
#[test]
fn a_cache_can_be_moved() {
    let driven = Driven::with(3, &[("a", 1), ("b", 2)]);
    driven
        .scenario
        .step("move the cache into a Box, into a Vec, and out again");
    let boxed = Box::new(driven.cache);
    let mut many = vec![LruCache::new(capacity(1)), *boxed];
    many.reserve(100);
    let mut moved = Driven {
        scenario: driven.scenario,
        cache: many.swap_remove(1),
    };
    moved.expect_get("a", Some(1));
    moved.put("c", 3);
    moved.put("d", 4);
    moved.expect_order(&[("d", 4), ("c", 3), ("a", 1)]);
    moved.expect_drained(&[("a", 1), ("c", 3), ("d", 4)]);
}

/// Two caches can be swapped, even an empty one with a full one.
#[test]
fn caches_can_be_swapped() {
    let mut full = Driven::with(2, &[("a", 1), ("b", 2)]);
    let mut empty = Driven::new(3);
    full.scenario.step("swap with an empty cache of capacity 3");
    mem::swap(&mut full.cache, &mut empty.cache);
    full.expect_len(0);
    full.expect_cap(3);
    full.put("x", 9);
    full.expect_order(&[("x", 9)]);
    empty
        .scenario
        .step("swap with a cache of capacity 2 into which a and b were put");
    empty.expect_get("a", Some(1));
    empty.put("c", 3);
    empty.expect_order(&[("c", 3), ("a", 1)]);
}

/// An iterator that is forgotten instead of dropped harms nothing.
///
/// `mem::forget` is safe, so the destructor of a borrow may never run.
#[test]
fn a_forgotten_iterator_harms_nothing() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2), ("c", 3)]);
    driven.scenario.step("iter_mut(), next(), forget it");
    let mut iter = driven.cache.iter_mut();
    iter.next();
    let _forgotten = mem::ManuallyDrop::new(iter);
    driven.put("d", 4);
    driven.expect_order(&[("d", 4), ("c", 3), ("b", 2)]);

    let TrackedCache {
        scenario,
        ledger,
        cache,
    } = TrackedCache::new(3, 3);
    scenario.step("into_iter(), next(), forget the iterator");
    let mut iter = cache.into_iter();
    let first = iter.next();
    mem::forget(iter);
    drop(first);
    ledger.expect_no_double_drop(&scenario);
}

/// The references that an iterator yields live as long as the borrow of the cache, not only as
/// long as the iterator.
#[test]
fn yielded_references_outlive_the_iterator() {
    let mut driven = Driven::with(3, &[("a", 1), ("b", 2), ("c", 3)]);
    let cache = &mut driven.cache;
    let last = cache.iter().next_back();
    let found = cache.peek("b");
    driven
        .scenario
        .expect_eq("the last entry of a dropped iter()", last, Some((&"a", &1)));
    driven.scenario.expect_eq("peek(b)", found, Some(&2));
    let (first, last) = {
        let mut iter = cache.iter_mut();
        (iter.next(), iter.next_back())
    };
    if let (Some((_, first)), Some((_, last))) = (first, last) {
        mem::swap(first, last);
    }
    driven.expect_order(&[("c", 1), ("b", 2), ("a", 3)]);
}

/// Keys and values may borrow from elsewhere, even mutably.
#[test]
fn entries_may_borrow() {
    let scenario = Scenario::new();
    let names = [String::from("one"), String::from("two")];
    let mut counts = [0, 0];
    {
        let mut cache: LruCache<&str, &mut i32> = LruCache::new(capacity(2));
        for (name, count) in names.iter().zip(&mut counts) {
            cache.put(name, count);
        }
        scenario.step("put two mutable references, change what the first refers to");
        if let Some(count) = cache.get_mut("one") {
            **count += 5;
        }
        for (_, count) in &mut cache {
            **count += 1;
        }
    }
    scenario.expect_eq("what the references referred to", counts, [6, 1]);
}

/// Values on the heap survive a long random life in the cache unharmed.
///
/// A reference to freed memory often goes unnoticed; here every value says which one it is.
#[test]
fn values_on_the_heap_stay_whole() {
    let most = if cfg!(miri) { 20 } else { 80 };
    suite_kit::property::check_moves(40, most, &|scenario, cap, moves| {
        let mut cache: LruCache<String, Box<String>> = LruCache::new(capacity(cap));
        scenario.step(format!("a cache of capacity {cap}"));
        for one in moves {
            let key = format!("key {}", one.key % 12);
            let value = format!("value {}", one.key % 12);
            match one.kind % 6 {
                0 | 1 => {
                    scenario.step(format!("put({key:?})"));
                    cache.put(key, Box::new(value));
                }
                2 => {
                    scenario.step(format!("pop({key:?})"));
                    let popped = cache.pop(&*key);
                    scenario.expect(
                        popped.is_none_or(|found| *found == value),
                        &value,
                        "another",
                    );
                }
                3 => {
                    scenario.step(format!(
                        "get_mut({key:?}), replace the value by an equal one"
                    ));
                    if let Some(found) = cache.get_mut(&*key) {
                        **found = value;
                    }
                }
                4 => {
                    scenario.step("replace the cache by its clone");
                    cache = cache.clone();
                }
                _ => {
                    scenario.step("get");
                    cache.get(&*key);
                }
            }
            for (key, value) in &cache {
                let belongs = key.replace("key", "value");
                scenario.expect_eq(format_args!("the value of {key:?}"), &**value, &belongs);
            }
        }
    });
}

/// After any panic, a cache can be used, cloned, iterated over and dropped as before.
#[test]
fn a_cache_goes_on_after_panics() {
    let mut tracked = TrackedCache::with_hasher(3, 3, Masked::NONE);
    let put: Operation = |cache, ledger| {
        cache.put(ledger.key(9), ledger.value(9));
    };
    tracked.expect_panic((Op::Hash, "key", 9), "put(key 9, value 9)", put);
    tracked.expect_panic((Op::Eq, "key", 9), "put(key 9, value 9)", put);
    let oldest = tracked.cache.peek_lru().map_or(0, |(key, _)| key.number());
    tracked.expect_panic((Op::Drop, "value", oldest), "put(key 9, value 9)", put);
    tracked.expect_panic((Op::Clone, "key", 3), "clone()", |cache, _| {
        drop(cache.clone())
    });
    for number in 20..30 {
        drop(tracked.put(number));
    }
    let order: Vec<u64> = tracked.cache.iter().map(|(key, _)| key.number()).collect();
    tracked
        .scenario
        .expect_eq("the keys that iter() yields", order, vec![29, 28, 27]);
    let copy = tracked.cache.clone();
    tracked
        .scenario
        .expect_eq("len() of a clone", copy.len(), 3);
    drop(copy);
    tracked.expect_consistent(&[27, 28, 29], &[]);
}

/// A cache of values of size zero keeps its order by all iterators.
///
/// Pointers to values of size zero may all be equal.
#[test]
fn values_of_size_zero_keep_their_order() {
    let scenario = Scenario::new();
    let mut cache: LruCache<u8, ()> = LruCache::new(capacity(3));
    for key in 1..=4 {
        cache.put(key, ());
    }
    cache.get(&2);
    cache.pop(&3);
    cache.put(5, ());
    scenario.step("put 1, 2, 3, 4 into a cache of capacity 3, get 2, pop 3, put 5");
    let keys: Vec<u8> = cache.iter().map(|(key, ())| *key).collect();
    scenario.expect_eq("iter()", keys, vec![5, 2, 4]);
    let keys: Vec<u8> = cache.iter_mut().rev().map(|(key, ())| *key).collect();
    scenario.expect_eq("iter_mut().rev()", keys, vec![4, 2, 5]);
    let keys: Vec<u8> = cache.into_iter().map(|(key, ())| key).collect();
    scenario.expect_eq("into_iter()", keys, vec![5, 2, 4]);
}

/// All operations of phases 1 to 4 still agree with a simple, slow cache.
///
/// Whatever was changed for the sake of soundness must not have broken them.
#[test]
fn a_simple_model_still_agrees() {
    expect_agreement(4, Masked::NONE);
}
