//! Values that count their drops, and that panic on demand.
//!
//! A [`Ledger`] hands out [`Tracked`] keys and values and knows which of them are alive, which
//! were dropped, and which were dropped twice.

use crate::Scenario;
use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    panic::panic_any,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

/// What a [`Tracked`] value can be told to panic on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Computing the hash.
    Hash,
    /// Comparing for equality, on either side.
    Eq,
    /// Making a copy.
    Clone,
    /// Being dropped, other than by a panic that unwinds. The drop still counts.
    Drop,
}

/// The book of all values that one test made.
///
/// A ledger is never freed, so that even a value dropped a second time can still be entered.
#[derive(Debug, Clone, Copy)]
pub struct Ledger {
    book: &'static Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    /// How often each value was dropped, by its id.
    drops: Vec<u32>,
    /// The names of the dropped values, in the order of the drops.
    dropped: Vec<String>,
    /// What the next matching operation panics on.
    traps: Vec<(Op, &'static str, u64)>,
    names: Vec<(&'static str, u64)>,
}

/// A key or value that a [`Ledger`] knows.
///
/// Equality, order and hash are those of its number.
pub struct Tracked {
    book: &'static Mutex<Book>,
    id: usize,
    kind: &'static str,
    number: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self {
            book: Box::leak(Box::default()),
        }
    }

    /// A new live value, named `"{kind} {number}"` in messages.
    pub fn track(&self, kind: &'static str, number: u64) -> Tracked {
        let mut book = lock(self.book);
        book.drops.push(0);
        book.names.push((kind, number));
        Tracked {
            book: self.book,
            id: book.drops.len() - 1,
            kind,
            number,
        }
    }

    /// A new live key.
    pub fn key(&self, number: u64) -> Tracked {
        self.track("key", number)
    }

    /// A new live value.
    pub fn value(&self, number: u64) -> Tracked {
        self.track("value", number)
    }

    /// Makes the next `op` on a value of this kind and number panic, once.
    pub fn panic_on(&self, op: Op, kind: &'static str, number: u64) {
        lock(self.book).traps.push((op, kind, number));
    }

    /// Whether a trap that was set has not been sprung yet.
    pub fn is_armed(&self) -> bool {
        !lock(self.book).traps.is_empty()
    }

    /// Removes all traps.
    pub fn disarm(&self) {
        lock(self.book).traps.clear();
    }

    /// The names of the values that are alive, sorted by kind and number.
    pub fn live(&self) -> Vec<String> {
        let book = lock(self.book);
        let mut live: Vec<_> = book
            .names
            .iter()
            .zip(&book.drops)
            .filter(|(_, drops)| **drops == 0)
            .map(|(name, _)| *name)
            .collect();
        live.sort_unstable();
        live.into_iter()
            .map(|(kind, number)| format!("{kind} {number}"))
            .collect()
    }

    /// The names of the dropped values in the order in which they were dropped.
    pub fn dropped(&self) -> Vec<String> {
        lock(self.book).dropped.clone()
    }

    /// Fails unless exactly these values are alive (in any order) and none was dropped twice.
    #[track_caller]
    pub fn expect_live(&self, scenario: &Scenario, expected: &[&str]) {
        self.expect_no_double_drop(scenario);
        let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        let mut live = self.live();
        expected.sort_unstable();
        live.sort_unstable();
        scenario.expect_eq("the keys and values that are alive", live, expected);
    }

    /// Fails unless every value was dropped exactly once.
    #[track_caller]
    pub fn expect_all_dropped_once(&self, scenario: &Scenario) {
        self.expect_no_double_drop(scenario);
        let live = self.live();
        scenario.expect(
            live.is_empty(),
            "every key and value is dropped exactly once",
            format_args!("never dropped: {}", live.join(", ")),
        );
    }

    /// Fails if a value was dropped twice.
    #[track_caller]
    pub fn expect_no_double_drop(&self, scenario: &Scenario) {
        let book = lock(self.book);
        let doubled: Vec<String> = book
            .names
            .iter()
            .zip(&book.drops)
            .filter(|(_, drops)| **drops > 1)
            .map(|((kind, number), drops)| format!("{kind} {number} ({drops} times)"))
            .collect();
        drop(book);
        scenario.expect(
            doubled.is_empty(),
            "no key or value is dropped more than once",
            format_args!("dropped again: {}", doubled.join(", ")),
        );
    }
}

impl Tracked {
    /// The number that decides equality.
    pub fn number(&self) -> u64 {
        self.number
    }

    fn meet(&self, op: Op) {
        let mut book = lock(self.book);
        let trap = (op, self.kind, self.number);
        if let Some(at) = book.traps.iter().position(|set| *set == trap) {
            book.traps.swap_remove(at);
            drop(book);
            panic_any(format!("{op:?} of {self:?} panics, as told"));
        }
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        self.meet(Op::Clone);
        Ledger { book: self.book }.track(self.kind, self.number)
    }
}

impl PartialEq for Tracked {
    fn eq(&self, other: &Self) -> bool {
        self.meet(Op::Eq);
        other.meet(Op::Eq);
        self.number == other.number
    }
}

impl Eq for Tracked {}

impl PartialOrd for Tracked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tracked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number.cmp(&other.number)
    }
}

impl Hash for Tracked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.meet(Op::Hash);
        self.number.hash(state);
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind, self.number)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let mut book = lock(self.book);
        book.drops[self.id] += 1;
        book.dropped.push(format!("{} {}", self.kind, self.number));
        drop(book);
        // A second panic while one unwinds would abort the process and say nothing.
        if !thread::panicking() {
            self.meet(Op::Drop);
        }
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panics::catch;
    use std::{collections::HashSet, mem::ManuallyDrop};

    #[test]
    fn drops_are_entered_in_their_order() {
        let ledger = Ledger::new();
        let (key, value) = (ledger.key(1), ledger.value(2));
        ledger.expect_live(&Scenario::new(), &["value 2", "key 1"]);
        drop(value);
        drop(key);
        assert_eq!(ledger.dropped(), ["value 2", "key 1"]);
        ledger.expect_all_dropped_once(&Scenario::new());
    }

    #[test]
    fn a_leak_is_named() {
        let ledger = Ledger::new();
        std::mem::forget(ledger.value(9));
        let caught = catch(|| ledger.expect_all_dropped_once(&Scenario::new())).unwrap_err();
        assert!(
            caught.message.contains("never dropped: value 9"),
            "{}",
            caught.message
        );
    }

    #[test]
    #[allow(unsafe_code, reason = "a double drop cannot be made without")]
    fn a_double_drop_is_named() {
        let ledger = Ledger::new();
        let mut value = ManuallyDrop::new(ledger.value(9));
        for _ in 0..2 {
            // SAFETY: a `Tracked` owns nothing; its ledger is never freed.
            unsafe { ManuallyDrop::drop(&mut value) };
        }
        let caught = catch(|| ledger.expect_all_dropped_once(&Scenario::new())).unwrap_err();
        assert!(
            caught.message.contains("dropped again: value 9 (2 times)"),
            "{}",
            caught.message
        );
    }

    #[test]
    fn a_clone_is_a_value_of_its_own() {
        let ledger = Ledger::new();
        let value = ledger.value(1);
        let copy = value.clone();
        drop(value);
        ledger.expect_live(&Scenario::new(), &["value 1"]);
        drop(copy);
        ledger.expect_all_dropped_once(&Scenario::new());
    }

    #[test]
    #[allow(
        clippy::mutable_key_type,
        reason = "the ledger is no part of a key's hash"
    )]
    fn a_trap_is_sprung_once_by_its_operation() {
        let ledger = Ledger::new();
        let mut set = HashSet::from([ledger.key(1)]);
        ledger.panic_on(Op::Hash, "key", 1);
        assert!(!set.contains(&ledger.key(2)));
        assert!(ledger.is_armed());
        let caught = catch(|| set.contains(&ledger.key(1))).unwrap_err();
        assert_eq!(caught.message, "Hash of key 1 panics, as told");
        assert!(!ledger.is_armed());
        ledger.panic_on(Op::Eq, "key", 1);
        assert!(catch(|| set.contains(&ledger.key(1))).is_err());
        ledger.panic_on(Op::Clone, "key", 1);
        assert!(catch(|| set.clone()).is_err());
        ledger.panic_on(Op::Drop, "key", 1);
        let key = set.take(&ledger.value(1));
        assert!(catch(|| drop(key)).is_err());
        ledger.expect_all_dropped_once(&Scenario::new());
    }
}
