//! Programs that run under Miri, which reports undefined behavior that no ordinary run shows.
//!
//! Miri is a component of the nightly toolchain and may be missing. A test fails if Miri found the
//! program at fault or the program panicked; whatever else keeps Miri from an answer is a skip.

use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use super::configuration::Configuration;
use super::room::{Layout, Room, package, subject};
use crate::catalog::Exercise;
use crate::catalog::package::Resolved;
use crate::catalog::program::MiriProgram;
use crate::runner::Cancel;
use crate::runner::bounded::{self, Bounds, Finished};
use crate::verdict::{Failure, Verdict};

/// The command that installs what is needed.
const INSTALL: &str = "Miri: rustup toolchain install nightly --component miri,rust-src";
/// Miri runs programs some hundred times slower than the machine does.
const DEADLINE_SECONDS: f64 = 240.0;
/// What lines begin with in which Miri reports a fault of the program, after `error: `.
const FAULTS: [&str; 6] = [
    "Undefined Behavior: ",
    "memory leaked: ",
    "the main thread terminated without waiting for all remaining threads",
    "deadlock: ",
    "the evaluated program deadlocked",
    "abnormal termination: ",
];
/// What lines begin with in which Miri says that it cannot go on, after `error: `.
const LIMITS: [&str; 2] = ["unsupported operation: ", "resource exhaustion: "];

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

/// Whether Miri is on this machine.
#[must_use]
pub fn installed(cancel: &Cancel) -> bool {
    let home = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".rustup")));
    home.is_none_or(|home| may_have_miri(&home)) && answers(miri(), cancel)
}

/// Whether a nightly toolchain below rustup's home has Miri. Looking costs nothing, where asking
/// for what is missing takes rustup some 300 ms of every check.
fn may_have_miri(home: &Path) -> bool {
    let Ok(toolchains) = std::fs::read_dir(home.join("toolchains")) else {
        return true;
    };
    let program = format!("bin/cargo-miri{}", std::env::consts::EXE_SUFFIX);
    toolchains
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("nightly"))
        .any(|toolchain| toolchain.path().join(&program).exists())
}

fn answers(mut miri: Command, cancel: &Cancel) -> bool {
    miri.arg("--version");
    let bounds = Bounds {
        seconds: 20.0,
        ..Bounds::default()
    };
    bounded::run(miri, bounds, cancel).is_ok_and(|finished| finished.status.success())
}

fn miri() -> Command {
    let mut command = Command::new("cargo");
    // An outer cargo pins its own toolchain in the environment; Miri comes with nightly. It takes
    // the place of the compiler and of its wrapper, and no flag may change what it reports.
    for inherited in [
        "RUSTUP_TOOLCHAIN",
        "CARGO",
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "CARGO_TARGET_DIR",
        "MIRIFLAGS",
    ] {
        command.env_remove(inherited);
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
pub fn judge(room: &Room, exercise: &Exercise, program: &MiriProgram, cancel: &Cancel) -> Verdict {
    let mut command = miri();
    let target = room.build_dir().join("miri");
    Configuration::of(room.dir()).keep_together(&mut command, &target);
    command
        .args(["run", "--quiet", "--package", room.miri_package()])
        .args(["--bin", &program.name])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(room.dir());
    let bounds = Bounds {
        seconds: DEADLINE_SECONDS,
        ..Bounds::default()
    };
    match bounded::run(command, bounds, cancel) {
        Ok(finished) => verdict(&finished, &exercise.stub_dir()),
        Err(error) => Verdict::Skipped {
            needs: format!("Miri, which could not be started: {error}"),
        },
    }
}

/// What a run says about the crate in the folder `own`.
fn verdict(finished: &Finished, own: &str) -> Verdict {
    let errors = String::from_utf8_lossy(&finished.stderr);
    let found = |beginnings: &[&str]| {
        errors
            .lines()
            .filter_map(|line| line.trim().strip_prefix("error: "))
            .find(|said| beginnings.iter().any(|begin| said.starts_with(begin)))
    };
    if finished.status.success() {
        return Verdict::Passed;
    }
    if let Some(said) = found(&FAULTS) {
        return failed(said.trim_end_matches(", allocated here:"), &errors, own);
    }
    if found(&LIMITS).is_none()
        && let Some(message) = panic_message(&errors)
    {
        let written = ["not yet implemented", "not implemented"]
            .iter()
            .all(|unwritten| !message.starts_with(unwritten));
        if written {
            return failed(&format!("panicked: {message}"), &errors, own);
        }
        return Verdict::NotImplemented {
            message: message
                .split_once(": ")
                .map_or(message, |(_, phase)| phase)
                .to_owned(),
            location: place(&errors, own),
        };
    }
    let needs = if finished.timed_out {
        "more time: Miri did not come to an end".to_owned()
    } else {
        let last = errors.lines().rev().find(|line| !line.trim().is_empty());
        let said = found(&LIMITS).or(last).unwrap_or("nothing").trim();
        format!("a working Miri; it said: {said}")
    };
    Verdict::Skipped { needs }
}

fn failed(message: &str, errors: &str, own: &str) -> Verdict {
    Verdict::Failed(Failure {
        message: message.to_owned(),
        expected: Some("a run under Miri without undefined behavior, leaks or panics".to_owned()),
        received: Some(errors.trim().to_owned()),
        location: place(errors, own),
        ..Failure::default()
    })
}

/// The message of the last panic: those before it were caught.
fn panic_message(errors: &str) -> Option<&str> {
    let lines: Vec<&str> = errors.lines().collect();
    let is_panic = |line: &&str| line.starts_with("thread '") && line.contains(" panicked at ");
    let place = lines.iter().rposition(is_panic)?;
    lines.get(place + 1).copied()
}

/// The first place in the folder `own` that a report names, as `file:line:column`.
fn place(errors: &str, own: &str) -> Option<String> {
    // The standard library's places often come first.
    let mut words = errors.split_whitespace();
    words.find_map(|word| {
        let path = word.trim_end_matches(':').replace('\\', "/");
        (path.starts_with(own) && path.contains(".rs:")).then_some(path)
    })
}

#[cfg(test)]
mod tests;
