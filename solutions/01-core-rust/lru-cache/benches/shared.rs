//! The cache shared between threads against `moka` and `quick_cache`.
//!
//! A benchmark is called `<operation>/<implementation>`; the cache of this exercise is `this`.
//! Those with `1_thread` in their name run on one thread, those with `all_threads` on as many as
//! the machine runs in parallel. The time is that of one operation on each of the [`LENGTH`] keys
//! of a trace, on every thread.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

use keys::scramble;
use shared_peers::{Moka, QuickCache, Shared, This};

#[path = "support/keys.rs"]
mod keys;
#[path = "support/shared_peers.rs"]
mod shared_peers;
#[path = "support/trace.rs"]
mod trace;

/// The capacity of the caches, in entries.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add((1 << 16) - 1);

/// The keys in a trace.
const LENGTH: usize = 1 << 16;

/// Runs `pass` as many times as asked on each of the threads, which start together, and returns
/// the time until the last one is done. A pass is told its thread and its number.
fn time(threads: usize, passes: u64, pass: impl Fn(usize, u64) + Sync) -> Duration {
    let start = Barrier::new(threads + 1);
    let (start, pass) = (&start, &pass);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    start.wait();
                    (0..passes).for_each(|number| pass(thread, number));
                })
            })
            .collect();
        start.wait();
        let begun = Instant::now();
        for worker in workers {
            // A panic of a worker goes on when the scope ends.
            _ = worker.join();
        }
        begun.elapsed()
    })
}

/// Look-ups of keys, nearly all of which are there; a cache that divides its capacity among
/// shards may have evicted some.
fn hit<C: Shared>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, threads: usize) {
    let cache = C::new(CAPACITY);
    let keys = CAPACITY.get() as u64 / 2;
    for number in 0..keys {
        cache.put(scramble(number), number);
    }
    let trace = trace::uniform(1, keys, LENGTH * threads);
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|passes| {
            time(threads, passes, |thread, _| {
                for &key in &trace[thread * LENGTH..][..LENGTH] {
                    black_box(cache.get(black_box(key)));
                }
            })
        });
    });
}

/// Look-ups by Zipf's law among ten times as many keys as there is room for, each followed by an
/// insertion if the key is missing.
fn zipf<C: Shared>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, threads: usize) {
    const PARTS: usize = 8;
    let cache = C::new(CAPACITY);
    let trace = trace::zipf(2, CAPACITY.get() as u64 * 10, LENGTH * PARTS);
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|passes| {
            time(threads, passes, |thread, number| {
                let part = (number as usize + thread) % PARTS;
                for &key in &trace[part * LENGTH..][..LENGTH] {
                    if cache.get(black_box(key)).is_none() {
                        cache.put(key, key);
                    }
                }
            })
        });
    });
}

fn benches(criterion: &mut Criterion) {
    let parallel = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for (suffix, threads) in [("1_thread", 1), ("all_threads", parallel)] {
        let keys = Throughput::Elements((LENGTH * threads) as u64);

        let mut group = criterion.benchmark_group(format!("shared_hit_{suffix}"));
        group.throughput(keys.clone());
        hit::<This>(&mut group, "this", threads);
        hit::<Moka>(&mut group, "moka", threads);
        hit::<QuickCache>(&mut group, "quick_cache", threads);
        group.finish();

        let mut group = criterion.benchmark_group(format!("shared_zipf_{suffix}"));
        group.throughput(keys);
        zipf::<This>(&mut group, "this", threads);
        zipf::<Moka>(&mut group, "moka", threads);
        zipf::<QuickCache>(&mut group, "quick_cache", threads);
        group.finish();
    }
}

criterion_group! {
    name = shared;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1_500));
    targets = benches
}
criterion_main!(shared);
