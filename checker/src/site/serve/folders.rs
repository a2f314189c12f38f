//! The folders of the exercises that somebody has open, checked again whenever a file is saved.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::checks::Checks;
use super::{Event, OnEvent};
use crate::check::Request;
use crate::engine::files::{self, Watching};
use crate::engine::{EngineError, Pages};

/// The watched folders. Clones share them.
#[derive(Clone)]
pub(super) struct Folders {
    pages: Arc<dyn Pages>,
    checks: Checks,
    open: Arc<Mutex<HashMap<String, Folder>>>,
    on_event: OnEvent,
}

struct Folder {
    /// How many pages show the exercise.
    pages: usize,
    _watching: Option<Watching>,
}

/// A page that shows an exercise, as long as it lives.
pub(super) struct OpenPage {
    folders: Folders,
    exercise: String,
}

impl Folders {
    pub(super) fn new(pages: Arc<dyn Pages>, checks: Checks, on_event: OnEvent) -> Folders {
        Folders {
            pages,
            checks,
            open: Arc::default(),
            on_event,
        }
    }

    /// Notes that a page shows an exercise. It reads files: not for the threads that serve
    /// requests.
    ///
    /// # Errors
    /// When there is no such exercise.
    pub(super) fn open(&self, exercise: &str) -> Result<OpenPage, EngineError> {
        let dir = self.pages.dir(exercise)?;
        let mut open = self.lock();
        let folder = open.entry(exercise.to_owned()).or_insert_with(|| {
            let (checks, id) = (self.checks.clone(), exercise.to_owned());
            let report = move |_| checks.start(Request::of(&id)).is_ok();
            // A page whose folder cannot be watched still has its buttons.
            let watching = files::watch(&dir, report)
                .map_err(|error| (self.on_event)(Event::NotWatching(error)));
            Folder {
                pages: 0,
                _watching: watching.ok(),
            }
        });
        folder.pages += 1;
        drop(open);
        Ok(OpenPage {
            folders: self.clone(),
            exercise: exercise.to_owned(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Folder>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenPage {
    fn drop(&mut self) {
        let mut open = self.folders.lock();
        if let Some(folder) = open.get_mut(&self.exercise) {
            folder.pages -= 1;
            if folder.pages == 0 {
                open.remove(&self.exercise);
            }
        }
    }
}
