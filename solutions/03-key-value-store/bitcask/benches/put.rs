//! Puts of new keys against `fjall`, `redb` and `sled`.
//!
//! A benchmark is called `<operation>/<implementation>`; the store of this exercise is `this`. The
//! time is that of one put. All stores are given the same keys, in no order of theirs, and the same
//! values.
//!
//! `unsynced` fills an empty store with [`COUNT`] keys from one thread, each store in the least
//! durable mode that it has: after a kill, the puts of the peers may be lost, those of `this` are
//! with the system. What a store does behind the back of the thread counts as far as it holds the
//! thread up. `synced` are puts that are durable on return, in every store, of values of 100 bytes.
//! The time for 50 writers is that from one put to the next of any writer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark of a store that fails has nothing to measure"
)]

use std::cell::LazyCell;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};

use data::{Key, Values, key};
use folder::{folder, scaled};
use stores::{Durability, Fjall, Redb, Sled, Store, This};
use threads::time;

#[path = "support/data.rs"]
mod data;
#[path = "support/folder.rs"]
mod folder;
#[path = "support/stores.rs"]
mod stores;
#[path = "support/threads.rs"]
mod threads;

/// The keys put into an empty store: with values of 1,000 bytes more than one file of `this`, and
/// more than one table in memory of `fjall`.
const COUNT: u64 = 100_000;

/// The puts of each writer in one pass, where they are synced.
const SYNCED: u64 = 4;

/// Fails unless a store gives back what was put.
fn check<S: Store>(store: &S, values: &Values, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        let is_right = store.get(&key(number), |value| value == values.get(number));
        assert_eq!(is_right, Some(true), "the value of {number}");
    }
}

/// Puts into an empty store.
fn unsynced<S: Store>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    keys: &[Key],
    values: &Values,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|passes| {
            let mut total = Duration::ZERO;
            for _ in 0..passes {
                let folder = folder();
                let store = S::open(folder.path(), Durability::Least);
                let begun = Instant::now();
                for (number, key) in (0..).zip(keys) {
                    store.put(black_box(key), black_box(values.get(number)));
                }
                total += begun.elapsed();
                check(&store, values, (0..keys.len() as u64).step_by(97));
                store.close();
            }
            total
        });
    });
}

/// Puts that are durable on return, by as many writers at a time.
fn synced<S: Store>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    writers: usize,
    values: &Values,
) {
    let store = LazyCell::new(|| {
        let folder = folder();
        (S::open(folder.path(), Durability::Synced), folder)
    });
    let fresh = AtomicU64::new(0);
    group.bench_function(name, |bencher| {
        let (store, _) = &*store;
        bencher.iter_custom(|passes| {
            time(writers, passes, |_| {
                for _ in 0..SYNCED {
                    let number = fresh.fetch_add(1, Ordering::Relaxed);
                    store.put(&key(number), values.get(number));
                }
            })
        });
    });
    let written = fresh.into_inner();
    if written > 0 {
        check(&store.0, values, 0..written);
    }
}

fn benches(criterion: &mut Criterion) {
    let count = scaled(COUNT);
    let keys: Vec<Key> = (0..count).map(key).collect();
    for len in [100, 1_000] {
        let values = Values::new(len);
        let mut group = criterion.benchmark_group(format!("put_unsynced_{len}_byte_values"));
        group.throughput(Throughput::Elements(count));
        group.sampling_mode(SamplingMode::Flat);
        unsynced::<This>(&mut group, "this", &keys, &values);
        unsynced::<Fjall>(&mut group, "fjall", &keys, &values);
        unsynced::<Redb>(&mut group, "redb", &keys, &values);
        unsynced::<Sled>(&mut group, "sled", &keys, &values);
        group.finish();
    }

    let values = Values::new(100);
    for (suffix, writers) in [("1_writer", 1), ("50_writers", 50)] {
        let mut group = criterion.benchmark_group(format!("put_synced_{suffix}"));
        group.throughput(Throughput::Elements(SYNCED * writers as u64));
        group.sampling_mode(SamplingMode::Flat);
        synced::<This>(&mut group, "this", writers, &values);
        synced::<Fjall>(&mut group, "fjall", writers, &values);
        synced::<Redb>(&mut group, "redb", writers, &values);
        synced::<Sled>(&mut group, "sled", writers, &values);
        group.finish();
    }
}

criterion_group! {
    name = put;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = benches
}
criterion_main!(put);
