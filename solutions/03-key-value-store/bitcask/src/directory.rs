//! The key directory: where the newest record of every live key stands.

use crate::log::{Log, Place};
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

/// For every live key the place of its record. Memory follows the keys, not the values.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    places: HashMap<Box<[u8]>, Place>,
    live_bytes: u64,
    /// Set when the store was closed; there are no places then.
    pub(crate) is_closed: bool,
}

/// A record that was moved by a merge.
#[derive(Debug)]
pub(crate) struct Move {
    pub(crate) key: Box<[u8]>,
    pub(crate) from: (Arc<Log>, u64),
    pub(crate) to: Place,
}

impl Directory {
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Place> {
        self.places.get(key)
    }

    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.places.contains_key(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The length of the records of all live keys in bytes.
    pub(crate) fn live_bytes(&self) -> u64 {
        self.live_bytes
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &Place)> {
        self.places.iter().map(|(key, place)| (&**key, place))
    }

    /// The key's newest record stands at `place` now, or there is none.
    pub(crate) fn set(&mut self, key: Box<[u8]>, place: Option<Place>) {
        let Some(place) = place else {
            if let Some(old) = self.places.remove(&key) {
                self.live_bytes -= u64::from(old.len);
            }
            return;
        };
        self.live_bytes += u64::from(place.len);
        if let Some(old) = self.places.insert(key, place) {
            self.live_bytes -= u64::from(old.len);
        }
    }

    /// Points at the copies of records that are still the newest of their keys.
    pub(crate) fn apply(&mut self, moves: Vec<Move>) {
        for Move { key, from, to } in moves {
            if let Entry::Occupied(mut entry) = self.places.entry(key)
                && entry.get().is(&from.0, from.1)
            {
                entry.insert(to);
            }
        }
    }

    pub(crate) fn close(&mut self) {
        *self = Self {
            is_closed: true,
            ..Self::default()
        };
    }
}
