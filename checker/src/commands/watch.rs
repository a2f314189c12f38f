//! `watch`: the full-screen program.

use std::path::Path;
use std::sync::Arc;

use super::context::{marks, tell};
use super::hint::{ladder, phase_name};
use super::{Context, Exit, Failure};
use crate::check::{CheckError, Request};
use crate::progress::Progress;
use crate::report::overview::Mark;
use crate::runner::Cancel;
use crate::verdict::{Event, Report};
use crate::watch::engine::{Engine, ExerciseItem, Hint, Outline, PhaseOutline, Stopped};
use crate::watch::{Ending, Watch, WatchError};

pub(super) fn run(place: Option<&Path>, id: Option<&str>) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let id = context.exercise(id)?.id().to_owned();
    let watch = Watch::new(Arc::new(Course { context }));
    let interrupter = watch.interrupter();
    ctrlc::set_handler(move || interrupter.interrupt()).map_err(Failure::not_ready)?;
    match watch.run(&id)? {
        Ending::Quit => Ok(Exit::Passed),
        Ending::Interrupted => Ok(Exit::Interrupted),
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Failure {
        Failure::not_ready(error)
    }
}

/// The course as the screen sees it.
struct Course {
    context: Context,
}

impl Course {
    /// The progress as it is now: the screen lives long, and other checks may run beside it.
    fn progress(&self) -> Progress {
        let loaded = self.context.store.load();
        loaded.map_or_else(|_| self.context.progress.clone(), |loaded| loaded.progress)
    }
}

impl Engine for Course {
    fn exercises(&self) -> Vec<ExerciseItem> {
        let checker = &self.context.checker;
        let progress = self.progress();
        let items = checker
            .catalog
            .exercises()
            .iter()
            .map(|exercise| ExerciseItem {
                id: exercise.id().to_owned(),
                title: exercise.manifest.title.clone(),
                done: marks(checker, &progress, exercise)
                    .iter()
                    .filter(|mark| mark.is_done())
                    .count(),
                phases: exercise.manifest.phases.len(),
            });
        items.collect()
    }

    fn outline(&self, id: &str) -> Result<Outline, String> {
        let checker = &self.context.checker;
        let catalog = &checker.catalog;
        let exercise = catalog.find(id).map_err(|error| error.to_string())?;
        let marks: Vec<Mark> = marks(checker, &self.progress(), exercise);
        let mut phases = Vec::new();
        let numbered = exercise
            .manifest
            .phases
            .iter()
            .zip(exercise.phase_numbers());
        for ((phase, number), mark) in numbered.zip(marks) {
            let behaviours = exercise.behaviours(catalog.source(), number);
            phases.push(PhaseOutline {
                number,
                title: phase.title.clone(),
                goal: phase.goal.clone(),
                tests: behaviours.map_err(|error| error.to_string())?.len(),
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
            dir: checker.workspace.exercise_dir(exercise),
            phases,
            next: rest
                .next()
                .map(|next| (next.id().to_owned(), next.manifest.title.clone())),
        })
    }

    fn check(
        &self,
        id: &str,
        phase: Option<u32>,
        cancel: &Cancel,
        on: &mut dyn FnMut(Event),
    ) -> Result<Report, Stopped> {
        let mut request = Request::of(id);
        request.phase = phase;
        request.colored = true;
        let report =
            self.context
                .checker
                .check(&request, cancel, on)
                .map_err(|error| match error {
                    CheckError::Interrupted => Stopped::Cancelled,
                    _ if cancel.is_cancelled() => Stopped::Cancelled,
                    error => Stopped::Failed(error.to_string()),
                })?;
        let mut report = report;
        match self.context.store.record(&report) {
            Ok(notice) => report.notices.extend(notice),
            Err(error) => report
                .notices
                .push(format!("progress was not kept: {error}")),
        }
        Ok(report)
    }

    fn hint(&self, id: &str, phase: u32) -> Result<Hint, String> {
        let exercise = self
            .context
            .exercise(Some(id))
            .map_err(|failure| failure.message)?;
        let ladder = ladder(&self.context, exercise, phase).map_err(|failure| failure.message)?;
        let name = phase_name(exercise, phase);
        let taken = self.progress().hints(id, name);
        // At the top of the ladder the last hint is shown again.
        let index = taken.min(ladder.len().saturating_sub(1));
        let hint = ladder.get(index).ok_or("this phase has no hints")?;
        tell(self.context.store.record_hint(id, name, index + 1));
        Ok(Hint {
            title: hint.title.clone(),
            content: hint.content.clone(),
            step: index + 1,
            of: ladder.len(),
        })
    }
}
