//! Joins the reference's benchmarks with a crate: the same measurements for everyone's code.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use super::cargo::{self, BuildError};
use super::configuration::Configuration;
use super::freshness::{self, Made};
use super::room::{self, Layout, RoomError, Wait};
use crate::catalog::package::{Resolved, Root};
use crate::catalog::{Catalog, Exercise};
use crate::runner::Cancel;
use crate::workspace::snapshot::Snapshot;

/// A generated package with benchmarks, locked for one user at a time.
#[derive(Debug)]
pub struct BenchRoom {
    dir: PathBuf,
    build_dir: PathBuf,
    results: PathBuf,
    _lock: File,
}

impl BenchRoom {
    /// Lays out the benchmarks of an exercise for the crate in `snapshot`.
    ///
    /// # Errors
    /// When a file cannot be written, or the course's files contradict themselves.
    pub fn prepare(
        build_dir: &Path,
        catalog: &Catalog,
        exercise: &Exercise,
        label: &str,
        snapshot: &Snapshot,
        wait: Wait<'_>,
    ) -> Result<BenchRoom, RoomError> {
        let source = catalog.source();
        let hash = room::short_hash(build_dir);
        let name = format!("{}-{label}-benches-{hash}", exercise.id());
        let dir = build_dir.join("rooms").join(&name);
        let lock = room::lock(&dir, wait)?;

        let root = Root::parse(&room::text(source, "Cargo.toml")?)?;
        let solution = room::resolve(source, &root, &exercise.solution_dir(), &|_| None)?;
        let mut layout = Layout::default();
        for (path, content) in &snapshot.files {
            layout.add(format!("{}/{path}", exercise.stub_dir()), content.clone());
        }
        layout.add(
            format!("{}/Cargo.toml", exercise.stub_dir()),
            room::learner_manifest(&name, exercise, &solution).into_bytes(),
        );
        let benches = format!("{}/benches", exercise.solution_dir());
        for path in source.files_below(&benches) {
            let content = source.read(&path).map_err(room::missing(&path))?;
            let local = path.strip_prefix(&benches).unwrap_or(&path);
            layout.add(format!("benches{local}"), content);
        }
        layout.add(
            "Cargo.toml",
            manifest(&name, exercise, solution).into_bytes(),
        );
        layout.write(&dir)?;
        freshness::renew(&dir, build_dir, Made::Room(&name), &layout.hash(|_| true))?;
        room::refresh_lock_file(&dir, source)?;
        Ok(BenchRoom {
            dir,
            build_dir: build_dir.to_path_buf(),
            results: build_dir.join("criterion").join(name),
            _lock: lock,
        })
    }

    /// Downloads what the benchmarks are built with, if it is missing.
    ///
    /// # Errors
    /// When cargo cannot be started, crates cannot be downloaded, or the run is interrupted.
    pub fn fetch(&self, cancel: &Cancel) -> Result<(), BuildError> {
        cargo::fetch(&self.dir, cancel)
    }

    /// Cargo's call that builds and runs the benchmarks, as a person would start it.
    #[must_use]
    pub fn command(&self, filter: Option<&str>, smoke: bool) -> Command {
        let configuration = Configuration::of(&self.dir);
        let mut command = cargo::restrained(&self.dir, &configuration);
        configuration.keep_together(&mut command, &self.build_dir);
        command
            .args(["bench", "--quiet", "--target-dir"])
            .arg(&self.build_dir)
            .env("CRITERION_HOME", &self.results)
            .args(configuration.targets().then_some("--target=host-tuple"))
            .arg("--");
        command.args(filter);
        if smoke {
            command.arg("--test");
        }
        command
    }

    /// Where criterion writes what it measured.
    #[must_use]
    pub fn results(&self) -> &Path {
        &self.results
    }
}

fn manifest(room_name: &str, exercise: &Exercise, solution: Resolved) -> String {
    let name = format!("{room_name}-suite");
    let mut manifest = room::package(&name, &solution.edition);
    let mut dependencies = solution.dev_dependencies;
    // What only tests need would be compiled for nothing.
    dependencies.remove("proptest");
    dependencies.extend(solution.dependencies);
    dependencies.insert(
        exercise.crate_name(),
        room::subject(room_name, exercise, ""),
    );
    manifest.insert("dependencies".into(), Value::Table(dependencies));
    manifest.insert("bench".into(), Value::Array(solution.benches));
    manifest.insert("bin".into(), room::programs(exercise, ""));
    manifest.insert("workspace".into(), Value::Table(Table::new()));
    manifest.to_string()
}
