//! What every command about a course begins with.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Exit, Failure};
use crate::catalog::Exercise;
use crate::check::Checker;
use crate::runner::Cancel;
use crate::workspace::Workspace;

/// A course, opened.
#[derive(Debug)]
pub struct Context {
    /// Its workspace and catalog.
    pub checker: Checker,
}

impl Context {
    /// Opens the course at a place, or here or above.
    ///
    /// # Errors
    /// When there is none, or it is malformed.
    pub fn open(place: Option<&Path>) -> Result<Context, Failure> {
        let workspace = match place {
            Some(place) => Workspace::discover(&std::path::absolute(place)?)?,
            None => Workspace::discover(&std::env::current_dir()?)?,
        };
        Ok(Context {
            checker: Checker::open(workspace)?,
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
        catalog.exercises().first()
            .ok_or_else(|| Failure::fault("the course has no exercises"))
    }

    /// record
    pub fn record(&self, _report: &crate::verdict::Report) {}
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
