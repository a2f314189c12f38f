//! What every command about a course begins with.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::eprintln;

use super::{Exit, Failure};
use crate::catalog::Exercise;
use crate::check::Checker;
use crate::engine::{marks, next};
use crate::progress::{Loaded, Progress, Store, StoreError};
use crate::report::overview::Mark;
use crate::runner::Cancel;
use crate::verdict::Report;
use crate::workspace::Workspace;

/// A course, opened, with the learner's progress.
#[derive(Debug)]
pub struct Context {
    /// Its workspace and catalog.
    pub checker: Checker,
    /// Where progress is kept.
    pub store: Store,
    /// The progress when the command began.
    pub progress: Progress,
}

impl Context {
    /// Opens the course at a place, or here or above. A damaged progress file is mended and the
    /// learner told.
    ///
    /// # Errors
    /// When there is none, or it is malformed, or its progress cannot be read.
    pub fn open(place: Option<&Path>) -> Result<Context, Failure> {
        let workspace = match place {
            Some(place) => Workspace::discover(&std::path::absolute(place)?)?,
            None => Workspace::discover(&std::env::current_dir()?)?,
        };
        let store = Store::new(workspace.state_dir());
        let Loaded { progress, notice } = store.load()?;
        if let Some(notice) = notice {
            eprintln!("note: {notice}");
        }
        Ok(Context {
            checker: Checker::open(workspace)?,
            store,
            progress,
        })
    }

    /// The exercise with this id, or the one that was worked on last, or the first.
    ///
    /// # Errors
    /// When there is no such exercise, or none at all.
    pub fn exercise(&self, id: Option<&str>) -> Result<&Exercise, Failure> {
        let catalog = &self.checker.catalog;
        if let Some(id) = id {
            return Ok(catalog.find(id)?);
        }
        next::current(catalog, &self.progress)
            .ok_or_else(|| Failure::fault("the course has no exercises"))
    }

    /// Keeps what a check found. If that fails, the learner is told and the result stands.
    pub fn record(&self, report: &Report) {
        tell(self.store.record(report).map(|loaded| loaded.notice));
    }

    /// Where each phase of an exercise stands, in order.
    #[must_use]
    pub fn marks(&self, exercise: &Exercise) -> Vec<Mark> {
        marks(&self.checker, &self.progress, exercise)
    }
}

/// Tells the learner of a damaged progress file, or of one that cannot be written.
pub(super) fn tell(kept: Result<Option<String>, StoreError>) {
    match kept {
        Ok(None) => {}
        Ok(Some(notice)) => eprintln!("note: {notice}"),
        Err(error) => eprintln!("note: progress was not kept: {error}"),
    }
}

/// A flag that Ctrl-C sets. A second Ctrl-C ends the program at once; children notice by
/// themselves that it is gone.
///
/// # Errors
/// When the system refuses the handler.
pub(super) fn cancel_on_interrupt() -> Result<Cancel, Failure> {
    let cancel = Cancel::new();
    let flag = cancel.clone();
    let pressed = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if pressed.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        flag.cancel();
    })
    .map_err(|error| Failure {
        exit: Exit::NotReady,
        message: format!("cannot listen for Ctrl-C: {error}"),
    })?;
    Ok(cancel)
}
