//! Runs checks on a thread of their own.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;

use super::state::{Message, RunId};
use crate::check::Request;
use crate::engine::{self, Engine};
use crate::runner::Cancel;

/// The check under way, if there is one.
#[derive(Debug, Default)]
pub(super) struct Worker {
    cancel: Option<Cancel>,
}

impl Worker {
    /// Starts a check. Whoever calls this waits for the one before to finish first.
    pub(super) fn start(
        &mut self,
        engine: Arc<dyn Engine>,
        run: RunId,
        exercise: String,
        phase: Option<u32>,
        sender: Sender<Message>,
    ) {
        let cancel = Cancel::new();
        self.cancel = Some(cancel.clone());
        thread::spawn(move || {
            let mut on = |event| {
                // Nobody listens once the program has left; the check is cancelled then.
                let _ = sender.send(Message::Ran(run, event));
            };
            let mut request = Request::of(&exercise);
            request.phase = phase;
            request.colored = true;
            let result = engine::check(engine.as_ref(), &request, &cancel, &mut on);
            let _ = sender.send(Message::Finished(run, result.map(Box::new)));
        });
    }

    /// Cancels the check under way; it still finishes.
    pub(super) fn cancel(&mut self) {
        if let Some(cancel) = self.cancel.take() {
            cancel.cancel();
        }
    }
}
