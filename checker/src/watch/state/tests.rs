use super::*;
use crate::report::terminal::glyphs::UNICODE;
use crate::report::terminal::samples;
use crate::watch::fake;
use std::time::Duration;

const OPEN: [Mark; 3] = [Mark::Open; 3];

fn new(marks: [Mark; 3]) -> State {
    let (state, effects) = State::new(fake::outline(marks), Look::new(100, UNICODE), (100, 30));
    let start = Effect::Start {
        run: 1,
        exercise: "lru-cache".to_owned(),
        phase: None,
    };
    assert_eq!(effects, [Effect::Watch, start]);
    state
}

fn report(phases: Vec<PhaseReport>) -> Result<Box<Report>, Stopped> {
    Ok(Box::new(samples::report(phases)))
}

/// Phase 1 passed, phase 2 has two failures, phase 3 is not written.
fn after_first_run() -> State {
    let mut state = new(OPEN);
    let phases = vec![
        fake::core_passed(),
        fake::lookups_failed(),
        fake::removal_open(),
    ];
    let effects = state.update(Message::Finished(1, report(phases)));
    assert_eq!(effects, []);
    state
}

fn key(state: &mut State, action: Action) -> Vec<Effect> {
    state.update(Message::Key(action))
}

fn save(state: &mut State) -> Vec<Effect> {
    state.update(Message::Saved {
        exercise: "lru-cache".to_owned(),
        files: vec!["src/cache.rs".to_owned()],
    })
}

fn started(effects: &[Effect]) -> Option<Option<u32>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Start { phase, .. } => Some(*phase),
        _ => None,
    })
}

/// The name of the test whose card is shown.
fn shown(state: &State) -> &str {
    match state.current() {
        Current::Test(_, test) => &test.name,
        other => panic!("no card: {other:?}"),
    }
}

#[test]
fn the_first_open_phase_has_the_focus() {
    assert_eq!(new([Mark::Passed, Mark::Failed, Mark::Open]).focus, 2);
    assert_eq!(
        new([Mark::PassedEditedSince, Mark::Passed, Mark::Open]).focus,
        3
    );
    assert_eq!(new([Mark::Passed; 3]).focus, 1);
}

#[test]
fn after_the_first_run_the_first_failure_of_the_first_open_phase_is_shown() {
    let state = after_first_run();
    assert_eq!(state.focus, 2);
    assert_eq!(shown(&state), "p2_lookups::evicts");
    assert!(state.run.is_none());
}

#[test]
fn a_save_checks_the_phase_in_focus() {
    let mut state = after_first_run();
    let effects = save(&mut state);
    assert_eq!(started(&effects), Some(Some(2)));
    assert_eq!(state.notice.as_deref(), Some("Saved src/cache.rs"));
}

#[test]
fn a_save_of_another_exercise_is_ignored() {
    let mut state = after_first_run();
    let effects = state.update(Message::Saved {
        exercise: "arena".to_owned(),
        files: vec!["src/lib.rs".to_owned()],
    });
    assert_eq!(effects, []);
}

#[test]
fn a_save_during_a_run_cancels_it_and_starts_anew_when_it_has_ended() {
    let mut state = new(OPEN);
    assert_eq!(save(&mut state), [Effect::Cancel]);
    assert_eq!(save(&mut state), [], "it is cancelled once");
    let effects = state.update(Message::Finished(1, Err(Stopped::Cancelled)));
    assert_eq!(started(&effects), Some(None));
    assert_eq!(state.run.as_ref().unwrap().id, 2);
}

#[test]
fn what_a_cancelled_run_still_reports_is_not_shown() {
    let mut state = new(OPEN);
    save(&mut state);
    let event = Event::Compiled {
        took: Duration::ZERO,
    };
    assert_eq!(state.update(Message::Ran(1, event)), []);
    assert!(!state.run.as_ref().unwrap().testing);
    let effects = state.update(Message::Finished(1, report(vec![fake::core_passed()])));
    assert_eq!(started(&effects), Some(None));
    assert!(state.phase(1).unwrap().report.is_none());
}

#[test]
fn a_result_of_a_run_that_is_over_changes_nothing() {
    let mut state = after_first_run();
    let stale = report(vec![fake::lookups_passed()]);
    assert_eq!(state.update(Message::Finished(1, stale)), []);
    assert_eq!(shown(&state), "p2_lookups::evicts");
}

#[test]
fn next_goes_through_the_open_tests_and_begins_again_after_the_last() {
    let mut state = after_first_run();
    key(&mut state, Action::Next);
    assert_eq!(shown(&state), "p2_lookups::agrees");
    key(&mut state, Action::Next);
    assert_eq!((shown(&state), state.focus), ("p3_removal::pop", 3));
    key(&mut state, Action::Next);
    assert_eq!((shown(&state), state.focus), ("p2_lookups::evicts", 2));
}

#[test]
fn when_the_phase_in_focus_passes_every_phase_is_checked_and_the_next_one_begins() {
    let mut state = after_first_run();
    save(&mut state);
    let effects = state.update(Message::Finished(2, report(vec![fake::lookups_passed()])));
    assert_eq!(started(&effects), Some(None));
    let phases = vec![
        fake::core_passed(),
        fake::lookups_passed(),
        fake::removal_open(),
    ];
    let effects = state.update(Message::Finished(3, report(phases)));
    assert_eq!(effects, []);
    assert_eq!((shown(&state), state.focus), ("p3_removal::pop", 3));
    let news = "Phase 2, Look-ups, passes. Next is phase 3, Removal.";
    assert_eq!(state.notice.as_deref(), Some(news));
}

#[test]
fn a_phase_that_was_broken_by_a_later_one_gets_the_focus_back() {
    let mut state = new([Mark::Passed, Mark::Open, Mark::Open]);
    let news = "Phase 2, Look-ups, passes. Phase 1, Core, no longer does.";
    let mut broken = fake::core_passed();
    broken.tests[1] = samples::failed();
    broken.status = PhaseStatus::Failed;
    let phases = vec![broken, fake::lookups_passed(), fake::removal_open()];
    let _ = state.update(Message::Finished(1, report(phases)));
    assert_eq!(state.focus, 1);
    assert_eq!(shown(&state), samples::failed().name);
    assert_eq!(state.notice.as_deref(), Some(news));
}

#[test]
fn after_everything_passes_next_opens_the_next_exercise() {
    let mut state = after_first_run();
    save(&mut state);
    let phases = vec![
        fake::core_passed(),
        fake::lookups_passed(),
        fake::removal_passed(),
    ];
    let _ = state.update(Message::Finished(2, report(phases)));
    // The run was of one phase by its start, so that all of them are checked once more.
    let all = vec![
        fake::core_passed(),
        fake::lookups_passed(),
        fake::removal_passed(),
    ];
    let _ = state.update(Message::Finished(3, report(all)));
    assert!(matches!(state.current(), Current::Complete));
    assert_eq!(
        key(&mut state, Action::Next),
        [Effect::Open("arena".to_owned())]
    );
    assert_eq!(
        started(&save(&mut state)),
        Some(None),
        "a save checks everything now"
    );
}

#[test]
fn an_earlier_card_stays_until_its_test_has_run_again() {
    let mut state = after_first_run();
    save(&mut state);
    let compiled = Event::Compiled {
        took: Duration::ZERO,
    };
    let _ = state.update(Message::Ran(2, compiled));
    assert_eq!(shown(&state), "p2_lookups::evicts");
    let again = |test: TestReport| Event::Tested {
        phase: 2,
        test: Box::new(test),
    };
    let _ = state.update(Message::Ran(
        2,
        again(samples::passed("p2_lookups::evicts")),
    ));
    assert!(matches!(state.current(), Current::Stream));
    let other = fake::lookups_failed().tests.remove(2);
    let _ = state.update(Message::Ran(2, again(other)));
    assert_eq!(shown(&state), "p2_lookups::agrees");
}

#[test]
fn a_phase_that_does_not_build_is_shown_with_its_problem() {
    let mut state = new(OPEN);
    let problem = samples::learner_problem();
    let phases = vec![
        samples::unbuilt(1, "Core", problem.clone()),
        samples::unbuilt(2, "Look-ups", problem.clone()),
    ];
    let _ = state.update(Message::Finished(1, report(phases)));
    let Current::Problem(phase, found) = state.current() else {
        panic!("no problem");
    };
    assert_eq!((phase.outline.number, found), (1, &problem));
}

#[test]
fn a_check_that_could_not_be_done_says_why_until_the_next_one_compiles() {
    let mut state = new(OPEN);
    let failed = Err(Stopped::Failed("cargo is missing".to_owned()));
    assert_eq!(state.update(Message::Finished(1, failed)), []);
    assert!(matches!(
        state.current(),
        Current::Error("cargo is missing")
    ));
    assert_eq!(started(&key(&mut state, Action::Again)), Some(None));
    let compiled = Event::Compiled {
        took: Duration::ZERO,
    };
    let _ = state.update(Message::Ran(2, compiled));
    assert!(matches!(state.current(), Current::Stream));
}

#[test]
fn quitting_cancels_the_run_and_starts_nothing_more() {
    let mut state = new(OPEN);
    save(&mut state);
    let mut other = new(OPEN);
    assert_eq!(key(&mut other, Action::Quit), [Effect::Cancel]);
    assert_eq!(key(&mut state, Action::Quit), [], "it is cancelled already");
    assert!(state.quit);
    let effects = state.update(Message::Finished(1, Err(Stopped::Cancelled)));
    assert_eq!(effects, []);
}

#[test]
fn escape_closes_what_is_open_before_it_quits() {
    let mut state = after_first_run();
    key(&mut state, Action::Help);
    assert_eq!(state.overlay, Some(Overlay::Help));
    key(&mut state, Action::Escape);
    assert_eq!((&state.overlay, state.quit), (&None, false));
    key(&mut state, Action::Escape);
    assert!(state.quit);
}

#[test]
fn a_hint_is_asked_for_the_phase_in_focus_and_again_for_the_next_step() {
    let mut state = after_first_run();
    let ask = Effect::Hint {
        exercise: "lru-cache".to_owned(),
        phase: 2,
    };
    assert_eq!(key(&mut state, Action::Hint), std::slice::from_ref(&ask));
    let hint = Hint {
        title: "A nudge".to_owned(),
        content: "Draw it.".to_owned(),
        step: 1,
        of: 2,
        notice: None,
    };
    assert_eq!(state.update(Message::Hinted(Ok(hint.clone()))), []);
    assert_eq!(state.overlay, Some(Overlay::Hint(Ok(hint))));
    assert_eq!(key(&mut state, Action::Hint), [ask]);
}

#[test]
fn the_list_begins_at_the_open_exercise_and_enter_opens_the_chosen_one() {
    let mut state = after_first_run();
    assert_eq!(key(&mut state, Action::List), [Effect::List]);
    let item = |id: &str| ExerciseItem {
        id: id.to_owned(),
        title: id.to_owned(),
        done: 0,
        phases: 3,
    };
    let items = vec![item("tokens"), item("lru-cache"), item("arena")];
    let _ = state.update(Message::Listed(items.clone()));
    assert_eq!(state.overlay, Some(Overlay::List(items, 1)));
    key(&mut state, Action::Rows(1));
    key(&mut state, Action::Rows(5));
    assert_eq!(
        key(&mut state, Action::Enter),
        [Effect::Open("arena".to_owned())]
    );
    assert_eq!(state.overlay, None);
}

#[test]
fn another_exercise_waits_for_the_run_of_the_one_before() {
    let mut state = new(OPEN);
    let mut arena = fake::outline(OPEN);
    arena.id = "arena".to_owned();
    let effects = state.update(Message::Opened(Ok(Box::new(arena))));
    assert_eq!(effects, [Effect::Watch, Effect::Cancel]);
    let effects = state.update(Message::Finished(1, report(vec![fake::core_passed()])));
    let start = Effect::Start {
        run: 2,
        exercise: "arena".to_owned(),
        phase: None,
    };
    assert_eq!(effects, [start]);
    assert!(state.phase(1).unwrap().report.is_none());
}

#[test]
fn a_digit_goes_to_a_phase_and_checks_it() {
    let mut state = after_first_run();
    assert_eq!(started(&key(&mut state, Action::Phase(3))), Some(Some(3)));
    assert_eq!((state.focus, shown(&state)), (3, "p3_removal::pop"));
    assert_eq!(key(&mut state, Action::Phase(9)), []);
}

#[test]
fn scrolling_stays_within_the_page_also_after_the_terminal_grew() {
    let mut state = after_first_run();
    key(&mut state, Action::Next);
    assert_eq!(state.update(Message::Resized(60, 12)), []);
    key(&mut state, Action::Rows(-1));
    assert_eq!(state.scroll, 0);
    key(&mut state, Action::Bottom);
    let (rows, visible) = page::extent(&state);
    assert_eq!(state.scroll, rows - visible);
    assert!(state.scroll > 0);
    key(&mut state, Action::Rows(1));
    assert_eq!(state.scroll, rows - visible);
    assert_eq!(state.update(Message::Resized(100, 200)), []);
    assert_eq!(state.scroll, 0);
}

#[test]
fn nothing_breaks_in_a_terminal_without_any_room() {
    let mut state = after_first_run();
    for size in [(0, 0), (1, 1), (39, 9), (40, 10)] {
        assert_eq!(state.update(Message::Resized(size.0, size.1)), []);
        for action in [
            Action::Pages(1),
            Action::Bottom,
            Action::Pages(-1),
            Action::Top,
        ] {
            key(&mut state, action);
        }
    }
}
