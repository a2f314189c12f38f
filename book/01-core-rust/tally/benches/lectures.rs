//! What the lectures of module 01 claim about speed.
//!
//! `cargo bench -p tally --bench lectures -- parse` measures the first pair only.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs::File;
use std::hash::BuildHasher;
use std::hint::black_box;
use std::io::{self, BufReader, Read, Write};
use std::panic::{catch_unwind, resume_unwind};
use std::path::PathBuf;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use tally::error::Mismatch;
use tally::group::{Groups, TopK};
use tally::intern::{ArenaInterner, BufferInterner, RcInterner};
use tally::line::{Line, LineReader, OwnedLine};
use tally::metric::{
    Count, DynMetric, Metric, MetricKind, Percentile, TotalBytes, Value, run, run_dyn,
};
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

// ANCHOR: any-metric
/// Any of the metrics that the program offers, without a box.
enum AnyMetric {
    Requests(Count),
    Bytes(TotalBytes),
    Percentile(Percentile),
}

impl Metric for AnyMetric {
    type Output = Value;

    fn record(&mut self, entry: &Entry<'_>) {
        match self {
            Self::Requests(metric) => metric.record(entry),
            Self::Bytes(metric) => metric.record(entry),
            Self::Percentile(metric) => metric.record(entry),
        }
    }

    fn merge(&mut self, other: Self) -> Result<(), Mismatch> {
        match (self, other) {
            (Self::Requests(metric), Self::Requests(other)) => metric.merge(other),
            (Self::Bytes(metric), Self::Bytes(other)) => metric.merge(other),
            (Self::Percentile(metric), Self::Percentile(other)) => metric.merge(other),
            _ => Err(Mismatch),
        }
    }

    fn finish(&self) -> Value {
        match self {
            Self::Requests(metric) => metric.finish().into(),
            Self::Bytes(metric) => metric.finish().into(),
            Self::Percentile(metric) => metric.finish().into(),
        }
    }
}
// ANCHOR_END: any-metric

impl From<MetricKind> for AnyMetric {
    fn from(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Requests => Self::Requests(Count::default()),
            MetricKind::Bytes => Self::Bytes(TotalBytes::default()),
            MetricKind::Percentile(rank) => Self::Percentile(Percentile::new(rank)),
        }
    }
}

// ANCHOR: dispatch
/// Lecture 3: a copy of the loop for each metric, one loop with a call through a table, and one
/// with a match.
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
    group.bench_function("enum count", |bencher| {
        bencher.iter(|| run(AnyMetric::from(black_box(MetricKind::Requests)), all()));
    });
    group.bench_function("enum bytes", |bencher| {
        bencher.iter(|| run(AnyMetric::from(black_box(MetricKind::Bytes)), all()));
    });
    group.bench_function("enum pair", |bencher| {
        bencher.iter(|| {
            let kinds = black_box([MetricKind::Requests, MetricKind::Bytes]);
            let pair: Vec<AnyMetric> = kinds.map(AnyMetric::from).into();
            run(pair, all())
        });
    });
    group.finish();
}
// ANCHOR_END: dispatch

// ANCHOR: failing
/// Lecture 4: a line that is fine, one that is not, and one that unwinds the stack instead.
fn failing(criterion: &mut Criterion) {
    let log = sample::log(1, 1);
    let good = log.trim_end();
    // Bad in its last field, so that as much is parsed before.
    let bad = format!("{good}x");
    let mut group = criterion.benchmark_group("failing");
    group.bench_function("ok", |bencher| {
        bencher.iter(|| Entry::parse(black_box(good)))
    });
    group.bench_function("error", |bencher| {
        bencher.iter(|| Entry::parse(black_box(&bad)))
    });
    group.bench_function("boxed error", |bencher| {
        bencher.iter(|| Entry::parse(black_box(&bad)).map_err(Box::<dyn Error>::from));
    });
    group.bench_function("unwinding", |bencher| {
        bencher.iter(|| {
            // Without the hook: the message that it prints would cost more than all the rest.
            let parse = || Entry::parse(black_box(&bad)).map_err(Box::new);
            catch_unwind(|| parse().unwrap_or_else(|error| resume_unwind(error))).is_err()
        });
    });
    group.finish();
}
// ANCHOR_END: failing

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

// ANCHOR: tables
fn count_in_table<S: BuildHasher + Default>(ranges: &[u16]) -> Vec<(u16, u64)> {
    let mut counts: HashMap<u16, u64, S> = HashMap::default();
    for range in ranges {
        *counts.entry(*range).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}

/// Lecture 5: counters under small numbers, read in order at the end, for few and for many of them.
fn tables(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tables");
    group.throughput(Throughput::Elements(LINES as u64));
    for keys in [32, 1_024] {
        let mut random = SplitMix64::new(1);
        let ranges: Vec<u16> = (0..LINES).map(|_| random.below(keys) as u16).collect();
        group.bench_with_input(
            BenchmarkId::new("B-tree", keys),
            &ranges,
            |bencher, ranges| {
                bencher.iter(|| {
                    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
                    for range in ranges {
                        *counts.entry(*range).or_default() += 1;
                    }
                    counts.into_iter().collect::<Vec<_>>()
                });
            },
        );
        group.bench_with_input(
            BenchmarkId::new("SipHash", keys),
            &ranges,
            |bencher, ranges| {
                bencher.iter(|| count_in_table::<RandomState>(ranges));
            },
        );
        group.bench_with_input(
            BenchmarkId::new("foldhash", keys),
            &ranges,
            |bencher, ranges| {
                bencher.iter(|| count_in_table::<foldhash::fast::RandomState>(ranges));
            },
        );
    }
    group.finish();
}
// ANCHOR_END: tables

// ANCHOR: neighbors
fn found<S: BuildHasher>(table: &HashMap<u64, u64, S>, keys: &[u64]) -> usize {
    keys.iter().filter(|key| table.contains_key(key)).count()
}

/// Lecture 5: a million keys, asked for keys that are neighbors and for keys that are not.
fn neighbors(criterion: &mut Criterion) {
    const KEYS: u64 = 1_000_000;
    let pairs = || (0..KEYS).map(|key| (key, key));
    let tree: BTreeMap<u64, u64> = pairs().collect();
    let siphash: HashMap<u64, u64> = pairs().collect();
    let foldhash: HashMap<u64, u64, foldhash::fast::RandomState> = pairs().collect();
    let mut random = SplitMix64::new(1);
    let near: Vec<u64> = (KEYS / 2..).take(LINES).collect();
    let far: Vec<u64> = (0..LINES).map(|_| random.below(KEYS)).collect();
    let mut group = criterion.benchmark_group("neighbors");
    group.throughput(Throughput::Elements(LINES as u64));
    for (name, keys) in [("in order", &near), ("at random", &far)] {
        group.bench_with_input(BenchmarkId::new("B-tree", name), keys, |bencher, keys| {
            bencher.iter(|| keys.iter().filter(|key| tree.contains_key(key)).count());
        });
        group.bench_with_input(BenchmarkId::new("SipHash", name), keys, |bencher, keys| {
            bencher.iter(|| found(&siphash, keys));
        });
        group.bench_with_input(BenchmarkId::new("foldhash", name), keys, |bencher, keys| {
            bencher.iter(|| found(&foldhash, keys));
        });
    }
    group.bench_function("B-tree/range", |bencher| {
        bencher.iter(|| tree.range(KEYS / 2..).take(LINES).count());
    });
    group.finish();
}
// ANCHOR_END: neighbors

// ANCHOR: chains
/// Lecture 5: one sum as a loop with an index, as a loop over items, and as a chain of adapters;
/// and a `chain` of two halves, asked for its items and told what to do with them.
#[expect(
    clippy::needless_range_loop,
    reason = "what the index costs is what is measured"
)]
fn chains(criterion: &mut Criterion) {
    const SLOW: u64 = 1 << 63;
    let mut random = SplitMix64::new(1);
    let items: Vec<u64> = (0..LINES).map(|_| random.next_u64()).collect();
    let (first, second) = items.split_at(LINES / 2);
    let mut group = criterion.benchmark_group("chains");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("index", |bencher| {
        bencher.iter(|| {
            let items = black_box(&items);
            let mut sum = 0_u64;
            for index in 0..LINES {
                if items[index] >= SLOW {
                    sum = sum.wrapping_add(items[index]);
                }
            }
            sum
        });
    });
    group.bench_function("items", |bencher| {
        bencher.iter(|| {
            let mut sum = 0_u64;
            for item in black_box(&items) {
                if *item >= SLOW {
                    sum = sum.wrapping_add(*item);
                }
            }
            sum
        });
    });
    group.bench_function("adapters", |bencher| {
        bencher.iter(|| {
            let slow = black_box(&items).iter().filter(|item| **item >= SLOW);
            slow.fold(0_u64, |sum, item| sum.wrapping_add(*item))
        });
    });
    group.bench_function("two halves, for", |bencher| {
        bencher.iter(|| {
            let mut sum = 0_u64;
            for item in black_box(first).iter().chain(black_box(second)) {
                if *item >= SLOW {
                    sum = sum.wrapping_add(*item);
                }
            }
            sum
        });
    });
    group.bench_function("two halves, fold", |bencher| {
        bencher.iter(|| {
            let all = black_box(first).iter().chain(black_box(second));
            let slow = all.filter(|item| **item >= SLOW);
            slow.fold(0_u64, |sum, item| sum.wrapping_add(*item))
        });
    });
    group.finish();
}
// ANCHOR_END: chains

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

// ANCHOR: resolving
/// Names end to end like those of `BufferInterner`, in a `String`, which checks where it is cut.
struct CheckedNames {
    text: String,
    ends: Vec<u32>,
}

impl CheckedNames {
    fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..end)
    }
}

/// Lecture 6: what it saves to know that names were not cut in the middle of a character.
fn resolving(criterion: &mut Criterion) {
    let log = sample::log(1, LINES);
    let mut interner: BufferInterner = BufferInterner::default();
    let symbols: Vec<_> = entries(&log)
        .iter()
        .filter_map(|entry| interner.intern(entry.path).ok())
        .collect();
    let mut checked = CheckedNames {
        text: String::new(),
        ends: Vec::new(),
    };
    let names = symbols.iter().max().map_or(0, |last| last.index() + 1);
    let mut known = vec![""; names];
    for symbol in &symbols {
        known[symbol.index()] = interner.resolve(*symbol).unwrap_or_default();
    }
    for name in known {
        checked.text.push_str(name);
        checked.ends.push(checked.text.len() as u32);
    }
    let mut group = criterion.benchmark_group("resolving");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("checked", |bencher| {
        bencher.iter(|| {
            let names = symbols.iter().map(|symbol| checked.get(symbol.index()));
            names.map(|name| name.map_or(0, str::len)).sum::<usize>()
        });
    });
    group.bench_function("unchecked", |bencher| {
        bencher.iter(|| {
            let names = symbols.iter().map(|symbol| interner.resolve(*symbol));
            names.map(|name| name.map_or(0, str::len)).sum::<usize>()
        });
    });
    group.finish();
}
// ANCHOR_END: resolving

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
    benches, parse, lines, dispatch, failing, grouping, top_k, tables, neighbors, chains,
    interning, resolving, reading
);
criterion_main!(benches);
