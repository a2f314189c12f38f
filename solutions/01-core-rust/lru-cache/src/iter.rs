//! The iterators, which follow the links of the list.
//!
//! All of them go from the most to the least recently used entry, can be reversed and taken from
//! both ends, and know their exact length. As the list is a circle, the count of the entries left
//! is what ends an iteration.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::mem;
use std::ptr::NonNull;

use crate::cache::LruCache;
use crate::list::{Index, Link, List, Node};

impl<K, V, S> LruCache<K, V, S> {
    /// The entries from the most to the least recently used.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V> {
        let list = self.raw().list();
        Iter {
            nodes: list.nodes(),
            span: Span::of(list.head(), list.links()),
        }
    }

    /// The entries from the most to the least recently used, with their values for changing them
    /// in place.
    #[must_use]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        let list = self.raw_mut().list_mut();
        let head = list.head();
        let (nodes, links) = list.parts_mut();
        IterMut {
            nodes: NonNull::from(nodes).cast(),
            span: Span::of(head, links),
            marker: PhantomData,
        }
    }
}

/// The part of the list that an iterator has not yielded.
#[derive(Clone, Copy)]
struct Span<'a> {
    links: &'a [Link],
    /// The most recent node left, if `left` is not 0.
    front: Index,
    /// The least recent node left, if `left` is not 0.
    back: Index,
    left: usize,
}

impl<'a> Span<'a> {
    fn of(head: Option<Index>, links: &'a [Link]) -> Self {
        let front = head.unwrap_or(0);
        Self {
            links,
            front,
            back: links.get(front as usize).map_or(0, |link| link.prev),
            left: links.len(),
        }
    }

    /// Takes out the most recent node.
    fn next(&mut self) -> Option<Index> {
        self.left = self.left.checked_sub(1)?;
        let next = self.links[self.front as usize].next;
        Some(mem::replace(&mut self.front, next))
    }

    /// Takes out the least recent node.
    fn next_back(&mut self) -> Option<Index> {
        self.left = self.left.checked_sub(1)?;
        let prev = self.links[self.back as usize].prev;
        Some(mem::replace(&mut self.back, prev))
    }
}

/// An iterator over borrowed entries, made by [`LruCache::iter`].
pub struct Iter<'a, K, V> {
    nodes: &'a [Node<K, V>],
    span: Span<'a>,
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = &self.nodes[self.span.next()? as usize];
        Some((&node.key, &node.value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.span.left, Some(self.span.left))
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let node = &self.nodes[self.span.next_back()? as usize];
        Some((&node.key, &node.value))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}

impl<K, V> FusedIterator for Iter<'_, K, V> {}

/// A copy goes on from the same place, independently.
impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self {
            nodes: self.nodes,
            span: self.span,
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}

/// An iterator over entries with mutable values, made by [`LruCache::iter_mut`].
///
/// The nodes lie in the order of the memory and are yielded in that of the list, so that no
/// splitting of the slice helps. A raw pointer to the slice, borrowed for `'a`, hands out the
/// nodes one by one.
pub struct IterMut<'a, K, V> {
    /// The first of the nodes, all of which this iterator has borrowed.
    nodes: NonNull<Node<K, V>>,
    span: Span<'a>,
    marker: PhantomData<&'a mut [Node<K, V>]>,
}

impl<'a, K, V> IterMut<'a, K, V> {
    /// The entry in a place.
    ///
    /// # Safety
    ///
    /// The place is one that was taken out of the span, and this is called once for it.
    unsafe fn entry(&mut self, index: Index) -> (&'a K, &'a mut V) {
        // SAFETY: the span yields places of nodes, so that the pointer stays within the slice that
        // `iter_mut` has borrowed for `'a`. The list is a circle that meets every node once, and
        // the span ends after as many steps as there are nodes, so that no other reference to this
        // node exists. The links are elsewhere: to go on, the iterator looks at no node.
        let node = unsafe { self.nodes.add(index as usize).as_mut() };
        (&node.key, &mut node.value)
    }
}

impl<'a, K, V> Iterator for IterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.span.next()?;
        // SAFETY: the place was taken out of the span in the line above.
        Some(unsafe { self.entry(index) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.span.left, Some(self.span.left))
    }
}

impl<K, V> DoubleEndedIterator for IterMut<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let index = self.span.next_back()?;
        // SAFETY: the place was taken out of the span in the line above.
        Some(unsafe { self.entry(index) })
    }
}

impl<K, V> ExactSizeIterator for IterMut<'_, K, V> {}

impl<K, V> FusedIterator for IterMut<'_, K, V> {}

// SAFETY: the iterator stands for the `&mut [Node<K, V>]` in its marker, which is `Send` under
// these bounds; the pointer is never shared.
unsafe impl<K: Send, V: Send> Send for IterMut<'_, K, V> {}

// SAFETY: as above for `Sync`; a shared reference to the iterator gives access to no node.
unsafe impl<K: Sync, V: Sync> Sync for IterMut<'_, K, V> {}

impl<K, V> fmt::Debug for IterMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IterMut")
            .field("left", &self.span.left)
            .finish_non_exhaustive()
    }
}

/// An iterator that owns the entries, made by [`LruCache::into_iter`](IntoIterator::into_iter).
///
/// Dropping it drops the entries that it has not yielded.
pub struct IntoIter<K, V> {
    list: List<K, V>,
}

impl<K, V> IntoIter<K, V> {
    fn take(&mut self, index: Option<Index>) -> Option<(K, V)> {
        let node = self.list.remove(index?);
        Some((node.key, node.value))
    }
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<Self::Item> {
        self.take(self.list.head())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.list.len(), Some(self.list.len()))
    }
}

impl<K, V> DoubleEndedIterator for IntoIter<K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.take(self.list.tail())
    }
}

impl<K, V> ExactSizeIterator for IntoIter<K, V> {}

impl<K, V> FusedIterator for IntoIter<K, V> {}

impl<K, V> fmt::Debug for IntoIter<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter")
            .field("left", &self.list.len())
            .finish_non_exhaustive()
    }
}

/// Yields the owned entries from the most to the least recently used.
impl<K, V, S> IntoIterator for LruCache<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> Self::IntoIter {
        IntoIter {
            list: self.into_raw().into_list(),
        }
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
