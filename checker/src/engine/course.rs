//! The engine that really checks.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::history::History;
use super::standing::{Found, Reports, Standing};
use super::{
    Engine, EngineError, ExerciseItem, Hint, Outline, Pages, PhaseOutline, Stopped, hints, marks,
    solution,
};
use crate::catalog::Exercise;
use crate::check::{CheckError, Checker, Request, Subject};
use crate::harness::blocks::Prepared;
use crate::playground::{self, PlayError, Program, Shown};
use crate::progress::{Progress, Store};
use crate::report::overview::Mark;
use crate::report::solution::Comparison;
use crate::runner::Cancel;
use crate::verdict::{Event, PhaseStatus, Report};

/// How long another program that keeps progress is waited for; then the report tells of it.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// A course with a learner's progress.
#[derive(Debug)]
pub struct Course {
    checker: Checker,
    store: Store,
    /// The progress as it was read last, for when it cannot be read.
    known: Mutex<Progress>,
    reports: Mutex<Reports>,
    prepared: Prepared,
}

impl Course {
    /// The engine of a course whose progress is kept in `store`.
    #[must_use]
    pub fn new(checker: Checker, store: Store) -> Course {
        Course {
            checker,
            store,
            known: Mutex::default(),
            reports: Mutex::default(),
            prepared: Prepared::default(),
        }
    }

    /// The progress as it is now: a screen or a page lives long, and other checks may run beside.
    fn progress(&self) -> Progress {
        let mut known = locked(&self.known);
        if let Ok(loaded) = self.store.load() {
            *known = loaded.progress;
        }
        known.clone()
    }

    fn find(&self, id: &str) -> Result<&Exercise, EngineError> {
        Ok(self.checker.catalog.find(id)?)
    }

    /// Keeps what a whole check found of each phase, for pages that are opened later. `progress`
    /// is what was known as soon as the check was recorded.
    fn remember(&self, report: &Report, progress: &Progress) {
        let mut reports = locked(&self.reports);
        let known = reports.entry(report.exercise.clone()).or_default();
        let whole = |status| status != PhaseStatus::Partial;
        for phase in report.phases.iter().filter(|phase| whole(phase.status)) {
            let recorded = progress.phase(&report.exercise, &phase.name);
            let found = Found {
                report: phase.clone(),
                source_hash: report.source_hash.clone(),
                recorded: recorded.and_then(|recorded| recorded.last.clone()),
            };
            known.insert(phase.number, found);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is inside is replaced as a whole, so that a panic elsewhere leaves it sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine for Course {
    fn exercises(&self) -> Vec<ExerciseItem> {
        let progress = self.progress();
        let exercises = self.checker.catalog.exercises().iter();
        let items = exercises.map(|exercise| ExerciseItem {
            id: exercise.id().to_owned(),
            title: exercise.manifest.title.clone(),
            done: marks(&self.checker, &progress, exercise)
                .iter()
                .filter(|mark| mark.is_done())
                .count(),
            phases: exercise.manifest.phases.len(),
        });
        items.collect()
    }

    fn outline(&self, id: &str) -> Result<Outline, EngineError> {
        let catalog = &self.checker.catalog;
        let exercise = self.find(id)?;
        let marks: Vec<Mark> = marks(&self.checker, &self.progress(), exercise);
        let mut phases = Vec::new();
        let numbered = exercise
            .manifest
            .phases
            .iter()
            .zip(exercise.phase_numbers());
        for ((phase, number), mark) in numbered.zip(marks) {
            phases.push(PhaseOutline {
                number,
                title: phase.title.clone(),
                goal: phase.goal.clone(),
                tests: exercise.behaviours(catalog.source(), number)?.len(),
                mark,
            });
        }
        let mut rest = catalog
            .exercises()
            .iter()
            .skip_while(|other| other.id() != id)
            .skip(1);
        Ok(Outline {
            id: id.to_owned(),
            title: exercise.manifest.title.clone(),
            dir: self.checker.workspace.exercise_dir(exercise),
            phases,
            next: rest
                .next()
                .map(|next| (next.id().to_owned(), next.manifest.title.clone())),
        })
    }

    fn check(
        &self,
        request: &Request,
        cancel: &Cancel,
        on: &mut dyn FnMut(Event),
    ) -> Result<Report, Stopped> {
        let checked = self.checker.check(request, cancel, on);
        let mut report = checked.map_err(|error| match error {
            CheckError::Interrupted => Stopped::Cancelled,
            _ if cancel.is_cancelled() => Stopped::Cancelled,
            error => Stopped::Failed(error.to_string()),
        })?;
        let (flag, store) = (cancel.clone(), self.store.clone());
        let store =
            store.waiting_while(move |_, waited| waited < LOCK_PATIENCE && !flag.is_cancelled());
        let progress = match store.record(&report) {
            Ok(loaded) => {
                report.notices.extend(loaded.notice);
                loaded.progress
            }
            Err(error) => {
                let notice = format!("progress was not kept: {error}");
                report.notices.push(notice);
                self.progress()
            }
        };
        self.remember(&report, &progress);
        Ok(report)
    }

    fn hint(&self, id: &str, phase: u32) -> Result<Hint, EngineError> {
        let exercise = self.find(id)?;
        let ladder = hints::ladder(&self.checker.catalog, exercise, phase)?;
        let name = &hints::phase(exercise, phase)?.name;
        let taken = self.progress().hints(id, name);
        // At the top of the ladder the last hint is shown again.
        let index = taken.min(ladder.len().saturating_sub(1));
        let hint = ladder.get(index).ok_or_else(|| EngineError::NoHints {
            exercise: id.to_owned(),
            phase,
        })?;
        let notice = match self.store.record_hint(id, name, index + 1) {
            Ok(notice) => notice,
            Err(error) => Some(format!("progress was not kept: {error}")),
        };
        Ok(Hint {
            title: hint.title.clone(),
            content: hint.content.clone(),
            step: index + 1,
            of: ladder.len(),
            notice,
        })
    }
}

impl Pages for Course {
    fn dir(&self, exercise: &str) -> Result<PathBuf, EngineError> {
        Ok(self.checker.workspace.exercise_dir(self.find(exercise)?))
    }

    fn phase(&self, exercise: &str, name: &str) -> Result<u32, EngineError> {
        let exercise = self.find(exercise)?;
        let mut numbered = exercise.phase_numbers().zip(&exercise.manifest.phases);
        let found = numbered.find(|(_, phase)| phase.name == name);
        let unknown = || EngineError::UnknownPhase {
            exercise: exercise.id().to_owned(),
            name: name.to_owned(),
        };
        Ok(found.ok_or_else(unknown)?.0)
    }

    fn file(&self, exercise: &str, name: &str) -> Result<PathBuf, EngineError> {
        let exercise = self.find(exercise)?;
        let snapshot = self.checker.snapshot(exercise, &Subject::Learner)?;
        let mut files = snapshot.files.iter().map(|(known, _)| known);
        let known = files.find(|known| *known == name);
        let known = known.ok_or_else(|| EngineError::UnknownFile {
            exercise: exercise.id().to_owned(),
            name: name.to_owned(),
        })?;
        Ok(self.checker.workspace.exercise_dir(exercise).join(known))
    }

    fn solution(&self, exercise: &str, anyway: bool) -> Result<Comparison, EngineError> {
        let exercise = self.find(exercise)?;
        let marks = marks(&self.checker, &self.progress(), exercise);
        solution::compare(&self.checker, exercise, &marks, anyway)
    }

    fn play(&self, program: &Program, cancel: &Cancel) -> Result<Shown, PlayError> {
        let (workspace, source) = (&self.checker.workspace, self.checker.catalog.source());
        let build_dir = workspace.build_dir();
        playground::play(&build_dir, source, program, &self.prepared, cancel)
    }

    fn standing(&self) -> Standing {
        let progress = self.progress();
        Standing::of(&self.checker, &progress, &locked(&self.reports))
    }

    fn history(&self) -> Result<History, EngineError> {
        Ok(History::of(self.store.history()?, &TimeZone::system()))
    }

    fn state_dir(&self) -> PathBuf {
        self.checker.workspace.state_dir()
    }
}
