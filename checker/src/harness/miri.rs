//! Programs that run under Miri, which reports undefined behavior that no ordinary run shows.
//!
//! Miri is a component of the nightly toolchain and may be missing. Only its own word that it
//! found undefined behavior fails a test; whatever else keeps it from an answer is a skip.

use std::process::Command;

use toml::{Table, Value};

use super::manifest::Resolved;
use super::room::{Layout, Room, package, subject};
use crate::catalog::Exercise;
use crate::catalog::program::MiriProgram;
use crate::runner::Cancel;
use crate::runner::bounded::{self, Bounds, Finished};
use crate::verdict::{Failure, Verdict};

/// The command that installs what is needed.
const INSTALL: &str = "Miri: rustup toolchain install nightly --component miri,rust-src";
/// Miri runs programs some hundred times slower than the machine does.
const DEADLINE_SECONDS: f64 = 240.0;

/// The name of a room's package with programs for Miri.
pub(super) fn package_name(room: &str) -> String {
    format!("{room}-miri")
}

/// Adds the package of Miri's programs to a room.
pub(super) fn lay_out(
    layout: &mut Layout,
    room: &str,
    exercise: &Exercise,
    programs: &[MiriProgram],
    stub: &Resolved,
) {
    let mut manifest = package(&package_name(room), &stub.edition);
    let dependencies = [(exercise.crate_name(), subject(room, exercise, "../"))];
    manifest.insert(
        "dependencies".into(),
        Value::Table(dependencies.into_iter().collect()),
    );
    let lib = Table::from_iter([("path".to_owned(), Value::String("lib.rs".to_owned()))]);
    manifest.insert("lib".into(), Value::Table(lib));
    layout.add("miri/lib.rs", Vec::new());
    let mut binaries = Vec::new();
    for program in programs {
        let mut binary = Table::new();
        let path = format!("src/bin/{}.rs", program.name);
        layout.add(format!("miri/{path}"), program.source.clone().into_bytes());
        binary.insert("name".into(), Value::String(program.name.clone()));
        binary.insert("path".into(), Value::String(path));
        binaries.push(Value::Table(binary));
    }
    if !binaries.is_empty() {
        manifest.insert("bin".into(), Value::Array(binaries));
    }
    layout.add("miri/Cargo.toml", manifest.to_string().into_bytes());
}

/// How Miri is called on this machine, if it is there.
#[must_use]
pub fn installed(cancel: &Cancel) -> bool {
    let mut command = miri();
    command.arg("--version");
    let bounds = Bounds {
        seconds: 20.0,
        ..Bounds::default()
    };
    bounded::run(command, bounds, cancel).is_ok_and(|finished| finished.status.success())
}

fn miri() -> Command {
    let mut command = Command::new("cargo");
    // An outer cargo pins its own toolchain in the environment; Miri comes with nightly.
    for pinned in [
        "RUSTUP_TOOLCHAIN",
        "CARGO",
        "RUSTC",
        "RUSTFLAGS",
        "CARGO_TARGET_DIR",
    ] {
        command.env_remove(pinned);
    }
    command.args(["+nightly", "miri"]);
    command
}

/// A test that does not run because Miri is missing.
#[must_use]
pub fn missing() -> Verdict {
    Verdict::Skipped {
        needs: INSTALL.to_owned(),
    }
}

/// Runs one program under Miri.
#[must_use]
pub fn judge(room: &Room, program: &MiriProgram, cancel: &Cancel) -> Verdict {
    let mut command = miri();
    command
        .args(["run", "--quiet", "--package", room.miri_package()])
        .args(["--bin", &program.name])
        .arg("--target-dir")
        .arg(room.build_dir().join("miri"))
        .env("MIRIFLAGS", "-Zmiri-ignore-leaks=false")
        .current_dir(room.dir());
    let bounds = Bounds {
        seconds: DEADLINE_SECONDS,
        ..Bounds::default()
    };
    match bounded::run(command, bounds, cancel) {
        Ok(finished) => verdict(&finished),
        Err(error) => Verdict::Skipped {
            needs: format!("Miri, which could not be started: {error}"),
        },
    }
}

fn verdict(finished: &Finished) -> Verdict {
    let errors = String::from_utf8_lossy(&finished.stderr);
    let found = |mark: &str| {
        errors
            .lines()
            .find(|line| line.contains(mark))
            .map(str::trim)
    };
    if finished.status.success() {
        Verdict::Passed
    } else if let Some(line) = found("Undefined Behavior:").or(found("error: memory leaked")) {
        let place = errors
            .lines()
            .find_map(|line| line.trim().strip_prefix("--> "))
            .map(str::to_owned);
        Verdict::Failed(Failure {
            message: line.trim_start_matches("error: ").to_owned(),
            expected: Some("a run under Miri without undefined behavior or leaks".to_owned()),
            received: Some(errors.trim().to_owned()),
            location: place,
            ..Failure::default()
        })
    } else if let Some(line) = found("not yet implemented") {
        Verdict::NotImplemented {
            message: line.trim_start_matches("not yet implemented: ").to_owned(),
            location: None,
        }
    } else {
        let last = errors.lines().rev().find(|line| !line.trim().is_empty());
        Verdict::Skipped {
            needs: format!(
                "a working Miri; it said: {}",
                last.unwrap_or("nothing").trim()
            ),
        }
    }
}
