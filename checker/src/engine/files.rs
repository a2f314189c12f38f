//! Notices when files of an exercise are saved.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use notify::event::{MetadataKind, ModifyKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::workspace::snapshot::is_stray;

/// Editors save in several steps; this long after the last one, the save is taken as complete.
const QUIET: Duration = Duration::from_millis(30);
/// A folder that never gets quiet is reported after this long all the same.
const PATIENCE: Duration = Duration::from_millis(300);

/// How often it is looked whether the folders are still the same.
const LOOK: Duration = Duration::from_millis(500);

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
/// The folder may go and come back, as when another branch is checked out: it is the path that is
/// watched, whatever stands there, even if that is nothing at first.
///
/// # Errors
/// When the system cannot watch the folder.
pub fn watch(
    dir: &Path,
    report: impl FnMut(Vec<String>) -> bool + Send + 'static,
) -> notify::Result<Watching> {
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
    let root = dir.canonicalize();
    let mut folders = Folders {
        dir: std::path::absolute(dir)?,
        is_there: root.is_ok(),
        root: root.unwrap_or_default(),
        watcher,
        watched: BTreeMap::new(),
    };
    if folders.is_there {
        folders.watch_root()?;
        folders.add_new();
    }
    thread::spawn(move || collect(&receive, &mut folders, report));
    Ok(Watching { stop: send })
}

/// The watched folders. Each is named to the system on its own, so that a large `target` costs
/// nothing.
struct Folders {
    /// The folder as it was named.
    dir: PathBuf,
    /// Whether it was there when it was looked for last.
    is_there: bool,
    /// Where that leads, because the system reports real paths.
    root: PathBuf,
    watcher: RecommendedWatcher,
    /// The folders that are watched, the root among them. The system watches what it was shown,
    /// not what stands at the path later.
    watched: BTreeMap<PathBuf, Option<Identity>>,
}

/// What tells a folder from another at the same path.
type Identity = (u64, Option<SystemTime>);

fn identity(path: &Path) -> Option<Identity> {
    let data = std::fs::metadata(path).ok().filter(Metadata::is_dir)?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&data);
    #[cfg(not(unix))]
    let number = 0;
    Some((number, data.created().ok()))
}

impl Folders {
    fn watch_root(&mut self) -> notify::Result<()> {
        let identity = identity(&self.root);
        self.watcher
            .watch(&self.root, RecursiveMode::NonRecursive)?;
        self.watched.insert(self.root.clone(), identity);
        Ok(())
    }

    /// Watches the folders directly below the root that are not watched yet, with all below them,
    /// and returns those that hold something already.
    fn add_new(&mut self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.root)
            .into_iter()
            .flatten()
            .flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let present: BTreeSet<PathBuf> = folders
            .map(|entry| entry.path())
            .filter(|path| relevant(&self.root, path).is_some())
            .collect();
        let gone: Vec<PathBuf> = self
            .watched
            .iter()
            .filter(|(path, known)| **path != self.root && **known != identity(path))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.forget(&path);
        }
        let mut filled = Vec::new();
        for path in present {
            if self.watched.contains_key(&path) {
                continue;
            }
            let identity = identity(&path);
            // A folder that vanishes meanwhile is reported through its parent.
            if self.watcher.watch(&path, RecursiveMode::Recursive).is_ok() {
                let mut entries = std::fs::read_dir(&path).into_iter().flatten();
                if entries.next().is_some() {
                    filled.extend(relevant(&self.root, &path));
                }
                self.watched.insert(path, identity);
            }
        }
        filled
    }

    fn forget(&mut self, path: &Path) {
        self.watched.remove(path);
        // The system may have forgotten it first, because it is gone.
        let _ = self.watcher.unwatch(path);
    }

    /// Looks whether the root or a folder in it is another one by now, or gone, and watches what is
    /// there. The system does not tell when a folder above is replaced.
    fn renew(&mut self) -> bool {
        let known = self.watched.get(&self.root).copied().flatten();
        let root = self.dir.canonicalize().ok();
        let is_same = known.is_some() && root.as_ref() == Some(&self.root);
        if is_same && known == identity(&self.root) {
            let replaced = |(path, known): (&PathBuf, &Option<Identity>)| *known != identity(path);
            let any = self.watched.iter().any(replaced);
            if any {
                self.add_new();
            }
            return any;
        }
        for path in self.watched.keys().cloned().collect::<Vec<_>>() {
            self.forget(&path);
        }
        let was_there = std::mem::replace(&mut self.is_there, false);
        let Some(root) = root else {
            return was_there;
        };
        self.root = root;
        if self.watch_root().is_err() {
            return was_there;
        }
        self.is_there = true;
        self.add_new();
        true
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
        // A removed folder may be there again already, and look the same to the system.
        if matches!(event.kind, EventKind::Remove(_)) {
            for path in &event.paths {
                if self.watched.contains_key(path) {
                    self.forget(path);
                }
            }
        }
        let in_root = |path: &PathBuf| path.parent() == Some(&self.root);
        let mut changed = Vec::new();
        if event.paths.iter().any(in_root) {
            // What was written before the folder was watched is not told of later.
            changed = self.add_new();
        }
        let files = event.paths.iter().filter(|path| !path.is_dir());
        changed.extend(files.filter_map(|path| relevant(&self.root, path)));
        Some(changed)
    }
}

fn collect(
    signals: &Receiver<Signal>,
    folders: &mut Folders,
    mut report: impl FnMut(Vec<String>) -> bool,
) {
    loop {
        let first = match signals.recv_timeout(LOOK) {
            Ok(signal) => folders.files(signal),
            Err(RecvTimeoutError::Timeout) => Some(Vec::new()),
            Err(RecvTimeoutError::Disconnected) => None,
        };
        let Some(first) = first else {
            return;
        };
        let mut files = BTreeSet::from_iter(first);
        if folders.renew() {
            files.insert(".".to_owned());
        }
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

    /// Saves a file until that is reported: the folder may not be seen yet.
    fn saved(file: &Path, saves: &Receiver<Vec<String>>) -> bool {
        let end = Instant::now() + DEADLINE;
        let mut count = 0;
        while Instant::now() < end {
            count += 1;
            fs::write(file, format!("// {count}")).unwrap();
            match saves.recv_timeout(Duration::from_millis(100)) {
                Ok(files) if files.iter().any(|name| file.ends_with(name)) => return true,
                _ => {}
            }
        }
        false
    }

    /// Makes the crate's folder again.
    fn make(dir: &Path) {
        fs::create_dir_all(dir.join("src")).unwrap();
        fs::write(dir.join("src/lib.rs"), "").unwrap();
    }

    #[test]
    fn a_folder_that_is_removed_and_made_again_is_watched_on() {
        let course = tempfile::tempdir().unwrap();
        let dir = course.path().join("module/lru");
        make(&dir);
        let (_watching, saves) = watched(&dir);
        for removed in ["module/lru/src", "module/lru", "module"] {
            fs::remove_dir_all(course.path().join(removed)).unwrap();
            make(&dir);
            assert!(saved(&dir.join("src/lib.rs"), &saves), "{removed}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_watched_once_it_is() {
        let course = tempfile::tempdir().unwrap();
        let dir = course.path().join("module/lru");
        let (_watching, saves) = watched(&dir);
        make(&dir);
        assert!(saved(&dir.join("src/lib.rs"), &saves));
    }

    #[test]
    fn a_folder_that_another_takes_the_place_of_is_watched_there() {
        let course = tempfile::tempdir().unwrap();
        let dir = course.path().join("module/lru");
        make(&dir);
        let (_watching, saves) = watched(&dir);
        for (at, moved) in ["module/lru/src", "module/lru", "module"]
            .iter()
            .enumerate()
        {
            let moved = course.path().join(moved);
            fs::rename(&moved, course.path().join(format!("old-{at}"))).unwrap();
            make(&dir);
            assert!(
                saved(&dir.join("src/lib.rs"), &saves),
                "{}",
                moved.display()
            );
        }
    }

    #[test]
    fn a_folder_that_comes_back_is_reported_without_a_save() {
        let course = tempfile::tempdir().unwrap();
        let dir = course.path().join("module/lru");
        make(&dir);
        let (_watching, saves) = watched(&dir);
        let aside = course.path().join("aside");
        fs::rename(course.path().join("module"), &aside).unwrap();
        // Longer than it takes to see that it is gone; the test holds however long that is.
        let _ = saves.recv_timeout(LOOK * 2);
        fs::rename(&aside, course.path().join("module")).unwrap();
        fs::write(dir.join("src/lib.rs"), "// other").unwrap();
        assert!(!saves.recv_timeout(DEADLINE).unwrap().is_empty());
    }

    #[test]
    fn nothing_is_reported_once_the_watching_ends() {
        let dir = crate_folder();
        let (watching, saves) = watched(dir.path());
        drop(watching);
        assert!(saves.recv_timeout(DEADLINE).is_err(), "the thread must end");
    }
}
