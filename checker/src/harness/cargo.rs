//! Calls cargo and reads what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::interface;
use super::room::{Room, RoomError};
use super::wrapper;
use crate::catalog::Exercise;
use crate::catalog::source::Source;
use crate::runner::Cancel;
use crate::runner::bounded::{self, Bounds};
use crate::verdict::CompileProblem;

/// A compilation that takes longer never ends.
const DEADLINE_SECONDS: f64 = 300.0;
/// A compiler that needs more takes all that there is. What the course builds needs a quarter.
const MEMORY_MIB: u64 = 4096;

/// What came of building a room.
#[derive(Debug)]
pub struct Built {
    /// The test binary, if any phase could be built.
    pub binary: Option<PathBuf>,
    /// Why some phases could not, by phase number.
    pub problems: BTreeMap<u32, CompileProblem>,
    /// Where the learner's errors stand: file and line.
    pub places: Vec<(String, usize)>,
    /// How long it took.
    pub took: Duration,
}

/// Cargo could not do its work; nothing is known about the learner's code.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo is not installed or cannot be started.
    #[error("{0}; `checker doctor` tells what to install")]
    NoCargo(io::Error),
    /// Cargo failed before it compiled anything.
    #[error("cargo failed: {0}")]
    Cargo(String),
    /// The room could not be written.
    #[error(transparent)]
    Room(#[from] RoomError),
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// One build of a room.
#[derive(Debug)]
pub struct Build<'a> {
    /// The room.
    pub room: &'a Room,
    /// The exercise.
    pub exercise: &'a Exercise,
    /// The course's files.
    pub source: &'a Source,
    /// The phases to build.
    pub phases: BTreeSet<u32>,
    /// Whether errors are rendered in colors.
    pub colored: bool,
}

impl Build<'_> {
    /// Builds the test binary, dropping phases that do not compile against the crate.
    ///
    /// # Errors
    /// When cargo cannot be run or fails for reasons of its own.
    pub fn run(&self, cancel: &Cancel) -> Result<Built, BuildError> {
        let started = Instant::now();
        let mut problems = BTreeMap::new();
        loop {
            let is_left_out =
                |number: &u32| problems.contains_key(number) || !self.phases.contains(number);
            let all = self.exercise.phase_numbers();
            let left_out: BTreeSet<u32> = all.filter(is_left_out).collect();
            self.room
                .write_root(self.source, self.exercise, &left_out)?;
            let mut arguments = vec!["test".to_owned(), "--no-run".to_owned()];
            arguments.extend(["--package".to_owned(), self.room.package().to_owned()]);
            arguments.extend(["--test".to_owned(), "suite".to_owned()]);
            let finished = run(self.room, &arguments, self.colored, cancel)?;
            // The suite may be built while the learner's program, beside it, does not compile: an
            // earlier program would be tested.
            if let Some(binary) = finished.executable("suite").filter(|_| finished.succeeded) {
                return Ok(Built {
                    binary: Some(binary),
                    problems,
                    places: Vec::new(),
                    took: started.elapsed(),
                });
            }
            if let Some(problem) = self.learners(&finished) {
                let all = self.exercise.phase_numbers();
                return Ok(Built {
                    binary: None,
                    problems: all.map(|number| (number, problem.clone())).collect(),
                    places: finished.error_places(),
                    took: started.elapsed(),
                });
            }
            let found = self.of_the_interface(&finished, &left_out);
            if found.is_empty() {
                return Err(finished.into_error());
            }
            problems.extend(found);
            // Without any phase there is nothing to run, and the suite's shared code may not
            // compile either.
            if self
                .phases
                .iter()
                .all(|number| problems.contains_key(number))
            {
                return Ok(Built {
                    binary: None,
                    problems,
                    places: Vec::new(),
                    took: started.elapsed(),
                });
            }
        }
    }

    /// The learner's own errors, as rustc renders them.
    fn learners(&self, finished: &Finished) -> Option<CompileProblem> {
        if finished.timed_out {
            return Some(CompileProblem::Learner {
                rendered: format!(
                    "the compiler did not finish within {DEADLINE_SECONDS} s; look for a macro or a \
                     constant that never ends"
                ),
                errors: 1,
            });
        }
        let own = self.exercise.stub_dir();
        let manifest = format!("{own}/Cargo.toml");
        let errors: Vec<&Diagnostic> = finished
            .messages
            .iter()
            .filter(|message| {
                let of_crate = message
                    .manifest_path
                    .as_ref()
                    .is_some_and(|path| path.replace('\\', "/").ends_with(&manifest));
                let of_file = message.message.as_ref().is_some_and(|diagnostic| {
                    let mut primary = diagnostic.spans.iter().filter(|span| span.is_primary);
                    primary.any(|span| span.file_name.replace('\\', "/").contains(&own))
                });
                of_crate || of_file
            })
            .filter_map(|message| message.message.as_ref())
            .filter(|diagnostic| diagnostic.level.starts_with("error"))
            .collect();
        if errors.is_empty() {
            return finished.death().map(|death| CompileProblem::Learner {
                rendered: format!("the compiler {death}; look for a macro that never ends"),
                errors: 1,
            });
        }
        let rendered: Vec<&str> = errors
            .iter()
            .filter_map(|diagnostic| diagnostic.rendered.as_deref())
            .collect();
        Some(CompileProblem::Learner {
            rendered: rendered.concat(),
            errors: errors.iter().filter(|d| !d.spans.is_empty()).count().max(1),
        })
    }

    /// Errors of phases that do not fit the learner's interface, by phase.
    fn of_the_interface(
        &self,
        finished: &Finished,
        left_out: &BTreeSet<u32>,
    ) -> BTreeMap<u32, CompileProblem> {
        let mut messages: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        let errors = finished
            .messages
            .iter()
            .filter_map(|message| message.message.as_ref())
            .filter(|diagnostic| diagnostic.level == "error");
        for diagnostic in errors {
            let Some(span) = diagnostic.spans.iter().find(|span| span.is_primary) else {
                continue;
            };
            let file = span.file_name.replace('\\', "/");
            let phases = self.room.phases().iter();
            let open = phases.filter(|phase| !left_out.contains(&phase.number));
            let named: Vec<u32> = open
                .clone()
                .filter(|phase| file.ends_with(&format!("suite/{}.rs", phase.module)))
                .map(|phase| phase.number)
                .collect();
            // An error in the suite's shared code concerns every phase.
            let numbers = if named.is_empty() {
                open.map(|phase| phase.number).collect()
            } else {
                named
            };
            for number in numbers {
                let list = messages.entry(number).or_default();
                if !list.contains(&diagnostic.message) {
                    list.push(diagnostic.message.clone());
                }
            }
        }
        let declarations = interface::Declarations::of(self.exercise, self.source);
        messages
            .into_iter()
            .map(|(number, messages)| {
                let expected = declarations.named_in(&messages);
                (number, CompileProblem::Interface { messages, expected })
            })
            .collect()
    }
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
}

impl Finished {
    pub(super) fn executable(&self, name: &str) -> Option<PathBuf> {
        self.messages
            .iter()
            .filter(|message| message.target.as_ref().is_some_and(|t| t.name == name))
            .find_map(|message| message.executable.clone())
    }

    /// The primary places of all errors.
    fn error_places(&self) -> Vec<(String, usize)> {
        let diagnostics = self
            .messages
            .iter()
            .filter_map(|line| line.message.as_ref());
        diagnostics
            .filter(|diagnostic| diagnostic.level.starts_with("error"))
            .flat_map(|diagnostic| diagnostic.spans.iter().filter(|span| span.is_primary))
            .map(|span| (span.file_name.replace('\\', "/"), span.line_start))
            .collect()
    }

    /// How the compiler ended, if it did not end by itself.
    pub(super) fn death(&self) -> Option<String> {
        if self.stderr.contains("memory allocation of ") {
            Some(format!("ran out of memory at {MEMORY_MIB} MiB"))
        } else if self.stderr.contains("(signal: ") {
            Some("crashed".to_owned())
        } else {
            None
        }
    }

    pub(super) fn into_error(self) -> BuildError {
        let errors: Vec<String> = self
            .messages
            .into_iter()
            .filter_map(|message| message.message)
            .filter(|diagnostic| diagnostic.level.starts_with("error"))
            .filter_map(|diagnostic| diagnostic.rendered)
            .collect();
        if errors.is_empty() {
            BuildError::Cargo(self.stderr.trim().to_owned())
        } else {
            BuildError::Cargo(errors.concat())
        }
    }
}

/// Runs cargo in a room, first without the network, then, if packages are missing, with it.
///
/// # Errors
/// When cargo cannot be started or the run is interrupted.
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
    call.run(arguments, cancel)
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
    /// Runs cargo, first without the network, then, if packages are missing, with it.
    pub(super) fn run(
        &self,
        arguments: &[String],
        cancel: &Cancel,
    ) -> Result<Finished, BuildError> {
        let finished = self.run_once(arguments, true, cancel)?;
        if finished.messages.is_empty() && needs_network(&finished.stderr) {
            return self.run_once(arguments, false, cancel);
        }
        Ok(finished)
    }

    fn run_once(
        &self,
        arguments: &[String],
        offline: bool,
        cancel: &Cancel,
    ) -> Result<Finished, BuildError> {
        let mut command = command_in(self.dir);
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
        if offline {
            command.arg("--offline");
        }
        // The learner's cargo configuration may not change what a verdict means.
        for setting in [
            "profile.dev.panic='unwind'",
            "profile.dev.opt-level=0",
            "profile.dev.overflow-checks=true",
            "profile.dev.debug-assertions=true",
            "profile.dev.incremental=true",
        ] {
            command.args(["--config", setting]);
        }
        let bounds = Bounds {
            seconds: self.seconds,
            memory_mib: Some(MEMORY_MIB),
            ..Bounds::default()
        };
        let finished = bounded::run(command, bounds, cancel);
        if cancel.is_cancelled() {
            return Err(BuildError::Interrupted);
        }
        let finished = finished.map_err(BuildError::NoCargo)?;
        let messages = String::from_utf8_lossy(&finished.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        Ok(Finished {
            messages,
            stderr: String::from_utf8_lossy(&finished.stderr).into_owned(),
            succeeded: finished.status.success(),
            timed_out: finished.timed_out,
        })
    }
}

fn needs_network(stderr: &str) -> bool {
    stderr.contains("--offline") || stderr.contains("no matching package")
}

/// Cargo as the checker calls it in a folder: without flags from the environment, and without a
/// compiler wrapper.
#[must_use]
pub fn command_in(dir: &Path) -> Command {
    let mut command = command();
    wrapper::avoid(&mut command, dir);
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
    for inherited in [
        "RUSTFLAGS",
        "CARGO_MANIFEST_DIR",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET",
    ] {
        command.env_remove(inherited);
    }
    command
}
