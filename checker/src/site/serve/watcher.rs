//! Notices when the book's sources change.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout, timeout_at};

use crate::catalog::source::Source;

/// The folders that pages are made from: chapters, what phases verify, and included code.
const FOLDERS: [&str; 3] = ["book", "checker/suites", "solutions"];

/// The book's configuration.
const CONFIG: &str = "book.toml";

/// An editor writes a file in several steps; the change is complete after this long without one.
const QUIET: Duration = Duration::from_millis(60);

/// A stream of changes that never pauses is acted on after this long.
const PATIENCE: Duration = Duration::from_millis(600);

/// The changes of the book's sources, as long as it lives.
pub(super) struct Changes {
    receiver: UnboundedReceiver<()>,
    _watcher: RecommendedWatcher,
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
    let watched = root.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_change = event.is_ok_and(|event| {
            !matches!(event.kind, EventKind::Access(_))
                && event.paths.iter().any(|path| counts(&watched, path))
        });
        if is_change {
            // The receiver is gone only when the server stops.
            let _ = sender.send(());
        }
    })?;
    watcher.watch(&root, RecursiveMode::NonRecursive)?;
    for folder in FOLDERS.map(|folder| root.join(folder)) {
        if folder.is_dir() {
            watcher.watch(&folder, RecursiveMode::Recursive)?;
        }
    }
    Ok(Some(Changes {
        receiver,
        _watcher: watcher,
    }))
}

/// Whether a changed path can change a page. Editors leave hidden files and backups beside theirs.
fn counts(root: &Path, path: &Path) -> bool {
    let Ok(relative) = path.strip_prefix(root) else {
        return false;
    };
    let in_folder = FOLDERS.iter().any(|folder| relative.starts_with(folder));
    let is_noise = |name: &str| {
        name.starts_with('.') || name == "target" || name.ends_with('~') || name.ends_with(".tmp")
    };
    let parts: Vec<PathBuf> = relative.iter().map(PathBuf::from).collect();
    let noisy = parts.iter().filter_map(|part| part.to_str()).any(is_noise);
    (in_folder && !noisy) || relative == Path::new(CONFIG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_pages_are_made_from_counts() {
        let counted = |path: &str| counts(Path::new("/c"), &Path::new("/c").join(path));
        for path in [
            "book.toml",
            "book/a.md",
            "book/m/figures/f.svg",
            "checker/suites/m/e/suite.toml",
            "solutions/m/e/src/lib.rs",
        ] {
            assert!(counted(path), "{path}");
        }
        for path in [
            "Cargo.lock",
            "book/.a.md.swp",
            "book/a.md~",
            "solutions/m/e/target/x",
            "exercises/m/e/src/lib.rs",
            "target/site/index.html",
        ] {
            assert!(!counted(path), "{path}");
        }
        assert!(!counts(Path::new("/c"), Path::new("/d/book/a.md")));
    }
}
