//! What is left on the disk.

use std::{collections::BTreeMap, path::PathBuf};

/// Files and their contents. Directories without files are not in it.
pub type Image = BTreeMap<PathBuf, Vec<u8>>;

/// How a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Everything that was written is there.
    Kill,
    /// Only what was synced is there, nothing else.
    PowerFailure,
    /// What was synced is there, and a part of the rest, which the seed chooses: of the changes
    /// of each directory, any, those of one name in their order; of each file, the bytes of the
    /// last sync, or those after some of the writes since, as a whole or up to some place, where
    /// the file ends or goes on with zeros or with garbage.
    PowerFailureWith {
        /// The same seed gives the same image.
        seed: u64,
    },
    /// What was synced is there, and of the [unsynced changes](super::SimDisk::unsynced_changes)
    /// of directories, this one.
    PowerFailureKeeping {
        /// Its index among them.
        change: usize,
    },
    /// What was synced is there, and of the [unsynced changes](super::SimDisk::unsynced_changes)
    /// of directories, all but this one.
    PowerFailureLosing {
        /// Its index among them.
        change: usize,
    },
}

/// The choices of a seed.
pub(super) struct Luck(u64);

impl Luck {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 to `most`.
    pub(super) fn up_to(&mut self, most: usize) -> usize {
        (self.next() % (most as u64 + 1)) as usize
    }

    /// Half of the time all, else any smaller number.
    pub(super) fn mostly_all(&mut self, all: usize) -> usize {
        match self.up_to(1) {
            0 => all,
            _ => self.up_to(all),
        }
    }

    /// Some of these, in their order: half of the time the first ones, else any.
    pub(super) fn some<'a, T>(&mut self, all: &'a [T]) -> Vec<&'a T> {
        match self.up_to(1) {
            0 => all.iter().take(self.up_to(all.len())).collect(),
            _ => all.iter().filter(|_| self.up_to(1) == 0).collect(),
        }
    }

    /// What is left of a file with these durable and these written bytes.
    pub(super) fn part(&mut self, durable: &[u8], present: &[u8]) -> Vec<u8> {
        let same = durable
            .iter()
            .zip(present)
            .take_while(|(one, other)| one == other)
            .count();
        if same == durable.len() && same == present.len() {
            return present.to_vec();
        }
        let kept = same + self.up_to(present.len() - same);
        let mut bytes = present[..kept].to_vec();
        match self.up_to(4) {
            0 => durable.to_vec(),
            1 => present.to_vec(),
            // Bytes of the last sync that were not overwritten yet are still there.
            2 => {
                bytes.extend(durable.iter().skip(kept));
                bytes
            }
            3 => {
                bytes.resize(present.len(), 0);
                bytes
            }
            _ => {
                bytes.resize_with(present.len(), || self.next() as u8);
                bytes
            }
        }
    }

    /// A step of `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
}
