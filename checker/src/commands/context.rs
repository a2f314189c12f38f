//! What every command about a course begins with.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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

/// A wait that is shorter is not worth a word.
const SOON: Duration = Duration::from_secs(1);

/// A course, opened, with the learner's progress.
#[derive(Debug)]
pub struct Context {
    /// Its workspace and catalog.
    pub checker: Checker,
    /// Where progress is kept.
    pub store: Store,
    /// The progress when the command began; none if it cannot be read.
    pub progress: Progress,
    /// Why it cannot be read, if so.
    unread: Option<StoreError>,
}

impl Context {
    /// Opens the course at a place, or here or above. A damaged progress file is mended and the
    /// learner told. One that cannot be read keeps nobody from working: the learner is told that
    /// nothing is recorded.
    ///
    /// # Errors
    /// When there is none, or it is malformed.
    pub fn open(place: Option<&Path>) -> Result<Context, Failure> {
        let context = Context::opened(place)?;
        if let Some(error) = &context.unread {
            eprintln!("note: nothing is recorded: {error}");
        }
        Ok(context)
    }

    /// As [`open`](Self::open), for commands that tell of progress and nothing else.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when progress cannot be read.
    pub fn with_progress(place: Option<&Path>) -> Result<Context, Failure> {
        let mut context = Context::opened(place)?;
        match context.unread.take() {
            None => Ok(context),
            Some(error) => Err(error.into()),
        }
    }

    fn opened(place: Option<&Path>) -> Result<Context, Failure> {
        let workspace = match place {
            Some(place) => Workspace::discover(&std::path::absolute(place)?)?,
            None => Workspace::discover(&std::env::current_dir()?)?,
        };
        let store = Store::new(workspace.state_dir()).waiting_while(|lock, waited| {
            told_once(lock, waited);
            true
        });
        let (progress, unread) = match store.load() {
            Ok(Loaded { progress, notice }) => {
                if let Some(notice) = notice {
                    eprintln!("note: {notice}");
                }
                (progress, None)
            }
            Err(error) => (Progress::default(), Some(error)),
        };
        Ok(Context {
            checker: Checker::open(workspace)?,
            store,
            progress,
            unread,
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

    /// Keeps what a check found. If that fails, the learner is told and the result stands. Another
    /// program that keeps progress is waited for until the learner cancels.
    pub fn record(&self, report: &Report, cancel: &Cancel) {
        let cancel = cancel.clone();
        let store = self.store.clone().waiting_while(move |lock, waited| {
            told_once(lock, waited);
            !cancel.is_cancelled()
        });
        let kept = store.record(report).map(|loaded| loaded.notice);
        // Of progress that cannot be read, the learner was told at the beginning.
        if kept.is_ok() || self.unread.is_none() {
            tell(kept);
        }
    }

    /// Where each phase of an exercise stands, in order.
    #[must_use]
    pub fn marks(&self, exercise: &Exercise) -> Vec<Mark> {
        marks(&self.checker, &self.progress, exercise)
    }
}

/// Tells the learner what is waited for, once it takes long.
fn told_once(lock: &Path, waited: Duration) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if waited > SOON && !TOLD.swap(true, Ordering::SeqCst) {
        let lock = lock.display();
        eprintln!("note: waiting for another program that keeps progress and holds {lock}");
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
