//! What the lecture on files claims about cost: writing, syncing, reading, and names.
//!
//! The files are in the target directory, which is on a disk where `/tmp` may be memory.
//! `cargo bench -p journal --bench disk -- sync` measures the syncs only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
#[cfg(unix)]
use std::os::unix::fs::FileExt;
#[cfg(windows)]
use std::os::windows::fs::FileExt;
use std::path::Path;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use tempfile::TempDir;

use journal::replace::{replace, sync_dir};

/// What an entry takes in the file, in bytes.
const ENTRY: usize = 128;
/// A file is begun anew before it is longer than this, in bytes.
const MAX_LEN: u64 = 64 << 20;

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    file.read_at(buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    file.seek_read(buffer, at)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    file.write_at(bytes, at)
}

#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<usize> {
    file.seek_write(bytes, at)
}

/// A log that does not grow without end.
struct Log {
    file: File,
    len: u64,
}

impl Log {
    fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).read(true).open(path)?;
        file.set_len(0)?;
        Ok(Self { file, len: 0 })
    }

    fn append(&mut self, entries: &[u8]) -> io::Result<()> {
        if self.len + entries.len() as u64 > MAX_LEN {
            self.file.set_len(0)?;
            self.len = 0;
        }
        self.file.write_all(entries)?;
        self.len += entries.len() as u64;
        Ok(())
    }
}

/// Criterion has no way to report an error, so a failing disk ends the program.
fn must<T>(outcome: io::Result<T>) -> T {
    match outcome {
        Ok(value) => value,
        Err(error) => {
            eprintln!("the disk fails: {error}");
            std::process::exit(1)
        }
    }
}

fn scratch() -> TempDir {
    must(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")))
}

fn batches(group: &mut BenchmarkGroup<'_, WallTime>, sync: impl Fn(&File) -> io::Result<()>) {
    let dir = scratch();
    let mut log = must(Log::create(&dir.path().join("log")));
    for batch in [1, 10, 100, 1000] {
        let entries = vec![0x5A; batch * ENTRY];
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(BenchmarkId::from_parameter(batch), |bencher| {
            bencher.iter(|| {
                must(log.append(&entries));
                must(sync(&log.file));
            });
        });
    }
}

fn append(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write");
    batches(&mut group, |_| Ok(()));
    group.finish();
    let mut group = criterion.benchmark_group("write-fdatasync");
    batches(&mut group, File::sync_data);
    group.finish();
    let mut group = criterion.benchmark_group("write-fsync");
    batches(&mut group, File::sync_all);
    group.finish();
}

/// The same sync, where the file has its length already.
fn overwrite(criterion: &mut Criterion) {
    let dir = scratch();
    let mut file = must(File::create(dir.path().join("log")));
    let entries = vec![0x5A; ENTRY];
    must(file.write_all(&vec![0; 1 << 20]));
    must(file.sync_all());
    let mut at = 0;
    criterion.bench_function("overwrite-fdatasync/1", |bencher| {
        bencher.iter(|| {
            at = (at + ENTRY as u64) % (1 << 20);
            must(write_at(&file, &entries, at));
            must(file.sync_data());
        });
    });
}

fn read(criterion: &mut Criterion) {
    let dir = scratch();
    let mut log = must(Log::create(&dir.path().join("log")));
    must(log.append(&vec![0x5A; MAX_LEN as usize]));
    let mut group = criterion.benchmark_group("pread");
    for len in [ENTRY, 4096, 65_536] {
        let mut buffer = vec![0; len];
        let mut at = 0;
        group.bench_function(BenchmarkId::from_parameter(len), |bencher| {
            bencher.iter(|| {
                // A stride that visits the file out of order.
                at = (at + 7_919 * ENTRY as u64) % (MAX_LEN - len as u64);
                must(read_at(&log.file, &mut buffer, at));
            });
        });
    }
    group.finish();
}

fn names(criterion: &mut Criterion) {
    let dir = scratch();
    let path = dir.path().join("settings");
    let contents = vec![0x5A; 4096];
    let mut group = criterion.benchmark_group("names");
    group.bench_function("replace", |bencher| {
        bencher.iter(|| must(replace(&path, &contents)));
    });
    group.bench_function("overwrite-in-place", |bencher| {
        bencher.iter(|| must(fs::write(&path, &contents)));
    });
    let mut number = 0_u64;
    group.bench_function("create-and-sync-dir", |bencher| {
        bencher.iter(|| {
            number += 1;
            let path = dir.path().join(number.to_string());
            must(File::create_new(&path));
            must(sync_dir(&path));
        });
    });
    let lock = must(File::create(dir.path().join("LOCK")));
    group.bench_function("lock-and-unlock", |bencher| {
        bencher.iter(|| {
            must(lock.try_lock().map_err(io::Error::from));
            must(lock.unlock());
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = append, overwrite, read, names
}
criterion_main!(benches);
