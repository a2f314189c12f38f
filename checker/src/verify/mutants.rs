//! Every mutant is caught where it says, by a test that says what is wrong.
//!
//! Mutants that change nothing but bodies of functions share one build ([`super::combine`]). The
//! others, and those that seem to survive there, are built alone.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use super::combine::{self, Apart, Bodies, CHOICE, Files};
use super::{Finding, describe, failures, problem};
use crate::catalog::Exercise;
use crate::catalog::mutant::Mutant;
use crate::check::{CheckError, Checker, Prepared, Request, Run, Subject};
use crate::runner::{self, Cancel};
use crate::verdict::{TestReport, Verdict};
use crate::workspace::snapshot::Snapshot;

/// The name of the check that a mutant is caught.
pub(super) fn caught_name(mutant: &Mutant) -> String {
    format!("mutant {} is caught in phase {}", mutant.name, mutant.phase)
}

/// The name of the check that the switch changes nothing.
pub(super) const SHARED: &str = "mutants share a build that is right while none is chosen";

/// Proves mutants, in an order of its own.
pub(super) fn prove(
    checker: &Checker,
    exercise: &Exercise,
    mutants: &[Mutant],
    cancel: &Cancel,
    on: &mut dyn FnMut(Finding),
) -> Result<(), CheckError> {
    let solution = checker.snapshot(exercise, &Subject::Solution)?.files;
    let mut proof = Proof {
        checker,
        exercise,
        solution,
        mutants: BTreeMap::new(),
        alone: Vec::new(),
        cancel,
        on,
    };
    let mut shared = Vec::new();
    let mut apart = Vec::new();
    for mutant in mutants {
        let mut files = proof.solution.clone();
        if let Err(error) = mutant.patch.apply(&mut files) {
            (proof.on)(Finding::new(caught_name(mutant), &[error.to_string()], ""));
            continue;
        }
        match combine::bodies(&proof.solution, &files) {
            Ok(bodies) => {
                shared.push((mutant.name.clone(), bodies));
                let known = (mutant.clone(), files);
                proof.mutants.insert(mutant.name.clone(), known);
            }
            Err(why) => apart.push((mutant, files, why)),
        }
    }
    thread::scope(|scope| {
        // Meanwhile the others wait for deadlines, most of their time.
        let apart = scope.spawn(|| {
            let proved = apart.into_iter().map(|(mutant, files, why)| {
                built_alone(checker, exercise, mutant, files, Some(&why), cancel)
            });
            proved.collect::<Result<Vec<Finding>, CheckError>>()
        });
        proof.together(shared)?;
        match apart.join() {
            Ok(findings) => findings?.into_iter().for_each(&mut *proof.on),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        proof.one_by_one()
    })
}

struct Proof<'a> {
    checker: &'a Checker,
    exercise: &'a Exercise,
    solution: Files,
    mutants: BTreeMap<String, (Mutant, Files)>,
    /// Mutants to be built alone, and why they are, where that is known.
    alone: Vec<(String, Option<Apart>)>,
    cancel: &'a Cancel,
    on: &'a mut dyn FnMut(Finding),
}

impl Proof<'_> {
    /// Builds mutants together, without those that do not compile beside the others.
    fn together(&mut self, mut shared: Vec<(String, Bodies)>) -> Result<(), CheckError> {
        loop {
            if shared.len() < 2 {
                let rest = shared.into_iter().map(|(name, _)| (name, None));
                self.alone.extend(rest);
                return Ok(());
            }
            let library = self.exercise.crate_name();
            let combined = combine::combine(&self.solution, &library, &shared);
            let request = Request {
                subject: Subject::Changed {
                    label: "mutants",
                    sources: Snapshot::of(combined.files.clone()),
                },
                ..Request::of(self.exercise.id())
            };
            let started = Instant::now();
            let prepared = self.checker.prepare(&request, self.cancel, &mut |_| {})?;
            if prepared.problems().is_empty() {
                return self.chosen(&prepared, &shared, started);
            }
            let named = combined.mutants_at(prepared.places());
            if named.is_empty() {
                // The errors do not tell whose they are: each half may build.
                let rest = shared.split_off(shared.len() / 2);
                drop(prepared);
                self.together(shared)?;
                shared = rest;
                continue;
            }
            shared.retain(|(name, _)| !named.contains(name));
            let named = named.into_iter().map(|name| (name, Some(Apart::Body)));
            self.alone.extend(named);
        }
    }

    /// Runs the tests that each mutant names, in the build that they share.
    fn chosen(
        &mut self,
        prepared: &Prepared<'_>,
        shared: &[(String, Bodies)],
        started: Instant,
    ) -> Result<(), CheckError> {
        let report = prepared.run(self.cancel, &mut |_| {})?;
        let problems = failures(&report);
        let figures = format!("{} in one build", shared.len());
        let finding = Finding::new(SHARED, &problems, figures).after(started.elapsed());
        let is_right = finding.holds;
        (self.on)(finding);
        if !is_right {
            // What is chosen there proves nothing.
            let rest = shared.iter().map(|(name, _)| (name.clone(), None));
            self.alone.extend(rest);
            return Ok(());
        }
        let mut open: Vec<(&str, Duration)> = shared
            .iter()
            .map(|(name, _)| (name.as_str(), Duration::ZERO))
            .collect();
        // A mutant's next test runs only if those before it have passed.
        for round in 0.. {
            let mut runs = Vec::new();
            let mut whose = Vec::new();
            for (index, (name, _)) in open.iter().enumerate() {
                let Some((mutant, _)) = self.mutants.get(*name) else {
                    continue;
                };
                let test = match mutant.tests.as_slice() {
                    [] => prepared.functions(mutant.phase).into_iter().nth(round),
                    named => named.get(round).cloned(),
                };
                if let Some(test) = test.filter(|test| prepared.has(test)) {
                    runs.push(Run {
                        test,
                        variables: vec![(CHOICE.to_owned(), (*name).to_owned())],
                    });
                    whose.push(index);
                }
            }
            if runs.is_empty() {
                break;
            }
            let mut caught = vec![false; open.len()];
            // Many of these tests wait for what never comes, and need no processor for it.
            let workers = 3 * runner::default_workers();
            prepared.run_each(&runs, workers, self.cancel, &mut |run, report| {
                let index = whose[run];
                let (name, took) = &mut open[index];
                *took += Duration::from_millis(report.millis);
                if !is_caught_by(&report) {
                    return;
                }
                caught[index] = true;
                if let Some((mutant, _)) = self.mutants.get(*name) {
                    let by = format!("by {}", report.name);
                    (self.on)(Finding::new(caught_name(mutant), &[], by).after(*took));
                }
            })?;
            let mut caught = caught.into_iter();
            open.retain(|_| !caught.next().unwrap_or(false));
        }
        // A test without a mutant's variable sees no mutant: only a build of its own convicts.
        self.alone
            .extend(open.into_iter().map(|(name, _)| (name.to_owned(), None)));
        Ok(())
    }

    fn one_by_one(&mut self) -> Result<(), CheckError> {
        for (name, apart) in std::mem::take(&mut self.alone) {
            if let Some((mutant, files)) = self.mutants.remove(&name) {
                let why = apart.as_ref();
                let finding = built_alone(
                    self.checker,
                    self.exercise,
                    &mutant,
                    files,
                    why,
                    self.cancel,
                )?;
                (self.on)(finding);
            }
        }
        Ok(())
    }
}

/// Builds one mutant, with nothing beside it, and runs the tests that it names.
fn built_alone(
    checker: &Checker,
    exercise: &Exercise,
    mutant: &Mutant,
    files: Files,
    apart: Option<&Apart>,
    cancel: &Cancel,
) -> Result<Finding, CheckError> {
    let started = Instant::now();
    let check = caught_name(mutant);
    let mut request = Request {
        subject: Subject::Changed {
            label: "mutant",
            sources: Snapshot::of(files),
        },
        phase: Some(mutant.phase),
        ..Request::of(exercise.id())
    };
    // The tests that it names are enough, and spare the others' deadlines.
    let mut named: Vec<Option<String>> = mutant.tests.iter().cloned().map(Some).collect();
    if named.is_empty() {
        named.push(None);
    }
    let mut problems = Vec::new();
    for test in named {
        request.test = test;
        let report = match checker.check(&request, cancel, &mut |_| {}) {
            Err(error @ CheckError::UnknownTest { .. }) => {
                return Ok(Finding::new(check, &[error.to_string()], ""));
            }
            report => report?,
        };
        problems.extend(report.phases.iter().filter_map(problem));
        let mut tests = report.phases.iter().flat_map(|phase| &phase.tests);
        match tests.find(|test| !test.verdict.is_harmless()) {
            Some(test) if !is_caught_by(test) => problems.push(describe(test)),
            Some(test) if problems.is_empty() => {
                let why = apart.map(|apart| format!("; built alone: {apart}"));
                let by = format!("by {}{}", test.name, why.unwrap_or_default());
                return Ok(Finding::new(check, &[], by).after(started.elapsed()));
            }
            _ => {}
        }
    }
    if problems.is_empty() {
        problems.push(format!("“{}” passes", mutant.mistake));
    }
    Ok(Finding::new(check, &problems, "").after(started.elapsed()))
}

/// Whether a test fails for what the mutant does.
fn is_caught_by(test: &TestReport) -> bool {
    !test.verdict.is_harmless() && !matches!(test.verdict, Verdict::CheckerFault { .. })
}
