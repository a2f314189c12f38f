//! A cache whose every operation becomes a step of a scenario.

use lru_cache::LruCache;
use std::{fmt::Debug, hash::Hash, num::NonZeroUsize};
use suite_kit::Scenario;

/// `cap` as a capacity.
pub(crate) fn capacity(cap: usize) -> NonZeroUsize {
    NonZeroUsize::new(cap).expect("a capacity is not zero")
}

/// A cache from short names to numbers, with the story of what was done to it.
pub(crate) struct Driven<K = &'static str, V = i32> {
    pub(crate) scenario: Scenario,
    pub(crate) cache: LruCache<K, V>,
}

impl<K, V> Driven<K, V>
where
    K: Hash + Eq + Debug + Clone,
    V: Debug + Clone + PartialEq,
{
    pub(crate) fn new(cap: usize) -> Self {
        let scenario = Scenario::new();
        scenario.step(format!("LruCache::new({cap})"));
        Self {
            scenario,
            cache: LruCache::new(capacity(cap)),
        }
    }

    /// A cache of this capacity into which these entries were put, in this order.
    #[track_caller]
    pub(crate) fn with(cap: usize, entries: &[(K, V)]) -> Self {
        let mut driven = Self::new(cap);
        for (key, value) in entries {
            driven.put(key.clone(), value.clone());
        }
        driven
    }

    pub(crate) fn put(&mut self, key: K, value: V) -> Option<V> {
        self.scenario.step(format!("put({key:?}, {value:?})"));
        self.cache.put(key, value)
    }

    #[track_caller]
    pub(crate) fn expect_put(&mut self, key: K, value: V, expected: Option<V>) {
        let call = format!("what put({key:?}, {value:?}) returns");
        let received = self.put(key, value);
        self.scenario.expect_eq(call, received, expected);
    }

    pub(crate) fn get(&mut self, key: K) -> Option<V> {
        self.scenario.step(format!("get({key:?})"));
        self.cache.get(&key).cloned()
    }

    #[track_caller]
    pub(crate) fn expect_get(&mut self, key: K, expected: Option<V>) {
        let call = format!("what get({key:?}) returns");
        let received = self.get(key);
        self.scenario.expect_eq(call, received, expected);
    }

    /// Expects each of these entries to be found by `get`, which promotes them.
    #[track_caller]
    pub(crate) fn expect_found(&mut self, entries: &[(K, V)]) {
        for (key, value) in entries {
            self.expect_get(key.clone(), Some(value.clone()));
        }
    }

    /// Expects `get` to find none of these keys.
    #[track_caller]
    pub(crate) fn expect_gone(&mut self, keys: &[K]) {
        for key in keys {
            self.expect_get(key.clone(), None);
        }
    }

    #[track_caller]
    pub(crate) fn expect_len(&mut self, expected: usize) {
        self.scenario.expect_eq("len()", self.cache.len(), expected);
        self.scenario
            .expect_eq("is_empty()", self.cache.is_empty(), expected == 0);
    }

    #[track_caller]
    pub(crate) fn expect_cap(&self, expected: usize) {
        self.scenario
            .expect_eq("cap()", self.cache.cap().get(), expected);
    }

    #[track_caller]
    pub(crate) fn expect_peek(&mut self, key: K, expected: Option<V>) {
        self.scenario.step(format!("peek({key:?})"));
        let received = self.cache.peek(&key).cloned();
        self.scenario.expect_eq(
            format_args!("what peek({key:?}) returns"),
            received,
            expected,
        );
    }

    #[track_caller]
    pub(crate) fn expect_contains(&mut self, key: K, expected: bool) {
        self.scenario.step(format!("contains({key:?})"));
        let received = self.cache.contains(&key);
        self.scenario.expect_eq(
            format_args!("what contains({key:?}) returns"),
            received,
            expected,
        );
    }

    /// Expects this entry to be the least recently used.
    #[track_caller]
    pub(crate) fn expect_lru(&mut self, key: K, value: V) {
        self.scenario.step("peek_lru()");
        let received = self
            .cache
            .peek_lru()
            .map(|(key, value)| (key.clone(), value.clone()));
        self.scenario
            .expect_eq("what peek_lru() returns", received, Some((key, value)));
    }

    pub(crate) fn pop(&mut self, key: K) -> Option<V> {
        self.scenario.step(format!("pop({key:?})"));
        self.cache.pop(&key)
    }

    #[track_caller]
    pub(crate) fn expect_pop(&mut self, key: K, expected: Option<V>) {
        let call = format!("what pop({key:?}) returns");
        let received = self.pop(key);
        self.scenario.expect_eq(call, received, expected);
    }

    pub(crate) fn resize(&mut self, cap: usize) {
        self.scenario.step(format!("resize({cap})"));
        self.cache.resize(capacity(cap));
    }

    pub(crate) fn clear(&mut self) {
        self.scenario.step("clear()");
        self.cache.clear();
    }

    /// Empties the cache with `pop_lru` and expects these entries, the least recently used first.
    #[track_caller]
    pub(crate) fn expect_drained(&mut self, entries: &[(K, V)]) {
        self.expect_len(entries.len());
        for entry in entries {
            self.scenario.step("pop_lru()");
            let received = self.cache.pop_lru();
            self.scenario
                .expect_eq("what pop_lru() returns", received, Some(entry.clone()));
        }
        self.expect_empty();
    }

    #[track_caller]
    pub(crate) fn expect_empty(&mut self) {
        self.scenario.step("pop_lru()");
        let received = self.cache.pop_lru();
        self.scenario
            .expect_eq("what pop_lru() returns", received, None);
        self.expect_len(0);
    }

    /// Expects `iter` to yield these entries, the most recently used first.
    #[track_caller]
    pub(crate) fn expect_order(&mut self, entries: &[(K, V)]) {
        self.scenario.step("iter()");
        let received: Vec<(K, V)> = self
            .cache
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        self.scenario
            .expect_eq("the entries that iter() yields", received, entries.to_vec());
        self.expect_len(entries.len());
    }
}
