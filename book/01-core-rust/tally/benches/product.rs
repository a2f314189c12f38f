//! What lecture 7 claims about speed.
//!
//! `cargo bench -p tally --bench product -- lies` measures the second group only.

use std::borrow::Cow;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use serde::Deserialize;

use tally::group::EntriesExt;
use tally::line::Line;
use tally::model::{Entry, Status};
use tally::sample;

const LINES: usize = 20_000;

// ANCHOR: records
#[derive(Deserialize)]
struct Owned {
    client: String,
    path: String,
    agent: String,
}

#[derive(Deserialize)]
struct Borrowed<'a> {
    client: &'a str,
    path: &'a str,
    agent: &'a str,
}

#[derive(Deserialize)]
struct Either<'a> {
    #[serde(borrow)]
    client: Cow<'a, str>,
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(borrow)]
    agent: Cow<'a, str>,
}
// ANCHOR_END: records

/// The log as JSON, an object a line.
fn json_lines() -> Vec<String> {
    let log = sample::log(1, LINES);
    let lines = log.lines().filter_map(|line| Line::split(line).ok());
    lines
        .map(|line| {
            let path = line.request.split(' ').nth(1);
            let (client, agent) = (line.client, line.agent);
            serde_json::json!({"client": client, "path": path, "agent": agent}).to_string()
        })
        .collect()
}

// ANCHOR: json
/// Records of three texts each, from JSON: copied, borrowed, and borrowed where that is possible.
fn json(criterion: &mut Criterion) {
    let lines = json_lines();
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("owned", |bencher| {
        bencher.iter(|| {
            let records = lines.iter().map(|line| serde_json::from_str(line));
            let lengths = records.flatten().map(|record: Owned| {
                black_box(record.client.len() + record.path.len() + record.agent.len())
            });
            lengths.sum::<usize>()
        });
    });
    group.bench_function("borrowed", |bencher| {
        bencher.iter(|| {
            let records = lines.iter().map(|line| serde_json::from_str(line));
            let lengths = records.flatten().map(|record: Borrowed<'_>| {
                black_box(record.client.len() + record.path.len() + record.agent.len())
            });
            lengths.sum::<usize>()
        });
    });
    group.bench_function("either", |bencher| {
        bencher.iter(|| {
            let records = lines.iter().map(|line| serde_json::from_str(line));
            let lengths = records.flatten().map(|record: Either<'_>| {
                black_box(record.client.len() + record.path.len() + record.agent.len())
            });
            lengths.sum::<usize>()
        });
    });
    group.finish();
}
// ANCHOR_END: json

// ANCHOR: lies
/// The same work measured wrongly and rightly.
fn lies(criterion: &mut Criterion) {
    let log = sample::log(1, LINES);
    let entries = log.lines().entries().filter_map(Result::ok);
    let codes: Vec<u16> = entries.map(|entry| entry.status.code()).collect();
    let mut group = criterion.benchmark_group("lies");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("classes, unused", |bencher| {
        bencher.iter(|| {
            for code in &codes {
                let _ = Status::new(*code).map(Status::class);
            }
        });
    });
    group.bench_function("classes, used", |bencher| {
        bencher.iter(|| {
            for code in &codes {
                black_box(Status::new(*code).map(Status::class));
            }
        });
    });
    // ANCHOR_END: lies
    // ANCHOR: one-line
    group.bench_function("one line", |bencher| {
        let line = log.lines().next().unwrap_or_default();
        bencher.iter(|| {
            for _ in 0..LINES {
                let _ = black_box(Entry::parse(black_box(line)));
            }
        });
    });
    group.bench_function("all lines", |bencher| {
        bencher.iter(|| {
            for line in log.lines() {
                let _ = black_box(Entry::parse(black_box(line)));
            }
        });
    });
    // ANCHOR_END: one-line
    group.bench_function("sort with its copy", |bencher| {
        bencher.iter(|| {
            let mut codes = codes.clone();
            codes.sort_unstable();
            codes
        });
    });
    group.bench_function("sort", |bencher| {
        bencher.iter_batched_ref(
            || codes.clone(),
            |codes| codes.sort_unstable(),
            BatchSize::LargeInput,
        );
    });
    // ANCHOR: sorted
    group.bench_function("sort what is sorted", |bencher| {
        let mut codes = codes.clone();
        bencher.iter(|| {
            codes.sort_unstable();
            black_box(&codes);
        });
    });
    // ANCHOR_END: sorted
    group.finish();
}

criterion_group!(benches, json, lies);
criterion_main!(benches);
