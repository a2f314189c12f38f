//! Notices when the book's sources change.

use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout, timeout_at};

use crate::catalog::source::Source;
use crate::engine::files::{self, Watching};

/// The folders that pages are made from: chapters, what phases verify, and included code.
const FOLDERS: [&str; 3] = ["book", "checker/suites", "solutions"];

/// The book's configuration.
const CONFIG: &str = "book.toml";

/// Saves come together, as when another branch is checked out; they end after this long without
/// one.
const QUIET: Duration = Duration::from_millis(30);

/// A stream of changes that never pauses is acted on after this long.
const PATIENCE: Duration = Duration::from_millis(600);

/// The changes of the book's sources, as long as it lives.
pub(super) struct Changes {
    receiver: UnboundedReceiver<()>,
    _config: RecommendedWatcher,
    _folders: Vec<Watching>,
}

impl Changes {
    /// Waits for a change, and then until the changes pause; for no longer than `idle` when there is
    /// no change.
    pub(super) async fn next(&mut self, idle: Option<Duration>) -> Next {
        let first = match idle {
            Some(idle) => match timeout(idle, self.receiver.recv()).await {
                Ok(first) => first,
                Err(_) => return Next::Idle,
            },
            None => self.receiver.recv().await,
        };
        if first.is_none() {
            return Next::Closed;
        }
        let patience = Instant::now() + PATIENCE;
        loop {
            let quiet = (Instant::now() + QUIET).min(patience);
            match timeout_at(quiet, self.receiver.recv()).await {
                Ok(Some(())) if Instant::now() < patience => {}
                Ok(None) => return Next::Closed,
                _ => return Next::Settled,
            }
        }
    }
}

/// What was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The sources have changed, and pause.
    Settled,
    /// Nothing changed.
    Idle,
    /// There will be no more changes.
    Closed,
}

/// Watches the sources in a checkout. What a program carries in itself never changes.
pub(super) fn start(source: &Source) -> notify::Result<Option<Changes>> {
    let root = match source {
        // Events name paths as the system knows them, without links.
        Source::Disk(root) => root.canonicalize().map_err(notify::Error::io)?,
        #[cfg(feature = "embed")]
        Source::Embedded => return Ok(None),
    };
    let (sender, receiver) = unbounded_channel();
    let (config, changed) = (root.join(CONFIG), sender.clone());
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_change = event.is_ok_and(|event| {
            !matches!(event.kind, EventKind::Access(_)) && event.paths.contains(&config)
        });
        if is_change {
            // The receiver is gone only when the server stops.
            let _ = changed.send(());
        }
    })?;
    watcher.watch(&root, RecursiveMode::NonRecursive)?;
    let folders = FOLDERS.map(|folder| {
        let sender = sender.clone();
        files::watch(&root.join(folder), move |files| {
            let is_change = files.iter().any(|file| counts(file));
            !is_change || sender.send(()).is_ok()
        })
    });
    Ok(Some(Changes {
        receiver,
        _config: watcher,
        _folders: folders.into_iter().collect::<notify::Result<_>>()?,
    }))
}

/// Whether a changed file can change a page. What cargo builds in a solution's folder cannot.
fn counts(file: &str) -> bool {
    file.split('/').all(|part| part != "target")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_pages_are_made_from_counts() {
        for file in [
            ".",
            "a.md",
            "m/figures/f.svg",
            "m/e/suite.toml",
            "m/e/src/lib.rs",
        ] {
            assert!(counts(file), "{file}");
        }
        assert!(!counts("m/e/target/debug/x.d"));
    }
}
