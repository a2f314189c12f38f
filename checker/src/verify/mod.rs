//! Proves an exercise complete: what `exercise-anatomy` asks for, checked by running it.

mod combine;
mod load;
mod mutants;
mod solution;
mod stub;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::Exercise;
use crate::catalog::mutant::Mutant;
use crate::catalog::variant::Variant;
use crate::check::{CheckError, Checker, Request, Subject};
use crate::runner::Cancel;
use crate::site::chapter::ChapterGuide;
use crate::verdict::{CompileProblem, PhaseReport, Report, TestReport, Verdict};

use mutants::{SHARED, caught_name};

pub use load::{BUSY, keep_busy};

/// One thing that was proved or found wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What was checked.
    pub check: String,
    /// Whether it holds.
    pub holds: bool,
    /// Figures if it holds, the evidence if not.
    pub detail: String,
    /// How long it took to find out.
    pub took: Duration,
}

impl Finding {
    fn new(check: impl Into<String>, problems: &[String], figures: impl Into<String>) -> Finding {
        Finding {
            check: check.into(),
            holds: problems.is_empty(),
            detail: if problems.is_empty() {
                figures.into()
            } else {
                problems.join("\n")
            },
            took: Duration::ZERO,
        }
    }

    /// The same, with the time that it took.
    fn after(self, took: Duration) -> Finding {
        Finding { took, ..self }
    }
}

/// What is heard of a verification while it is under way.
#[derive(Debug)]
pub enum Heard<'a> {
    /// This is checked next.
    Begun(&'a str),
    /// This was found.
    Found(&'a Finding),
}

/// How hard to try.
#[derive(Debug, Clone)]
pub struct Effort {
    /// How often the suite must pass on the solution.
    pub repeat: u32,
    /// Whether every core is kept busy meanwhile.
    pub stress: bool,
    /// Whether each phase must keep its budget of time, which says as much of the machine as of the
    /// suite: for authors, not for tests.
    pub timed: bool,
    /// Nothing but the mutants whose name contains this.
    pub mutant: Option<String>,
}

const CHAPTER: &str = "the chapter covers every phase and section";
const PHASES: &str = "the solution passes every phase";
const STUB: &str = "the stub compiles and fails every test";

fn repeated_name(effort: &Effort) -> String {
    let under = if effort.stress {
        " with every core busy"
    } else {
        ""
    };
    match effort.repeat {
        1 => format!("it passes once more{under}"),
        times => format!("it passes {times} times in a row{under}"),
    }
}

fn variant_name(variant: &Variant) -> String {
    format!("variant {} passes every phase", variant.name)
}

/// What [`verify`] may check of an exercise.
///
/// # Errors
/// When a mutant or a variant is malformed.
pub fn checks(
    checker: &Checker,
    exercise: &Exercise,
    effort: &Effort,
) -> Result<Vec<String>, CheckError> {
    let source = checker.catalog.source();
    let mut names = vec![SHARED.to_owned()];
    if effort.mutant.is_none() {
        names.extend([CHAPTER, PHASES, STUB].map(str::to_owned));
        names.push(repeated_name(effort));
        names.extend(exercise.variants(source)?.iter().map(variant_name));
    }
    names.extend(chosen(checker, exercise, effort)?.iter().map(caught_name));
    Ok(names)
}

/// The mutants that are to be proved.
fn chosen(
    checker: &Checker,
    exercise: &Exercise,
    effort: &Effort,
) -> Result<Vec<Mutant>, CheckError> {
    let mut mutants = exercise.mutants(checker.catalog.source())?;
    if let Some(part) = &effort.mutant {
        mutants.retain(|mutant| mutant.name.contains(part.as_str()));
    }
    Ok(mutants)
}

/// Verifies one exercise; `on` hears of each finding as it comes.
///
/// # Errors
/// When a step cannot be carried out at all.
pub fn verify(
    checker: &Checker,
    exercise: &Exercise,
    effort: &Effort,
    cancel: &Cancel,
    on: &mut dyn FnMut(Heard<'_>),
) -> Result<Vec<Finding>, CheckError> {
    let mut findings = Vec::new();
    if effort.mutant.is_none() {
        let mut step = |name: &str, find: &dyn Fn() -> Result<Finding, CheckError>| {
            on(Heard::Begun(name));
            let started = Instant::now();
            let finding = find()?.after(started.elapsed());
            on(Heard::Found(&finding));
            findings.push(finding);
            Ok::<(), CheckError>(())
        };
        step(CHAPTER, &|| chapter(checker, exercise))?;
        step(PHASES, &|| {
            solution::phases(checker, exercise, effort.timed, cancel)
        })?;
        step(&repeated_name(effort), &|| {
            solution::repeated(checker, exercise, effort, cancel)
        })?;
        for variant in exercise.variants(checker.catalog.source())? {
            step(&variant_name(&variant), &|| {
                solution::variant(checker, exercise, &variant, effort, cancel)
            })?;
        }
        step(STUB, &|| stub::stub(checker, exercise, cancel))?;
    }
    let mutants = chosen(checker, exercise, effort)?;
    on(Heard::Begun("mutants"));
    mutants::prove(checker, exercise, &mutants, cancel, &mut |finding| {
        on(Heard::Found(&finding));
        on(Heard::Begun("mutants"));
        findings.push(finding);
    })?;
    Ok(findings)
}

/// Verifies exercises, several at a time, and gives the findings of each. Rooms of different
/// exercises are apart, and much of a verification is waiting.
///
/// # Errors
/// As [`verify`], the first one that comes.
pub fn verify_all<'a>(
    checker: &Checker,
    exercises: &'a [Exercise],
    effort: &Effort,
    at_a_time: usize,
    cancel: &Cancel,
) -> Result<Vec<(&'a Exercise, Vec<Finding>)>, CheckError> {
    let next = AtomicUsize::new(0);
    let verified = Mutex::new(Vec::new());
    let work = || {
        while let Some(exercise) = exercises.get(next.fetch_add(1, Ordering::Relaxed)) {
            let findings = verify(checker, exercise, effort, cancel, &mut |_| {});
            let mut verified = verified.lock().unwrap_or_else(PoisonError::into_inner);
            verified.push((exercise, findings));
        }
    };
    thread::scope(|scope| {
        for _ in 1..at_a_time {
            scope.spawn(work);
        }
        work();
    });
    let verified = verified
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let verified = verified.into_iter();
    verified
        .map(|(exercise, findings)| Ok((exercise, findings?)))
        .collect()
}

fn request(exercise: &Exercise, subject: Subject) -> Request {
    Request {
        subject,
        ..Request::of(exercise.id())
    }
}

/// Every phase has its place in the chapter, and every test a section to read on.
fn chapter(checker: &Checker, exercise: &Exercise) -> Result<Finding, CheckError> {
    let source = checker.catalog.source();
    let problems: Vec<String> = match ChapterGuide::load(source, exercise) {
        Err(error) => vec![error.to_string()],
        Ok(guide) => {
            let faults = guide.faults(exercise, source)?;
            faults.iter().map(ToString::to_string).collect()
        }
    };
    let mut behaviours = 0;
    for number in exercise.phase_numbers() {
        behaviours += exercise.behaviours(source, number)?.len();
    }
    Ok(Finding::new(
        CHAPTER,
        &problems,
        format!("{behaviours} behaviours"),
    ))
}

fn failures(report: &Report) -> Vec<String> {
    let problems = report.phases.iter().filter_map(problem);
    let tests = report.phases.iter().flat_map(|phase| &phase.tests);
    let failing = tests
        .filter(|test| !test.verdict.is_harmless())
        .map(describe);
    problems.chain(failing).collect()
}

fn describe(test: &TestReport) -> String {
    let evidence = match &test.verdict {
        Verdict::Failed(failure) => {
            let shown = |what: &str, value: &Option<String>| {
                let value = value.as_ref().map(|value| format!("; {what} {value}"));
                value.unwrap_or_default()
            };
            let expected = shown("expected", &failure.expected);
            let received = shown("received", &failure.received);
            format!(": {}{expected}{received}", failure.message)
        }
        Verdict::CheckerFault { message, .. } => format!(": {message}"),
        Verdict::WronglyCompiled(case) => {
            format!(
                ": expected {:?}, received {:?}",
                case.expected, case.received
            )
        }
        _ => String::new(),
    };
    format!("{} {}{evidence}", test.name, test.verdict.label())
}

fn problem(phase: &PhaseReport) -> Option<String> {
    match phase.problem.as_ref()? {
        CompileProblem::Learner { rendered, .. } => Some(format!("does not compile:\n{rendered}")),
        CompileProblem::Interface { messages, .. } => {
            Some(format!("its tests do not compile: {}", messages.join("; ")))
        }
    }
}
