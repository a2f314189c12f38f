//! The entries in the order of their use: a circular doubly linked list in an arena.
//!
//! The links lie apart from the entries. A hit writes the links of four nodes or five, and looks at
//! the entry of one: 8 bytes a link, eight links to a cache line, stay in the nearer caches of a
//! processor when the entries no longer do.

use std::mem;

/// The place of a node in the arena. It changes when [`List::remove`] fills a gap.
pub(crate) type Index = u32;

/// The greatest number of nodes, so that every place fits an [`Index`].
pub(crate) const MAX_NODES: usize = Index::MAX as usize;

/// The neighbors of a node.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    /// The next less recently used node; for the least recently used one, the head.
    pub(crate) next: Index,
    /// The next more recently used node; for the head, the least recently used one.
    pub(crate) prev: Index,
}

/// An entry.
#[derive(Clone)]
pub(crate) struct Node<K, V> {
    /// The hash of the key.
    pub(crate) hash: u64,
    pub(crate) key: K,
    pub(crate) value: V,
}

/// A list of entries, the most recently used first.
///
/// The nodes fill a `Vec` without gaps, and the links another one: the last node moves into the
/// place of one that is removed, and its link with it. There is thus no list of free places, and a
/// node is always a live entry.
///
/// The list is a circle. The tail is the node before the head, and moving the head one step back
/// makes the tail the head without touching a link. Eviction lives on that: the new entry takes
/// the place of the tail in memory and in the circle.
#[derive(Clone)]
pub(crate) struct List<K, V> {
    nodes: Vec<Node<K, V>>,
    /// In the place of each node, its neighbors.
    links: Vec<Link>,
    /// The most recently used node, if there is a node.
    head: Index,
}

impl<K, V> List<K, V> {
    pub(crate) const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            links: Vec::new(),
            head: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The nodes in the order of the memory.
    pub(crate) fn nodes(&self) -> &[Node<K, V>] {
        &self.nodes
    }

    /// The links, each in the place of its node.
    pub(crate) fn links(&self) -> &[Link] {
        &self.links
    }

    /// The nodes, for changing their values, beside their links.
    pub(crate) fn parts_mut(&mut self) -> (&mut [Node<K, V>], &[Link]) {
        (&mut self.nodes, &self.links)
    }

    pub(crate) fn node(&self, index: Index) -> &Node<K, V> {
        &self.nodes[index as usize]
    }

    pub(crate) fn node_mut(&mut self, index: Index) -> &mut Node<K, V> {
        &mut self.nodes[index as usize]
    }

    /// The place that the next new node gets, which is one behind the last node.
    pub(crate) fn end(&self) -> Index {
        // `push_front` keeps the number of nodes within `MAX_NODES`.
        self.nodes.len() as Index
    }

    /// The most recently used node.
    pub(crate) fn head(&self) -> Option<Index> {
        (!self.nodes.is_empty()).then_some(self.head)
    }

    /// The least recently used node.
    pub(crate) fn tail(&self) -> Option<Index> {
        self.links.get(self.head as usize).map(|head| head.prev)
    }

    /// Adds an entry at the head, in the place [`end`](Self::end). The caller has made sure that
    /// there are fewer than `limit` nodes, which is at most [`MAX_NODES`].
    pub(crate) fn push_front(&mut self, hash: u64, key: K, value: V, limit: usize) {
        debug_assert!(self.nodes.len() < limit && limit <= MAX_NODES);
        self.grow(limit);
        let index = self.end();
        self.nodes.push(Node { hash, key, value });
        self.links.push(Link {
            next: index,
            prev: index,
        });
        if index != 0 {
            self.link_before_head(index);
        }
        self.head = index;
    }

    /// Puts an entry into the place of the least recently used node `tail`, makes it the head,
    /// and returns the old entry.
    pub(crate) fn replace_tail(&mut self, tail: Index, hash: u64, key: K, value: V) -> (K, V) {
        debug_assert_eq!(self.tail(), Some(tail));
        let node = &mut self.nodes[tail as usize];
        node.hash = hash;
        let old = (
            mem::replace(&mut node.key, key),
            mem::replace(&mut node.value, value),
        );
        self.head = tail;
        old
    }

    /// Makes a node the most recently used one. For the one that is it already, nothing is written.
    #[inline]
    pub(crate) fn promote(&mut self, index: Index) {
        if index == self.head {
            return;
        }
        let Link { prev, next } = self.links[index as usize];
        self.links[prev as usize].next = next;
        self.links[next as usize].prev = prev;
        self.link_before_head(index);
        self.head = index;
    }

    /// Takes a node out. The last node of the memory, if it is another one, moves into its place.
    pub(crate) fn remove(&mut self, index: Index) -> Node<K, V> {
        let Link { prev, next } = self.links[index as usize];
        self.links[prev as usize].next = next;
        self.links[next as usize].prev = prev;
        if self.head == index {
            self.head = next;
        }
        let last = self.end() - 1;
        if index != last {
            // The neighbors of the last node may be that node itself, so both are read first.
            let Link { prev, next } = self.links[last as usize];
            self.links[prev as usize].next = index;
            self.links[next as usize].prev = index;
            if self.head == last {
                self.head = index;
            }
        }
        self.links.swap_remove(index as usize);
        self.nodes.swap_remove(index as usize)
    }

    /// Drops every entry. The list is empty even if a `Drop` panics.
    pub(crate) fn clear(&mut self) {
        self.head = 0;
        self.links.clear();
        self.nodes.clear();
    }

    /// Gives back the memory that the nodes do not need.
    pub(crate) fn shrink_to_fit(&mut self) {
        self.nodes.shrink_to_fit();
        self.links.shrink_to_fit();
    }

    /// Links an unlinked node between the tail and the head.
    #[inline]
    fn link_before_head(&mut self, index: Index) {
        let head = self.head;
        let tail = mem::replace(&mut self.links[head as usize].prev, index);
        self.links[tail as usize].next = index;
        self.links[index as usize] = Link {
            next: head,
            prev: tail,
        };
    }

    /// Makes room for one more node: doubles the memory, but not beyond `limit` nodes.
    fn grow(&mut self, limit: usize) {
        /// Room for a few entries at once, so that small caches do not grow step by step.
        const FIRST: usize = 4;
        let len = self.nodes.len();
        if len == self.nodes.capacity() {
            let target = len.saturating_mul(2).max(FIRST).min(limit);
            self.nodes.reserve_exact(target - len);
            self.links.reserve_exact(target - len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(list: &List<char, ()>) -> String {
        let mut keys = String::new();
        let mut at = list.head;
        for _ in 0..list.len() {
            let next = list.links[at as usize].next;
            assert_eq!(
                list.links[next as usize].prev, at,
                "the links agree in both directions"
            );
            keys.push(list.node(at).key);
            at = next;
        }
        assert!(
            list.nodes.is_empty() || at == list.head,
            "the list is one circle"
        );
        keys
    }

    fn list_of(keys: &str) -> List<char, ()> {
        let mut list = List::new();
        for key in keys.chars().rev() {
            list.push_front(0, key, (), MAX_NODES);
        }
        list
    }

    fn index_of(list: &List<char, ()>, key: char) -> Index {
        list.nodes
            .iter()
            .position(|node| node.key == key)
            .map_or(Index::MAX, |at| at as Index)
    }

    #[test]
    fn pushed_entries_are_in_order() {
        assert_eq!(keys(&list_of("")), "");
        assert_eq!(keys(&list_of("a")), "a");
        assert_eq!(keys(&list_of("abcd")), "abcd");
    }

    #[test]
    fn promoting_moves_any_node_to_the_head() {
        for (key, expected) in [('a', "abcd"), ('b', "bacd"), ('c', "cabd"), ('d', "dabc")] {
            let mut list = list_of("abcd");
            list.promote(index_of(&list, key));
            assert_eq!(keys(&list), expected);
        }
    }

    #[test]
    fn promoting_in_a_list_of_two_swaps_them() {
        let mut list = list_of("ab");
        list.promote(index_of(&list, 'b'));
        assert_eq!(keys(&list), "ba");
        assert_eq!(list.tail(), Some(index_of(&list, 'a')));
    }

    #[test]
    fn removing_any_node_from_any_order_leaves_the_others() {
        // Promoting first makes the order of the list differ from that of the memory.
        for promoted in "abcd".chars() {
            for removed in "abcd".chars() {
                let mut list = list_of("abcd");
                list.promote(index_of(&list, promoted));
                let expected: String = keys(&list).chars().filter(|&key| key != removed).collect();
                let node = list.remove(index_of(&list, removed));
                assert_eq!(node.key, removed);
                assert_eq!(keys(&list), expected);
            }
        }
    }

    #[test]
    fn a_list_can_be_emptied_from_both_ends() {
        for from_head in [true, false] {
            let mut list = list_of("abc");
            let mut removed = String::new();
            while let Some(index) = if from_head { list.head() } else { list.tail() } {
                removed.push(list.remove(index).key);
                keys(&list);
            }
            assert_eq!(removed, if from_head { "abc" } else { "cba" });
            assert_eq!((list.head(), list.tail()), (None, None));
        }
    }

    #[test]
    fn replacing_the_tail_makes_it_the_head() {
        let mut list = list_of("abc");
        let tail = index_of(&list, 'c');
        assert_eq!(list.replace_tail(tail, 0, 'x', ()), ('c', ()));
        assert_eq!(keys(&list), "xab");
    }

    #[test]
    fn the_memory_never_exceeds_the_limit() {
        let mut list = List::new();
        for key in 0..9 {
            list.push_front(0, key, (), 9);
        }
        assert_eq!(list.nodes.capacity(), 9);
    }
}
