//! The programs that the checker starts.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::process::Command;

use semver::Version;

use super::{Row, Status, version};
use crate::harness::cargo;
use crate::runner::Cancel;
use crate::runner::bounded::{self, Bounds};

/// A program that is asked for its version answers within this, or does not work.
const DEADLINE_SECONDS: f64 = 20.0;
/// Bytes of a program's answer; a version is one line.
const ANSWER_BYTES: usize = 1 << 20;

/// How Rust is installed.
#[cfg(not(windows))]
const INSTALL_RUST: &str = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh";
#[cfg(windows)]
const INSTALL_RUST: &str = "winget install --exact --id Rustlang.Rustup";

/// How a linker is installed.
#[cfg(target_os = "macos")]
const INSTALL_LINKER: &str = "xcode-select --install";
#[cfg(windows)]
const INSTALL_LINKER: &str = "winget install --exact --id Microsoft.VisualStudio.2022.BuildTools";
#[cfg(not(any(target_os = "macos", windows)))]
const INSTALL_LINKER: &str =
    "sudo apt install build-essential (Debian, Ubuntu) or sudo dnf install gcc (Fedora)";

/// How git is installed.
#[cfg(target_os = "macos")]
const INSTALL_GIT: &str = "xcode-select --install";
#[cfg(windows)]
const INSTALL_GIT: &str = "winget install --exact --id Git.Git";
#[cfg(not(any(target_os = "macos", windows)))]
const INSTALL_GIT: &str = "sudo apt install git (Debian, Ubuntu) or sudo dnf install git (Fedora)";

const UPDATE_RUST: &str = "rustup update stable";
const CHOOSE_RUST: &str = "rustup default stable";
const INSTALL_RUSTFMT: &str = "rustup component add rustfmt";
const INSTALL_CLIPPY: &str = "rustup component add clippy";
const INSTALL_MIRI: &str = "rustup toolchain install nightly --component miri,rust-src";

/// What a program says.
enum Answer {
    /// The first line of its output.
    Said(String),
    /// It is not there.
    Absent,
    /// It is there and does not work; the first line of its error.
    Broken(String),
}

/// A row for each program.
pub(super) fn rows(minimum: Option<&Version>, cancel: &Cancel) -> Vec<Row> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let mut miri = Command::new("cargo");
    // An outer cargo pins its own toolchain in the environment; Miri comes with nightly.
    for pinned in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC"] {
        miri.env_remove(pinned);
    }
    let mut fmt = cargo::command();
    fmt.arg("fmt");
    let mut clippy = cargo::command();
    clippy.arg("clippy");
    miri.args(["+nightly", "miri"]);
    let ask = |command| ask(command, cancel);
    let mut rows = vec![
        required("cargo", ask(cargo::command()), minimum),
        required("rustc", ask(Command::new(&rustc)), minimum),
    ];
    if rows.iter().all(|row| row.status == Status::Ok) {
        rows.extend(linker(Command::new(&rustc), cancel));
    }
    rows.extend([
        optional("rustfmt", ask(fmt), INSTALL_RUSTFMT),
        optional("clippy", ask(clippy), INSTALL_CLIPPY),
        optional("Miri", ask(miri), INSTALL_MIRI),
        optional("git", ask(Command::new("git")), INSTALL_GIT),
    ]);
    rows
}

/// Asks a program for its version.
fn ask(mut command: Command, cancel: &Cancel) -> Answer {
    command.arg("--version");
    // To look for a toolchain is not to install it.
    command.env("RUSTUP_AUTO_INSTALL", "0");
    run(command, cancel)
}

fn run(command: Command, cancel: &Cancel) -> Answer {
    let bounds = Bounds {
        seconds: DEADLINE_SECONDS,
        output_bytes: ANSWER_BYTES,
        ..Bounds::default()
    };
    match bounded::run(command, bounds, cancel) {
        Ok(finished) if finished.timed_out => {
            Answer::Broken(format!("no answer within {DEADLINE_SECONDS} s"))
        }
        Ok(finished) if finished.status.success() => Answer::Said(first_line(&finished.stdout)),
        Ok(finished) => Answer::Broken(first_line(&finished.stderr)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Answer::Absent,
        Err(error) => Answer::Broken(error.to_string()),
    }
}

fn first_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// A part of Rust that nothing goes without.
fn required(name: &str, answer: Answer, minimum: Option<&Version>) -> Row {
    let said = match answer {
        Answer::Said(said) => said,
        Answer::Absent => return Row::lacking(name, None, Status::Missing, INSTALL_RUST),
        // rustup stands in for every tool and says so when no toolchain is chosen.
        Answer::Broken(why) if why.contains("rustup") => {
            return Row::lacking(name, Some(why), Status::Missing, CHOOSE_RUST);
        }
        Answer::Broken(why) => {
            return Row::lacking(name, Some(why), Status::Missing, INSTALL_RUST);
        }
    };
    let found = said.strip_prefix(name).map_or(said.as_str(), str::trim);
    let number = found.split_whitespace().next().and_then(version);
    match (number, minimum) {
        (Some(number), Some(minimum)) if number < *minimum => {
            let found = format!("{number}; the course needs {minimum}");
            Row::lacking(name, Some(found), Status::TooOld, UPDATE_RUST)
        }
        _ => Row::ok(name, found),
    }
}

/// A tool that most of the course goes without.
fn optional(name: &str, answer: Answer, install: &str) -> Row {
    match answer {
        Answer::Said(said) => {
            let found = said.split_once(' ').map_or(said.as_str(), |(_, rest)| rest);
            Row::ok(name, found.strip_prefix("version ").unwrap_or(found))
        }
        Answer::Absent => Row::lacking(name, None, Status::Optional, install),
        Answer::Broken(why) => Row::lacking(name, Some(why), Status::Optional, install),
    }
}

/// Links a program: rustc comes without the linker that it calls. Nothing is found out where no
/// temporary file can be made, which has a row of its own.
fn linker(mut rustc: Command, cancel: &Cancel) -> Option<Row> {
    let name = "linker";
    let dir = tempfile::tempdir().ok()?;
    fs::write(dir.path().join("main.rs"), "fn main() {}\n").ok()?;
    rustc.arg("main.rs").current_dir(dir.path());
    Some(match run(rustc, cancel) {
        Answer::Said(_) => Row::ok(name, "links a program"),
        Answer::Absent => Row::lacking(name, None, Status::Missing, INSTALL_LINKER),
        Answer::Broken(why) => Row::lacking(name, Some(why), Status::Missing, INSTALL_LINKER),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Answer {
        Answer::Said(text.to_owned())
    }

    #[test]
    fn a_tool_that_is_as_new_as_the_course_asks_will_do() {
        let minimum = Version::new(1, 95, 0);
        for text in [
            "cargo 1.95.0 (abc 2026-04-14)",
            "cargo 1.97.0-nightly (abc)",
        ] {
            let row = required("cargo", said(text), Some(&minimum));
            assert_eq!(row.status, Status::Ok, "{text}");
            assert_eq!(row.found.as_deref(), text.strip_prefix("cargo "));
        }
    }

    #[test]
    fn a_tool_that_is_too_old_is_told_with_both_versions() {
        let minimum = Version::new(1, 95, 0);
        let row = required("rustc", said("rustc 1.84.1 (abc)"), Some(&minimum));
        assert_eq!(row.status, Status::TooOld);
        assert_eq!(
            row.found.as_deref(),
            Some("1.84.1; the course needs 1.95.0")
        );
        assert_eq!(row.advice.as_deref(), Some(UPDATE_RUST));
    }

    #[test]
    fn a_missing_tool_and_a_missing_toolchain_are_told_apart() {
        let absent = required("cargo", Answer::Absent, None);
        assert_eq!((absent.status, absent.found), (Status::Missing, None));
        assert_eq!(absent.advice.as_deref(), Some(INSTALL_RUST));
        let why = "error: rustup could not choose a version of cargo to run".to_owned();
        let unchosen = required("cargo", Answer::Broken(why.clone()), None);
        assert_eq!(
            (unchosen.status, unchosen.found),
            (Status::Missing, Some(why))
        );
        assert_eq!(unchosen.advice.as_deref(), Some(CHOOSE_RUST));
    }

    #[test]
    fn an_optional_tool_that_does_not_work_says_why() {
        let row = optional(
            "Miri",
            Answer::Broken("not installed".to_owned()),
            INSTALL_MIRI,
        );
        assert_eq!(row.status, Status::Optional);
        assert_eq!(row.found.as_deref(), Some("not installed"));
        let git = optional("git", said("git version 2.47.3"), INSTALL_GIT);
        assert_eq!(git.found.as_deref(), Some("2.47.3"));
    }

    #[test]
    fn a_program_that_does_not_exist_is_absent() {
        let command = Command::new("no-such-program-of-the-course");
        assert!(matches!(ask(command, &Cancel::new()), Answer::Absent));
    }
}
