//! The cache for one thread, seen from outside.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use lru_cache::LruCache;

fn cap(entries: usize) -> NonZeroUsize {
    NonZeroUsize::new(entries).unwrap_or(NonZeroUsize::MIN)
}

/// A cache of the letters, the first of which is the most recent.
fn letters(order: &str) -> LruCache<char, usize> {
    let mut cache = LruCache::new(cap(order.len()));
    for (age, letter) in order.chars().rev().enumerate() {
        cache.put(letter, age);
    }
    cache
}

fn order<V, S>(cache: &LruCache<char, V, S>) -> String {
    cache.iter().map(|(&letter, _)| letter).collect()
}

#[test]
fn a_full_cache_evicts_the_least_recently_used_entry() {
    let mut cache = letters("cba");
    assert_eq!(cache.get(&'a'), Some(&0));
    assert_eq!(cache.put('d', 3), None);
    assert_eq!(order(&cache), "dac");
    assert!(!cache.contains(&'b'));
}

#[test]
fn replacing_a_value_promotes_and_evicts_nothing() {
    let mut cache = letters("cba");
    assert_eq!(cache.put('a', 9), Some(0));
    assert_eq!(order(&cache), "acb");
    assert_eq!(cache.peek(&'a'), Some(&9));
}

#[test]
fn a_cache_of_one_entry_holds_the_last() {
    let mut cache = letters("a");
    cache.put('b', 1);
    assert_eq!(order(&cache), "b");
    assert_eq!(cache.get(&'a'), None);
    assert_eq!(cache.pop(&'b'), Some(1));
    assert!(cache.is_empty());
    cache.put('c', 2);
    assert_eq!(order(&cache), "c");
}

#[test]
fn looking_without_using_keeps_the_order() {
    let mut cache = letters("cba");
    assert_eq!(cache.peek(&'a'), Some(&0));
    assert_eq!(cache.peek(&'x'), None);
    assert!(cache.contains(&'a'));
    assert_eq!(cache.peek_lru(), Some((&'a', &0)));
    assert_eq!(order(&cache), "cba");
    if let Some(value) = cache.get_mut(&'a') {
        *value = 7;
    }
    assert_eq!(order(&cache), "acb");
    assert_eq!(cache.peek(&'a'), Some(&7));
}

#[test]
fn keys_are_found_by_their_borrowed_form_and_not_duplicated() {
    let mut cache = LruCache::new(cap(2));
    cache.put(String::from("one"), 1);
    assert_eq!(cache.get("one"), Some(&1));
    assert_eq!(cache.put(String::from("one"), 2), Some(1));
    assert_eq!(cache.len(), 1);
    assert_eq!(cache.pop("one"), Some(2));
}

#[test]
fn any_entry_can_be_removed() {
    for (removed, left) in [('a', "dcb"), ('b', "dca"), ('c', "dba"), ('d', "cba")] {
        let mut cache = letters("dcba");
        assert!(cache.pop(&removed).is_some());
        assert_eq!(cache.pop(&removed), None);
        assert_eq!(order(&cache), left);
        cache.put('e', 4);
        cache.put('f', 5);
        assert_eq!(order(&cache), format!("fe{}", &left[..2]));
        assert!(left[..2].chars().all(|letter| cache.contains(&letter)));
    }
}

#[test]
fn the_oldest_entries_leave_first() {
    let mut cache = letters("cba");
    assert_eq!(cache.pop_lru(), Some(('a', 0)));
    assert_eq!(cache.pop_lru(), Some(('b', 1)));
    assert_eq!(cache.pop_lru(), Some(('c', 2)));
    assert_eq!(cache.pop_lru(), None);
    assert_eq!(cache.peek_lru(), None);
}

#[test]
fn shrinking_evicts_the_oldest_and_growing_makes_room() {
    let mut cache = letters("edcba");
    cache.resize(cap(2));
    assert_eq!((order(&cache).as_str(), cache.cap()), ("ed", cap(2)));
    cache.resize(cap(3));
    cache.put('f', 5);
    assert_eq!(order(&cache), "fed");
    cache.put('g', 6);
    assert_eq!(order(&cache), "gfe");
    assert_eq!(cache.get(&'e'), Some(&4));
}

#[test]
fn a_cleared_cache_can_be_used_again() {
    let mut cache = letters("cba");
    cache.clear();
    assert_eq!((cache.len(), cache.get(&'a')), (0, None));
    assert_eq!(cache.peek_lru(), None);
    for (letter, value) in "xyzw".chars().zip(0..) {
        cache.put(letter, value);
    }
    assert_eq!(order(&cache), "wzy");
}

#[test]
fn the_greatest_capacity_allocates_nothing_ahead() {
    let mut cache = LruCache::new(NonZeroUsize::MAX);
    for key in 0..100 {
        cache.put(key, [0_u8; 64]);
    }
    cache.resize(cap(10));
    cache.resize(NonZeroUsize::MAX);
    assert_eq!((cache.len(), cache.cap()), (10, NonZeroUsize::MAX));
}

#[test]
fn iterators_go_both_ways_and_know_their_length() {
    let mut cache = letters("dcba");
    let mut iter = cache.iter();
    assert_eq!((iter.len(), iter.next()), (4, Some((&'d', &3))));
    assert_eq!((iter.len(), iter.next_back()), (3, Some((&'a', &0))));
    let mut copy = iter.clone();
    assert_eq!(copy.next(), Some((&'c', &2)));
    assert_eq!(
        (iter.next(), iter.next_back()),
        (Some((&'c', &2)), Some((&'b', &1)))
    );
    assert_eq!((iter.len(), iter.next(), iter.next_back()), (0, None, None));
    assert_eq!(format!("{copy:?}"), "{'b': 1}");

    let mut iter = cache.iter_mut();
    assert_eq!((iter.len(), iter.next()), (4, Some((&'d', &mut 3))));
    assert_eq!((iter.len(), iter.next_back()), (3, Some((&'a', &mut 0))));
    assert_eq!(
        (iter.next_back(), iter.next()),
        (Some((&'b', &mut 1)), Some((&'c', &mut 2)))
    );
    assert_eq!((iter.len(), iter.next(), iter.next_back()), (0, None, None));

    let mut iter = cache.into_iter();
    assert_eq!((iter.len(), iter.next()), (4, Some(('d', 3))));
    assert_eq!((iter.len(), iter.next_back()), (3, Some(('a', 0))));
    assert_eq!(
        (iter.next(), iter.next_back()),
        (Some(('c', 2)), Some(('b', 1)))
    );
    assert_eq!((iter.len(), iter.next(), iter.next_back()), (0, None, None));
}

#[test]
fn mutable_references_from_an_iterator_live_side_by_side() {
    let mut cache = letters("dcba");
    let mut values: Vec<&mut usize> = cache.iter_mut().map(|(_, value)| value).collect();
    values.rotate_left(1);
    for (add, value) in (0..).step_by(10).zip(values) {
        *value += add;
    }
    let values: Vec<usize> = cache.iter().map(|(_, &value)| value).collect();
    assert_eq!(values, [33, 2, 11, 20]);
    assert_eq!(order(&cache), "dcba");
}

#[test]
fn an_empty_cache_iterates_over_nothing() {
    let mut cache = LruCache::<u8, u8>::new(cap(1));
    assert_eq!(cache.iter().next_back(), None);
    assert_eq!(cache.iter_mut().next(), None);
    assert_eq!(cache.into_iter().next_back(), None);
}

#[test]
fn a_clone_has_the_same_order_and_is_independent() {
    let mut cache = letters("cba");
    cache.get(&'a');
    let mut clone = cache.clone();
    assert_eq!(format!("{clone:?}"), "{'a': 0, 'c': 2, 'b': 1}");
    clone.put('d', 3);
    assert_eq!((order(&cache), order(&clone)), ("acb".into(), "dac".into()));
}

/// Counts how often each of its values is dropped.
#[derive(Clone, Default)]
struct Ledger(Rc<RefCell<HashMap<usize, usize>>>);

struct Entered {
    number: usize,
    ledger: Ledger,
}

impl Ledger {
    fn enter(&self) -> Entered {
        let number = self.0.borrow().len();
        self.0.borrow_mut().insert(number, 0);
        Entered {
            number,
            ledger: self.clone(),
        }
    }

    fn assert_each_dropped_once(&self) {
        let drops = self.0.borrow();
        assert!(
            drops.values().all(|&count| count == 1),
            "drops by number: {drops:?}"
        );
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        *self.ledger.0.borrow_mut().entry(self.number).or_default() += 1;
    }
}

#[test]
fn everything_is_dropped_once_on_every_path() {
    let ledger = Ledger::default();
    let filled = || {
        let mut cache = LruCache::new(cap(4));
        for key in 0..6 {
            cache.put(key, ledger.enter());
        }
        cache
    };
    drop(filled());
    filled().put(5, ledger.enter());
    filled().pop(&3);
    filled().pop_lru();
    filled().clear();
    filled().resize(cap(1));
    drop(filled().into_iter());
    let mut iter = filled().into_iter();
    drop((iter.next(), iter.next_back()));
    drop(iter);
    ledger.assert_each_dropped_once();
}

thread_local! {
    /// Which of the user's functions panics at its next call.
    static FUSE: Cell<Option<Burns>> = const { Cell::new(None) };
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Burns {
    Hash,
    Eq,
    Drop,
}

fn burn(at: Burns) {
    if FUSE.get() == Some(at) {
        FUSE.set(None);
        std::panic::resume_unwind(Box::new("the fuse burned"));
    }
}

/// A key that panics when the fuse says so. All of them collide, so that `Eq` is always asked.
struct Fused(u8);

impl Hash for Fused {
    fn hash<H: Hasher>(&self, state: &mut H) {
        burn(Burns::Hash);
        state.write_u8(0);
    }
}

impl PartialEq for Fused {
    fn eq(&self, other: &Self) -> bool {
        burn(Burns::Eq);
        self.0 == other.0
    }
}

impl Eq for Fused {}

impl Drop for Fused {
    fn drop(&mut self) {
        burn(Burns::Drop);
    }
}

#[test]
fn a_panic_in_user_code_leaves_the_cache_consistent() {
    type Operation = fn(&mut LruCache<Fused, Box<u8>>);
    let operations: [(&str, Operation); 9] = [
        ("put new", |cache| drop(cache.put(Fused(9), Box::new(9)))),
        ("put old", |cache| drop(cache.put(Fused(1), Box::new(9)))),
        ("get", |cache| drop(cache.get(&Fused(1)).cloned())),
        ("pop", |cache| drop(cache.pop(&Fused(1)))),
        ("pop missing", |cache| drop(cache.pop(&Fused(7)))),
        ("pop_lru", |cache| drop(cache.pop_lru())),
        ("resize", |cache| cache.resize(cap(1))),
        ("clear", LruCache::clear),
        ("into_iter", |cache| {
            drop(std::mem::replace(cache, LruCache::new(cap(1))).into_iter())
        }),
    ];
    for (name, operation) in operations {
        for fuse in [Burns::Hash, Burns::Eq, Burns::Drop] {
            let mut cache = LruCache::new(cap(3));
            for key in 0..3 {
                cache.put(Fused(key), Box::new(key));
            }
            FUSE.set(Some(fuse));
            // Some operations do not call every function; then nothing panics.
            _ = catch_unwind(AssertUnwindSafe(|| operation(&mut cache)));
            FUSE.set(None);

            let keys: Vec<u8> = cache.iter().map(|(key, _)| key.0).collect();
            let context = format!("{name} with a panic in {fuse:?} left {keys:?}");
            assert_eq!(keys.len(), cache.len(), "{context}");
            assert!(cache.len() <= cache.cap().get(), "{context}");
            assert!(
                keys.iter().all(|&key| cache.contains(&Fused(key))),
                "{context}"
            );
            let back: Vec<u8> = cache.iter().rev().map(|(key, _)| key.0).collect();
            assert!(keys.iter().rev().eq(&back), "{context}");
            for key in 20..24 {
                cache.put(Fused(key), Box::new(key));
            }
            assert_eq!(cache.len(), cache.cap().get(), "{context}");
            assert!(cache.contains(&Fused(23)), "{context}");
        }
    }
}

#[test]
fn a_key_that_panics_when_dropped_leaks_no_value() {
    type Operation = fn(&mut LruCache<Fused, Entered>, Entered);
    let ledger = Ledger::default();
    let operations: [Operation; 3] = [
        |cache, value| drop(cache.put(Fused(9), value)),
        |cache, value| drop(cache.put(Fused(1), value)),
        |cache, _| drop(cache.pop(&Fused(1))),
    ];
    for operation in operations {
        let mut cache = LruCache::new(cap(3));
        for key in 0..3 {
            cache.put(Fused(key), ledger.enter());
        }
        FUSE.set(Some(Burns::Drop));
        let value = ledger.enter();
        let result = catch_unwind(AssertUnwindSafe(|| operation(&mut cache, value)));
        FUSE.set(None);
        assert!(result.is_err());
    }
    ledger.assert_each_dropped_once();
}

#[test]
fn a_cache_is_as_sendable_as_its_contents() {
    fn send_and_sync<T: Send + Sync>(_: &T) {}
    let mut cache = letters("a");
    send_and_sync(&cache);
    send_and_sync(&cache.iter());
    send_and_sync(&cache.iter_mut());
    send_and_sync(&cache.into_iter());
}
