//! Random gets of keys that are there against `fjall`, `redb` and `sled`.
//!
//! A benchmark is called `<operation>/<implementation>`; the store of this exercise is `this`. The
//! time is that of one get. Those with `1_thread` in their name run on one thread, those with
//! `all_threads` on as many as the machine runs in parallel.
//!
//! A store holds [`COUNT`] keys. It was filled, tidied up, closed and opened again, so that nothing
//! is only in a journal, and every value was read once: all files are in the system's memory, and
//! the caches that the peers have besides are as full as they get by their defaults (fjall 32 MiB,
//! redb and sled 1 GiB; `this` has none). Peers hand out values without copying them, and
//! the benchmark does not copy them either. `redb` begins a transaction for each get, as it must to
//! see the newest value; `redb_snapshot` reads one snapshot of the past, and leaves that out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark of a store that fails has nothing to measure"
)]

use std::cell::LazyCell;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use redb::{ReadOnlyTable, ReadableDatabase};

use compact::Compact;
use data::{Key, Values, key, scramble};
use filled::filled;
use folder::scaled;
use stores::{Durability, Fjall, Redb, Sled, Store, This};
use threads::time;

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
#[path = "support/threads.rs"]
mod threads;

/// The keys in a store.
const COUNT: u64 = 100_000;

/// The gets of each thread in one pass.
const LENGTH: usize = 1 << 14;

/// What can be read.
trait Reader: Sync {
    fn open(folder: &Path) -> Self;
    fn get<R>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> R) -> Option<R>;
}

impl<S: Store> Reader for S {
    fn open(folder: &Path) -> Self {
        S::open(folder, Durability::Least)
    }

    fn get<R>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        Store::get(self, key, read)
    }
}

/// A table of redb at one moment.
struct RedbSnapshot {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    /// A table whose database is closed cannot be read.
    _store: Redb,
}

impl Reader for RedbSnapshot {
    fn open(folder: &Path) -> Self {
        let store = <Redb as Store>::open(folder, Durability::Least);
        let transaction = store.database.begin_read().unwrap();
        let table = transaction.open_table(Redb::TABLE).unwrap();
        Self {
            table,
            _store: store,
        }
    }

    fn get<R>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let value = self.table.get(key).unwrap();
        value.map(|value| read(value.value()))
    }
}

/// What one group of benchmarks has in common.
struct Setting<'a> {
    threads: usize,
    count: u64,
    values: &'a Values,
    /// For each thread the keys of a pass.
    trace: &'a [Key],
}

/// Gets from a store that was filled as an `S`, and is read as an `R`.
fn get<S: Compact, R: Reader>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    setting: &Setting<'_>,
) {
    let reader = LazyCell::new(|| {
        let folder = filled::<S>(setting.count, setting.values);
        let reader = R::open(folder.path());
        for number in 0..setting.count {
            let is_right = reader.get(&key(number), |value| value == setting.values.get(number));
            assert_eq!(is_right, Some(true), "the value of {number}");
        }
        (reader, folder)
    });
    group.bench_function(name, |bencher| {
        let (reader, _) = &*reader;
        bencher.iter_custom(|passes| {
            time(setting.threads, passes, |thread| {
                for key in &setting.trace[thread * LENGTH..][..LENGTH] {
                    reader.get(black_box(key), |value| {
                        black_box(value);
                    });
                }
            })
        });
    });
}

fn benches(criterion: &mut Criterion) {
    let count = scaled(COUNT);
    let parallel = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let numbers = 0..(LENGTH * parallel) as u64;
    let trace: Vec<Key> = numbers.map(|at| key(scramble(at) % count)).collect();
    for len in [100, 1_000] {
        let values = &Values::new(len);
        for (suffix, threads) in [("1_thread", 1), ("all_threads", parallel)] {
            let setting = Setting {
                threads,
                count,
                values,
                trace: &trace,
            };
            let mut group = criterion.benchmark_group(format!("get_{len}_byte_values_{suffix}"));
            group.throughput(Throughput::Elements((LENGTH * threads) as u64));
            group.sampling_mode(SamplingMode::Flat);
            get::<This, This>(&mut group, "this", &setting);
            get::<Fjall, Fjall>(&mut group, "fjall", &setting);
            get::<Redb, Redb>(&mut group, "redb", &setting);
            get::<Redb, RedbSnapshot>(&mut group, "redb_snapshot", &setting);
            get::<Sled, Sled>(&mut group, "sled", &setting);
            group.finish();
        }
    }
}

criterion_group! {
    name = random_get;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1_500));
    targets = benches
}
criterion_main!(random_get);
