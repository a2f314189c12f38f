//! What a run adds to what is known.
//!
//! A run is evidence about the sources and tests that it had. A phase passes only when all of its
//! tests ran. One test that fails is enough to refute a pass, also in a run of a few tests; a few
//! that pass prove nothing. Code that does not compile at all, and faults of the checker, say
//! nothing about any phase.

use jiff::Timestamp;

use super::{Checked, Happening, Progress};
use crate::verdict::{CompileProblem, PhaseReport, PhaseStatus, Report, Verdict};

/// What a run says about one phase.
enum Evidence {
    /// Whether it passes.
    Decides(PhaseStatus),
    /// That a part of it is not written yet, nothing about the rest.
    LacksAPart,
    /// Nothing.
    None,
}

impl Progress {
    /// Adds a run of the learner's code, and tells what it changed.
    pub(super) fn record(&mut self, report: &Report, at: Timestamp) -> Vec<Happening> {
        self.last_exercise = Some(report.exercise.clone());
        let phases = report.phases.iter();
        phases
            .filter_map(|phase| {
                let checked = Checked {
                    status: self.status(&report.exercise, phase)?,
                    at,
                    source_hash: report.source_hash.clone(),
                    suite_hash: phase.suite_hash.clone(),
                };
                let known = self.phase(&report.exercise, &phase.name);
                let before = known.and_then(|known| known.last.as_ref());
                let is_news = before.is_none_or(|before| before.status != checked.status);
                let happening = Happening::Checked {
                    exercise: report.exercise.clone(),
                    phase: phase.name.clone(),
                    checked,
                };
                self.apply(&happening);
                is_news.then_some(happening)
            })
            .collect()
    }

    /// Adds one thing that happened.
    pub(super) fn apply(&mut self, happening: &Happening) {
        match happening {
            Happening::Checked {
                exercise,
                phase,
                checked,
            } => {
                self.last_exercise = Some(exercise.clone());
                let known = self.entry(exercise, phase);
                known.last = Some(checked.clone());
                if checked.status == PhaseStatus::Passed {
                    known.first_passed.get_or_insert(checked.at);
                    known.passed = Some(checked.clone());
                } else if known.passed.as_ref().is_some_and(|passed| {
                    passed.source_hash == checked.source_hash
                        && passed.suite_hash == checked.suite_hash
                }) {
                    known.passed = None;
                }
            }
            Happening::Hint {
                exercise,
                phase,
                taken,
                ..
            } => {
                self.last_exercise = Some(exercise.clone());
                let known = self.entry(exercise, phase);
                known.hints = known.hints.max(*taken);
            }
            Happening::Reset { exercise, .. } => {
                for known in self.exercises.get_mut(exercise).into_iter().flatten() {
                    known.1.last = None;
                    known.1.passed = None;
                }
            }
        }
    }

    /// The status that a run gives a phase, if it gives it one.
    fn status(&self, exercise: &str, phase: &PhaseReport) -> Option<PhaseStatus> {
        match evidence(phase) {
            Evidence::Decides(status) => Some(status),
            Evidence::LacksAPart => {
                let begun = self.phase(exercise, &phase.name)?.last.is_some();
                begun.then_some(PhaseStatus::Failed)
            }
            Evidence::None => None,
        }
    }
}

fn evidence(phase: &PhaseReport) -> Evidence {
    match phase.status {
        PhaseStatus::Passed | PhaseStatus::Failed | PhaseStatus::NotImplemented => {
            Evidence::Decides(phase.status)
        }
        PhaseStatus::DoesNotCompile => match phase.problem {
            Some(CompileProblem::Interface { .. }) => Evidence::Decides(phase.status),
            _ => Evidence::None,
        },
        PhaseStatus::CheckerFault => Evidence::None,
        PhaseStatus::Partial => {
            let mut lacks_a_part = false;
            for test in phase
                .tests
                .iter()
                .filter(|test| !test.verdict.is_harmless())
            {
                match test.verdict {
                    Verdict::CheckerFault { .. } => {}
                    Verdict::NotImplemented { .. } => lacks_a_part = true,
                    _ => return Evidence::Decides(PhaseStatus::Failed),
                }
            }
            if lacks_a_part {
                Evidence::LacksAPart
            } else {
                Evidence::None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use crate::verdict::{Failure, Output, SCHEMA_VERSION, TestReport};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn test(verdict: Verdict) -> TestReport {
        TestReport {
            name: "p1_core::t".into(),
            behaviour: "T.".into(),
            details: String::new(),
            hint: None,
            read_on: String::new(),
            verdict,
            steps: Vec::new(),
            millis: 1,
            output: Output::default(),
        }
    }

    fn report(status: PhaseStatus, source: &str, tests: Vec<TestReport>) -> Report {
        Report {
            schema: SCHEMA_VERSION,
            exercise: "lru-cache".into(),
            title: "An LRU cache".into(),
            source_hash: source.into(),
            notices: Vec::new(),
            build_millis: 1,
            total_millis: 2,
            phases: vec![PhaseReport {
                number: 1,
                name: "core".into(),
                title: "Core".into(),
                status,
                problem: None,
                tests,
                suite_hash: "suite".into(),
            }],
        }
    }

    fn after(runs: &[(PhaseStatus, &str)]) -> Progress {
        let mut progress = Progress::default();
        for (second, (status, source)) in (0..).zip(runs) {
            progress.record(&report(*status, source, Vec::new()), at(second));
        }
        progress
    }

    fn state(progress: &Progress, source: &str, suite: &str) -> State {
        let known = progress.phase("lru-cache", "core");
        known.map_or(State::NotBegun, |known| known.state(Some(source), suite))
    }

    #[test]
    fn a_pass_holds_for_the_code_and_the_tests_that_it_had() {
        let progress = after(&[(PhaseStatus::Passed, "a")]);
        assert_eq!(state(&progress, "a", "suite"), State::Passed);
        assert_eq!(state(&progress, "b", "suite"), State::EditedSince);
        assert_eq!(state(&progress, "a", "other"), State::TestsChangedSince);
        let known = progress.phase("lru-cache", "core").unwrap();
        assert_eq!(known.state(None, "suite"), State::EditedSince);
        assert_eq!(progress.last_exercise.as_deref(), Some("lru-cache"));
    }

    #[test]
    fn going_back_to_code_that_passed_counts_as_passed_again() {
        let progress = after(&[(PhaseStatus::Passed, "a"), (PhaseStatus::Failed, "b")]);
        assert_eq!(state(&progress, "b", "suite"), State::Open);
        assert_eq!(state(&progress, "c", "suite"), State::Open);
        assert_eq!(state(&progress, "a", "suite"), State::Passed);
    }

    #[test]
    fn a_failure_of_the_same_code_refutes_its_pass_for_good() {
        let progress = after(&[
            (PhaseStatus::Passed, "a"),
            (PhaseStatus::Failed, "a"),
            (PhaseStatus::Failed, "b"),
        ]);
        assert_eq!(state(&progress, "a", "suite"), State::Open);
        let known = progress.phase("lru-cache", "core").unwrap();
        assert_eq!(known.first_passed, Some(at(0)));
    }

    #[test]
    fn the_first_pass_is_kept_when_it_passes_again() {
        let progress = after(&[
            (PhaseStatus::Failed, "a"),
            (PhaseStatus::Passed, "b"),
            (PhaseStatus::Passed, "c"),
        ]);
        let known = progress.phase("lru-cache", "core").unwrap();
        assert_eq!(known.first_passed, Some(at(1)));
        assert_eq!(known.passed.as_ref().unwrap().at, at(2));
    }

    #[test]
    fn a_partial_run_that_passes_neither_marks_nor_unmarks_a_phase() {
        let passing = || vec![test(Verdict::Passed)];
        let mut progress = Progress::default();
        progress.record(&report(PhaseStatus::Partial, "a", passing()), at(0));
        assert_eq!(state(&progress, "a", "suite"), State::NotBegun);

        let mut progress = after(&[(PhaseStatus::Passed, "a")]);
        progress.record(&report(PhaseStatus::Partial, "b", passing()), at(1));
        assert_eq!(state(&progress, "b", "suite"), State::EditedSince);

        let mut progress = after(&[(PhaseStatus::Failed, "a")]);
        progress.record(&report(PhaseStatus::Partial, "a", passing()), at(1));
        assert_eq!(state(&progress, "a", "suite"), State::Open);
    }

    #[test]
    fn one_failing_test_of_a_partial_run_refutes_a_pass() {
        let failing = vec![
            test(Verdict::Passed),
            test(Verdict::Failed(Failure::default())),
        ];
        let mut progress = after(&[(PhaseStatus::Passed, "a")]);
        let news = progress.record(&report(PhaseStatus::Partial, "a", failing), at(1));
        assert_eq!(state(&progress, "a", "suite"), State::Open);
        assert_eq!(news.len(), 1);
    }

    #[test]
    fn reaching_a_todo_in_a_partial_run_does_not_begin_a_phase() {
        let open = || {
            vec![test(Verdict::NotImplemented {
                message: "phase 1: new".into(),
                location: None,
            })]
        };
        let mut progress = Progress::default();
        progress.record(&report(PhaseStatus::Partial, "a", open()), at(0));
        assert_eq!(state(&progress, "a", "suite"), State::NotBegun);

        let mut progress = after(&[(PhaseStatus::Passed, "a")]);
        progress.record(&report(PhaseStatus::Partial, "b", open()), at(1));
        assert_eq!(state(&progress, "b", "suite"), State::Open);
    }

    #[test]
    fn code_that_does_not_compile_leaves_what_is_known_of_a_phase() {
        let broken = |problem| {
            let mut report = report(PhaseStatus::DoesNotCompile, "b", Vec::new());
            report.phases[0].problem = Some(problem);
            report
        };
        let learner = CompileProblem::Learner {
            rendered: "error".into(),
            errors: 1,
        };
        let interface = CompileProblem::Interface {
            messages: Vec::new(),
            expected: Vec::new(),
        };
        let mut progress = after(&[(PhaseStatus::Passed, "a")]);
        progress.record(&broken(learner), at(1));
        assert_eq!(state(&progress, "b", "suite"), State::EditedSince);
        progress.record(&broken(interface), at(2));
        assert_eq!(state(&progress, "b", "suite"), State::Open);
    }

    #[test]
    fn a_phase_of_which_only_a_todo_was_reached_is_not_begun() {
        let progress = after(&[(PhaseStatus::NotImplemented, "a")]);
        assert_eq!(state(&progress, "a", "suite"), State::NotBegun);
        assert_eq!(state(&progress, "b", "suite"), State::NotBegun);
    }

    #[test]
    fn a_reset_begins_again_but_remembers_passes_and_hints() {
        let mut progress = after(&[(PhaseStatus::Passed, "a")]);
        progress.apply(&Happening::Hint {
            exercise: "lru-cache".into(),
            phase: "core".into(),
            taken: 2,
            at: at(1),
        });
        progress.apply(&Happening::Reset {
            exercise: "lru-cache".into(),
            at: at(2),
        });
        assert_eq!(state(&progress, "a", "suite"), State::NotBegun);
        let known = progress.phase("lru-cache", "core").unwrap();
        assert_eq!((known.hints, known.first_passed), (2, Some(at(0))));
    }
}
