//! Every card at a wide and a narrow width, as a reader without color sees it.

use super::card::{Place, card};
use super::glyphs::{ASCII, UNICODE};
use super::problem::problem;
use super::summary::{Detail, summary};
use super::{Look, Text, samples};
use crate::verdict::{Failure, TestReport, Verdict};

const PLACE: Place<'static> = Place {
    exercise: "lru-cache",
    phase: 1,
    title: "Core",
};

fn plain(text: &Text, look: &Look) -> String {
    let mut out = Vec::new();
    text.write(look.width, &mut out).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
}

/// The text at 100 and at 50 columns.
fn twice(make: impl Fn(&Look) -> Text) -> String {
    let at = |width| {
        let look = Look::new(width, UNICODE);
        format!("{}\n{}", "=".repeat(width), plain(&make(&look), &look))
    };
    format!("{}\n{}", at(100), at(50))
}

fn shown(test: &TestReport) -> String {
    twice(|look| card(test, PLACE, false, look))
}

fn compared(expected: &str, received: &str) -> String {
    let verdict = Verdict::Failed(Failure {
        message: "the entries in order".to_owned(),
        expected: Some(expected.to_owned()),
        received: Some(received.to_owned()),
        ..Failure::default()
    });
    shown(&samples::test(
        "p4_iteration::entries",
        "Entries come in order.",
        verdict,
    ))
}

#[test]
fn a_failed_comparison_shows_steps_and_both_values() {
    insta::assert_snapshot!(shown(&samples::failed()));
}

#[test]
fn a_panic_shows_its_place_its_seed_and_the_end_of_the_output() {
    insta::assert_snapshot!(shown(&samples::panicked()));
}

#[test]
fn all_of_the_output_is_shown_when_asked_for() {
    let look = Look::new(100, UNICODE);
    let text = plain(&card(&samples::panicked(), PLACE, true, &look), &look);
    assert!(text.contains("unlink node 1\n"), "{text}");
    assert!(!text.contains("--full-output"), "{text}");
}

#[test]
fn the_report_of_the_panic_that_the_card_tells_is_left_out_of_the_output() {
    let mut test = samples::not_implemented();
    test.output.stderr = "mine\n\nthread 'main' (7) panicked at src/cache.rs:74:9:\nnot yet \
                          implemented: phase 2: look up without moving the entry\nnote: run with \
                          `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
        .to_owned();
    let look = Look::new(100, UNICODE);
    let text = plain(&card(&test, PLACE, false, &look), &look);
    assert!(text.contains("stderr    mine\n"), "{text}");
    assert!(!text.contains("panicked at"), "{text}");
    let other = test.output.stderr.replace("look up", "something else");
    test.output.stderr = other;
    let text = plain(&card(&test, PLACE, false, &look), &look);
    assert!(
        text.contains("panicked at"),
        "another thread's panic stays: {text}"
    );
}

#[test]
fn what_is_not_written_names_the_place_of_the_todo() {
    insta::assert_snapshot!(shown(&samples::not_implemented()));
}

#[test]
fn a_program_that_compiles_wrongly_is_shown_with_its_errors() {
    insta::assert_snapshot!(shown(&samples::wrongly_compiled()));
}

#[test]
fn every_other_verdict_says_what_usually_causes_it() {
    let cards: Vec<String> = samples::others().iter().map(shown).collect();
    insta::assert_snapshot!(cards.join("\n"));
}

#[test]
fn long_alike_values_are_marked_where_they_differ() {
    insta::assert_snapshot!(compared(
        "[(\"a\", 1), (\"b\", 2), (\"c\", 3)]",
        "[(\"a\", 1), (\"c\", 3), (\"b\", 2)]"
    ));
}

#[test]
fn values_wider_than_the_terminal_are_excerpted_around_the_difference() {
    let expected: Vec<u32> = (0..60).collect();
    let mut received = expected.clone();
    received[50] = 7;
    insta::assert_snapshot!(compared(&format!("{expected:?}"), &format!("{received:?}")));
}

#[test]
fn bytes_point_at_the_first_difference() {
    insta::assert_snapshot!(compared(
        r#""+PONG\r\n+OK >>> \r\n" (12 bytes)"#,
        r#""+PONG\r\n+OK >>> \n" (11 bytes)"#
    ));
}

#[test]
fn lines_are_compared_with_the_equal_ones_left_out() {
    let expected: Vec<String> = (1..=20).map(|n| format!("line {n}")).collect();
    let mut received = expected.clone();
    received[9] = "line ten, changed".to_owned();
    received.remove(11);
    insta::assert_snapshot!(compared(&expected.join("\n"), &received.join("\n")));
}

#[test]
fn lines_that_have_little_in_common_stand_one_block_after_the_other() {
    insta::assert_snapshot!(compared("one\ntwo", "completely\ndifferent\nlines"));
}

#[test]
fn errors_of_the_compiler_are_shown_as_it_renders_them() {
    insta::assert_snapshot!(twice(|look| problem(
        &samples::learner_problem(),
        "lru-cache",
        "phase 1, Core,",
        look
    )));
}

#[test]
fn a_lacking_interface_is_shown_as_the_declarations_expected() {
    insta::assert_snapshot!(twice(|look| problem(
        &samples::interface_problem(),
        "lru-cache",
        "phase 2, Look-ups,",
        look
    )));
}

#[test]
fn the_compiler_s_colors_reach_the_terminal() {
    let look = Look::new(100, UNICODE);
    let text = problem(&samples::learner_problem(), "lru-cache", "phase 1", &look);
    let mut out = Vec::new();
    text.write(look.width, &mut out).unwrap();
    let styled = String::from_utf8(out).unwrap();
    assert!(
        styled.contains("\x1b[1m\x1b[91merror[E0382]\x1b[0m"),
        "{styled:?}"
    );
}

#[test]
fn the_summary_of_a_mixed_run_wraps_at_both_widths() {
    let report = samples::mixed();
    insta::assert_snapshot!(twice(|look| summary(&report, Detail::default(), look)));
}

#[test]
fn errors_that_every_phase_shares_are_shown_once() {
    let report = samples::report(vec![
        samples::unbuilt(1, "Core", samples::learner_problem()),
        samples::unbuilt(2, "Look-ups", samples::learner_problem()),
    ]);
    insta::assert_snapshot!(twice(|look| summary(&report, Detail::default(), look)));
}

#[test]
fn every_card_is_shown_when_asked_for() {
    let report = samples::mixed();
    let look = Look::new(100, UNICODE);
    let detail = Detail {
        all_cards: true,
        full_output: false,
    };
    let text = plain(&summary(&report, detail, &look), &look);
    let open = report.phases.iter().flat_map(|phase| &phase.tests);
    for test in open.filter(|test| !test.verdict.is_harmless()) {
        assert!(
            text.contains(&format!("--test {}", test.name)),
            "{}",
            test.name
        );
    }
    let (_, list) = text.split_once("All that is open").unwrap();
    for phase in &report.phases {
        let failed = phase
            .tests
            .iter()
            .filter(|test| !test.verdict.is_harmless());
        for test in failed.filter(|_| phase.status == crate::verdict::PhaseStatus::Failed) {
            assert!(list.contains(&test.name), "{} is not in {list}", test.name);
        }
    }
}

#[test]
fn a_fault_of_the_checker_never_blames_the_learner() {
    let fault = samples::others().pop().unwrap();
    let report = samples::report(vec![samples::phase(1, "Core", vec![fault])]);
    insta::assert_snapshot!(twice(|look| summary(&report, Detail::default(), look)));
}

#[test]
fn a_terminal_without_unicode_gets_ascii_marks() {
    let report = samples::all_passed();
    let look = Look::new(100, ASCII);
    let text = plain(&summary(&report, Detail::default(), &look), &look);
    assert!(text.is_ascii(), "{text}");
}
