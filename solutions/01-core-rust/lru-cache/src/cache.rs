//! The cache for one thread: the raw cache with a hasher.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroUsize;

use crate::raw::{Put, RawLru};

/// A map that holds at most [`cap`](Self::cap) entries and makes room for a new one by evicting
/// the least recently used.
///
/// An entry is *used*, and thereby becomes the most recent one, when it is written with
/// [`put`](Self::put) or found by [`get`](Self::get) or [`get_mut`](Self::get_mut). The
/// documentation calls this *promoting* the entry. Nothing else changes the order.
///
/// Look-ups take any borrowed form of the key, as those of the standard library's maps do:
/// `Hash` and `Eq` of the borrowed form must agree with those of the key.
///
/// Dropping the cache drops every key and every value once, and gives all of its memory back.
///
/// Memory permitting, a cache of greater capacity than 2^32 - 1 begins to evict at that number of
/// entries.
#[derive(Clone)]
pub struct LruCache<K, V, S = RandomState> {
    raw: RawLru<K, V>,
    hasher: S,
}

impl<K, V> LruCache<K, V> {
    /// Creates an empty cache for at most `cap` entries, with the standard library's hasher.
    ///
    /// Allocates nothing in proportion to `cap`, which may be as large as `usize::MAX`.
    #[must_use]
    pub fn new(cap: NonZeroUsize) -> Self {
        Self::with_hasher(cap, RandomState::new())
    }
}

impl<K, V, S> LruCache<K, V, S> {
    /// Creates an empty cache for at most `cap` entries that hashes its keys with `hasher`.
    ///
    /// Allocates nothing in proportion to `cap`, which may be as large as `usize::MAX`.
    #[must_use]
    pub fn with_hasher(cap: NonZeroUsize, hasher: S) -> Self {
        Self {
            raw: RawLru::new(cap),
            hasher,
        }
    }

    /// The greatest number of entries that the cache holds: what it was created with, or last
    /// resized to.
    #[must_use]
    pub fn cap(&self) -> NonZeroUsize {
        self.raw.cap()
    }

    /// The number of entries in the cache, in constant time. Never above [`cap`](Self::cap).
    #[must_use]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether the cache holds no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The least recently used entry, which the next eviction would take, or `None` if the cache
    /// is empty.
    ///
    /// Promotes nothing. Takes constant time.
    #[must_use]
    pub fn peek_lru(&self) -> Option<(&K, &V)> {
        let list = self.raw.list();
        let node = list.node(list.tail()?);
        Some((&node.key, &node.value))
    }

    /// Removes every entry and drops its key and value. The capacity stays, and the cache can be
    /// used again.
    ///
    /// If a `Drop` panics, the cache is empty nevertheless and the other entries are dropped.
    pub fn clear(&mut self) {
        self.raw.clear();
    }
}

impl<K, V, S> LruCache<K, V, S>
where
    K: Hash + Eq,
    S: BuildHasher,
{
    /// Stores `value` under `key` and makes the entry the most recent one. Returns the value that
    /// was stored under an equal key before.
    ///
    /// If an equal key is there, its value is replaced, the entry is promoted, and nothing is
    /// evicted, not even in a full cache. The stored key stays and the `key` passed in is
    /// dropped, as in [`HashMap::insert`](std::collections::HashMap::insert).
    ///
    /// If the key is new and the cache is full, the least recently used entry, and only that, is
    /// evicted first; its key and value are dropped.
    ///
    /// Takes amortized constant time.
    pub fn put(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.hasher.hash_one(&key);
        match self.raw.put(hash, key, value) {
            Put::Added | Put::Evicted(..) => None,
            Put::Replaced(key, old) => {
                // Dropped before the value is in the place of the result, where a panic in `Drop`
                // would leak it.
                drop(key);
                Some(old)
            }
        }
    }

    /// The value stored under `key`, or `None`. Promotes the entry that it finds.
    ///
    /// Takes constant time.
    #[inline]
    pub fn get<Q>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.get_mut(key).map(|value| &*value)
    }

    /// The value stored under `key`, for changing it in place, or `None`. Promotes the entry that
    /// it finds.
    ///
    /// Takes constant time.
    #[inline]
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.raw.get_mut(self.hasher.hash_one(key), key)
    }

    /// The value stored under `key`, or `None`. Promotes nothing.
    ///
    /// Takes constant time.
    #[must_use]
    pub fn peek<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let index = self.raw.find(self.hasher.hash_one(key), key)?;
        Some(&self.raw.list().node(index).value)
    }

    /// Whether there is an entry under `key`. Promotes nothing.
    ///
    /// Takes constant time.
    #[must_use]
    pub fn contains<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.raw.find(self.hasher.hash_one(key), key).is_some()
    }

    /// Removes the entry under `key` and returns its value, or `None` if there is none. The order
    /// of the other entries stays. The removed key is dropped.
    ///
    /// Takes constant time. The memory of removed entries is used again: putting and popping for
    /// ever keeps the memory of the cache within a constant factor of its largest `len`.
    pub fn pop<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (key, value) = self.raw.pop(self.hasher.hash_one(key), key)?;
        // First, for the reason given in `put`.
        drop(key);
        Some(value)
    }

    /// Removes the least recently used entry and returns its key and value, or `None` if the
    /// cache is empty.
    ///
    /// Takes constant time.
    pub fn pop_lru(&mut self) -> Option<(K, V)> {
        self.raw.pop_lru()
    }

    /// Sets the capacity to `cap`.
    ///
    /// If there are more than `cap` entries, the least recently used ones are evicted and
    /// dropped until `cap` are left. The order of those stays. Growing changes no entry and
    /// allocates nothing.
    ///
    /// If a `Drop` of an evicted entry panics, `len` is not above the new capacity nevertheless.
    ///
    /// Takes time in proportion to the number of entries at most.
    pub fn resize(&mut self, cap: NonZeroUsize) {
        drop(self.raw.resize(cap));
    }
}

/// Prints the entries as a map, from the most to the least recently used: `{"b": 2, "a": 1}`.
impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for LruCache<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K, V, S> LruCache<K, V, S> {
    pub(crate) fn raw(&self) -> &RawLru<K, V> {
        &self.raw
    }

    pub(crate) fn raw_mut(&mut self) -> &mut RawLru<K, V> {
        &mut self.raw
    }

    pub(crate) fn into_raw(self) -> RawLru<K, V> {
        self.raw
    }
}
