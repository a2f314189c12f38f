//! The cache for one thread: phases 1 to 3, and `Clone` and `Debug` of phase 4.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::marker::PhantomData;
use std::num::NonZeroUsize;

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
pub struct LruCache<K, V, S = RandomState> {
    // The fields are yours: put here whatever your design needs.
    marker: PhantomData<(K, V, S)>,
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
        _ = (cap, hasher);
        todo!("phase 1: create an empty cache")
    }

    /// The greatest number of entries that the cache holds: what it was created with, or last
    /// resized to.
    #[must_use]
    pub fn cap(&self) -> NonZeroUsize {
        todo!("phase 1: the capacity")
    }

    /// The number of entries in the cache, in constant time. Never above [`cap`](Self::cap).
    #[must_use]
    pub fn len(&self) -> usize {
        todo!("phase 1: the number of entries")
    }

    /// Whether the cache holds no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        todo!("phase 1: whether the cache is empty")
    }

    /// The least recently used entry, which the next eviction would take, or `None` if the cache
    /// is empty.
    ///
    /// Promotes nothing. Takes constant time.
    #[must_use]
    pub fn peek_lru(&self) -> Option<(&K, &V)> {
        todo!("phase 2: the least recently used entry, without promoting it")
    }

    /// Removes every entry and drops its key and value. The capacity stays, and the cache can be
    /// used again.
    ///
    /// If a `Drop` panics, the cache is empty nevertheless and the other entries are dropped.
    pub fn clear(&mut self) {
        todo!("phase 3: remove every entry")
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
        _ = (key, value);
        todo!("phase 1: store a value, evict the least recently used entry when full")
    }

    /// The value stored under `key`, or `None`. Promotes the entry that it finds.
    ///
    /// Takes constant time.
    pub fn get<Q>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        _ = key;
        todo!("phase 1: find a value and promote its entry")
    }

    /// The value stored under `key`, for changing it in place, or `None`. Promotes the entry that
    /// it finds.
    ///
    /// Takes constant time.
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        _ = key;
        todo!("phase 2: find a value to be changed and promote its entry")
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
        _ = key;
        todo!("phase 2: find a value without promoting its entry")
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
        _ = key;
        todo!("phase 2: whether a key is there, without promoting its entry")
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
        _ = key;
        todo!("phase 3: remove an entry by its key")
    }

    /// Removes the least recently used entry and returns its key and value, or `None` if the
    /// cache is empty.
    ///
    /// Takes constant time.
    pub fn pop_lru(&mut self) -> Option<(K, V)> {
        todo!("phase 3: remove the least recently used entry")
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
        _ = cap;
        todo!("phase 3: change the capacity, evict what no longer fits")
    }
}

/// A copy with the same entries, order, capacity and hasher. From then on the two are
/// independent.
///
/// The bounds let you rebuild the copy with [`put`](LruCache::put). A design that needs fewer may
/// ask for fewer.
impl<K, V, S> Clone for LruCache<K, V, S>
where
    K: Clone + Hash + Eq,
    V: Clone,
    S: Clone + BuildHasher,
{
    fn clone(&self) -> Self {
        todo!("phase 4: copy the cache, its order included")
    }
}

/// Prints the entries as a map, from the most to the least recently used: `{"b": 2, "a": 1}`.
impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for LruCache<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        _ = f;
        todo!("phase 4: print the entries as a map")
    }
}
