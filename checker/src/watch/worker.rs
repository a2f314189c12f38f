//! Runs checks on a thread of their own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;

use super::engine::{Engine, Stopped};
use super::state::{Message, RunId};
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
            let check = || engine.check(&exercise, phase, &cancel, &mut on);
            // A panic must not leave the screen waiting for a check that never ends.
            let result = catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|panic| {
                let why = text_of(panic.as_ref());
                Err(Stopped::Failed(format!("the checker itself failed: {why}")))
            });
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

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("it gave no reason")
}
