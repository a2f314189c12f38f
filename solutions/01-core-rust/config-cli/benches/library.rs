//! Building a configuration from two files and the environment, and getting a value from it.
//!
//! `build` reads the base and the local file, takes the variables, and merges. `get` reads one
//! integer, three tables deep, of a configuration that is built. `get_struct` reads a table as a
//! struct. All implementations do it from the same texts in memory, and `build` of all of them
//! reads variables of this process.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark of a configuration that cannot be built has nothing to measure"
)]

mod support;

use std::hint::black_box;
use std::process::Command;

use config::{Config as ConfigRs, Environment, File, FileFormat};
use config_cli::{Config, Format};
use criterion::{Criterion, criterion_group};
use figment::Figment;
use figment::providers::{Env, Format as _, Toml};
use serde::Deserialize;

use self::support::{LOCAL, PREFIX, VARIABLES, base};

/// The number of services in the base file, which has about 12 KiB then.
const SERVICES: usize = 100;

#[derive(Deserialize)]
#[allow(dead_code, reason = "only read, as a program would")]
struct Service {
    host: String,
    port: u16,
    weight: f64,
    active: bool,
    zones: Vec<String>,
}

fn this(base: &str) -> Config {
    Config::builder()
        .text("base.toml", base, Format::Toml)
        .text("local.toml", LOCAL, Format::Toml)
        .env(PREFIX, std::env::vars_os())
        .without_schema()
        .build()
        .unwrap()
}

fn figment(base: &str) -> Figment {
    Figment::new()
        .merge(Toml::string(base))
        .merge(Toml::string(LOCAL))
        .merge(Env::prefixed("BENCH__").split("__"))
}

fn config_rs(base: &str) -> ConfigRs {
    ConfigRs::builder()
        .add_source(File::from_str(base, FileFormat::Toml))
        .add_source(File::from_str(LOCAL, FileFormat::Toml))
        .add_source(
            Environment::with_prefix(PREFIX)
                .prefix_separator("__")
                .separator("__"),
        )
        .build()
        .unwrap()
}

fn build(criterion: &mut Criterion) {
    let base = base(SERVICES);
    let mut group = criterion.benchmark_group("build");
    group.bench_function("this", |bencher| bencher.iter(|| this(black_box(&base))));
    // Figment collects its layers as they are added, and is done then.
    group.bench_function("figment", |bencher| {
        bencher.iter(|| figment(black_box(&base)))
    });
    group.bench_function("config", |bencher| {
        bencher.iter(|| config_rs(black_box(&base)))
    });
    group.finish();
}

fn get(criterion: &mut Criterion) {
    let base = base(SERVICES);
    let (this, figment, config) = (this(&base), figment(&base), config_rs(&base));
    let key = "services.s50.port";
    let mut group = criterion.benchmark_group("get");
    group.bench_function("this", |bencher| {
        bencher.iter(|| this.get::<u16>(black_box(key)).unwrap());
    });
    group.bench_function("figment", |bencher| {
        bencher.iter(|| figment.extract_inner::<u16>(black_box(key)).unwrap());
    });
    group.bench_function("config", |bencher| {
        bencher.iter(|| config.get::<u16>(black_box(key)).unwrap());
    });
    group.finish();

    let key = "services.s50";
    let mut group = criterion.benchmark_group("get_struct");
    group.bench_function("this", |bencher| {
        bencher.iter(|| this.get::<Service>(black_box(key)).unwrap());
    });
    group.bench_function("figment", |bencher| {
        bencher.iter(|| figment.extract_inner::<Service>(black_box(key)).unwrap());
    });
    group.bench_function("config", |bencher| {
        bencher.iter(|| config.get::<Service>(black_box(key)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, build, get);

fn main() {
    // A program cannot change its environment safely, but it can start another.
    let (name, _) = VARIABLES[0];
    if std::env::var_os(name).is_none() {
        let program = std::env::current_exe().unwrap();
        let status = Command::new(program)
            .args(std::env::args_os().skip(1))
            .envs(VARIABLES)
            .status()
            .unwrap();
        std::process::exit(status.code().unwrap_or(1));
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
