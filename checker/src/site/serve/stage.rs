//! Where programs of the book's reader are run: one at a time, a few wait in line.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use tokio::sync::Semaphore;

use super::app::blocking;
use super::refusal::Refusal;
use crate::engine::Pages;
use crate::playground::{Program, Shown};
use crate::runner::Cancel;

/// Programs that may wait while one runs.
const WAITING: usize = 4;

/// Where programs are run. Clones share it.
#[derive(Clone)]
pub(super) struct Stage {
    pages: Arc<dyn Pages>,
    /// Whoever runs or waits has a place.
    places: Arc<Semaphore>,
    /// Whoever runs has the turn.
    turn: Arc<Semaphore>,
    /// What ends the program that runs.
    running: Arc<Mutex<Cancel>>,
}

/// Ends a program when the request for it is dropped, because nobody waits for its output.
struct Audience(Cancel);

impl Drop for Audience {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Stage {
    pub(super) fn new(pages: Arc<dyn Pages>) -> Stage {
        Stage {
            pages,
            places: Arc::new(Semaphore::new(1 + WAITING)),
            turn: Arc::new(Semaphore::new(1)),
            running: Arc::default(),
        }
    }

    /// Runs a program once those before it have ended.
    ///
    /// # Errors
    /// When too many wait already, cargo cannot do its work, or the server stops.
    pub(super) async fn play(&self, program: Program) -> Result<Shown, Refusal> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let why = "Other programs are waiting to run; try again in a moment.";
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, why));
        };
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let turn = turn.map_err(|_| Refusal::closing())?;
        let cancel = Cancel::new();
        self.running().clone_from(&cancel);
        // It may have been closed just before.
        if self.turn.is_closed() {
            return Err(Refusal::closing());
        }
        let _audience = Audience(cancel.clone());
        let pages = Arc::clone(&self.pages);
        blocking(move || {
            // Both are given back when the program has ended, even if nobody waits any more.
            let _held = (place, turn);
            Ok(pages.play(&program, &cancel)?)
        })
        .await
    }

    /// Ends the program that runs, and lets no more begin.
    pub(super) fn close(&self) {
        self.turn.close();
        self.running().cancel();
    }

    fn running(&self) -> MutexGuard<'_, Cancel> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
