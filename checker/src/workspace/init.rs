//! `checker init`: makes a learner's folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::catalog::source::{Source, slashed};
use crate::runner::Cancel;
use crate::runner::bounded::{self, Bounds};

use super::MARKER;
use super::layout::{BASE, Layout, LayoutError};
use super::marker::Marker;

/// How many names an error lists.
const NAMES: usize = 5;

/// A folder that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The folder.
    pub root: PathBuf,
    /// The version of the course.
    pub version: String,
    /// The ids of its exercises, in the order of the course.
    pub exercises: Vec<String>,
    /// How many files the learner sees.
    pub files: usize,
}

/// Why no folder was made. Nothing is left of the attempt, except after a kill: then a folder
/// beside it whose name begins with a dot may be left.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is a course already.
    #[error("{} is a course already; `checker update` there brings it up to date", .0.display())]
    Course(PathBuf),
    /// Something else is there.
    #[error("{} is not empty: it holds {}; choose another folder", .dir.display(), .names.join(", "))]
    NotEmpty {
        /// The folder.
        dir: PathBuf,
        /// What is there, not all of it if it is much.
        names: Vec<String>,
    },
    /// Something is there that is no folder.
    #[error("{} is there, and no folder", .0.display())]
    NotAFolder(PathBuf),
    /// The course is malformed.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A file or folder cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A repository was asked for, and git made none.
    #[error("git could not make a repository: {0}")]
    Git(String),
}

/// Makes a learner's folder at `dir`, which may not hold anything but an empty git repository, and
/// makes it a git repository if `git` is set.
///
/// All is written into a folder beside it and moved into place. An empty folder that is there is
/// filled rather than replaced, the mark of a course last: what a kill leaves in it is completed
/// by the next call.
///
/// # Errors
/// When something is there, the course is malformed, or a file cannot be written.
pub fn init(source: &Source, dir: &Path, git: bool, now: Timestamp) -> Result<Made, InitError> {
    let dir = std::path::absolute(dir).map_err(failed(dir))?;
    let layout = Layout::of(source)?;
    let is_there = is_free(&dir, &layout)?;
    let parent = dir.parent().unwrap_or(&dir);
    fs::create_dir_all(parent).map_err(failed(parent))?;
    let staged = stage(parent, &dir, &layout, now)?;
    if git && !dir.join(".git").exists() {
        make_repository(staged.path())?;
    }
    if is_there {
        fill(staged.path(), &dir)?;
    } else {
        fs::rename(staged.path(), &dir).map_err(failed(&dir))?;
        // The folder is not the temporary one's any more.
        let _ = staged.keep();
    }
    Ok(Made {
        root: dir,
        version: layout.version.to_string(),
        files: layout.files.len(),
        exercises: layout.exercises,
    })
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> InitError + use<> {
    let path = path.to_path_buf();
    move |source| InitError::Write { path, source }
}

/// Whether the folder is there; an error if it holds what is not from an earlier attempt.
fn is_free(dir: &Path, layout: &Layout) -> Result<bool, InitError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(InitError::NotAFolder(dir.to_path_buf()));
        }
        entries => entries.map_err(failed(dir))?,
    };
    if dir.join(MARKER).exists() {
        return Err(InitError::Course(dir.to_path_buf()));
    }
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed(dir))?.file_name();
        let name = name.to_string_lossy().into_owned();
        let is_ours = match name.as_str() {
            ".git" => is_unused_repository(&dir.join(&name)),
            _ => is_from_here(dir, &name, &layout.files),
        };
        if !is_ours {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(true);
    }
    names.sort();
    if names.len() > NAMES {
        let more = names.len() - NAMES;
        names.truncate(NAMES);
        names.push(format!("{more} more"));
    }
    let dir = dir.to_path_buf();
    Err(InitError::NotEmpty { dir, names })
}

/// Whether a repository has no branch yet.
fn is_unused_repository(git: &Path) -> bool {
    let has_branch = WalkDir::new(git.join("refs"))
        .into_iter()
        .filter_map(Result::ok)
        .any(|entry| entry.file_type().is_file());
    git.is_dir() && !has_branch && !git.join("packed-refs").exists()
}

/// Whether a file or folder is exactly what an earlier attempt would have put there.
fn is_from_here(dir: &Path, name: &str, files: &BTreeMap<String, Vec<u8>>) -> bool {
    let below = format!("{name}/");
    let expected = |path: &String| path == name || path.starts_with(&below);
    let mut found = 0;
    for entry in WalkDir::new(dir.join(name)) {
        let Ok(entry) = entry else { return false };
        if entry.file_type().is_dir() {
            continue;
        }
        let path = entry.path().strip_prefix(dir).ok().and_then(slashed);
        let content = path.and_then(|path| files.get(&path));
        if content.is_none() || fs::read(entry.path()).ok().as_ref() != content {
            return false;
        }
        found += 1;
    }
    found > 0 && found == files.keys().filter(|path| expected(path)).count()
}

/// Writes everything into a folder beside the one that is made.
fn stage(parent: &Path, dir: &Path, layout: &Layout, now: Timestamp) -> Result<TempDir, InitError> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}-");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As for any new folder, the user's mask decides.
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let staged = builder.tempdir_in(parent).map_err(failed(parent))?;
    let write = |path: &str, content: &[u8]| {
        let path = staged.path().join(path);
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        folder
            .and_then(|()| fs::write(&path, content))
            .map_err(failed(&path))
    };
    for (path, content) in &layout.files {
        write(path, content)?;
        write(&format!("{BASE}/{path}"), content)?;
    }
    let marker = Marker::new(layout.version.clone(), layout.hash(), now);
    let text = marker.text().map_err(failed(&staged.path().join(MARKER)))?;
    write(MARKER, text.as_bytes())?;
    Ok(staged)
}

/// Moves what was staged into a folder that is there, the mark last.
fn fill(staged: &Path, dir: &Path) -> Result<(), InitError> {
    let mut names: Vec<_> = fs::read_dir(staged)
        .map_err(failed(staged))?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()
        .map_err(failed(staged))?;
    names.sort_by_key(|name| name == ".course");
    for name in names {
        let place = dir.join(&name);
        if !place.exists() {
            fs::rename(staged.join(&name), &place).map_err(failed(&place))?;
        }
    }
    Ok(())
}

fn make_repository(dir: &Path) -> Result<(), InitError> {
    let mut command = Command::new("git");
    command.args(["init", "--quiet"]).current_dir(dir);
    let bounds = Bounds {
        seconds: 30.0,
        ..Bounds::default()
    };
    let finished = bounded::run(command, bounds, &Cancel::new())
        .map_err(|error| InitError::Git(error.to_string()))?;
    if finished.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&finished.stderr).trim().to_owned();
    Err(InitError::Git(message))
}
