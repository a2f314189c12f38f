//! What the lectures of module 01 claim about speed.
//!
//! `cargo bench -p tally --bench lectures -- parse` measures the first pair only.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher;
use std::hint::black_box;
use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use tally::group::{Groups, TopK};
use tally::intern::{ArenaInterner, BufferInterner, RcInterner};
use tally::line::{Line, LineReader, OwnedLine};
use tally::metric::{Count, DynMetric, MetricKind, TotalBytes, run, run_dyn};
use tally::model::Entry;
use tally::sample::{self, SplitMix64};

const LINES: usize = 20_000;

fn entries(log: &str) -> Vec<Entry<'_>> {
    log.lines()
        .filter_map(|line| Entry::parse(line).ok())
        .collect()
}

// ANCHOR: parse
/// Lecture 1: fields that borrow, and fields that are copied.
fn parse(criterion: &mut Criterion) {
    let log = sample::log(1, LINES);
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("borrowed", |bencher| {
        bencher.iter(|| {
            for line in log.lines() {
                let _ = black_box(Line::split(line));
            }
        });
    });
    group.bench_function("owned", |bencher| {
        bencher.iter(|| {
            for line in log.lines() {
                let _ = black_box(Line::split(line).map(OwnedLine::from));
            }
        });
    });
    group.bench_function("entry", |bencher| {
        bencher.iter(|| {
            for line in log.lines() {
                let _ = black_box(Entry::parse(line));
            }
        });
    });
    group.finish();
}
// ANCHOR_END: parse

// ANCHOR: lines
/// Lecture 1: one buffer for all lines, and a new `String` for each.
fn lines(criterion: &mut Criterion) {
    let log = sample::log(1, LINES);
    let mut group = criterion.benchmark_group("lines");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("one buffer", |bencher| {
        bencher.iter(|| {
            let mut reader = LineReader::new(log.as_bytes());
            while let Ok(Some(line)) = reader.next_line() {
                black_box(line);
            }
        });
    });
    group.bench_function("a string each", |bencher| {
        bencher.iter(|| {
            for line in io::BufRead::lines(log.as_bytes()) {
                let _ = black_box(line);
            }
        });
    });
    group.finish();
}
// ANCHOR_END: lines

// ANCHOR: dispatch
/// Lecture 3: a copy of the loop for each metric, one loop for all, and a choice for each entry.
fn dispatch(criterion: &mut Criterion) {
    let log = sample::log(1, LINES);
    let entries = entries(&log);
    let all = || entries.iter().copied();
    let mut group = criterion.benchmark_group("dispatch");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("static count", |bencher| {
        bencher.iter(|| run(Count::default(), black_box(&entries).iter().copied()));
    });
    group.bench_function("dyn count", |bencher| {
        bencher.iter(|| {
            let mut metric = black_box(MetricKind::Requests).build();
            run_dyn(&mut *metric, all())
        });
    });
    group.bench_function("static bytes", |bencher| {
        bencher.iter(|| run(TotalBytes::default(), black_box(&entries).iter().copied()));
    });
    group.bench_function("dyn bytes", |bencher| {
        bencher.iter(|| {
            let mut metric = black_box(MetricKind::Bytes).build();
            run_dyn(&mut *metric, all())
        });
    });
    group.bench_function("static pair", |bencher| {
        bencher.iter(|| {
            let pair = (Count::default(), TotalBytes::default());
            run(pair, black_box(&entries).iter().copied())
        });
    });
    group.bench_function("dyn pair", |bencher| {
        bencher.iter(|| {
            let kinds = black_box([MetricKind::Requests, MetricKind::Bytes]);
            let pair: Vec<Box<dyn DynMetric>> = kinds.map(MetricKind::build).into();
            run(pair, all())
        });
    });
    group.finish();
}
// ANCHOR_END: dispatch

// ANCHOR: grouping
fn group_by_path<S: BuildHasher + Default>(entries: &[Entry<'_>]) -> usize {
    let mut groups: Groups<&str, Count, S> = Groups::default();
    for entry in entries {
        groups.record(entry.path, entry, Count::default);
    }
    groups.len()
}

fn group_by_number<S: BuildHasher + Default>(numbers: &[u32], entries: &[Entry<'_>]) -> usize {
    let mut groups: Groups<u32, Count, S> = Groups::default();
    for (number, entry) in numbers.iter().zip(entries) {
        groups.record(*number, entry, Count::default);
    }
    groups.len()
}

/// Lecture 5: hashers, for keys that are texts and for keys that are numbers; and keys that are
/// copied for each entry.
fn grouping(criterion: &mut Criterion) {
    let log = sample::log(1, LINES);
    let entries = entries(&log);
    let mut interner: BufferInterner = BufferInterner::default();
    let numbers: Vec<u32> = entries
        .iter()
        .filter_map(|entry| u32::try_from(interner.intern(entry.path).ok()?.index()).ok())
        .collect();
    let mut group = criterion.benchmark_group("grouping");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("paths, SipHash", |bencher| {
        bencher.iter(|| group_by_path::<RandomState>(&entries));
    });
    group.bench_function("paths, foldhash", |bencher| {
        bencher.iter(|| group_by_path::<foldhash::fast::RandomState>(&entries));
    });
    group.bench_function("symbols, SipHash", |bencher| {
        bencher.iter(|| group_by_number::<RandomState>(&numbers, &entries));
    });
    group.bench_function("symbols, foldhash", |bencher| {
        bencher.iter(|| group_by_number::<foldhash::fast::RandomState>(&numbers, &entries));
    });
    group.bench_function("a string each, SipHash", |bencher| {
        bencher.iter(|| {
            let mut counts: HashMap<String, u64> = HashMap::new();
            for entry in &entries {
                *counts.entry(entry.path.to_owned()).or_default() += 1;
            }
            counts.len()
        });
    });
    group.finish();
}
// ANCHOR_END: grouping

// ANCHOR: top-k
/// Lecture 5: the ten greatest of many, by sorting, by selecting, and by a bounded heap.
fn top_k(criterion: &mut Criterion) {
    const K: usize = 10;
    let mut group = criterion.benchmark_group("top-k");
    for count in [1_000, 100_000] {
        let mut random = SplitMix64::new(1);
        let items: Vec<u64> = (0..count).map(|_| random.next_u64()).collect();
        group.throughput(Throughput::Elements(count));
        group.bench_with_input(BenchmarkId::new("sort", count), &items, |bencher, items| {
            bencher.iter(|| {
                let mut items = items.clone();
                items.sort_unstable_by(|a, b| b.cmp(a));
                items.truncate(K);
                items
            });
        });
        group.bench_with_input(
            BenchmarkId::new("select", count),
            &items,
            |bencher, items| {
                bencher.iter(|| {
                    let mut items = items.clone();
                    items.select_nth_unstable_by(K, |a, b| b.cmp(a));
                    items.truncate(K);
                    items.sort_unstable_by(|a, b| b.cmp(a));
                    items
                });
            },
        );
        group.bench_with_input(BenchmarkId::new("heap", count), &items, |bencher, items| {
            bencher.iter(|| {
                let mut top = TopK::new(K);
                top.extend(items.iter().copied());
                top.into_sorted_vec()
            });
        });
    }
    group.finish();
}
// ANCHOR_END: top-k

// ANCHOR: interning
/// Lecture 6: what it takes to intern all paths of a log. `tests/memory.rs` has the bytes.
fn interning(criterion: &mut Criterion) {
    let log = sample::log(1, LINES);
    let paths: Vec<&str> = entries(&log).iter().map(|entry| entry.path).collect();
    let mut group = criterion.benchmark_group("interning");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("arena", |bencher| {
        bencher.iter(|| {
            let mut interner: ArenaInterner = ArenaInterner::default();
            for path in &paths {
                let _ = black_box(interner.intern(path));
            }
            interner
        });
    });
    group.bench_function("buffer", |bencher| {
        bencher.iter(|| {
            let mut interner: BufferInterner = BufferInterner::default();
            for path in &paths {
                let _ = black_box(interner.intern(path));
            }
            interner
        });
    });
    group.bench_function("rc", |bencher| {
        bencher.iter(|| {
            let mut interner: RcInterner = RcInterner::default();
            for path in &paths {
                black_box(interner.intern(path));
            }
            interner
        });
    });
    group.bench_function("copies", |bencher| {
        bencher.iter(|| {
            paths
                .iter()
                .map(|path| Box::from(*path))
                .collect::<Vec<Box<str>>>()
        });
    });
    group.finish();
}
// ANCHOR_END: interning

// ANCHOR: reading
/// The path of a file with `log` in it, in the directory that Cargo gives to benchmarks.
fn file_of(log: &str) -> io::Result<PathBuf> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tally-reading.log");
    File::create(&path)?.write_all(log.as_bytes())?;
    Ok(path)
}

/// The number of lines, asking `source` for one byte at a time.
#[expect(
    clippy::unbuffered_bytes,
    reason = "what this costs without a buffer is what is measured"
)]
fn lines_by_bytes(source: impl Read) -> usize {
    let bytes = source.bytes();
    bytes.filter(|byte| matches!(byte, Ok(b'\n'))).count()
}

/// Lecture 7: what a buffer saves. Without one, each byte is a system call.
fn reading(criterion: &mut Criterion) {
    const SHORT: usize = 200;
    let log = sample::log(1, SHORT);
    let opened = || -> io::Result<File> { File::open(file_of(&log)?) };
    let mut group = criterion.benchmark_group("reading");
    let Ok(mut file) = opened() else {
        eprintln!("reading: the log cannot be written, so nothing is measured");
        return;
    };
    group.throughput(Throughput::Bytes(log.len() as u64));
    group.bench_function("unbuffered", |bencher| {
        bencher.iter(|| {
            let _ = io::Seek::rewind(&mut file);
            lines_by_bytes(&file)
        });
    });
    for capacity in [512, 8 * 1024, 128 * 1024] {
        let id = BenchmarkId::new("buffered", capacity);
        group.bench_with_input(id, &capacity, |bencher, capacity| {
            bencher.iter(|| {
                let _ = io::Seek::rewind(&mut file);
                lines_by_bytes(BufReader::with_capacity(*capacity, &file))
            });
        });
    }
    group.finish();
}
// ANCHOR_END: reading

criterion_group!(
    benches, parse, lines, dispatch, grouping, top_k, interning, reading
);
criterion_main!(benches);
