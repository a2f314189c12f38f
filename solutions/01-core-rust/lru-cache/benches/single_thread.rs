//! The cache for one thread against `lru`, `hashlink` and `schnellru`.
//!
//! A benchmark is called `<operation>/<implementation>`; the cache of this exercise is `this`.
//! The time is that of one operation on each of the [`LENGTH`] keys of a trace.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

use keys::scramble;
use peers::{Cache, Hashlink, Lru, Schnellru, This};

#[path = "support/keys.rs"]
mod keys;
#[path = "support/peers.rs"]
mod peers;
#[path = "support/trace.rs"]
mod trace;

/// The capacity of the caches, in entries: about 2 MB, more than the nearest caches of the
/// processor hold.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add((1 << 16) - 1);

/// The keys in a trace.
const LENGTH: usize = 1 << 16;

fn filled<C: Cache>() -> C {
    let mut cache = C::new(CAPACITY);
    for number in 0..CAPACITY.get() as u64 {
        cache.put(scramble(number), number);
    }
    cache
}

/// Look-ups of keys that are all there.
fn hit<C: Cache>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str) {
    let mut cache = filled::<C>();
    let trace = trace::uniform(1, CAPACITY.get() as u64, LENGTH);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for &key in &trace {
                black_box(cache.get(black_box(key)));
            }
        });
    });
}

/// Insertions of new keys into a full cache.
fn evicting_put<C: Cache>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str) {
    let mut cache = filled::<C>();
    let mut fresh = CAPACITY.get() as u64;
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for _ in 0..LENGTH {
                fresh += 1;
                cache.put(black_box(scramble(fresh)), fresh);
            }
        });
    });
}

/// Look-ups by Zipf's law among ten times as many keys as there is room for, each followed by an
/// insertion if the key is missing.
fn zipf<C: Cache>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str) {
    let mut cache = filled::<C>();
    let trace = trace::zipf(2, CAPACITY.get() as u64 * 10, LENGTH * 8);
    let mut parts = trace.chunks(LENGTH).cycle();
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for &key in parts.next().unwrap_or_default() {
                if cache.get(black_box(key)).is_none() {
                    cache.put(key, key);
                }
            }
        });
    });
}

fn each<F>(criterion: &mut Criterion, operation: &str, bench: F)
where
    F: Fn(&mut BenchmarkGroup<'_, WallTime>),
{
    let mut group = criterion.benchmark_group(operation);
    group.throughput(Throughput::Elements(LENGTH as u64));
    bench(&mut group);
    group.finish();
}

fn benches(criterion: &mut Criterion) {
    each(criterion, "hit", |group| {
        hit::<This>(group, "this");
        hit::<Lru>(group, "lru");
        hit::<Hashlink>(group, "hashlink");
        hit::<Schnellru>(group, "schnellru");
    });
    each(criterion, "evicting_put", |group| {
        evicting_put::<This>(group, "this");
        evicting_put::<Lru>(group, "lru");
        evicting_put::<Hashlink>(group, "hashlink");
        evicting_put::<Schnellru>(group, "schnellru");
    });
    each(criterion, "zipf", |group| {
        zipf::<This>(group, "this");
        zipf::<Lru>(group, "lru");
        zipf::<Hashlink>(group, "hashlink");
        zipf::<Schnellru>(group, "schnellru");
    });
}

criterion_group! {
    name = single_thread;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = benches
}
criterion_main!(single_thread);
