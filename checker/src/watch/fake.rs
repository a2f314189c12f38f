//! An engine whose checks are made up, for the tests of the screen.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::check::Request;
use crate::engine::{Engine, EngineError, ExerciseItem, Hint, Outline, PhaseOutline, Stopped};
use crate::report::overview::Mark;
use crate::report::terminal::samples;
use crate::runner::Cancel;
use crate::verdict::{Event, PhaseReport, Report};

/// An exercise with three phases.
pub(super) fn outline(marks: [Mark; 3]) -> Outline {
    let phases = [
        (
            1,
            "Core",
            "Entries go in, are found again, and the oldest makes room.",
            2,
        ),
        (
            2,
            "Look-ups",
            "Keys are found through what they borrow as.",
            3,
        ),
        (3, "Removal", "Entries leave one by one or all at once.", 2),
    ];
    let with_marks = phases.into_iter().zip(marks);
    Outline {
        id: "lru-cache".to_owned(),
        title: "An LRU cache".to_owned(),
        dir: PathBuf::from("exercises/01-core-rust/lru-cache"),
        phases: with_marks
            .map(|((number, title, goal, tests), mark)| PhaseOutline {
                number,
                title: title.to_owned(),
                goal: goal.to_owned(),
                tests,
                mark,
            })
            .collect(),
        next: Some(("arena".to_owned(), "An arena".to_owned())),
    }
}

/// Phase 1 of [`outline`], passed.
pub(super) fn core_passed() -> PhaseReport {
    let tests = vec![samples::passed("p1_core::a"), samples::passed("p1_core::b")];
    samples::phase(1, "Core", tests)
}

/// Phase 2 of [`outline`] with two failures.
pub(super) fn lookups_failed() -> PhaseReport {
    let mut failed = samples::failed();
    failed.name = "p2_lookups::evicts".to_owned();
    let mut panicked = samples::panicked();
    panicked.name = "p2_lookups::agrees".to_owned();
    let passed = samples::passed("p2_lookups::a_miss_is_none");
    samples::phase(2, "Look-ups", vec![passed, failed, panicked])
}

/// Phase 2 of [`outline`], passed.
pub(super) fn lookups_passed() -> PhaseReport {
    let names = ["a_miss_is_none", "evicts", "agrees"];
    let tests = names.map(|name| samples::passed(&format!("p2_lookups::{name}")));
    samples::phase(2, "Look-ups", tests.into())
}

/// Phase 3 of [`outline`], not written.
pub(super) fn removal_open() -> PhaseReport {
    let tests = ["p3_removal::pop", "p3_removal::clear"].map(|name| {
        let mut test = samples::not_implemented();
        test.name = name.to_owned();
        test
    });
    samples::phase(3, "Removal", tests.into())
}

/// Phase 3 of [`outline`], passed.
pub(super) fn removal_passed() -> PhaseReport {
    let tests = ["p3_removal::pop", "p3_removal::clear"].map(samples::passed);
    samples::phase(3, "Removal", tests.into())
}

/// What a check of [`Fake`] does.
pub(super) enum Behavior {
    /// It reports at once.
    Report(Box<Report>),
    /// It goes on until it is cancelled.
    Loop,
    /// It panics.
    Panic,
}

/// Does for each check what it is told to, and tells when one starts.
pub(super) struct Fake {
    behaviors: Mutex<Receiver<Behavior>>,
    started: Mutex<Sender<Option<u32>>>,
}

impl Fake {
    /// The engine, the way to tell it what to do, and the phases of the checks that started.
    pub(super) fn new() -> (Fake, Sender<Behavior>, Receiver<Option<u32>>) {
        let (tell, behaviors) = channel();
        let (started, starts) = channel();
        let fake = Fake {
            behaviors: Mutex::new(behaviors),
            started: Mutex::new(started),
        };
        (fake, tell, starts)
    }
}

impl Engine for Fake {
    fn exercises(&self) -> Vec<ExerciseItem> {
        let item = |id: &str, title: &str, done| ExerciseItem {
            id: id.to_owned(),
            title: title.to_owned(),
            done,
            phases: 3,
        };
        vec![
            item("tokens", "A tokenizer", 3),
            item("lru-cache", "An LRU cache", 1),
            item("arena", "An arena", 0),
        ]
    }

    fn outline(&self, _: &str) -> Result<Outline, EngineError> {
        Ok(outline([Mark::Open; 3]))
    }

    fn check(
        &self,
        request: &Request,
        cancel: &Cancel,
        on: &mut dyn FnMut(Event),
    ) -> Result<Report, Stopped> {
        self.started.lock().unwrap().send(request.phase).unwrap();
        on(Event::Compiling);
        let behavior = self.behaviors.lock().unwrap().recv().unwrap();
        match behavior {
            Behavior::Report(report) => Ok(*report),
            Behavior::Panic => panic!("a bug"),
            Behavior::Loop => {
                while !cancel.is_cancelled() {
                    std::thread::yield_now();
                }
                Err(Stopped::Cancelled)
            }
        }
    }

    fn hint(&self, _: &str, phase: u32) -> Result<Hint, EngineError> {
        Ok(Hint {
            title: "A nudge".to_owned(),
            content: format!("Phase {phase}: draw the *list* first."),
            step: 1,
            of: 3,
            notice: None,
        })
    }
}
