//! The text of the main area: a card, results as they come, a hint, a list.

use crate::engine::{ExerciseItem, Hint};
use crate::report::hint;
use crate::report::program;
use crate::report::terminal::card::{Place, card};
use crate::report::terminal::palette::{CODE, DIM, GOOD, NOTE, PLAIN, STRONG};
use crate::report::terminal::problem::problem;
use crate::report::terminal::summary::test_line;
use crate::report::terminal::{Line, Look, Text, Wrap, count};
use crate::watch::layout;
use crate::watch::state::{Current, Overlay, Phase, State};

/// The rows above the first entry of the list of exercises.
pub(super) const LIST_HEAD: usize = 2;

/// The keys that work everywhere, in the order of their importance.
pub(super) const KEYS: [(&str, &str); 7] = [
    ("h", "hint"),
    ("n", "next"),
    ("a", "all"),
    ("r", "run"),
    ("l", "list"),
    ("?", "help"),
    ("q", "quit"),
];

/// How many rows the page has, and how many of them are visible.
#[must_use]
pub(super) fn extent(state: &State) -> (usize, usize) {
    match layout::areas(state.size) {
        Some(areas) => {
            let look = look(state, areas.page.width);
            let rows = text(state, &look).rows(look.width).len();
            (rows, usize::from(areas.page.height))
        }
        None => (0, 0),
    }
}

/// The look of a page with this many columns.
#[must_use]
pub(super) fn look(state: &State, columns: u16) -> Look {
    Look {
        width: usize::from(columns),
        ..state.look
    }
}

/// The page.
#[must_use]
pub(super) fn text(state: &State, look: &Look) -> Text {
    let mut text = match &state.overlay {
        Some(Overlay::Help) => help(),
        Some(Overlay::Hint(hint)) => hinted(hint, state, look),
        Some(Overlay::List(items, at)) => list(items, *at, look),
        None => current(state, look),
    };
    // Nothing can be copied from beyond the edge, so that every line wraps here.
    for line in &mut text.lines {
        if line.wrap == Wrap::Never {
            line.wrap = Wrap::Anywhere;
        }
    }
    text
}

fn current(state: &State, look: &Look) -> Text {
    let exercise = &state.outline.id;
    match state.current() {
        Current::Test(phase, test) => {
            let place = Place {
                exercise,
                phase: phase.outline.number,
                title: &phase.outline.title,
            };
            card(test, place, false, look)
        }
        Current::Problem(phase, found) => {
            let outline = &phase.outline;
            let name = format!("phase {}, {},", outline.number, outline.title);
            problem(found, exercise, &name, look)
        }
        Current::Stream => stream(state, look),
        Current::Complete => complete(state, look),
        Current::Error(why) => error(why, look),
    }
}

/// The phase in focus, and its results as they come.
fn stream(state: &State, look: &Look) -> Text {
    let mut text = Text::default();
    let focus = state.phase(state.focus);
    if let Some(phase) = focus {
        goal(phase, &mut text);
        text.gap();
    }
    match &state.run {
        Some(run) if run.testing => {
            // The latest comes first, where it is seen without scrolling.
            for (_, test) in run.results.iter().rev() {
                text.push(test_line(test, look));
            }
        }
        Some(_) => text.push(Line::new().with("Compiling", DIM)),
        None => {
            let report = focus.and_then(|phase| phase.report.as_ref());
            for test in report.iter().flat_map(|report| &report.tests) {
                text.push(test_line(test, look));
            }
        }
    }
    text
}

fn goal(phase: &Phase, text: &mut Text) {
    let head = format!("Phase {}, {}", phase.outline.number, phase.outline.title);
    text.push(Line::new().with(&head, STRONG));
    text.push(Line::new().prose(&phase.outline.goal, PLAIN));
}

fn complete(state: &State, look: &Look) -> Text {
    let mut text = Text::default();
    let outline = &state.outline;
    let line = Line::new().with(look.glyphs.pass, GOOD.bold()).plain(" ");
    let line = line.with(&outline.title, STRONG).hanging(2);
    let phases = count(outline.phases.len(), "phase");
    text.push(line.plain(&format!(" is complete: all {phases} pass.")));
    text.gap();
    let mut add = |label: &str, style, what: &str| {
        let line = Line::new().plain("  ").with(label, style).plain("  ");
        text.push(line.prose(what, PLAIN).hanging(4));
    };
    let solution = look.command(&format!("solution {}", outline.id));
    add(&solution, CODE, "your code beside the course's");
    match &outline.next {
        Some((id, title)) => add("n", CODE, &format!("begins {title} (`{id}`)")),
        None => add("l", CODE, "lists the exercises; this one was the last"),
    }
    text
}

fn error(why: &str, look: &Look) -> Text {
    let mut text = Text::default();
    let line = Line::new().with(look.glyphs.fault, NOTE.bold()).plain(" ");
    text.push(line.with("The check could not be done.", STRONG));
    text.gap();
    for line in program::addressed(why, look.program).lines() {
        text.push(Line::new().plain("  ").prose(line, PLAIN).hanging(2));
    }
    text.gap();
    let line = Line::new().plain("  Press r to try again; ").hanging(2);
    let doctor = look.command("doctor");
    text.push(line.prose(&format!("`{doctor}` says what may be missing."), PLAIN));
    text
}

fn hinted(hint: &Result<Hint, String>, state: &State, look: &Look) -> Text {
    let mut text = Text::default();
    let phase = state
        .phase(state.focus)
        .map(|phase| phase.outline.title.as_str());
    let title = phase.unwrap_or_default();
    match hint {
        Ok(hint) => {
            let place = hint::Place {
                phase: state.focus,
                title,
                step: hint.step,
                of: hint.of,
            };
            text.append(hint::hint(&hint.title, &hint.content, place, look));
            text.gap();
            if let Some(notice) = &hint.notice {
                text.push(Line::new().prose(notice, NOTE));
                text.gap();
            }
            let more = if hint.step < hint.of {
                "h shows the next step. "
            } else {
                ""
            };
            text.push(Line::new().with(more, DIM).with("Esc goes back.", DIM));
        }
        Err(why) => {
            let why = program::addressed(why, look.program);
            text.push(Line::new().prose(&why, PLAIN));
            text.gap();
            text.push(Line::new().with("Esc goes back.", DIM));
        }
    }
    text
}

fn list(items: &[ExerciseItem], at: usize, look: &Look) -> Text {
    let mut text = Text::default();
    let line = Line::new().with("Exercises", STRONG);
    text.push(line.with(
        &format!(" {} Enter opens, Esc goes back", look.glyphs.dot),
        DIM,
    ));
    text.push(Line::new());
    let widest = items.iter().map(|item| item.id.chars().count()).max();
    for (index, item) in items.iter().enumerate() {
        let chosen = index == at;
        let (mark, style) = match item.done {
            0 => (look.glyphs.open, DIM),
            done if done >= item.phases => (look.glyphs.pass, GOOD),
            _ => (look.glyphs.skip, NOTE),
        };
        let cursor = if chosen { look.glyphs.here } else { " " };
        let name = if chosen { CODE.bold() } else { CODE };
        let tally = format!("{}/{}", item.done, item.phases);
        let line = Line::new()
            .with(cursor, STRONG)
            .plain(" ")
            .with(mark, style);
        let line = line.plain(" ").with(&item.id, name);
        let line = line
            .pad_to(4 + widest.unwrap_or_default() + 2)
            .with(&tally, DIM);
        let line = line.plain("  ").plain(&item.title);
        text.push(one_row(line, look));
    }
    text
}

/// Cuts a line to one row, so that rows and entries stay the same.
fn one_row(mut line: Line, look: &Look) -> Line {
    while line.width() > look.width {
        let Some(last) = line.spans.last_mut() else {
            break;
        };
        if last.text.pop().is_none() {
            line.spans.pop();
        }
    }
    line
}

fn help() -> Text {
    let mut text = Text::default();
    text.push(Line::new().with("Keys", STRONG));
    text.gap();
    let keys = [
        ("h", "the next hint for this phase"),
        (
            "n",
            "the next open test; after the last phase, the next exercise",
        ),
        ("1-9", "go to a phase and check it"),
        ("r", "check this phase again"),
        ("a", "check every phase"),
        ("l", "list the exercises and choose another one"),
        ("arrows, j k", "scroll by a row"),
        ("PgUp PgDn", "scroll by a page; space does, too"),
        ("g G", "go to the top, to the end"),
        ("q, Esc", "quit; Esc first closes what is open"),
    ];
    for (key, what) in keys {
        let line = Line::new().plain("  ").with(key, CODE).pad_to(16);
        text.push(line.plain(what).hanging(16));
    }
    text.gap();
    let note = "Each save checks the phase that you work on. When it passes, every phase is \
                checked, because what you built may have changed another one.";
    text.push(Line::new().with(note, DIM));
    text
}
