//! The learner's sources at one moment.
//!
//! A check never builds in the learner's folder: it copies what counts into a room of its own.
//! Cargo then sees new modification times exactly for what changed, whatever times the learner's
//! files carry, and what is tested is what was hashed, even if a file is saved meanwhile.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::catalog::content_hash;
use crate::catalog::source::slashed;

/// More than this is no exercise; it protects the machine from a stray data file.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
const MOST_FILES: usize = 2_000;

/// What a crate's folder may hold beside what is checked: the learner's own tests and examples,
/// manifests (the course's own is used) and build scripts (never run).
const LEFT_OUT: [&str; 7] = [
    "target",
    "tests",
    "benches",
    "examples",
    "build.rs",
    "Cargo.toml",
    "Cargo.lock",
];

/// How names begin and end of files that editors, version control and file managers leave beside
/// those that a person writes.
const STRAY: [(&str, &str); 14] = [
    // Hidden files: `.#lib.rs`, `.lib.rs.swp`, `.DS_Store`.
    (".", ""),
    ("", "~"),
    ("#", "#"),
    ("", ".swp"),
    ("", ".swo"),
    ("", ".swx"),
    ("", ".tmp"),
    ("", ".bak"),
    ("", ".orig"),
    ("", ".rej"),
    ("", "___jb_tmp___"),
    ("", "___jb_old___"),
    ("Thumbs.db", ""),
    ("desktop.ini", ""),
];

/// The files that are checked, with their hash.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Paths relative to the crate, with `/` between, sorted; and contents.
    pub files: Vec<(String, Vec<u8>)>,
    /// A hash over names and contents.
    pub hash: String,
}

/// Sources that cannot be checked as they are. The learner can mend each of these.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The folder is missing.
    #[error("{} is missing; `checker reset {id}` restores it", .path.display())]
    Missing {
        /// The folder or file.
        path: PathBuf,
        /// The exercise.
        id: String,
    },
    /// A symbolic link, which could lead anywhere.
    #[error("{} is a symbolic link; put the file itself there", .0.display())]
    Link(PathBuf),
    /// A file name that is not UTF-8.
    #[error("{} has a name that is not UTF-8; rename it", .0.display())]
    Name(PathBuf),
    /// Too much data.
    #[error("{} holds more than {} MiB or {MOST_FILES} files; move data out of the crate", .0.display(), MOST_BYTES >> 20)]
    TooLarge(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Snapshot {
    /// Makes a snapshot of given files.
    #[must_use]
    pub fn of(mut files: Vec<(String, Vec<u8>)>) -> Snapshot {
        files.sort();
        let hash = content_hash(&files);
        Snapshot { files, hash }
    }

    /// Reads the sources of the crate in a folder.
    ///
    /// # Errors
    /// When the crate is missing, unreadable, too large, or leads out of its folder by a link.
    pub fn take(dir: &Path, id: &str) -> Result<Snapshot, SnapshotError> {
        if !dir.join("src").is_dir() {
            return Err(SnapshotError::Missing {
                path: dir.join("src"),
                id: id.to_owned(),
            });
        }
        let mut files = Vec::new();
        let mut bytes = 0;
        let entries = WalkDir::new(dir)
            .min_depth(1)
            .into_iter()
            .filter_entry(|entry| {
                let name = entry.file_name().to_string_lossy();
                let is_left_out = entry.depth() == 1 && LEFT_OUT.contains(&name.as_ref());
                !is_left_out && !is_stray(&name)
            });
        for entry in entries {
            let entry = entry.map_err(|error| SnapshotError::Unreadable {
                path: error.path().unwrap_or(dir).to_path_buf(),
                source: error.into(),
            })?;
            let path = entry.path();
            if entry.file_type().is_symlink() {
                return Err(SnapshotError::Link(path.to_path_buf()));
            }
            if !entry.file_type().is_file() {
                continue;
            }
            let unreadable = |source| SnapshotError::Unreadable {
                path: path.to_path_buf(),
                source,
            };
            bytes += entry
                .metadata()
                .map_err(|error| unreadable(error.into()))?
                .len();
            if bytes > MOST_BYTES || files.len() >= MOST_FILES {
                return Err(SnapshotError::TooLarge(dir.to_path_buf()));
            }
            let name = path
                .strip_prefix(dir)
                .ok()
                .and_then(slashed)
                .ok_or_else(|| SnapshotError::Name(path.to_path_buf()))?;
            files.push((name, std::fs::read(path).map_err(unreadable)?));
        }
        Ok(Snapshot::of(files))
    }
}

/// Whether a file of this name is nothing that a learner wrote to be compiled.
pub(crate) fn is_stray(name: &str) -> bool {
    // Vim finds out by a file named 4913, or a later number, whether it can write to a folder.
    let is_probe = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    is_probe
        || STRAY.iter().any(|(begin, end)| {
            let is_longer = name.len() > begin.len() + end.len();
            // A name of one mark alone is no stray; a whole name that is listed is.
            (is_longer || (end.is_empty() && name == *begin))
                && name.starts_with(begin)
                && name.ends_with(end)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn manifests_build_scripts_and_own_tests_are_left_out() {
        let dir = crate_with(&[
            ("src/lib.rs", "pub mod a;"),
            ("src/a.rs", ""),
            ("Cargo.toml", "[package]"),
            ("build.rs", "fn main() {}"),
            ("tests/own.rs", ""),
            (".hidden/x", ""),
        ]);
        let snapshot = Snapshot::take(dir.path(), "x").unwrap();
        let names: Vec<_> = snapshot
            .files
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["src/a.rs", "src/lib.rs"]);
    }

    /// What is checked of a crate with this file beside its sources.
    fn names_with(stray: &str) -> Vec<String> {
        let dir = crate_with(&[("src/lib.rs", "one"), (&format!("src/{stray}"), "other")]);
        let snapshot = Snapshot::take(dir.path(), "x").unwrap();
        snapshot.files.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_editors_and_file_managers_leave_behind_changes_nothing() {
        for stray in [
            ".lib.rs.swp",
            ".DS_Store",
            ".#lib.rs",
            ".idea/workspace.xml",
            "lib.rs~",
            "#lib.rs#",
            "lib.rs.swp",
            "lib.rs.swo",
            "lib.rs.tmp",
            "lib.rs.bak",
            "lib.rs.orig",
            "lib.rs.rej",
            "lib.rs___jb_tmp___",
            "4913",
            "Thumbs.db",
            "inner/.lib.rs.kate-swp",
        ] {
            assert_eq!(names_with(stray), ["src/lib.rs"], "{stray}");
        }
    }

    #[test]
    fn what_a_learner_may_include_is_checked() {
        for own in [
            "table.txt",
            "words.bin",
            "4913.rs",
            "inner/mod.rs",
            "swp",
            "a#b",
        ] {
            assert_eq!(names_with(own).len(), 2, "{own}");
        }
    }

    /// Emacs marks a file that is being edited with a link that leads nowhere.
    #[cfg(unix)]
    #[test]
    fn the_lock_of_an_editor_is_no_link_out_of_the_crate() {
        let dir = crate_with(&[("src/lib.rs", "")]);
        let lock = dir.path().join("src/.#lib.rs");
        std::os::unix::fs::symlink("ada@host.4711:1700000000", lock).unwrap();
        let snapshot = Snapshot::take(dir.path(), "x").unwrap();
        assert_eq!(snapshot.files.len(), 1);
    }

    #[test]
    fn the_hash_follows_the_content_and_not_the_time() {
        let dir = crate_with(&[("src/lib.rs", "one")]);
        let first = Snapshot::take(dir.path(), "x").unwrap();
        std::fs::write(dir.path().join("src/lib.rs"), "two").unwrap();
        let second = Snapshot::take(dir.path(), "x").unwrap();
        std::fs::write(dir.path().join("src/lib.rs"), "one").unwrap();
        let third = Snapshot::take(dir.path(), "x").unwrap();
        assert_ne!(first.hash, second.hash);
        assert_eq!(first, third);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_crate_is_refused() {
        let dir = crate_with(&[("src/lib.rs", "")]);
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("src/data")).unwrap();
        let error = Snapshot::take(dir.path(), "x").unwrap_err();
        assert!(matches!(error, SnapshotError::Link(_)));
    }

    #[test]
    fn a_crate_without_sources_says_how_to_restore_them() {
        let dir = tempfile::tempdir().unwrap();
        let error = Snapshot::take(dir.path(), "lru-cache").unwrap_err();
        assert!(error.to_string().contains("checker reset lru-cache"));
    }
}
