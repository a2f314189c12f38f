//! Every page at a wide and a narrow size.

use super::*;
use crate::engine::{Engine, Hint, Stopped};
use crate::report::terminal::glyphs::UNICODE;
use crate::report::terminal::samples;
use crate::verdict::Event;
use crate::watch::fake;
use crate::watch::input::Action;
use crate::watch::state::Message;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

fn drawn(state: &State) -> String {
    let (columns, rows) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal
        .draw(|frame| draw(state, frame.area(), frame.buffer_mut()))
        .unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y| {
        let cells = (0..columns).map(|x| buffer[(x, y)].symbol());
        cells.collect::<String>().trim_end().to_owned()
    };
    (0..rows).map(row).collect::<Vec<_>>().join("\n")
}

/// What a series of messages leads to, at 100×30 and at 60×20.
fn twice(messages: impl Fn() -> Vec<Message>) -> String {
    let at = |size| {
        let outline = fake::outline([Mark::Passed, Mark::Open, Mark::Open]);
        let (mut state, _) = State::new(outline, Look::new(100, UNICODE), size);
        for message in messages() {
            let _ = state.update(message);
        }
        drawn(&state)
    };
    format!("{}\n{}\n{}", at((100, 30)), "=".repeat(100), at((60, 20)))
}

fn finished(phases: Vec<crate::verdict::PhaseReport>) -> Message {
    Message::Finished(1, Ok(Box::new(samples::report(phases))))
}

fn mixed() -> Message {
    finished(vec![
        fake::core_passed(),
        fake::lookups_failed(),
        fake::removal_open(),
    ])
}

#[test]
fn before_anything_is_known_the_goal_is_shown() {
    insta::assert_snapshot!(twice(Vec::new));
}

#[test]
fn results_stream_in_while_tests_run() {
    insta::assert_snapshot!(twice(|| {
        let tested = |name| Event::Tested {
            phase: 1,
            test: Box::new(samples::passed(name)),
        };
        let compiled = Event::Compiled {
            took: Duration::ZERO,
        };
        let events = [compiled, tested("p1_core::a"), tested("p1_core::b")];
        events.map(|event| Message::Ran(1, event)).into()
    }));
}

#[test]
fn a_failure_is_shown_as_its_card() {
    insta::assert_snapshot!(twice(|| vec![mixed()]));
}

#[test]
fn a_long_card_says_how_far_it_is_scrolled() {
    insta::assert_snapshot!(twice(|| vec![
        mixed(),
        Message::Key(Action::Next),
        Message::Key(Action::Pages(1)),
    ]));
}

#[test]
fn a_phase_not_written_yet_is_shown_kindly() {
    insta::assert_snapshot!(twice(|| vec![
        mixed(),
        Message::Key(Action::Next),
        Message::Key(Action::Next),
    ]));
}

#[test]
fn errors_of_the_compiler_are_shown() {
    insta::assert_snapshot!(twice(|| {
        let problem = samples::learner_problem();
        vec![finished(vec![
            samples::unbuilt(1, "Core", problem.clone()),
            samples::unbuilt(2, "Look-ups", problem.clone()),
            samples::unbuilt(3, "Removal", problem),
        ])]
    }));
}

#[test]
fn a_save_is_news_while_the_check_compiles() {
    insta::assert_snapshot!(twice(|| vec![
        mixed(),
        Message::Saved {
            exercise: "lru-cache".to_owned(),
            files: vec!["src/cache.rs".to_owned()],
        },
    ]));
}

#[test]
fn when_everything_passes_the_next_exercise_is_named() {
    insta::assert_snapshot!(twice(|| vec![finished(vec![
        fake::core_passed(),
        fake::lookups_passed(),
        fake::removal_passed(),
    ])]));
}

#[test]
fn a_hint_the_help_and_the_list_lie_on_top() {
    let (fake, ..) = fake::Fake::new();
    let items = fake.exercises();
    let hint = twice(|| {
        let hint = Hint {
            title: "A nudge".to_owned(),
            content: "Which entry does `put` make room for?\n\nDraw the list after each step: the \
                   entry at its end is the one that leaves."
                .to_owned(),
            step: 1,
            of: 3,
            notice: None,
        };
        vec![mixed(), Message::Hinted(Ok(hint))]
    });
    let help = twice(|| vec![mixed(), Message::Key(Action::Help)]);
    let list = twice(|| vec![mixed(), Message::Listed(items.clone())]);
    insta::assert_snapshot!([hint, help, list].join("\n\n"));
}

#[test]
fn a_check_that_could_not_be_done_says_why() {
    insta::assert_snapshot!(twice(|| {
        let why = "cargo is not installed: https://rustup.rs installs it".to_owned();
        vec![Message::Finished(1, Err(Stopped::Failed(why)))]
    }));
}

#[test]
fn a_tiny_terminal_says_so_and_no_size_panics() {
    let outline = fake::outline([Mark::Open; 3]);
    let (mut state, _) = State::new(outline, Look::new(100, UNICODE), (39, 9));
    assert!(drawn(&state).starts_with("too small: needs 40×10"));
    let _ = state.update(mixed());
    for columns in (1..110).step_by(3) {
        for rows in (1..32).step_by(2) {
            let _ = state.update(Message::Resized(columns, rows));
            drawn(&state);
        }
    }
}
