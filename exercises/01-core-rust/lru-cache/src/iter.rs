//! The iterators: phase 4.
//!
//! All of them go from the most to the least recently used entry, can be reversed and taken from
//! both ends, know their exact length at any time, and go on returning `None` once they are
//! exhausted. Iterating promotes nothing. Creating an iterator takes constant time for [`Iter`],
//! and at most time in proportion to the number of entries for [`IterMut`] and [`IntoIter`].
//!
//! [`IterMut`] is the difficult one: the entries lie in the order of the list, not of the memory,
//! and the compiler cannot see that following the links never meets a node twice. There are two
//! good ways. The safe one visits the memory in its own order once, keeps a `&mut` to each entry
//! in a table of `Option`s, and takes them out in the order of the list; it allocates that table.
//! The other one follows the links through a raw pointer and needs no table. If you choose it,
//! write down in a `SAFETY` comment why no two of the references overlap, and do not form a
//! reference to a node that has been handed out before. Whichever you choose, an iterator borrows
//! the cache for `'a`, and [`IterMut`] lets no one write a value of a shorter lifetime than `V` has
//! in the cache; a marker such as the one in the stub sees to both.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::cache::LruCache;

impl<K, V, S> LruCache<K, V, S> {
    /// The entries from the most to the least recently used.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V> {
        todo!("phase 4: iterate over the entries")
    }

    /// The entries from the most to the least recently used, with their values for changing them
    /// in place.
    #[must_use]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        todo!("phase 4: iterate over the entries with mutable values")
    }
}

/// An iterator over borrowed entries, made by [`LruCache::iter`].
pub struct Iter<'a, K, V> {
    // The fields are yours.
    marker: PhantomData<&'a (K, V)>,
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        todo!("phase 4: the next entry from the recent end, borrowed")
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        todo!("phase 4: the exact number of entries left, borrowed")
    }
}

impl<'a, K, V> DoubleEndedIterator for Iter<'a, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        todo!("phase 4: the next entry from the old end, borrowed")
    }
}

impl<'a, K, V> ExactSizeIterator for Iter<'a, K, V> {}

impl<'a, K, V> FusedIterator for Iter<'a, K, V> {}

/// A copy goes on from the same place, independently.
impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        todo!("phase 4: copy the iterator")
    }
}

/// An iterator over entries with mutable values, made by [`LruCache::iter_mut`].
pub struct IterMut<'a, K, V> {
    // The fields are yours.
    marker: PhantomData<&'a mut (K, V)>,
}

impl<'a, K, V> Iterator for IterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    fn next(&mut self) -> Option<Self::Item> {
        todo!("phase 4: the next entry from the recent end, with a mutable value")
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        todo!("phase 4: the exact number of entries left, with a mutable value")
    }
}

impl<'a, K, V> DoubleEndedIterator for IterMut<'a, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        todo!("phase 4: the next entry from the old end, with a mutable value")
    }
}

impl<'a, K, V> ExactSizeIterator for IterMut<'a, K, V> {}

impl<'a, K, V> FusedIterator for IterMut<'a, K, V> {}

/// An iterator that owns the entries, made by [`LruCache::into_iter`](IntoIterator::into_iter).
///
/// Dropping it drops the entries that it has not yielded.
pub struct IntoIter<K, V> {
    // The fields are yours.
    marker: PhantomData<(K, V)>,
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<Self::Item> {
        todo!("phase 4: the next entry from the recent end, owned")
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        todo!("phase 4: the exact number of entries left, owned")
    }
}

impl<K, V> DoubleEndedIterator for IntoIter<K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        todo!("phase 4: the next entry from the old end, owned")
    }
}

impl<K, V> ExactSizeIterator for IntoIter<K, V> {}

impl<K, V> FusedIterator for IntoIter<K, V> {}

/// Yields the owned entries from the most to the least recently used.
impl<K, V, S> IntoIterator for LruCache<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> Self::IntoIter {
        todo!("phase 4: turn the cache into its entries")
    }
}

impl<'a, K, V, S> IntoIterator for &'a LruCache<K, V, S> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a mut LruCache<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
