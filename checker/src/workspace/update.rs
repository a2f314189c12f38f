//! `checker update`: brings a learner's folder to the version of this program.
//!
//! Every file that the course gave has an untouched copy in `.course/base`. From it, from the
//! learner's file and from the program's, each file is merged by itself, and the copy is replaced
//! after the file. After a kill a further call therefore goes on where the first one ended.
//!
//! A kill between the two replacements would let the next call merge what is merged already, which
//! can apply a change twice. So what is about to be written is put down first, in `.course/update`:
//! a file that is found to have that content gets its copy before anything else happens.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use walkdir::WalkDir;

use crate::catalog::source::{Source, slashed};

use super::disk::{self, Lock};
use super::layout::{BASE, LOCK_FILE, Layout, LayoutError};
use super::marker::{Marker, MarkerError};
use super::{BACKUPS, FILES_LOCK, Kind, Workspace};

/// What is about to be written to files that an update has in hand.
const MADE: &str = ".course/update/made";
/// What the course gives for those files.
const GIVEN: &str = ".course/update/given";
/// Both of them.
const IN_HAND: &str = ".course/update";

/// What an update did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The version of the course before.
    pub from: String,
    /// The version of the course now.
    pub to: String,
    /// What happened to files, by their paths; files of which nothing is to be told are left out.
    pub files: Vec<Change>,
    /// Where copies of the learner's files are, if any were changed or are in conflict.
    pub backup: Option<PathBuf>,
}

/// What happened to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file, relative to the folder, with `/` between.
    pub path: String,
    /// What happened.
    pub what: What,
}

/// What an update does to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added,
    /// The learner had not touched it; the new one took its place.
    Replaced,
    /// The learner's changes and the course's are both in it.
    Merged,
    /// Both changed the same place: the learner's file is as it was, the new one lies beside it.
    Conflict {
        /// The new one, relative to the folder.
        beside: String,
    },
    /// The course no longer has it; it was left.
    Left,
}

/// Why a folder was not updated, or only in part. Nothing is lost, and a further call goes on.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It is a checkout of the course.
    #[error("{} is a checkout of the course; `git pull` brings it up to date", .0.display())]
    Checkout(PathBuf),
    /// The folder is ahead of the program.
    #[error(
        "this folder has version {found} of the course, this program {own}; update the program"
    )]
    Newer {
        /// The version of the folder.
        found: String,
        /// The version of the program.
        own: String,
    },
    /// The mark of the folder cannot be used.
    #[error(transparent)]
    Marker(#[from] MarkerError),
    /// The course is malformed.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A file before the update: as the course gave it, as it is, and as the course has it now.
struct Versions<'a> {
    base: Option<Vec<u8>>,
    mine: Option<Vec<u8>>,
    new: Option<&'a Vec<u8>>,
}

/// What is done to a file.
enum Step {
    /// Nothing is to be told.
    Nothing,
    /// The file gets this content.
    Write(What, Vec<u8>),
    /// The new file goes beside it.
    Beside,
    /// It is left.
    Left,
}

/// Brings a learner's folder to the version of the course in `source`.
///
/// # Errors
/// When it is a checkout or ahead of the course, the course is malformed, or a file cannot be read
/// or written.
pub fn update(
    workspace: &Workspace,
    source: &Source,
    now: Timestamp,
) -> Result<Updated, UpdateError> {
    let root = workspace.root();
    if workspace.kind() == Kind::Checkout {
        return Err(UpdateError::Checkout(root.to_path_buf()));
    }
    let lock = root.join(FILES_LOCK);
    let _held = Lock::take(&lock).map_err(failed(&lock))?;
    let marker = Marker::read(root)?;
    let layout = Layout::of(source)?;
    if marker.version > layout.version {
        return Err(UpdateError::Newer {
            found: marker.version.to_string(),
            own: layout.version.to_string(),
        });
    }
    let mut updated = Updated {
        from: marker.version.to_string(),
        to: layout.version.to_string(),
        files: Vec::new(),
        backup: None,
    };
    let backup = disk::unused(&root.join(BACKUPS), "", now, "");
    finish_interrupted(root)?;
    let known = files_below(&root.join(BASE));
    for path in known
        .iter()
        .chain(layout.files.keys())
        .collect::<BTreeSet<_>>()
    {
        let new = layout.files.get(path);
        if let Some(what) = update_file(root, path, new, &backup)? {
            let path = path.clone();
            updated.files.push(Change { path, what });
        }
    }
    nothing_in_hand(root)?;
    updated.backup = backup.is_dir().then_some(backup);
    if marker.version != layout.version || marker.content != layout.hash() {
        let content = layout.hash();
        let marker = marker.brought_to(layout.version, content, now);
        marker.write(root).map_err(failed(root))?;
    }
    Ok(updated)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> UpdateError + use<> {
    let path = path.to_path_buf();
    move |source| UpdateError::Io { path, source }
}

/// Replaces the untouched copies of files that a killed update had written before it could.
fn finish_interrupted(root: &Path) -> Result<(), UpdateError> {
    let read = |place: &Path| disk::read_if_there(place).map_err(failed(place));
    for path in files_below(&root.join(MADE)) {
        let given = read(&root.join(GIVEN).join(&path))?;
        let made = read(&root.join(MADE).join(&path))?;
        if let Some(given) = given
            && read(&root.join(&path))? == made
        {
            let copy = root.join(BASE).join(&path);
            disk::replace(&copy, &given).map_err(failed(&copy))?;
        }
    }
    nothing_in_hand(root)
}

fn nothing_in_hand(root: &Path) -> Result<(), UpdateError> {
    let folder = root.join(IN_HAND);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&folder)(error)),
        _ => Ok(()),
    }
}

/// The files below a folder, without what a kill left of one that was being replaced.
fn files_below(folder: &Path) -> Vec<String> {
    WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| slashed(entry.path().strip_prefix(folder).ok()?))
        .filter(|path| !is_part(path))
        .collect()
}

/// Whether a kill left the file while another was being replaced.
fn is_part(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with('.') && name.ends_with(".part")
}

fn update_file(
    root: &Path,
    path: &str,
    new: Option<&Vec<u8>>,
    backup: &Path,
) -> Result<Option<What>, UpdateError> {
    let place = root.join(path);
    let copy = root.join(BASE).join(path);
    let read = |place: &Path| disk::read_if_there(place).map_err(failed(place));
    let write = |place: &Path, content: &[u8]| disk::replace(place, content).map_err(failed(place));
    let versions = Versions {
        base: read(&copy)?,
        mine: read(&place)?,
        new,
    };
    let keep_copy = || match &versions.mine {
        Some(mine) => write(&backup.join(path), mine),
        None => Ok(()),
    };
    let what = match step(path, &versions) {
        Step::Nothing => None,
        Step::Write(what, content) => {
            if what != What::Added {
                keep_copy()?;
            }
            if let Some(new) = new {
                // In this order: what was made counts only together with what was given.
                write(&root.join(GIVEN).join(path), new)?;
                write(&root.join(MADE).join(path), &content)?;
            }
            write(&place, &content)?;
            Some(what)
        }
        Step::Beside => {
            let beside = format!("{path}.new");
            let new = new.map_or(&[][..], Vec::as_slice);
            // An earlier one may have been worked on.
            if let Some(earlier) = read(&root.join(&beside))?.filter(|earlier| earlier != new) {
                write(&backup.join(&beside), &earlier)?;
            }
            keep_copy()?;
            write(&root.join(&beside), new)?;
            Some(What::Conflict { beside })
        }
        Step::Left => Some(What::Left),
    };
    match new {
        Some(new) if versions.base.as_ref() != Some(new) => write(&copy, new)?,
        Some(_) => {}
        None => std::fs::remove_file(&copy).map_err(failed(&copy))?,
    }
    Ok(what)
}

fn step(path: &str, versions: &Versions<'_>) -> Step {
    let Versions { base, mine, new } = versions;
    let Some(new) = *new else {
        return if mine.is_some() {
            Step::Left
        } else {
            Step::Nothing
        };
    };
    let write = |what| Step::Write(what, new.clone());
    match (base, mine) {
        // The course did not change it, or it is there already.
        (Some(base), _) if base == new => Step::Nothing,
        (_, Some(mine)) if mine == new => Step::Nothing,
        (None, None) => write(What::Added),
        (Some(base), Some(mine)) if mine == base => write(What::Replaced),
        // Cargo changes it for every dependency; there is nothing to merge.
        (_, Some(_)) if path == LOCK_FILE => write(What::Replaced),
        (Some(_), None) if path == LOCK_FILE => write(What::Added),
        (Some(base), Some(mine)) => match merge(base, mine, new) {
            Some(merged) if merged == *mine => Step::Nothing,
            Some(merged) => Step::Write(What::Merged, merged),
            None => Step::Beside,
        },
        // The learner took it away, or made a file where the course has a new one.
        _ => Step::Beside,
    }
}

/// Both changes, if they are to different places of a text.
fn merge(base: &[u8], mine: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let text = |bytes| std::str::from_utf8(bytes).ok();
    let merged = diffy::merge(text(base)?, text(mine)?, text(new)?);
    merged.ok().map(String::into_bytes)
}
