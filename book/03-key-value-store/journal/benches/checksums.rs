//! What the lecture on formats claims about the speed of checksums.
//!
//! `cargo bench -p journal --bench checksums`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use journal::crc::{bitwise, bytewise};
use journal::entry::{Entry, decode, encode};

fn checksums(criterion: &mut Criterion) {
    for len in [128, 4096, 65_536] {
        let bytes: Vec<u8> = (0..len).map(|n: usize| (n * 31 % 251) as u8).collect();
        let mut group = criterion.benchmark_group("crc");
        group.throughput(Throughput::Bytes(len as u64));
        type Function = fn(&[u8]) -> u32;
        let functions: [(&str, Function); 3] = [
            ("bitwise", bitwise),
            ("bytewise", bytewise),
            ("crc32fast", crc32fast::hash),
        ];
        for (name, function) in functions {
            group.bench_with_input(BenchmarkId::new(name, len), &bytes, |bencher, bytes| {
                bencher.iter(|| function(black_box(bytes)));
            });
        }
        group.finish();
    }
}

fn entries(criterion: &mut Criterion) {
    let payload = &[0x5A; 112];
    let mut out = Vec::new();
    criterion.bench_function("entry/encode", |bencher| {
        bencher.iter(|| {
            out.clear();
            black_box(encode(black_box(&Entry { time: 1, payload }), &mut out))
        });
    });
    criterion.bench_function("entry/decode", |bencher| {
        bencher.iter(|| black_box(decode(black_box(&out))).is_ok());
    });
}

criterion_group!(benches, checksums, entries);
criterion_main!(benches);
