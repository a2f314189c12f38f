//! The cache without its hasher: every operation is given the hash of its key.

use std::borrow::Borrow;
use std::mem;
use std::num::NonZeroUsize;

use hashbrown::HashTable;

use crate::list::{Index, List, MAX_NODES};

/// What [`RawLru::put`] did with the entry.
pub(crate) enum Put<K, V> {
    /// It is new, and there was room.
    Added,
    /// It is new and took the place of the least recently used one, which is in here.
    Evicted(K, V),
    /// There was an entry under an equal key. In here are the key that was passed in and the
    /// value that was stored.
    Replaced(K, V),
}

/// A list of entries with a hash table that finds their places in it.
///
/// User code (`Hash`, `Eq`, `Drop`) never runs while the two disagree: keys are compared before
/// anything changes, and what is removed is returned, or dropped after everything else is done.
#[derive(Clone)]
pub(crate) struct RawLru<K, V> {
    cap: NonZeroUsize,
    /// For each node, its index under its hash.
    table: HashTable<Index>,
    list: List<K, V>,
}

impl<K, V> RawLru<K, V> {
    pub(crate) const fn new(cap: NonZeroUsize) -> Self {
        Self {
            cap,
            table: HashTable::new(),
            list: List::new(),
        }
    }

    pub(crate) fn cap(&self) -> NonZeroUsize {
        self.cap
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn list(&self) -> &List<K, V> {
        &self.list
    }

    pub(crate) fn list_mut(&mut self) -> &mut List<K, V> {
        &mut self.list
    }

    pub(crate) fn into_list(self) -> List<K, V> {
        self.list
    }

    /// The greatest number of entries that can be reached.
    fn limit(&self) -> usize {
        self.cap.get().min(MAX_NODES)
    }

    /// The place of the entry under `key`.
    #[inline]
    pub(crate) fn find<Q>(&self, hash: u64, key: &Q) -> Option<Index>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        self.table
            .find(hash, |&index| self.list.node(index).key.borrow() == key)
            .copied()
    }

    /// The value under `key`, whose entry becomes the most recent.
    ///
    /// Inlined by force, with all that it calls: with the hasher known, most of it is a few
    /// instructions, which a call would make wait for each other.
    #[inline(always)]
    pub(crate) fn get_mut<Q>(&mut self, hash: u64, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let index = self.find(hash, key)?;
        self.list.promote(index);
        Some(&mut self.list.node_mut(index).value)
    }

    /// Stores an entry as the most recent one.
    pub(crate) fn put(&mut self, hash: u64, key: K, value: V) -> Put<K, V>
    where
        K: Eq,
    {
        if let Some(stored) = self.get_mut(hash, &key) {
            return Put::Replaced(key, mem::replace(stored, value));
        }
        let limit = self.limit();
        match self.list.tail() {
            Some(tail) if self.list.len() >= limit => {
                self.unlist(tail);
                self.enlist(hash, tail);
                let (key, value) = self.list.replace_tail(tail, hash, key, value);
                Put::Evicted(key, value)
            }
            _ => {
                self.enlist(hash, self.list.end());
                self.list.push_front(hash, key, value, limit);
                Put::Added
            }
        }
    }

    /// Removes the entry under `key`.
    pub(crate) fn pop<Q>(&mut self, hash: u64, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        self.find(hash, key).map(|index| self.remove(index))
    }

    /// Removes the least recently used entry.
    pub(crate) fn pop_lru(&mut self) -> Option<(K, V)> {
        self.list.tail().map(|index| self.remove(index))
    }

    /// Removes the entry in a place. Other entries may change their places.
    pub(crate) fn remove(&mut self, index: Index) -> (K, V) {
        self.unlist(index);
        let last = self.list.end() - 1;
        if index != last {
            // The last node is about to move into the gap.
            let hash = self.list.node(last).hash;
            if let Some(moved) = self.table.find_mut(hash, |&at| at == last) {
                *moved = index;
            }
        }
        let node = self.list.remove(index);
        (node.key, node.value)
    }

    /// Sets the capacity and returns the entries for which there is no more room.
    pub(crate) fn resize(&mut self, cap: NonZeroUsize) -> Vec<(K, V)> {
        self.cap = cap;
        let mut evicted = Vec::with_capacity(self.len().saturating_sub(cap.get()));
        while self.len() > cap.get() {
            evicted.extend(self.pop_lru());
        }
        if !evicted.is_empty() {
            self.list.shrink_to_fit();
            self.table
                .shrink_to_fit(|&index| self.list.node(index).hash);
        }
        evicted
    }

    /// Drops every entry. The cache is empty even if a `Drop` panics.
    pub(crate) fn clear(&mut self) {
        self.table.clear();
        self.list.clear();
    }

    /// Enters the place `index` into the table.
    fn enlist(&mut self, hash: u64, index: Index) {
        self.table
            .insert_unique(hash, index, |&at| self.list.node(at).hash);
    }

    /// Removes the place `index` from the table. Compares indices, not keys.
    fn unlist(&mut self, index: Index) {
        let hash = self.list.node(index).hash;
        if let Ok(entry) = self.table.find_entry(hash, |&at| at == index) {
            entry.remove();
        }
    }
}
