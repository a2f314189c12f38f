//! The time from starting a program to its end, with one value of a small file printed: `conf`
//! against `jq` and `yq`, each as a process of its own, in the same run.
//!
//! A program that is not installed is left out, and the output says so. There are two programs
//! named `yq`; either is taken as it is, and the file is JSON, which both read.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark of a program that does not start has nothing to measure"
)]

use std::fs;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

const TEXT: &str = r#"{"server": {"host": "localhost", "port": 8080}, "title": "bench"}"#;

/// A command that prints 8080.
fn command(program: &str, arguments: &[&str], file: &str, last: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg(file).args(last);
    command.stderr(Stdio::null());
    command
}

fn startup(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    fs::write(&path, TEXT).unwrap();
    let file = path.display().to_string();
    let mut group = criterion.benchmark_group("startup");
    for (name, mut command) in [
        (
            "this",
            command(
                env!("CARGO_BIN_EXE_conf"),
                &["get"],
                &file,
                &["server.port"],
            ),
        ),
        ("jq", command("jq", &[".server.port"], &file, &[])),
        ("yq", command("yq", &[".server.port"], &file, &[])),
    ] {
        match command.output() {
            Ok(output) if output.stdout == b"8080\n" => {
                group.bench_function(name, |bencher| bencher.iter(|| command.output().unwrap()));
            }
            Ok(_) => println!("startup/{name}: skipped: it does not print the value"),
            Err(error) => println!("startup/{name}: skipped: {name} cannot be started: {error}"),
        }
    }
    group.finish();
}

criterion_group!(benches, startup);
criterion_main!(benches);
