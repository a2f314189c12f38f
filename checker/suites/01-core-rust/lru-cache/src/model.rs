//! A naive cache that is obviously right, and random operations on both.

use crate::{driven::capacity, hashing::Masked};
use lru_cache::LruCache;
use suite_kit::{
    Scenario,
    property::{Move, check_moves},
};

const CASES: usize = 150;
const MOVES: usize = 60;
/// A few more keys than the greatest capacity, so that hits, misses and evictions are common.
const KEYS: u8 = 12;

/// Entries in a vector, the most recently used first.
pub(crate) struct Model {
    cap: usize,
    entries: Vec<(u8, u16)>,
}

impl Model {
    pub(crate) fn new(cap: usize) -> Self {
        Self {
            cap,
            entries: Vec::new(),
        }
    }

    pub(crate) fn put(&mut self, key: u8, value: u16) -> Option<u16> {
        let old = self.pop(key);
        self.entries.insert(0, (key, value));
        self.entries.truncate(self.cap);
        old
    }

    pub(crate) fn get(&mut self, key: u8) -> Option<u16> {
        let value = self.pop(key)?;
        self.entries.insert(0, (key, value));
        Some(value)
    }

    pub(crate) fn peek(&self, key: u8) -> Option<u16> {
        self.entries
            .iter()
            .find(|entry| entry.0 == key)
            .map(|entry| entry.1)
    }

    pub(crate) fn pop(&mut self, key: u8) -> Option<u16> {
        let at = self.entries.iter().position(|entry| entry.0 == key)?;
        Some(self.entries.remove(at).1)
    }

    fn resize(&mut self, cap: usize) {
        self.cap = cap;
        self.entries.truncate(cap);
    }
}

/// Applies random operations of the phases up to `phase` to a cache and to the model, and expects
/// the same results.
#[track_caller]
pub(crate) fn expect_agreement(phase: u8, hasher: Masked) {
    check_moves(CASES, MOVES, &|scenario, cap, moves| {
        Pair::new(scenario, cap, hasher).run(phase, moves);
    });
}

struct Pair<'s> {
    scenario: &'s Scenario,
    cache: LruCache<u8, u16, Masked>,
    model: Model,
}

impl<'s> Pair<'s> {
    fn new(scenario: &'s Scenario, cap: usize, hasher: Masked) -> Self {
        scenario.step(format!("a cache of capacity {cap}"));
        Self {
            scenario,
            cache: LruCache::with_hasher(capacity(cap), hasher),
            model: Model::new(cap),
        }
    }

    fn run(mut self, phase: u8, moves: &[Move]) {
        for one in moves {
            // The later the phase, the more operations there are to choose from.
            match (phase, one.kind % [2, 6, 10, 13][usize::from(phase) - 1]) {
                (_, 0) => self.put(one),
                (_, 1) => self.get(one),
                (_, 2) => self.get_mut(one),
                (_, 3) => self.peek(one),
                (_, 4) => self.contains(one),
                (_, 5) => self.peek_lru(),
                (_, 6) => self.pop(one),
                (_, 7) => self.pop_lru(),
                (_, 8) => self.resize(one),
                // Rare, or caches would never fill.
                (_, 9) if one.value % 8 == 0 => self.clear(),
                (_, 10) => self.iter_mut(one),
                (_, 11) => self.replace_by_clone(),
                _ => self.put(one),
            }
            self.scenario
                .expect_eq("len()", self.cache.len(), self.model.entries.len());
            self.scenario
                .expect_eq("cap()", self.cache.cap().get(), self.model.cap);
            if phase >= 4 {
                self.expect_same_order();
            }
        }
        match phase {
            1 => self.expect_same_found(),
            2 => self.expect_same_peeked(),
            3 => self.expect_same_drained(),
            _ => self.expect_same_owned(),
        }
    }

    fn put(&mut self, one: &Move) {
        let (key, value) = (one.key % KEYS, one.value);
        self.scenario.step(format!("put({key}, {value})"));
        let (received, expected) = (self.cache.put(key, value), self.model.put(key, value));
        self.scenario
            .expect_eq("what put returns", received, expected);
    }

    fn get(&mut self, one: &Move) {
        let key = one.key % KEYS;
        self.scenario.step(format!("get({key})"));
        let (received, expected) = (self.cache.get(&key).copied(), self.model.get(key));
        self.scenario
            .expect_eq("what get returns", received, expected);
    }

    fn get_mut(&mut self, one: &Move) {
        let key = one.key % KEYS;
        self.scenario
            .step(format!("get_mut({key}), set to {}", one.value));
        let received = self
            .cache
            .get_mut(&key)
            .map(|value| std::mem::replace(value, one.value));
        let expected = self.model.get(key);
        self.scenario
            .expect_eq("what get_mut finds", received, expected);
        if expected.is_some() {
            self.model.put(key, one.value);
        }
    }

    fn peek(&mut self, one: &Move) {
        let key = one.key % KEYS;
        self.scenario.step(format!("peek({key})"));
        self.scenario.expect_eq(
            "what peek returns",
            self.cache.peek(&key).copied(),
            self.model.peek(key),
        );
    }

    fn contains(&mut self, one: &Move) {
        let key = one.key % KEYS;
        self.scenario.step(format!("contains({key})"));
        self.scenario.expect_eq(
            "what contains returns",
            self.cache.contains(&key),
            self.model.peek(key).is_some(),
        );
    }

    fn peek_lru(&mut self) {
        self.scenario.step("peek_lru()");
        let received = self.cache.peek_lru().map(|(key, value)| (*key, *value));
        self.scenario.expect_eq(
            "what peek_lru returns",
            received,
            self.model.entries.last().copied(),
        );
    }

    fn pop(&mut self, one: &Move) {
        let key = one.key % KEYS;
        self.scenario.step(format!("pop({key})"));
        self.scenario.expect_eq(
            "what pop returns",
            self.cache.pop(&key),
            self.model.pop(key),
        );
    }

    fn pop_lru(&mut self) {
        self.scenario.step("pop_lru()");
        self.scenario.expect_eq(
            "what pop_lru returns",
            self.cache.pop_lru(),
            self.model.entries.pop(),
        );
    }

    fn resize(&mut self, one: &Move) {
        let cap = 1 + usize::from(one.value % 8);
        self.scenario.step(format!("resize({cap})"));
        self.cache.resize(capacity(cap));
        self.model.resize(cap);
    }

    fn clear(&mut self) {
        self.scenario.step("clear()");
        self.cache.clear();
        self.model.entries.clear();
    }

    fn iter_mut(&mut self, one: &Move) {
        self.scenario
            .step(format!("iter_mut(), set all values to {}", one.value));
        let changed: Vec<u8> = self
            .cache
            .iter_mut()
            .map(|(key, value)| {
                *value = one.value;
                *key
            })
            .collect();
        for entry in &mut self.model.entries {
            entry.1 = one.value;
        }
        let expected: Vec<u8> = self.model.entries.iter().map(|entry| entry.0).collect();
        self.scenario
            .expect_eq("the keys that iter_mut yields", changed, expected);
    }

    fn replace_by_clone(&mut self) {
        self.scenario.step("replace the cache by its clone");
        self.cache = self.cache.clone();
    }

    fn expect_same_order(&self) {
        let received: Vec<(u8, u16)> = self
            .cache
            .iter()
            .map(|(key, value)| (*key, *value))
            .collect();
        self.scenario
            .expect_eq("what iter yields", &received, &self.model.entries);
        let mut received: Vec<(u8, u16)> = self
            .cache
            .iter()
            .rev()
            .map(|(key, value)| (*key, *value))
            .collect();
        received.reverse();
        self.scenario.expect_eq(
            "what iter yields, reversed twice",
            &received,
            &self.model.entries,
        );
    }

    fn expect_same_found(mut self) {
        for key in 0..KEYS {
            self.get(&Move {
                kind: 0,
                key,
                value: 0,
            });
        }
    }

    fn expect_same_peeked(mut self) {
        for key in 0..KEYS {
            self.peek(&Move {
                kind: 0,
                key,
                value: 0,
            });
        }
        self.peek_lru();
    }

    fn expect_same_drained(mut self) {
        while !self.model.entries.is_empty() {
            self.pop_lru();
        }
        self.pop_lru();
    }

    fn expect_same_owned(self) {
        let received: Vec<(u8, u16)> = self.cache.into_iter().collect();
        self.scenario
            .expect_eq("what into_iter yields", received, self.model.entries);
    }
}
