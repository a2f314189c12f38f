//! `checker reset`: puts an exercise back to its beginning and keeps what was there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use walkdir::{DirEntry, WalkDir};

use crate::catalog::Exercise;
use crate::catalog::source::{Source, slashed};
use crate::runner::Cancel;
use crate::runner::bounded::{self, Bounds, Finished};

use super::disk::{self, Lock};
use super::{BACKUPS, FILES_LOCK, Kind, Workspace};

/// An exercise that was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// The copy of the exercise as it was; nothing if there was nothing to put back.
    pub backup: Option<PathBuf>,
    /// The files that were restored, relative to the exercise.
    pub restored: Vec<String>,
    /// The sources that the learner had added, relative to the exercise; they are in the copy only.
    pub moved: Vec<String>,
    /// Where the restored files come from.
    pub from: Origin,
}

/// Where the beginning of an exercise is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The program carries it.
    Program,
    /// The last commit of the checkout.
    Commit(String),
}

/// Why an exercise was not put back, or only in part. Nothing is lost: what is no longer in its
/// place is in the copy.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The program carries no such exercise.
    #[error("this program has no exercise `{0}`")]
    Unknown(String),
    /// The beginning of the exercise has to come from git, which is missing.
    #[error(
        "in a checkout the beginning of an exercise is read from its last commit, but git does not \
         run: {0}"
    )]
    NoGit(io::Error),
    /// The last commit does not have the exercise.
    #[error("the last commit does not have {dir}{}", if .message.is_empty() { String::new() } else { format!(": {}", .message) })]
    NotCommitted {
        /// The exercise's folder.
        dir: String,
        /// What git says.
        message: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Puts an exercise back to its beginning.
///
/// The whole exercise is copied to `.course/backups/<time>` first. Sources that the learner added
/// are moved there; the learner's own tests and examples, build output and hidden files stay where
/// they are. In a learner's folder the
/// beginning is what `source` has, in a checkout what the last commit has.
///
/// # Errors
/// When the beginning cannot be found, or a file not be read or written.
pub fn reset(
    workspace: &Workspace,
    source: &Source,
    exercise: &Exercise,
    now: Timestamp,
) -> Result<Reset, ResetError> {
    let root = workspace.root();
    let lock = root.join(FILES_LOCK);
    let _held = Lock::take(&lock).map_err(failed(&lock))?;
    let (pristine, from) = match workspace.kind() {
        Kind::Learner => (carried(source, exercise)?, Origin::Program),
        Kind::Checkout => committed(root, exercise)?,
    };
    let dir = workspace.exercise_dir(exercise);
    let present = present(&dir)?;
    let moved: Vec<String> = present
        .iter()
        .filter(|path| is_moved(path, &pristine))
        .cloned()
        .collect();
    let mut restored = Vec::new();
    for (path, content) in &pristine {
        let place = dir.join(path);
        if disk::read_if_there(&place).ok().flatten().as_ref() != Some(content) {
            restored.push(path.clone());
        }
    }
    if restored.is_empty() && moved.is_empty() {
        let backup = None;
        return Ok(Reset {
            backup,
            restored,
            moved,
            from,
        });
    }
    let backup = (!present.is_empty())
        .then(|| disk::unused(&root.join(BACKUPS), "", now, "").join(exercise.stub_dir()));
    if let Some(backup) = &backup {
        // A link to a folder, or to nothing, among the learner's own files stays as it is.
        let is_copied = |path: &&String| {
            let place = dir.join(path);
            !moved.contains(path)
                && (pristine.contains_key(*path) || place.is_file() || !place.is_symlink())
        };
        let copied: Vec<&String> = present.iter().filter(is_copied).collect();
        keep(&dir, backup, &copied, &moved)?;
    }
    for path in &restored {
        let place = dir.join(path);
        disk::replace(&place, &pristine[path]).map_err(failed(&place))?;
    }
    Ok(Reset {
        backup,
        restored,
        moved,
        from,
    })
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ResetError + use<> {
    let path = path.to_path_buf();
    move |source| ResetError::Io { path, source }
}

/// The files of an exercise that belong to the learner, relative to it.
fn present(dir: &Path) -> Result<Vec<String>, ResetError> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let stays = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        name.starts_with('.') || (entry.depth() == 1 && name == "target")
    };
    let mut files = Vec::new();
    let entries = WalkDir::new(dir).min_depth(1).sort_by_file_name();
    for entry in entries.into_iter().filter_entry(|entry| !stays(entry)) {
        let entry = entry.map_err(|error| ResetError::Io {
            path: error.path().unwrap_or(dir).to_path_buf(),
            source: error.into(),
        })?;
        if !entry.file_type().is_dir() {
            let relative = entry.path().strip_prefix(dir).ok().and_then(slashed);
            let unnamed = || failed(entry.path())(io::Error::from(io::ErrorKind::InvalidFilename));
            files.push(relative.ok_or_else(unnamed)?);
        }
    }
    Ok(files)
}

/// Whether a file that is there goes into the copy only: one that the learner added to the
/// sources, or that stands where a folder of the course has to be or below a file of it. The
/// learner's own tests and examples stay.
fn is_moved(path: &str, pristine: &Files) -> bool {
    let is_below = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let in_the_way = |file: &String| is_below(path, file) || is_below(file, path);
    !pristine.contains_key(path) && (path.starts_with("src/") || pristine.keys().any(in_the_way))
}

/// Copies what stays or is replaced, then moves what the learner added.
fn keep(dir: &Path, backup: &Path, copied: &[&String], moved: &[String]) -> Result<(), ResetError> {
    for path in copied {
        let place = dir.join(path);
        let content = fs::read(&place).map_err(failed(&place))?;
        let copy = backup.join(path);
        disk::replace(&copy, &content).map_err(failed(&copy))?;
    }
    for path in moved {
        let (place, copy) = (dir.join(path), backup.join(path));
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        fs::rename(&place, &copy).map_err(failed(&place))?;
        let folders = place
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != dir);
        // A folder that is not empty stays, and with it those above it.
        let _ = folders
            .map(fs::remove_dir)
            .take_while(Result::is_ok)
            .count();
    }
    Ok(())
}

type Files = BTreeMap<String, Vec<u8>>;

fn carried(source: &Source, exercise: &Exercise) -> Result<Files, ResetError> {
    let dir = exercise.stub_dir();
    let mut files = Files::new();
    for path in source.files_below(&dir) {
        let content = source.read(&path).map_err(failed(Path::new(&path)))?;
        let local = path.strip_prefix(&dir).unwrap_or(&path);
        files.insert(local.trim_start_matches('/').to_owned(), content);
    }
    if files.is_empty() {
        return Err(ResetError::Unknown(exercise.id().to_owned()));
    }
    Ok(files)
}

/// The files of an exercise in the last commit of a checkout.
fn committed(root: &Path, exercise: &Exercise) -> Result<(Files, Origin), ResetError> {
    let dir = exercise.stub_dir();
    let refused = |finished: &Finished| ResetError::NotCommitted {
        dir: dir.clone(),
        message: String::from_utf8_lossy(&finished.stderr).trim().to_owned(),
    };
    let run = |arguments: &[&str]| {
        let finished = git(root, arguments).map_err(ResetError::NoGit)?;
        if finished.status.success() {
            Ok(finished.stdout)
        } else {
            Err(refused(&finished))
        }
    };
    let commit = run(&["rev-parse", "--verify", "--short", "HEAD"])?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    // Paths are relative to the course, also where it is a folder of a larger repository.
    let names = run(&["ls-tree", "-r", "-z", "--name-only", &commit, "--", &dir])?;
    let mut files = Files::new();
    for name in String::from_utf8_lossy(&names).split_terminator('\0') {
        let content = run(&["show", &format!("{commit}:./{name}")])?;
        let local = name.strip_prefix(&dir).unwrap_or(name);
        files.insert(local.trim_start_matches('/').to_owned(), content);
    }
    if files.is_empty() {
        let message = String::new();
        return Err(ResetError::NotCommitted { dir, message });
    }
    Ok((files, Origin::Commit(commit)))
}

fn git(root: &Path, arguments: &[&str]) -> io::Result<Finished> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(root);
    let bounds = Bounds {
        seconds: 30.0,
        ..Bounds::default()
    };
    bounded::run(command, bounds, &Cancel::new())
}
