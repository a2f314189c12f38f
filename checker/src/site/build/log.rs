//! What mdBook logs while it builds: kept from the terminal and handed to the caller.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// What was logged.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) errors: Vec<String>,
    pub(super) warnings: Vec<String>,
}

/// Runs `work` on this thread and collects what it logs.
pub(super) fn collect<T>(work: impl FnOnce() -> T) -> (T, Log) {
    let collector = Collector::default();
    let log = Arc::clone(&collector.log);
    let result = tracing::subscriber::with_default(collector, work);
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    (result, std::mem::take(&mut log))
}

#[derive(Default)]
struct Collector {
    log: Arc<Mutex<Log>>,
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if *event.metadata().level() == Level::ERROR {
            log.errors.push(message.0);
        } else {
            log.warnings.push(message.0);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_warnings_are_told_apart_and_the_rest_is_dropped() {
        let (result, log) = collect(|| {
            tracing::error!("broken {}", 1);
            tracing::warn!("odd");
            tracing::info!("chatter");
            7
        });
        assert_eq!(result, 7);
        assert_eq!(log.errors, ["broken 1"]);
        assert_eq!(log.warnings, ["odd"]);
    }
}
