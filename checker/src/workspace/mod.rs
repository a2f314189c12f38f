//! Where a learner's code stands, and where the checker may write.

pub mod disk;
pub mod init;
mod layout;
mod manifest;
pub mod marker;
pub mod reset;
pub mod snapshot;
pub mod update;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::catalog::Exercise;
use crate::catalog::source::Source;

pub use self::layout::LayoutError;

/// A folder with exercises: a checkout of the course, or what `checker init` made.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    kind: Kind,
}

/// What kind of folder it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A checkout of the course: suites and solutions are read from it.
    Checkout,
    /// A learner's folder: suites and solutions come from the program.
    Learner,
}

/// No course at or above a folder.
#[derive(Debug, Clone, thiserror::Error)]
#[error("there is no course at {} or above it; `checker init DIR` makes one", .0.display())]
pub struct NotACourse(pub PathBuf);

/// The file that marks a learner's folder, relative to its root.
pub const MARKER: &str = ".course/course.toml";

/// Copies of what a learner had, each in a folder named after the time.
const BACKUPS: &str = ".course/backups";

/// Held while files of the learner are changed.
const FILES_LOCK: &str = ".course/files.lock";

impl Workspace {
    /// Finds the course at a folder or the nearest one above it.
    ///
    /// # Errors
    /// When there is none.
    pub fn discover(from: &Path) -> Result<Workspace, NotACourse> {
        from.ancestors()
            .find_map(Workspace::at)
            .ok_or_else(|| NotACourse(from.to_path_buf()))
    }

    /// The course with exactly this root, if it is one.
    #[must_use]
    pub fn at(root: &Path) -> Option<Workspace> {
        let kind = if root.join("checker/suites").is_dir() && root.join("Cargo.toml").is_file() {
            Kind::Checkout
        } else if root.join(MARKER).is_file() {
            Kind::Learner
        } else {
            return None;
        };
        Some(Workspace {
            root: root.to_path_buf(),
            kind,
        })
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it is a checkout or a learner's folder.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where the course's own files are read from.
    #[must_use]
    pub fn source(&self) -> Source {
        match self.kind {
            Kind::Checkout => Source::Disk(self.root.clone()),
            Kind::Learner => Source::built_in(),
        }
    }

    /// Where the learner's crate of an exercise stands.
    #[must_use]
    pub fn exercise_dir(&self, exercise: &Exercise) -> PathBuf {
        self.root.join(exercise.stub_dir())
    }

    /// Where progress and copies are kept.
    #[must_use]
    pub fn state_dir(&self) -> PathBuf {
        self.root.join(".course")
    }

    /// Where the checker builds; apart from the learner's own builds, so that neither waits for
    /// the other's lock.
    #[must_use]
    pub fn build_dir(&self) -> PathBuf {
        build_dir(&self.root, std::env::var_os("CARGO_TARGET_DIR"))
    }
}

/// The folder for builds, where `target` is what `CARGO_TARGET_DIR` holds.
///
/// A target folder that is the course's own would put builds over the sources of the checker, so
/// that it counts as not set, and so does an empty name.
fn build_dir(root: &Path, target: Option<OsString>) -> PathBuf {
    let is_root = |target: &Path| match (target.canonicalize(), root.canonicalize()) {
        (Ok(target), Ok(root)) => target == root,
        _ => target == root,
    };
    let target = target
        .filter(|target| !target.is_empty())
        .map(|target| root.join(target))
        .filter(|target| !is_root(target))
        .unwrap_or_else(|| root.join("target"));
    target.join("checker")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_never_lie_over_the_sources_of_the_course() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let usual = root.join("target/checker");
        assert_eq!(build_dir(root, None), usual);
        for target in ["", ".", "./", "target/..", "target"] {
            std::fs::create_dir_all(root.join("target")).unwrap();
            assert_eq!(build_dir(root, Some(target.into())), usual, "{target:?}");
        }
        assert_eq!(build_dir(root, Some(root.into())), usual);
        let elsewhere = root.join("elsewhere");
        assert_eq!(
            build_dir(root, Some("elsewhere".into())),
            elsewhere.join("checker")
        );
        assert_eq!(
            build_dir(root, Some(elsewhere.clone().into())),
            elsewhere.join("checker")
        );
    }
}
