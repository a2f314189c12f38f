//! Where the learner stands, as open pages know it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::engine::Pages;
use crate::engine::files::{self, Watching};

/// The last known standing, as JSON. Clones share it.
#[derive(Clone)]
pub(super) struct Standings {
    pages: Arc<dyn Pages>,
    known: watch::Sender<Arc<str>>,
    /// Held while one is gathered, so that an older one never replaces a newer.
    turn: Arc<Mutex<()>>,
}

impl Standings {
    pub(super) fn new(pages: Arc<dyn Pages>) -> Standings {
        Standings {
            pages,
            known: watch::Sender::new(Arc::default()),
            turn: Arc::default(),
        }
    }

    /// Reads where the learner stands now, and tells every open page if that is news. It reads
    /// files: not for the threads that serve requests.
    pub(super) fn refresh(&self) -> serde_json::Result<Arc<str>> {
        self.read(false)
    }

    /// As [`refresh`](Self::refresh), but tells pages also what they know already: after the
    /// report of a check, they wait for where the learner stands with it.
    pub(super) fn announce(&self) -> serde_json::Result<Arc<str>> {
        self.read(true)
    }

    fn read(&self, anyway: bool) -> serde_json::Result<Arc<str>> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let now: Arc<str> = serde_json::to_string(&self.pages.standing())?.into();
        self.known.send_if_modified(|known| {
            let is_news = *known != now;
            known.clone_from(&now);
            is_news || anyway
        });
        Ok(now)
    }

    /// Tells pages when progress changes, whichever program changes it, until what is returned is
    /// dropped.
    pub(super) fn watch(&self) -> notify::Result<Watching> {
        let dir = self.pages.state_dir();
        std::fs::create_dir_all(&dir).map_err(notify::Error::io)?;
        let standings = self.clone();
        files::watch(&dir, move |_| {
            // What cannot be told now is told with the next change.
            let _ = standings.refresh();
            true
        })
    }

    /// Hears of every change from now on.
    pub(super) fn subscribe(&self) -> watch::Receiver<Arc<str>> {
        self.known.subscribe()
    }
}
