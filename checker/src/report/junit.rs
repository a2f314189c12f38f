//! The report as JUnit XML, which continuous integration reads.

use std::io::Write;
use std::time::Duration;

use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::terminal::ansi;
use super::terminal::card::{Place, card};
use super::terminal::glyphs::UNICODE;
use super::terminal::{Look, MAX_WIDTH};
use crate::verdict::{CompileProblem, PhaseReport, Report, TestReport, Verdict};

/// Writes a report: one suite for each phase, one case for each test. A phase that could not be
/// built has one case, `build`, with an error.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, out: impl Write) -> Result<(), SerializeError> {
    document(report).serialize(out)
}

fn document(report: &Report) -> quick_junit::Report {
    let mut document = quick_junit::Report::new(clean(&report.exercise));
    document.set_time(Duration::from_millis(report.total_millis));
    for phase in &report.phases {
        document.add_test_suite(suite(report, phase));
    }
    document
}

fn suite(report: &Report, phase: &PhaseReport) -> TestSuite {
    let class = format!("{}.p{}_{}", report.exercise, phase.number, phase.name);
    let title = format!("{}: phase {}, {}", report.title, phase.number, phase.title);
    let mut suite = TestSuite::new(clean(&title));
    let millis = phase.tests.iter().map(|test| test.millis).sum();
    suite.set_time(Duration::from_millis(millis));
    if let Some(problem) = &phase.problem {
        suite.add_test_case(build(problem, &class));
    }
    for test in &phase.tests {
        let place = Place {
            exercise: &report.exercise,
            phase: phase.number,
            title: &phase.title,
        };
        suite.add_test_case(case(test, place, &class));
    }
    suite
}

fn case(test: &TestReport, place: Place<'_>, class: &str) -> TestCase {
    let name = test.name.rsplit("::").next().unwrap_or(&test.name);
    let mut case = TestCase::new(clean(name), status(test, place));
    case.set_classname(clean(class));
    case.set_time(Duration::from_millis(test.millis));
    if !test.output.stdout.is_empty() {
        case.set_system_out(clean(&test.output.stdout));
    }
    if !test.output.stderr.is_empty() {
        case.set_system_err(clean(&test.output.stderr));
    }
    case
}

fn status(test: &TestReport, place: Place<'_>) -> TestCaseStatus {
    let mut status = match &test.verdict {
        Verdict::Passed => return TestCaseStatus::success(),
        Verdict::Skipped { needs } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(clean(&format!("needs {needs}")));
            return status;
        }
        // An error is what kept a test from reaching its end; a failure is its result.
        Verdict::CheckerFault { .. } => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Failed(_)
        | Verdict::NotImplemented { .. }
        | Verdict::WronglyCompiled(_)
        | Verdict::TimedOut(_)
        | Verdict::Crashed(_)
        | Verdict::OverLimit { .. } => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    let look = Look::new(MAX_WIDTH, UNICODE);
    let rows = card(test, place, true, &look).rows(look.width);
    let lines: Vec<String> = rows
        .into_iter()
        .map(|row| row.into_iter().map(|span| span.text).collect())
        .collect();
    status.set_message(clean(&test.behaviour));
    status.set_type(test.verdict.label());
    status.set_description(clean(&lines.join("\n")));
    status
}

fn build(problem: &CompileProblem, class: &str) -> TestCase {
    let (message, description) = match problem {
        CompileProblem::Learner { rendered, errors } => (
            format!("the code does not compile; errors: {errors}"),
            rendered.clone(),
        ),
        CompileProblem::Interface { messages, expected } => (
            "the crate lacks what the phase uses".to_owned(),
            format!(
                "{}\n\nexpected:\n{}",
                messages.join("\n"),
                expected.join("\n")
            ),
        ),
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(clean(&message));
    status.set_type("does not compile");
    status.set_description(clean(&description));
    let mut case = TestCase::new("build", status);
    case.set_classname(clean(class));
    case
}

/// Text that XML may hold: no escape sequences, no control characters but line ends. Tabs become
/// spaces, because the writer would drop them.
fn clean(text: &str) -> String {
    let text = ansi::strip(text).replace('\t', "    ");
    let allowed = |c: &char| *c == '\n' || !c.is_control();
    let text = text.chars().filter(allowed);
    text.filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::samples;
    use quick_junit::Report as Parsed;

    fn parsed(report: &Report) -> (String, Parsed) {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        let xml = String::from_utf8(out).unwrap();
        let parsed = Parsed::deserialize_from_str(&xml).unwrap();
        (xml, parsed)
    }

    #[test]
    fn each_phase_is_a_suite_and_each_test_a_case() {
        let report = samples::mixed();
        let (_, parsed) = parsed(&report);
        assert_eq!(parsed.test_suites.len(), report.phases.len());
        let suite = &parsed.test_suites[1];
        assert_eq!(suite.name.as_str(), "An LRU cache: phase 2, Look-ups");
        assert_eq!(suite.tests, 4);
        assert_eq!(suite.failures, 3);
        let case = &suite.test_cases[1];
        assert_eq!(
            case.classname.as_ref().unwrap().as_str(),
            "lru-cache.p2_look-ups"
        );
        assert_eq!(case.time, Some(Duration::from_millis(3)));
    }

    #[test]
    fn faults_and_failed_builds_are_errors_and_missing_tools_are_skips() {
        let (_, parsed) = parsed(&samples::mixed());
        let fourth = &parsed.test_suites[3];
        assert_eq!((fourth.failures, fourth.errors, fourth.skipped), (8, 2, 1));
        let fifth = &parsed.test_suites[4];
        assert_eq!((fifth.tests, fifth.errors), (1, 1));
    }

    #[test]
    fn control_characters_of_the_learner_s_output_are_removed() {
        let mut test = samples::panicked();
        test.output.stdout = "bell\x07 null\0 color\x1b[31mred\x1b[0m\tnext\nline\u{ffff}".into();
        let report = samples::report(vec![samples::phase(1, "Core", vec![test])]);
        let (xml, parsed) = parsed(&report);
        assert!(
            !xml.contains(|c: char| c.is_control() && c != '\n'),
            "{xml:?}"
        );
        let case = &parsed.test_suites[0].test_cases[0];
        let output = case.system_out.as_ref().unwrap().as_str();
        assert_eq!(output, "bell null colorred    next\nline");
    }

    #[test]
    fn a_failure_carries_the_card_a_person_would_read() {
        let report = samples::report(vec![samples::phase(1, "Core", vec![samples::failed()])]);
        let (xml, _) = parsed(&report);
        assert!(xml.contains("received  Some(2)"), "{xml}");
        assert!(
            xml.contains("checker check lru-cache --test p1_core::a_full"),
            "{xml}"
        );
    }
}
