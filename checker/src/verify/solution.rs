//! The solution and its variants pass, phase by phase and again and again.

use std::time::Instant;

use super::load::Load;
use super::{Effort, Finding, PHASES, failures, repeated_name, request, variant_name};
use crate::catalog::Exercise;
use crate::catalog::variant::Variant;
use crate::check::{CheckError, Checker, Subject};
use crate::runner::{Cancel, time_scale};
use crate::verdict::Report;
use crate::workspace::snapshot::Snapshot;

/// The solution passes phase by phase, each within its budget if it is `timed`.
pub(super) fn phases(
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
pub(super) fn repeated(
    checker: &Checker,
    exercise: &Exercise,
    effort: &Effort,
    cancel: &Cancel,
) -> Result<Finding, CheckError> {
    let problems = again(checker, exercise, Subject::Solution, effort, cancel)?;
    Ok(Finding::new(repeated_name(effort), &problems, ""))
}

/// A right solution of another design passes, as often as the reference has to.
pub(super) fn variant(
    checker: &Checker,
    exercise: &Exercise,
    variant: &Variant,
    effort: &Effort,
    cancel: &Cancel,
) -> Result<Finding, CheckError> {
    let mut files = checker.snapshot(exercise, &Subject::Solution)?.files;
    let problems = match variant.patch.apply(&mut files) {
        Err(error) => vec![error.to_string()],
        Ok(()) => {
            let subject = Subject::Changed {
                label: "variant",
                sources: Snapshot::of(files),
            };
            again(checker, exercise, subject, effort, cancel)?
        }
    };
    Ok(Finding::new(
        variant_name(variant),
        &problems,
        &variant.design,
    ))
}

/// What fails when a suite runs as often, and under the load, that the effort asks for.
fn again(
    checker: &Checker,
    exercise: &Exercise,
    subject: Subject,
    effort: &Effort,
    cancel: &Cancel,
) -> Result<Vec<String>, CheckError> {
    let prepared = checker.prepare(&request(exercise, subject), cancel, &mut |_| {})?;
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
    Ok(problems)
}
