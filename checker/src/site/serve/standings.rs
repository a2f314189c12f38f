//! Where the learner stands, as open pages know it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::engine::Pages;

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
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let now: Arc<str> = serde_json::to_string(&self.pages.standing())?.into();
        self.known.send_if_modified(|known| {
            let is_news = *known != now;
            known.clone_from(&now);
            is_news
        });
        Ok(now)
    }

    /// Hears of every change, and first of what is known.
    pub(super) fn subscribe(&self) -> watch::Receiver<Arc<str>> {
        let mut receiver = self.known.subscribe();
        receiver.mark_changed();
        receiver
    }
}
