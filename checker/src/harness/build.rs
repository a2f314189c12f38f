//! Builds a room's test binary, without the phases that do not compile against the crate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::blame::Blame;
use super::cargo::{self, BuildError, Finished};
use super::interface::Declarations;
use super::room::Room;
use crate::catalog::Exercise;
use crate::catalog::source::Source;
use crate::runner::Cancel;
use crate::verdict::CompileProblem;

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
    /// When cargo cannot be run, or fails for reasons that are neither in the crate nor in how the
    /// suite uses it.
    pub fn run(&self, cancel: &Cancel) -> Result<Built, BuildError> {
        let started = Instant::now();
        let built = |binary, problems| Built {
            binary,
            problems,
            places: Vec::new(),
            took: started.elapsed(),
        };
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
            let finished = cargo::run(self.room, &arguments, self.colored, cancel)?;
            // The suite may be built while the learner's program, beside it, does not compile: an
            // earlier program would be tested.
            if let Some(binary) = finished.executable("suite").filter(|_| finished.succeeded) {
                self.room.install(&finished)?;
                return Ok(built(Some(binary), problems));
            }
            let blame = Blame {
                finished: &finished,
                package: self.room.learner_package(),
                dir: self.room.dir(),
                own: &self.exercise.stub_dir(),
            };
            if let Some(problem) = blame.learners() {
                let all = self.exercise.phase_numbers();
                let problems = all.map(|number| (number, problem.clone())).collect();
                return Ok(Built {
                    places: finished.error_places(),
                    ..built(None, problems)
                });
            }
            let found = self.of_the_interface(&finished, &left_out);
            if found.is_empty() {
                return Err(blame.machines());
            }
            problems.extend(found);
            // Without any phase there is nothing to run, and the suite's shared code may not
            // compile either.
            if self
                .phases
                .iter()
                .all(|number| problems.contains_key(number))
            {
                return Ok(built(None, problems));
            }
        }
    }

    /// Errors of phases that do not fit the learner's interface, by phase.
    fn of_the_interface(
        &self,
        finished: &Finished,
        left_out: &BTreeSet<u32>,
    ) -> BTreeMap<u32, CompileProblem> {
        let mut messages: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        let of_suite = finished.errors().filter(|(message, _)| {
            let target = message.target.as_ref();
            target.is_some_and(|target| target.name == "suite")
        });
        for (_, diagnostic) in of_suite {
            let Some(file) = diagnostic.file() else {
                continue;
            };
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
        let declarations = Declarations::of(self.exercise, self.source);
        messages
            .into_iter()
            .map(|(number, messages)| {
                let expected = declarations.named_in(&messages);
                (number, CompileProblem::Interface { messages, expected })
            })
            .collect()
    }
}
