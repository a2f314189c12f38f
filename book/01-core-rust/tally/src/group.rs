//! Many entries into few groups, and the largest of these.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::hash_map::{Entry as Slot, RandomState};
use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::iter::FusedIterator;

use crate::error::{Mismatch, ParseError};
use crate::metric::Metric;
use crate::model::Entry;

// ANCHOR: groups
/// A metric for each key.
///
/// The default hasher resists keys that were chosen to collide. Where nobody can choose the keys,
/// a faster one can take its place.
#[derive(Clone, Debug)]
pub struct Groups<K, M, S = RandomState> {
    map: HashMap<K, M, S>,
}

impl<K, M, S: Default> Default for Groups<K, M, S> {
    fn default() -> Self {
        Self {
            map: HashMap::default(),
        }
    }
}
// ANCHOR_END: groups

// ANCHOR: groups-new
impl<K, M> Groups<K, M> {
    /// No groups yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}
// ANCHOR_END: groups-new

impl<K, M, S> Groups<K, M, S> {
    /// No groups yet, and keys hashed by `hasher`.
    pub fn with_hasher(hasher: S) -> Self {
        Self {
            map: HashMap::with_hasher(hasher),
        }
    }

    /// The number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// All keys and their metrics, in no particular order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &M)> {
        self.map.iter()
    }
}

// ANCHOR: record
impl<K: Eq + Hash, M: Metric, S: BuildHasher> Groups<K, M, S> {
    /// Records an entry in the group of `key`. If the group is new, `make` makes its metric.
    pub fn record(&mut self, key: K, entry: &Entry<'_>, make: impl FnOnce() -> M) {
        self.map.entry(key).or_insert_with(make).record(entry);
    }
}
// ANCHOR_END: record

impl<K: Eq + Hash, M: Metric, S: BuildHasher> Groups<K, M, S> {
    // ANCHOR: get
    /// The metric of a group.
    pub fn get<Q>(&self, key: &Q) -> Option<&M>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.map.get(key)
    }
    // ANCHOR_END: get

    // ANCHOR: merge
    /// Takes over another metric for `key`.
    ///
    /// # Errors
    ///
    /// Fails if the group has a metric that does not measure the same thing.
    pub fn merge_one(&mut self, key: K, metric: M) -> Result<(), Mismatch> {
        match self.map.entry(key) {
            Slot::Occupied(mut slot) => slot.get_mut().merge(metric),
            Slot::Vacant(slot) => {
                slot.insert(metric);
                Ok(())
            }
        }
    }
    // ANCHOR_END: merge
}

impl<K, M, S> IntoIterator for Groups<K, M, S> {
    type Item = (K, M);
    type IntoIter = std::collections::hash_map::IntoIter<K, M>;

    fn into_iter(self) -> Self::IntoIter {
        self.map.into_iter()
    }
}

// ANCHOR: group-by
/// Groups `entries` by what `key` says of each.
///
/// A key may borrow from the text that the entries borrow from.
///
/// # Examples
///
/// ```
/// use tally::group::{EntriesExt, group_by};
/// use tally::metric::{Count, Metric};
///
/// let log = tally::sample::log(1, 100);
/// let entries = log.lines().entries().filter_map(Result::ok);
/// let groups = group_by(entries, |entry| entry.path, Count::default);
/// let root = groups.get("/").map(Count::finish);
/// assert!(root.is_some_and(|requests| requests > 0));
/// ```
pub fn group_by<'a, K, M>(
    entries: impl IntoIterator<Item = Entry<'a>>,
    mut key: impl FnMut(&Entry<'a>) -> K,
    mut make: impl FnMut() -> M,
) -> Groups<K, M>
where
    K: Eq + Hash,
    M: Metric,
{
    let mut groups = Groups::new();
    for entry in entries {
        groups.record(key(&entry), &entry, &mut make);
    }
    groups
}
// ANCHOR_END: group-by

// ANCHOR: entries
/// The entries that lines hold, parsed when they are asked for.
#[derive(Clone, Debug)]
#[must_use = "iterators do nothing until they are asked for items"]
pub struct Entries<I> {
    lines: I,
    number: u64,
}

impl<'a, I: Iterator<Item = &'a str>> Iterator for Entries<I> {
    type Item = Result<Entry<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next()?;
        self.number += 1;
        Some(Entry::parse(line).map_err(|error| error.on_line(self.number)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lines.size_hint()
    }
}

impl<'a, I: FusedIterator<Item = &'a str>> FusedIterator for Entries<I> {}
// ANCHOR_END: entries

// ANCHOR: entries-ext
/// Adds [`entries`](Self::entries) to iterators over lines.
pub trait EntriesExt<'a>: Iterator<Item = &'a str> + Sized {
    /// The entries that the lines hold, parsed when they are asked for. Lines count from 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use tally::group::EntriesExt;
    ///
    /// let log = tally::sample::log(1, 3);
    /// let paths: Result<Vec<_>, _> = log.lines().entries().map(|entry| Ok(entry?.path)).collect();
    /// assert_eq!(paths?.len(), 3);
    /// # Ok::<(), tally::error::ParseError>(())
    /// ```
    fn entries(self) -> Entries<Self> {
        Entries {
            lines: self,
            number: 0,
        }
    }
}

impl<'a, I: Iterator<Item = &'a str>> EntriesExt<'a> for I {}
// ANCHOR_END: entries-ext

// ANCHOR: top-k
/// The `k` greatest of all items that it is given, in O(k) memory.
///
/// # Examples
///
/// ```
/// use tally::group::TopK;
///
/// let mut top = TopK::new(2);
/// top.extend([3, 1, 4, 1, 5]);
/// assert_eq!(top.into_sorted_vec(), [5, 4]);
/// ```
#[derive(Clone, Debug)]
pub struct TopK<T> {
    k: usize,
    // The root is the least of the items that are kept: the one to go next.
    heap: BinaryHeap<Reverse<T>>,
}

impl<T: Ord> TopK<T> {
    /// Keeps up to `k` items.
    #[must_use]
    pub fn new(k: usize) -> Self {
        Self {
            k,
            heap: BinaryHeap::new(),
        }
    }

    /// Keeps `item` if it is among the greatest so far. Takes O(log k) time, and O(1) if not.
    pub fn push(&mut self, item: T) {
        if self.heap.len() < self.k {
            self.heap.push(Reverse(item));
        } else if let Some(mut least) = self.heap.peek_mut()
            && item > least.0
        {
            least.0 = item;
        }
    }

    /// The items that were kept, the greatest first. Takes O(k log k) time.
    #[must_use]
    pub fn into_sorted_vec(self) -> Vec<T> {
        let items = self.heap.into_sorted_vec();
        items.into_iter().map(|Reverse(item)| item).collect()
    }
}

impl<T: Ord> Extend<T> for TopK<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}
// ANCHOR_END: top-k
