//! The stub compiles and passes nothing.

use super::{Finding, STUB, describe, problem, request};
use crate::catalog::Exercise;
use crate::check::{CheckError, Checker, Subject};
use crate::runner::Cancel;
use crate::verdict::Verdict;

/// The stub compiles and passes no test, but for those that say why; what it gives complete is what
/// the solution uses.
pub(super) fn stub(
    checker: &Checker,
    exercise: &Exercise,
    cancel: &Cancel,
) -> Result<Finding, CheckError> {
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
