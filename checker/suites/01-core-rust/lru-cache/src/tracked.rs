//! A cache whose keys and values are counted, and panic on demand.

use crate::{driven::capacity, hashing::Masked};
use lru_cache::LruCache;
use suite_kit::{
    Scenario,
    drops::{Ledger, Op, Tracked},
    panics::catch,
};

pub(crate) type Cache = LruCache<Tracked, Tracked, Masked>;

/// Something done to a cache with new keys and values.
pub(crate) type Operation = fn(&mut Cache, Ledger);

/// A cache in which `key n` stands before `value n`, with the ledger of all keys and values.
pub(crate) struct TrackedCache {
    pub(crate) scenario: Scenario,
    pub(crate) ledger: Ledger,
    pub(crate) cache: Cache,
}

impl TrackedCache {
    /// A cache of this capacity with the entries 1 to `entries`, put in this order.
    pub(crate) fn new(cap: usize, entries: u64) -> Self {
        Self::with_hasher(cap, entries, Masked::ALL)
    }

    pub(crate) fn with_hasher(cap: usize, entries: u64, hasher: Masked) -> Self {
        let scenario = Scenario::new();
        scenario.step(format!("a cache of capacity {cap}"));
        let cache = LruCache::with_hasher(capacity(cap), hasher);
        let mut tracked = Self {
            scenario,
            ledger: Ledger::new(),
            cache,
        };
        for number in 1..=entries {
            drop(tracked.put(number));
        }
        tracked
    }

    /// Puts `value n` under `key n`.
    pub(crate) fn put(&mut self, number: u64) -> Option<Tracked> {
        self.scenario
            .step(format!("put(key {number}, value {number})"));
        self.cache
            .put(self.ledger.key(number), self.ledger.value(number))
    }

    /// Notes the step that `operate` is, and runs it.
    pub(crate) fn run<T>(&mut self, step: &str, operate: impl FnOnce(&mut Cache) -> T) -> T {
        self.scenario.step(step);
        operate(&mut self.cache)
    }

    #[track_caller]
    pub(crate) fn expect_live(&self, expected: &[&str]) {
        self.ledger.expect_live(&self.scenario, expected);
    }

    /// Runs `operate`, in which the next `op` on `"{kind} {number}"` panics, and expects the panic
    /// to come out.
    #[track_caller]
    pub(crate) fn expect_panic(
        &mut self,
        (op, kind, number): (Op, &'static str, u64),
        step: &str,
        operate: impl FnOnce(&mut Cache, Ledger),
    ) {
        self.scenario
            .step(format!("{step}, while {op:?} of {kind} {number} panics"));
        self.ledger.panic_on(op, kind, number);
        let ledger = self.ledger;
        let caught = catch(|| operate(&mut self.cache, ledger));
        self.scenario.expect(
            !self.ledger.is_armed(),
            format_args!("{op:?} of {kind} {number} is called"),
            "it is not",
        );
        self.scenario.expect(
            caught.is_err(),
            "the panic reaches the caller",
            "it does not",
        );
    }

    /// Expects length, look-ups and order to agree with each other, the entries `kept` to be
    /// there, least recently used first, and of all others none but those in `others`. Then drops
    /// the cache and expects everything to be dropped exactly once.
    #[track_caller]
    pub(crate) fn expect_consistent(self, kept: &[u64], others: &[u64]) {
        let (scenario, ledger) = self.expect_order_left(kept, others);
        ledger.expect_all_dropped_once(&scenario);
    }

    /// Like [`expect_consistent`](Self::expect_consistent), when the panic came while `value` was
    /// on its way to the caller: the compiler then may leak it (rust-lang/rust#47949).
    #[track_caller]
    pub(crate) fn expect_consistent_without(self, value: &str, kept: &[u64], others: &[u64]) {
        let (scenario, ledger) = self.expect_order_left(kept, others);
        if ledger.live() != [value] {
            ledger.expect_all_dropped_once(&scenario);
        }
        ledger.expect_no_double_drop(&scenario);
    }

    #[track_caller]
    fn expect_order_left(mut self, kept: &[u64], others: &[u64]) -> (Scenario, Ledger) {
        let Self {
            scenario,
            ledger,
            cache,
        } = &mut self;
        ledger.expect_no_double_drop(scenario);
        let (len, cap) = (cache.len(), cache.cap().get());
        scenario.expect(len <= cap, format_args!("len() is at most {cap}"), len);
        let found: Vec<u64> = (0..200)
            .filter(|number| cache.peek(&ledger.track("probe", *number)).is_some())
            .collect();
        scenario.expect_eq(
            "len(), and the number of keys that peek finds",
            len,
            found.len(),
        );
        let mut drained = Vec::new();
        while let Some((key, value)) = cache.pop_lru() {
            scenario.expect_eq(
                "the number of a key and that of its value",
                key.number(),
                value.number(),
            );
            drained.push(key.number());
            scenario.expect(
                drained.len() <= len,
                format_args!("pop_lru() removes {len} entries"),
                format_args!("more: {drained:?}"),
            );
        }
        let mut sorted = drained.clone();
        sorted.sort_unstable();
        scenario.expect_eq(
            "the entries that pop_lru() removes and those that peek finds",
            sorted,
            found,
        );
        let rest: Vec<u64> = drained
            .iter()
            .copied()
            .filter(|number| !others.contains(number))
            .collect();
        scenario.expect_eq(
            "the entries that the operation was not about, oldest first",
            rest,
            kept.to_vec(),
        );
        // Whatever is still alive after this is a leak.
        drop(self.cache);
        (self.scenario, self.ledger)
    }

    /// Drops the cache and expects every key and value to have been dropped exactly once.
    #[track_caller]
    pub(crate) fn expect_all_dropped_once(self) {
        self.scenario.step("drop the cache");
        drop(self.cache);
        self.ledger.expect_all_dropped_once(&self.scenario);
    }
}
