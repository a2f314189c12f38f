//! Notices when files of an exercise are saved.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use notify::event::{MetadataKind, ModifyKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::workspace::snapshot::is_stray;

/// Editors save in several steps; this long after the last one, the save is taken as complete.
const QUIET: Duration = Duration::from_millis(30);
/// A folder that never gets quiet is reported after this long all the same.
const PATIENCE: Duration = Duration::from_millis(300);

/// Watches a folder until it is dropped.
#[derive(Debug)]
pub struct Watching {
    stop: Sender<Signal>,
}

enum Signal {
    Changed(notify::Event),
    /// Events were lost: anything may have changed.
    Lost,
    Stop,
}

impl Drop for Watching {
    fn drop(&mut self) {
        // The thread may have ended already, because nobody listened.
        let _ = self.stop.send(Signal::Stop);
    }
}

/// Reports each save of files in a folder or below it, but not in `target`, hidden folders, and
/// what editors write beside the file. `report` gets the files relative to the folder, and says
/// whether somebody still listens.
///
/// # Errors
/// When the system cannot watch the folder.
pub fn watch(
    dir: &Path,
    report: impl FnMut(Vec<String>) -> bool + Send + 'static,
) -> notify::Result<Watching> {
    // Where a link leads, because the system reports real paths.
    let root = dir.canonicalize()?;
    let (send, receive) = mpsc::channel();
    let signals = send.clone();
    let watcher = notify::recommended_watcher(move |result: notify::Result<notify::Event>| {
        let signal = match result {
            Ok(event) if event.need_rescan() => Signal::Lost,
            Ok(event) => Signal::Changed(event),
            Err(_) => Signal::Lost,
        };
        // The other side is gone when the program ends.
        let _ = signals.send(signal);
    })?;
    let mut folders = Folders {
        root,
        watcher,
        watched: BTreeSet::new(),
    };
    folders
        .watcher
        .watch(&folders.root, RecursiveMode::NonRecursive)?;
    folders.add_new();
    thread::spawn(move || collect(&receive, &mut folders, report));
    Ok(Watching { stop: send })
}

/// The watched folders. Each is named to the system on its own, so that a large `target` costs
/// nothing.
struct Folders {
    root: PathBuf,
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
}

impl Folders {
    /// Watches the folders directly below the root that are not watched yet, with all below them.
    fn add_new(&mut self) {
        let entries = std::fs::read_dir(&self.root)
            .into_iter()
            .flatten()
            .flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let present: BTreeSet<PathBuf> = folders
            .map(|entry| entry.path())
            .filter(|path| relevant(&self.root, path).is_some())
            .collect();
        // A folder that was removed and made again has to be watched anew.
        self.watched.retain(|path| present.contains(path));
        for path in present {
            if self.watched.contains(&path) {
                continue;
            }
            // A folder that vanishes meanwhile is reported through its parent.
            if self.watcher.watch(&path, RecursiveMode::Recursive).is_ok() {
                self.watched.insert(path);
            }
        }
    }

    /// The files that a signal is about, relative to the root.
    fn files(&mut self, signal: Signal) -> Option<Vec<String>> {
        let event = match signal {
            Signal::Stop => return None,
            Signal::Lost => {
                self.add_new();
                return Some(vec![".".to_owned()]);
            }
            Signal::Changed(event) => event,
        };
        if !is_change(event.kind) {
            return Some(Vec::new());
        }
        let in_root = |path: &PathBuf| path.parent() == Some(&self.root);
        if event.paths.iter().any(in_root) {
            if matches!(event.kind, EventKind::Remove(_)) {
                self.watched.retain(|path| !event.paths.contains(path));
            }
            self.add_new();
        }
        let files = event.paths.iter().filter(|path| !path.is_dir());
        Some(
            files
                .filter_map(|path| relevant(&self.root, path))
                .collect(),
        )
    }
}

fn collect(
    signals: &Receiver<Signal>,
    folders: &mut Folders,
    mut report: impl FnMut(Vec<String>) -> bool,
) {
    while let Ok(signal) = signals.recv() {
        let Some(first) = folders.files(signal) else {
            return;
        };
        let mut files = BTreeSet::from_iter(first);
        if files.is_empty() {
            continue;
        }
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match signals.recv_timeout(QUIET.min(left)) {
                Ok(signal) => match folders.files(signal) {
                    Some(more) => files.extend(more),
                    None => return,
                },
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if left.is_zero() {
                break;
            }
        }
        // What an editor wrote only to rename it is of no interest; a removed file is.
        let present: Vec<String> = files
            .iter()
            .filter(|file| folders.root.join(file).exists())
            .cloned()
            .collect();
        let files = if present.is_empty() {
            files.into_iter().collect()
        } else {
            present
        };
        if !report(files) {
            return;
        }
    }
}

/// Whether an event can change a file's content. Reading is not one, and the checker reads.
fn is_change(kind: EventKind) -> bool {
    !matches!(
        kind,
        EventKind::Access(_)
            | EventKind::Modify(ModifyKind::Metadata(
                MetadataKind::AccessTime | MetadataKind::Permissions | MetadataKind::Ownership
            ))
    )
}

/// The path relative to the root with `/` between its parts, unless a save never touches it.
fn relevant(root: &Path, path: &Path) -> Option<String> {
    let relative = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = relative
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    let parts = parts?;
    let name = parts.last()?;
    let hidden = parts.iter().any(|part| part.starts_with('.'));
    let built = parts.first().is_some_and(|part| *part == "target");
    (!hidden && !built && !is_stray(name)).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Far longer than any machine takes; only a test that fails waits for it.
    const DEADLINE: Duration = Duration::from_secs(60);

    fn crate_folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("src")).unwrap();
        fs::create_dir_all(dir.path().join("target/debug")).unwrap();
        fs::write(dir.path().join("src/lib.rs"), "").unwrap();
        dir
    }

    fn watched(dir: &Path) -> (Watching, Receiver<Vec<String>>) {
        let (send, receive) = mpsc::channel();
        let watching = watch(dir, move |files| send.send(files).is_ok()).unwrap();
        (watching, receive)
    }

    #[test]
    fn paths_that_no_save_touches_are_left_out() {
        let root = Path::new("/course/lru");
        let at = |path: &str| relevant(root, &root.join(path));
        assert_eq!(at("src/cache.rs").as_deref(), Some("src/cache.rs"));
        assert_eq!(at("Cargo.toml").as_deref(), Some("Cargo.toml"));
        assert_eq!(at("src/target/a.rs").as_deref(), Some("src/target/a.rs"));
        for path in [
            "target/debug/x.d",
            ".git/index",
            "src/.cache.rs.swp",
            "src/cache.rs~",
            "src/4913",
            "src/#cache.rs#",
            "src/cache.rs.tmp",
            "",
        ] {
            assert_eq!(at(path), None, "{path}");
        }
        assert_eq!(relevant(root, Path::new("/elsewhere/a.rs")), None);
    }

    #[test]
    fn reading_a_file_is_no_change() {
        use notify::event::{AccessKind, DataChange, RenameMode};
        assert!(!is_change(EventKind::Access(AccessKind::Any)));
        assert!(is_change(EventKind::Modify(ModifyKind::Data(
            DataChange::Any
        ))));
        assert!(is_change(EventKind::Modify(ModifyKind::Name(
            RenameMode::To
        ))));
    }

    #[test]
    fn a_save_is_reported_by_its_relative_path() {
        let dir = crate_folder();
        let (_watching, saves) = watched(dir.path());
        fs::write(dir.path().join("src/lib.rs"), "pub fn f() {}").unwrap();
        assert_eq!(saves.recv_timeout(DEADLINE).unwrap(), ["src/lib.rs"]);
    }

    #[test]
    fn a_save_by_renaming_is_reported_under_the_new_name() {
        let dir = crate_folder();
        let (_watching, saves) = watched(dir.path());
        let (new, file) = (
            dir.path().join("src/sedX1y2Z3"),
            dir.path().join("src/lib.rs"),
        );
        fs::write(&new, "pub fn f() {}").unwrap();
        fs::rename(&new, &file).unwrap();
        assert_eq!(saves.recv_timeout(DEADLINE).unwrap(), ["src/lib.rs"]);
    }

    #[test]
    fn what_cargo_builds_is_not_reported() {
        let dir = crate_folder();
        let (_watching, saves) = watched(dir.path());
        fs::write(dir.path().join("target/debug/x.d"), "x").unwrap();
        fs::write(dir.path().join("Cargo.toml"), "[package]").unwrap();
        assert_eq!(saves.recv_timeout(DEADLINE).unwrap(), ["Cargo.toml"]);
    }

    #[test]
    fn a_folder_that_is_made_later_is_watched_too() {
        let dir = crate_folder();
        let (_watching, saves) = watched(dir.path());
        fs::create_dir(dir.path().join("data")).unwrap();
        // The folder itself reports nothing: a file beside it tells that it has been seen.
        fs::write(dir.path().join("seen.rs"), "1").unwrap();
        assert_eq!(saves.recv_timeout(DEADLINE).unwrap(), ["seen.rs"]);
        fs::write(dir.path().join("data/input.txt"), "1").unwrap();
        assert_eq!(saves.recv_timeout(DEADLINE).unwrap(), ["data/input.txt"]);
    }

    #[test]
    fn nothing_is_reported_once_the_watching_ends() {
        let dir = crate_folder();
        let (watching, saves) = watched(dir.path());
        drop(watching);
        assert!(saves.recv_timeout(DEADLINE).is_err(), "the thread must end");
    }
}
