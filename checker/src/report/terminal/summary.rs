//! The end of a check: the card to begin with, the other failures, and what to do next.

use std::collections::BTreeMap;

use super::card::{self, Place};
use super::palette::{BAD, CODE, DIM, GOOD, NOTE, PLAIN, STRONG};
use super::problem::problem;
use super::{Line, Look, Text, count, duration};
use crate::verdict::{CompileProblem, PhaseReport, PhaseStatus, Report, TestReport, Verdict};

/// How much is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Detail {
    /// The card of every test that did not pass, instead of the first one only.
    pub all_cards: bool,
    /// All of the captured output, instead of its last lines.
    pub full_output: bool,
}

/// Other failures listed below the first card.
const LISTED: usize = 10;
/// The columns of a phase's title in the list of phases.
const TITLE: usize = 18;

/// One line for a phase: its mark, its title, how many of its tests pass.
#[must_use]
pub fn phase_line(phase: &PhaseReport, look: &Look) -> Line {
    let glyphs = look.glyphs;
    let (mark, style) = match phase.status {
        PhaseStatus::Passed => (glyphs.pass, GOOD),
        PhaseStatus::Failed | PhaseStatus::DoesNotCompile => (glyphs.fail, BAD),
        PhaseStatus::NotImplemented => (glyphs.open, NOTE),
        PhaseStatus::CheckerFault => (glyphs.fault, NOTE),
        PhaseStatus::Partial if phase.first_failure().is_some() => (glyphs.fail, BAD),
        PhaseStatus::Partial => (glyphs.skip, NOTE),
    };
    let line = Line::new().with(mark, style.bold()).plain(" ");
    let line = line
        .with(&format!("Phase {}", phase.number), DIM)
        .pad_to(11);
    let line = line.with(&phase.title, STRONG).pad_to(11 + TITLE + 2);
    let style = if phase.status == PhaseStatus::Passed {
        DIM
    } else {
        PLAIN
    };
    line.with(&tally(phase), style).hanging(11)
}

/// How a phase stands, in a few words.
#[must_use]
pub fn tally(phase: &PhaseReport) -> String {
    let (passed, total) = (phase.passed(), phase.tests.len());
    let skipped = phase.tests.iter().filter(|test| is_skip(test)).count();
    if matches!(phase.problem, Some(CompileProblem::Interface { .. })) {
        return "does not fit your crate".to_owned();
    }
    let mut tally = match phase.status {
        PhaseStatus::DoesNotCompile => return phase.status.label().to_owned(),
        PhaseStatus::NotImplemented if passed == 0 => {
            format!("not written yet, {}", count(total, "test"))
        }
        PhaseStatus::Passed => format!("{passed} passed"),
        PhaseStatus::Partial if phase.first_failure().is_none() => {
            format!("{passed} passed, others not run")
        }
        _ => format!("{passed} of {total} passed"),
    };
    if skipped > 0 {
        tally.push_str(&format!(", {skipped} skipped"));
    }
    tally
}

fn is_skip(test: &TestReport) -> bool {
    matches!(test.verdict, Verdict::Skipped { .. })
}

/// All that follows the streamed phases.
#[must_use]
pub fn summary(report: &Report, detail: Detail, look: &Look) -> Text {
    let mut text = Text::default();
    text.append(evidence(report, detail, look));
    text.gap();
    for notice in &report.notices {
        let line = Line::new().with("Note: ", NOTE.bold()).hanging(6);
        text.push(line.prose(notice, PLAIN));
    }
    for (needs, number) in needs(report) {
        let line = Line::new().with("Skipped: ", NOTE.bold()).hanging(9);
        let lacking = if number == 1 { "needs" } else { "need" };
        let lacking = format!("{} {lacking} {needs}", count(number, "test"));
        text.push(line.prose(&lacking, PLAIN));
    }
    text.gap();
    text.push(verdict(report, look));
    text.append(next(report, look));
    text
}

fn skipped(report: &Report) -> impl Iterator<Item = &TestReport> {
    let tests = report.phases.iter().flat_map(|phase| &phase.tests);
    tests.filter(|test| is_skip(test))
}

/// What the skipped tests of passed phases need, and how many need it. Before that, learners have
/// nearer things to do.
fn needs(report: &Report) -> BTreeMap<&str, usize> {
    let mut needs = BTreeMap::new();
    let passed = |phase: &&PhaseReport| phase.status == PhaseStatus::Passed;
    let tests = report
        .phases
        .iter()
        .filter(passed)
        .flat_map(|phase| &phase.tests);
    for test in tests {
        if let Verdict::Skipped { needs: tool } = &test.verdict {
            *needs.entry(tool.as_str()).or_default() += 1;
        }
    }
    needs
}

/// The cards, and one line for each failure without a card. Phases that are not written yet, or
/// do not build, have had their line.
fn evidence(report: &Report, detail: Detail, look: &Look) -> Text {
    let mut text = Text::default();
    let mut others = Vec::new();
    let mut shown: Vec<&CompileProblem> = Vec::new();
    let room = |text: &Text| detail.all_cards || text.lines.is_empty();
    for phase in &report.phases {
        if let Some(found) = &phase.problem {
            let name = format!("phase {}, {},", phase.number, phase.title);
            if room(&text) && !shown.contains(&found) {
                shown.push(found);
                text.gap();
                text.append(problem(found, &report.exercise, &name, look));
            }
            continue;
        }
        let unwritten = phase.status == PhaseStatus::NotImplemented;
        for test in failures(phase) {
            let place = Place {
                exercise: &report.exercise,
                phase: phase.number,
                title: &phase.title,
            };
            let has_card = room(&text);
            if has_card {
                text.gap();
                text.append(card::card(test, place, detail.full_output, look));
            }
            // Below a screen of cards, the list tells again how many there are.
            if !unwritten && (!has_card || detail.all_cards) {
                others.push(test_line(test, look));
            }
        }
        if detail.all_cards {
            for test in phase.tests.iter().filter(|test| is_skip(test)) {
                others.push(test_line(test, look));
            }
        }
    }
    list_others(others, detail, &report.exercise, look, &mut text);
    text
}

/// Whether a phase has nothing to tell, because none of its tests was asked for.
#[must_use]
pub fn is_empty(phase: &PhaseReport) -> bool {
    phase.tests.is_empty() && phase.problem.is_none()
}

/// The tests that keep a phase from passing.
fn failures(phase: &PhaseReport) -> impl Iterator<Item = &TestReport> {
    phase
        .tests
        .iter()
        .filter(|test| !test.verdict.is_harmless())
}

/// One line for a test: its mark and its name, which reads as a sentence and is what `--test`
/// takes.
#[must_use]
pub fn test_line(test: &TestReport, look: &Look) -> Line {
    let (mark, style) = card::mark(&test.verdict, look);
    let line = Line::new()
        .with(mark, style.bold())
        .plain(" ")
        .plain(&test.name);
    let line = match test.verdict {
        Verdict::Passed | Verdict::Failed(_) => line,
        // Short, since a phase that is not begun has nothing but these.
        Verdict::NotImplemented { .. } => line.with("  todo", DIM),
        _ => line.with(&format!("  {}", test.verdict.label()), DIM),
    };
    line.hanging(2)
}

fn list_others(others: Vec<Line>, detail: Detail, exercise: &str, look: &Look, text: &mut Text) {
    if others.is_empty() {
        return;
    }
    let (heading, listed) = match detail.all_cards {
        true => ("All that is open", others.len()),
        false => ("Also open", LISTED),
    };
    text.gap();
    text.push(Line::new().with(heading, STRONG));
    let more = others.len().saturating_sub(listed);
    for line in others.into_iter().take(listed) {
        text.push(line);
    }
    if more > 0 {
        let line = format!("{} and {more} more: ", look.glyphs.ellipsis);
        let command = look.command(&format!("check {exercise} --all"));
        text.push(Line::new().with(&line, DIM).with(&command, CODE));
    }
}

/// Whether nothing is wrong with a phase, although it may not be written.
fn is_passed_or_unwritten(phase: &PhaseReport) -> bool {
    match phase.status {
        PhaseStatus::Passed | PhaseStatus::NotImplemented => true,
        PhaseStatus::Partial => {
            let unwritten =
                |test: &TestReport| matches!(test.verdict, Verdict::NotImplemented { .. });
            failures(phase).all(unwritten)
        }
        PhaseStatus::Failed | PhaseStatus::DoesNotCompile | PhaseStatus::CheckerFault => false,
    }
}

/// The result in one line.
fn verdict(report: &Report, look: &Look) -> Line {
    let phases = report
        .phases
        .iter()
        .filter(|phase| !is_empty(phase))
        .count();
    let done = report
        .phases
        .iter()
        .filter(|phase| phase.status == PhaseStatus::Passed)
        .count();
    let tests: usize = report.phases.iter().map(|phase| phase.tests.len()).sum();
    let passed: usize = report.phases.iter().map(PhaseReport::passed).sum();
    let (mark, style) = if report.has_checker_fault() {
        (look.glyphs.fault, NOTE)
    } else if report.passed() {
        (look.glyphs.pass, GOOD)
    } else if report.phases.iter().all(is_passed_or_unwritten) {
        (look.glyphs.open, NOTE)
    } else {
        (look.glyphs.fail, BAD)
    };
    let dot = format!(" {} ", look.glyphs.dot);
    let mut facts = Vec::new();
    let skipped = skipped(report).count();
    if tests == 0 {
        facts.push("no test was run".to_owned());
    } else {
        if phases > 1 {
            facts.push(format!("{done} of {phases} phases passed"));
        }
        facts.push(format!("{passed} of {} passed", count(tests, "test")));
        if skipped > 0 {
            facts.push(format!("{skipped} skipped"));
        }
    }
    facts.push(format!("built in {}", duration(report.build_millis)));
    if tests > 0 {
        let tested = report.total_millis.saturating_sub(report.build_millis);
        facts.push(format!("tested in {}", duration(tested)));
    }
    let line = Line::new().with(mark, style.bold()).plain(" ").hanging(2);
    let line = line.with(&report.title, STRONG).plain(": ");
    match facts.split_first() {
        Some((first, rest)) => line
            .plain(first)
            .with(&format!("{dot}{}", rest.join(&dot)), DIM),
        None => line,
    }
}

/// What to do next.
fn next(report: &Report, look: &Look) -> Text {
    let exercise = &report.exercise;
    let partial = |phase: &PhaseReport| phase.status == PhaseStatus::Partial;
    let steps = if report.has_checker_fault() {
        let why = "says what is missing on this machine";
        vec![(look.command("doctor"), why.to_owned())]
    } else if !report.passed() {
        let why = "checks each time you save";
        vec![(look.command(&format!("watch {exercise}")), why.to_owned())]
    } else if report.phases.iter().any(partial) {
        let why = "runs every test";
        vec![(look.command(&format!("check {exercise}")), why.to_owned())]
    } else if let [phase] = report.phases.as_slice() {
        let why = format!("runs what comes after phase {}, too", phase.number);
        vec![(look.command(&format!("check {exercise}")), why)]
    } else {
        let why = "compares your code with the course's";
        vec![
            (
                look.command(&format!("solution {exercise}")),
                why.to_owned(),
            ),
            (
                look.program.to_owned(),
                "says what comes after it".to_owned(),
            ),
        ]
    };
    let widest = steps.iter().map(|(command, _)| command.len()).max();
    let column = 8 + widest.unwrap_or_default() + 2;
    let mut text = Text::default();
    for (index, (command, why)) in steps.iter().enumerate() {
        let label = if index == 0 { "next" } else { "" };
        let line = Line::new().plain("  ").with(label, DIM).pad_to(8);
        let line = line.with(command, CODE).pad_to(column).with(why, DIM);
        text.push(line.hanging(8));
    }
    text
}
