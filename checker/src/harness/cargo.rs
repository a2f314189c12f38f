//! Calls cargo and reads what it says.
//!
//! Every call goes the same way: first without the network, so that a check costs none, and once
//! more with it if crates are missing, as on a new machine.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use toml::Value;

use super::configuration::{Configuration, Replacement};
use super::room::{Room, RoomError};
use crate::runner::Cancel;
use crate::runner::bounded::{self, Bounds};

/// A compilation that takes longer never ends.
pub(super) const DEADLINE_SECONDS: f64 = 300.0;
/// A compiler that needs more takes all that there is. What the course builds needs a quarter.
pub(super) const MEMORY_MIB: u64 = 4096;
/// The largest file that a build may write. What the course builds needs a quarter.
pub(super) const FILE_MIB: u64 = 128;

/// Cargo could not do its work; nothing is known about the learner's code.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo is not installed or cannot be started.
    #[error("{0}; `checker doctor` tells what to install")]
    NoCargo(io::Error),
    /// Crates were never downloaded, and cannot be now.
    #[error(
        "crates that the course builds with are not on this machine yet, and cannot be downloaded \
         ({reason}); connect to the network and try again: once they are here, no check needs it"
    )]
    NoCrates {
        /// What cargo says.
        reason: String,
    },
    /// A configuration of cargo replaces crates.
    #[error(transparent)]
    Replacement(#[from] Replacement),
    /// The machine lacks what every build needs.
    #[error("this machine cannot build: {0}")]
    Machine(String),
    /// Cargo failed, and not at the code that it was asked to build.
    #[error("cargo failed: {0}")]
    Cargo(String),
    /// The room could not be written.
    #[error(transparent)]
    Room(#[from] RoomError),
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// One line of cargo's JSON.
#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    /// What the line is about.
    pub reason: String,
    /// The package's manifest.
    pub manifest_path: Option<String>,
    /// What was built.
    pub target: Option<Target>,
    /// The compiler's diagnostic.
    pub message: Option<Diagnostic>,
    /// The program that was linked.
    pub executable: Option<PathBuf>,
}

/// What cargo builds.
#[derive(Debug, Clone, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// Such as `lib`, `proc-macro` or `custom-build`.
    pub kind: Vec<String>,
}

/// A diagnostic of rustc.
#[derive(Debug, Clone, Deserialize)]
pub struct Diagnostic {
    /// The message's first line.
    pub message: String,
    /// `error`, `warning` and so on.
    pub level: String,
    /// The code, such as `E0499`.
    pub code: Option<Code>,
    /// The places.
    pub spans: Vec<Place>,
    /// The whole, as rustc shows it.
    pub rendered: Option<String>,
}

impl Diagnostic {
    /// The file that it is about, with `/` between folders.
    ///
    /// None if it is about no file. That the standard library is missing, too, is said at a place:
    /// the very beginning of whatever is compiled first.
    pub(super) fn file(&self) -> Option<String> {
        let place = self.spans.iter().find(|place| place.is_primary)?;
        let is_code = |code: &str| self.code.as_ref().is_some_and(|own| own.code == code);
        let is_anywhere = is_code("E0463") && place.byte_end == 0;
        (!is_anywhere).then(|| place.file_name.replace('\\', "/"))
    }
}

/// A diagnostic's code.
#[derive(Debug, Clone, Deserialize)]
pub struct Code {
    /// Such as `E0499`.
    pub code: String,
}

/// A place in a source file.
#[derive(Debug, Clone, Deserialize)]
pub struct Place {
    /// The file.
    pub file_name: String,
    /// The first line, from 1.
    pub line_start: usize,
    /// The first byte after it, from 0.
    pub byte_end: usize,
    /// Whether this is what the diagnostic is about.
    pub is_primary: bool,
}

/// A run of cargo.
#[derive(Debug)]
pub struct Finished {
    /// The lines of its JSON.
    pub messages: Vec<Message>,
    /// What it wrote for people.
    pub stderr: String,
    /// Whether it built all that it was asked for.
    pub succeeded: bool,
    /// Whether it was killed at the deadline.
    pub timed_out: bool,
    /// Whether it was killed because of what it wrote or took.
    pub over_limit: bool,
}

impl Finished {
    pub(super) fn executable(&self, name: &str) -> Option<PathBuf> {
        self.messages
            .iter()
            .filter(|message| message.target.as_ref().is_some_and(|t| t.name == name))
            .find_map(|message| message.executable.clone())
    }

    /// The places that errors are about or point out: file and line.
    pub(super) fn error_places(&self) -> Vec<(String, usize)> {
        self.errors()
            .flat_map(|(_, error)| &error.spans)
            .map(|span| (span.file_name.replace('\\', "/"), span.line_start))
            .collect()
    }

    /// The compiler's errors, each with what was built.
    pub(super) fn errors(&self) -> impl Iterator<Item = (&Message, &Diagnostic)> {
        self.messages
            .iter()
            .filter_map(|message| Some((message, message.message.as_ref()?)))
            .filter(|(_, diagnostic)| diagnostic.level.starts_with("error"))
    }
}

/// Runs cargo in a room.
///
/// # Errors
/// When cargo cannot be started, crates are missing, or the run is interrupted.
pub fn run(
    room: &Room,
    arguments: &[String],
    colored: bool,
    cancel: &Cancel,
) -> Result<Finished, BuildError> {
    let call = Call {
        dir: room.dir(),
        build_dir: room.build_dir(),
        colored,
        seconds: DEADLINE_SECONDS,
    };
    let mut arguments = arguments.to_vec();
    for (name, value) in room.variables() {
        let [name, value] = [name, value.to_string_lossy().into_owned()].map(Value::String);
        arguments.extend(["--config".to_owned(), format!("env.{name}={value}")]);
    }
    call.run(&arguments, cancel)
}

/// Downloads what the package in a folder is built with, if it is missing.
///
/// # Errors
/// When cargo cannot be started, crates cannot be downloaded, or the run is interrupted.
pub(super) fn fetch(dir: &Path, cancel: &Cancel) -> Result<(), BuildError> {
    let configuration = Configuration::of(dir);
    if let Some(replacement) = configuration.replacement() {
        return Err(replacement.clone().into());
    }
    let finished = with_network_if_needed(|offline| {
        let mut command = restrained(dir, &configuration);
        command.args(["fetch", "--quiet", "--target", "host-tuple"]);
        if offline {
            command.arg("--offline");
        }
        finish(command, Bounds::default(), cancel)
    })?;
    if finished.succeeded {
        Ok(())
    } else {
        Err(BuildError::Cargo(finished.stderr.trim().to_owned()))
    }
}

/// Where and how cargo is called.
pub(super) struct Call<'a> {
    /// The workspace's folder.
    pub(super) dir: &'a Path,
    /// Where cargo puts what it builds.
    pub(super) build_dir: &'a Path,
    /// Whether errors are rendered in colors.
    pub(super) colored: bool,
    /// Seconds until it is killed.
    pub(super) seconds: f64,
}

impl Call<'_> {
    /// Runs cargo.
    pub(super) fn run(
        &self,
        arguments: &[String],
        cancel: &Cancel,
    ) -> Result<Finished, BuildError> {
        let configuration = Configuration::of(self.dir);
        if let Some(replacement) = configuration.replacement() {
            return Err(replacement.clone().into());
        }
        let temporary = std::env::temp_dir();
        if !temporary.is_dir() {
            return Err(BuildError::Machine(format!(
                "the folder for temporary files, {}, does not exist; create it, or set TMPDIR \
                 (TMP on Windows) to one that does",
                temporary.display()
            )));
        }
        with_network_if_needed(|offline| {
            let command = self.command(arguments, &configuration, offline);
            let bounds = Bounds {
                seconds: self.seconds,
                memory_mib: Some(MEMORY_MIB),
                file_mib: Some(FILE_MIB),
                ..Bounds::default()
            };
            finish(command, bounds, cancel)
        })
    }

    fn command(
        &self,
        arguments: &[String],
        configuration: &Configuration,
        offline: bool,
    ) -> Command {
        let mut command = restrained(self.dir, configuration);
        let format = if self.colored {
            "--message-format=json-diagnostic-rendered-ansi"
        } else {
            "--message-format=json"
        };
        command
            .args(arguments)
            .arg(format)
            .arg("--target-dir")
            .arg(self.build_dir);
        configuration.keep_together(&mut command, self.build_dir);
        if offline {
            command.arg("--offline");
        }
        if configuration.targets() {
            command.args(["--target", "host-tuple"]);
        }
        // The learner's cargo configuration may not change what a verdict means.
        for setting in [
            "build.warnings='warn'",
            "profile.dev.panic='unwind'",
            "profile.dev.opt-level=0",
            "profile.dev.overflow-checks=true",
            "profile.dev.debug-assertions=true",
            "profile.dev.incremental=true",
        ] {
            command.args(["--config", setting]);
        }
        command
    }
}

/// Calls cargo without the network, then, if crates are missing, with it.
fn with_network_if_needed(
    call: impl Fn(bool) -> Result<Finished, BuildError>,
) -> Result<Finished, BuildError> {
    let offline = call(true)?;
    if !lacks_crates(&offline) {
        return Ok(offline);
    }
    let online = call(false)?;
    if online.succeeded || !online.messages.is_empty() {
        return Ok(online);
    }
    let reason = if online.timed_out {
        "the download did not end in time".to_owned()
    } else {
        last_cause(&online.stderr)
    };
    Err(BuildError::NoCrates { reason })
}

/// Whether cargo ended before it compiled anything because it may not use the network.
fn lacks_crates(finished: &Finished) -> bool {
    let said = &finished.stderr;
    let asks = || said.contains("--offline") || said.contains("no matching package");
    !finished.succeeded && finished.messages.is_empty() && asks()
}

/// Why crates could not be downloaded, in a line: the innermost cause that cargo names.
fn last_cause(stderr: &str) -> String {
    if stderr.contains("offline mode") {
        return "cargo is told to stay offline, by `net.offline` in its configuration or by \
                CARGO_NET_OFFLINE"
            .to_owned();
    }
    let lines: Vec<&str> = stderr.lines().map(str::trim).collect();
    let cause = match lines.iter().rposition(|line| *line == "Caused by:") {
        Some(place) => lines.get(place + 1).copied(),
        None => lines.iter().find_map(|line| line.strip_prefix("error: ")),
    };
    cause.unwrap_or("cargo does not say why").to_owned()
}

fn finish(command: Command, bounds: Bounds, cancel: &Cancel) -> Result<Finished, BuildError> {
    let finished = bounded::run(command, bounds, cancel);
    if cancel.is_cancelled() {
        return Err(BuildError::Interrupted);
    }
    let finished = finished.map_err(BuildError::NoCargo)?;
    let messages = String::from_utf8_lossy(&finished.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        // What closes a run says nothing of what is built.
        .filter(|message: &Message| message.reason != "build-finished")
        .collect();
    Ok(Finished {
        messages,
        stderr: String::from_utf8_lossy(&finished.stderr).into_owned(),
        succeeded: finished.status.success(),
        timed_out: finished.timed_out,
        over_limit: finished.over_output || finished.over_resource.is_some(),
    })
}

/// Cargo as the checker calls it in a folder: without flags from the environment, and without a
/// compiler wrapper.
#[must_use]
pub fn command_in(dir: &Path) -> Command {
    restrained(dir, &Configuration::of(dir))
}

/// The same, where the configuration is known.
pub(super) fn restrained(dir: &Path, configuration: &Configuration) -> Command {
    let mut command = command();
    configuration.restrain(&mut command);
    command.current_dir(dir);
    command
}

/// Cargo without flags from the environment.
#[must_use]
pub fn command() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.env("CARGO_ENCODED_RUSTFLAGS", "");
    // Set by an outer cargo for the checker itself; inside they would mislead build scripts.
    for inherited in ["RUSTFLAGS", "CARGO_MANIFEST_DIR", "CARGO_TARGET_DIR"] {
        command.env_remove(inherited);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_cause_is_told() {
        let stderr = "    Updating crates.io index\nerror: failed to get `a`\n\nCaused by:\n  \
                      download failed\n\nCaused by:\n  [7] Could not connect to server\n";
        assert_eq!(last_cause(stderr), "[7] Could not connect to server");
        assert_eq!(
            last_cause("error: no matching package named `a` found\nrequired by `b`\n"),
            "no matching package named `a` found"
        );
        assert!(
            last_cause("As a reminder, you're using offline mode (--offline)")
                .contains("net.offline")
        );
        assert_eq!(last_cause(""), "cargo does not say why");
    }
}
