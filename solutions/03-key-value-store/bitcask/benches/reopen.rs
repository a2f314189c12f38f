//! Opening a store that was closed against `fjall`, `redb` and `sled`.
//!
//! A benchmark is called `<operation>/<implementation>`; the store of this exercise is `this`, which
//! finds hints for all of its files, and `without_hints`, which reads every record. The time is
//! that from the call until one value has been read, so that nobody can put the work off.
//!
//! A store holds [`COUNT`] keys, and was tidied up before it was closed. Its files are in the
//! system's memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark of a store that fails has nothing to measure"
)]

use std::cell::LazyCell;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main};

use compact::Compact;
use data::{Values, key};
use filled::filled;
use folder::scaled;
use stores::{Durability, Fjall, Redb, Sled, This};

#[path = "support/compact.rs"]
mod compact;
#[path = "support/data.rs"]
mod data;
#[path = "support/filled.rs"]
mod filled;
#[path = "support/folder.rs"]
mod folder;
#[path = "support/stores.rs"]
mod stores;

/// The keys in a store.
const COUNT: u64 = 100_000;

/// Opens a store, whose folder was prepared for it, and reads a value.
fn reopen<S: Compact>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    count: u64,
    values: &Values,
    prepare: impl Fn(&Path),
) {
    let folder = LazyCell::new(|| filled::<S>(count, values));
    let number = count / 2;
    let (key, expected) = (key(number), values.get(number));
    group.bench_function(name, |bencher| {
        let folder = folder.path();
        bencher.iter_custom(|passes| {
            let mut total = Duration::ZERO;
            for _ in 0..passes {
                prepare(folder);
                let begun = Instant::now();
                let store = S::open(folder, Durability::Least);
                let is_right = store.get(&key, |value| value == expected);
                total += begun.elapsed();
                assert_eq!(is_right, Some(true), "the value of {number}");
                store.close();
            }
            total
        });
    });
}

fn as_it_is(_: &Path) {}

/// Removes the hints, whoever has written them.
fn without_hints(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "hint")
        {
            fs::remove_file(path).unwrap();
        }
    }
}

fn benches(criterion: &mut Criterion) {
    let count = scaled(COUNT);
    for len in [100, 1_000] {
        let values = Values::new(len);
        let mut group = criterion.benchmark_group(format!("reopen_{len}_byte_values"));
        group.sampling_mode(SamplingMode::Flat);
        reopen::<This>(&mut group, "this", count, &values, as_it_is);
        reopen::<This>(&mut group, "without_hints", count, &values, without_hints);
        reopen::<Fjall>(&mut group, "fjall", count, &values, as_it_is);
        reopen::<Redb>(&mut group, "redb", count, &values, as_it_is);
        reopen::<Sled>(&mut group, "sled", count, &values, as_it_is);
        group.finish();
    }
}

criterion_group! {
    name = opening;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = benches
}
criterion_main!(opening);
