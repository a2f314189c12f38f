//! Proves an exercise complete: what `exercise-anatomy` asks for, checked by running it.

mod load;

use std::time::Instant;

use crate::catalog::Exercise;
use crate::catalog::mutant::Mutant;
use crate::check::{CheckError, Checker, Request, Subject};
use crate::runner::{Cancel, time_scale};
use crate::site::chapter::ChapterGuide;
use crate::verdict::{CompileProblem, PhaseReport, Report, TestReport, Verdict};
use load::Load;

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
        }
    }
}

/// How hard to try.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How often the suite must pass on the solution.
    pub repeat: u32,
    /// Whether every core is kept busy meanwhile.
    pub stress: bool,
    /// Whether each phase must keep its budget of time, which says as much of the machine as of the
    /// suite: for authors, not for tests.
    pub timed: bool,
}

const CHAPTER: &str = "the chapter covers every phase and section";
const PHASES: &str = "the solution passes every phase";
const STUB: &str = "the stub compiles and fails every test";

fn repeated_name(effort: Effort) -> String {
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

fn caught_name(mutant: &Mutant) -> String {
    format!("mutant {} is caught in phase {}", mutant.name, mutant.phase)
}

/// What [`verify`] checks of an exercise, in its order.
///
/// # Errors
/// When a mutant is malformed.
pub fn checks(
    checker: &Checker,
    exercise: &Exercise,
    effort: Effort,
) -> Result<Vec<String>, CheckError> {
    let mut names = vec![
        CHAPTER.into(),
        PHASES.into(),
        repeated_name(effort),
        STUB.into(),
    ];
    let mutants = exercise.mutants(checker.catalog.source())?;
    names.extend(mutants.iter().map(caught_name));
    Ok(names)
}

/// Verifies one exercise; `on` hears of each finding as it comes.
///
/// # Errors
/// When a step cannot be carried out at all.
pub fn verify(
    checker: &Checker,
    exercise: &Exercise,
    effort: Effort,
    cancel: &Cancel,
    on: &mut dyn FnMut(&Finding),
) -> Result<Vec<Finding>, CheckError> {
    let mut findings = Vec::new();
    let mut add = |finding: Finding| {
        on(&finding);
        findings.push(finding);
    };
    add(chapter(checker, exercise)?);
    add(phases(checker, exercise, effort.timed, cancel)?);
    add(repeated(checker, exercise, effort, cancel)?);
    add(stub(checker, exercise, cancel)?);
    for mutant in exercise.mutants(checker.catalog.source())? {
        add(caught(checker, exercise, &mutant, cancel)?);
    }
    Ok(findings)
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

/// The solution passes phase by phase, each within its budget if it is `timed`.
fn phases(
    checker: &Checker,
    exercise: &Exercise,
    timed: bool,
    cancel: &Cancel,
) -> Result<Finding, CheckError> {
    let mut problems = Vec::new();
    let mut figures = Vec::new();
    for (phase, number) in exercise
        .manifest
        .phases
        .iter()
        .zip(exercise.phase_numbers())
    {
        let mut request = request(exercise, Subject::Solution);
        request.phase = Some(number);
        let prepared = checker.prepare(&request, cancel, &mut |_| {})?;
        let run = || -> Result<(Report, f64), CheckError> {
            let started = Instant::now();
            let report = prepared.run(cancel, &mut |_| {})?;
            Ok((report, started.elapsed().as_secs_f64()))
        };
        let (mut report, mut took) = run()?;
        let budget = phase.budget_seconds * time_scale();
        // The first run may have built what compile-fail cases need.
        if timed && took > budget && failures(&report).is_empty() {
            (report, took) = run()?;
        }
        problems.extend(failures(&report));
        if timed && took > budget {
            problems.push(format!(
                "phase {number} took {took:.1} s, more than its budget of {budget:.1} s"
            ));
        }
        let tests = report.phases.iter().map(|phase| phase.tests.len());
        figures.push(format!(
            "{}: {} in {took:.1} s",
            phase.name,
            tests.sum::<usize>()
        ));
    }
    Ok(Finding::new(PHASES, &problems, figures.join(", ")))
}

/// The solution passes again and again.
fn repeated(
    checker: &Checker,
    exercise: &Exercise,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Finding, CheckError> {
    let prepared = checker.prepare(&request(exercise, Subject::Solution), cancel, &mut |_| {})?;
    let load = effort.stress.then(Load::start).transpose();
    let load = load.map_err(CheckError::Load)?;
    let mut problems = Vec::new();
    for round in 1..=effort.repeat {
        let report = prepared.run(cancel, &mut |_| {})?;
        problems.extend(
            failures(&report)
                .into_iter()
                .map(|failure| format!("round {round}: {failure}")),
        );
    }
    if load.is_some_and(|mut load| !load.is_at_work()) {
        problems.push("the program that keeps the cores busy has ended too early".to_owned());
    }
    Ok(Finding::new(repeated_name(effort), &problems, ""))
}

/// The stub compiles and passes no test, but for those that say why; what it gives complete is what
/// the solution uses.
fn stub(checker: &Checker, exercise: &Exercise, cancel: &Cancel) -> Result<Finding, CheckError> {
    let report = checker.check(&request(exercise, Subject::Stub), cancel, &mut |_| {})?;
    let excused = excused(checker, exercise)?;
    let mut problems: Vec<String> = report
        .phases
        .iter()
        .filter_map(|phase| Some(format!("phase {}: {}", phase.number, problem(phase)?)))
        .collect();
    let tests = || report.phases.iter().flat_map(|phase| &phase.tests);
    for test in tests().filter(|test| test.verdict == Verdict::Passed) {
        if !excused.contains(&test.name) {
            problems.push(format!("{} passes on the stub", test.name));
        }
    }
    let faults = tests().filter(|test| matches!(test.verdict, Verdict::CheckerFault { .. }));
    problems.extend(faults.map(describe));
    problems.extend(unequal_given_files(checker, exercise)?);
    let passing = tests().filter(|test| test.verdict == Verdict::Passed);
    Ok(Finding::new(
        STUB,
        &problems,
        format!("{} tests, {} excused", tests().count(), passing.count()),
    ))
}

/// Files of the stub that a learner need not edit, and that the solution has otherwise. The root
/// names other modules there, and documents something else.
fn unequal_given_files(checker: &Checker, exercise: &Exercise) -> Result<Vec<String>, CheckError> {
    let stub = checker.snapshot(exercise, &Subject::Stub)?;
    let solution = checker.snapshot(exercise, &Subject::Solution)?;
    let is_given = |path: &str| {
        path != "src/lib.rs" && !exercise.manifest.files.iter().any(|edited| edited == path)
    };
    let code = |content: &[u8]| -> Vec<Vec<u8>> {
        let lines = content.split(|byte| *byte == b'\n');
        let code = lines.filter(|line| !line.starts_with(b"//!"));
        code.map(<[u8]>::to_vec).collect()
    };
    let given = stub.files.iter().filter(|(path, _)| is_given(path));
    let unequal = given.filter(|(path, content)| {
        let mut solutions = solution.files.iter();
        let solutions = solutions.find(|(other, _)| other == path);
        solutions.is_none_or(|(_, solutions)| code(solutions) != code(content))
    });
    Ok(unequal
        .map(|(path, _)| {
            format!("the stub gives {path}, which `files` does not name, and the solution has it otherwise")
        })
        .collect())
}

fn excused(checker: &Checker, exercise: &Exercise) -> Result<Vec<String>, CheckError> {
    let mut names = Vec::new();
    for number in exercise.phase_numbers() {
        for behaviour in exercise.behaviours(checker.catalog.source(), number)? {
            if behaviour.note.passes_on_stub.is_some() {
                names.push(behaviour.test);
            }
        }
    }
    Ok(names)
}

/// A mutant is caught where it says, by a test that says what is wrong.
fn caught(
    checker: &Checker,
    exercise: &Exercise,
    mutant: &Mutant,
    cancel: &Cancel,
) -> Result<Finding, CheckError> {
    let check = caught_name(mutant);
    let mut request = request(exercise, Subject::Mutant(mutant.clone()));
    request.phase = Some(mutant.phase);
    // The tests that it names are enough, and spare the others' deadlines.
    let mut named: Vec<Option<String>> = mutant.tests.iter().cloned().map(Some).collect();
    if named.is_empty() {
        named.push(None);
    }
    let mut problems = Vec::new();
    for test in named {
        request.test = test;
        let report = match checker.check(&request, cancel, &mut |_| {}) {
            Err(error @ (CheckError::Mutant { .. } | CheckError::UnknownTest { .. })) => {
                return Ok(Finding::new(check, &[error.to_string()], ""));
            }
            report => report?,
        };
        problems.extend(report.phases.iter().filter_map(problem));
        let mut tests = report.phases.iter().flat_map(|phase| &phase.tests);
        match tests.find(|test| !test.verdict.is_harmless()) {
            Some(test) if matches!(test.verdict, Verdict::CheckerFault { .. }) => {
                problems.push(describe(test));
            }
            Some(test) if problems.is_empty() => {
                return Ok(Finding::new(check, &[], format!("by {}", test.name)));
            }
            _ => {}
        }
    }
    if problems.is_empty() {
        problems.push(format!("“{}” passes", mutant.mistake));
    }
    Ok(Finding::new(check, &problems, ""))
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
        Verdict::Failed(failure) => format!(": {}", failure.message),
        Verdict::CheckerFault { message } => format!(": {message}"),
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
