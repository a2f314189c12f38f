//! The space that the stores need on the disk.
//!
//! Prints a line `bytes_per_live_byte_<values>_<when>/<implementation>` for each store: the bytes
//! that its folder takes on the disk, divided by those of its keys and newest values. Each key was
//! put [`ROUNDS`] times. `overwritten` is after a close, `tidied` after a merge or the peer's
//! compaction, and another close; sled has no such call, and is opened and closed. The values
//! cannot be compressed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark of a store that fails has nothing to measure"
)]

use std::fs::{self, Metadata};
use std::path::Path;

use compact::Compact;
use data::{Key, Values, key};
use folder::{folder, scaled};
use stores::{Durability, Fjall, Redb, Sled, This};

#[path = "support/compact.rs"]
mod compact;
#[path = "support/data.rs"]
mod data;
#[path = "support/folder.rs"]
mod folder;
#[path = "support/stores.rs"]
mod stores;

/// The keys in a store.
const COUNT: u64 = 100_000;

/// How many times each key is put.
const ROUNDS: u64 = 4;

/// What a file takes on the disk, in bytes. Stores make files longer than they fill them.
#[cfg(unix)]
fn allocated(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    metadata.blocks() * 512
}

#[cfg(not(unix))]
fn allocated(metadata: &Metadata) -> u64 {
    metadata.len()
}

fn allocated_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        if metadata.is_dir() {
            allocated_below(&entry.path())
        } else {
            allocated(&metadata)
        }
    });
    entries.sum()
}

fn report<S: Compact>(name: &str, len: usize) {
    let count = scaled(COUNT);
    let values = Values::new(len);
    let live = (count * (size_of::<Key>() + len) as u64) as f64;
    let folder = folder();
    let print = |when: &str| {
        let ratio = allocated_below(folder.path()) as f64 / live;
        let line = format!("bytes_per_live_byte_{len}_byte_values_{when}/{name}");
        println!("{line:<56} {ratio:>5.2}");
    };

    let store = S::open(folder.path(), Durability::Least);
    for put in 0..ROUNDS * count {
        store.put(&key(put % count), values.get(put));
    }
    store.close();
    print("overwritten");

    let mut store = S::open(folder.path(), Durability::Least);
    store.compact();
    store.close();
    print("tidied");

    let store = S::open(folder.path(), Durability::Least);
    for number in 0..count {
        let newest = values.get((ROUNDS - 1) * count + number);
        let is_right = store.get(&key(number), |value| value == newest);
        assert_eq!(is_right, Some(true), "the value of {number}");
    }
}

fn main() {
    for len in [100, 1_000] {
        report::<This>("this", len);
        report::<Fjall>("fjall", len);
        report::<Redb>("redb", len);
        report::<Sled>("sled", len);
    }
}
