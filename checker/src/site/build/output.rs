//! The folder that a build goes to: checked before, filled aside, and swapped in at the end.

use std::io;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

/// The file that marks a folder as a build of the book, which the next build may replace.
const MARKER: &str = ".systems-in-rust-site";

/// What mdBook itself leaves in every build.
const MDBOOK_FILE: &str = ".nojekyll";
const MDBOOK_WORDS: &str = "mdBook's output";

/// A folder that a build must not go to, or cannot.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// mdBook clears its output folder, and would delete the chapters.
    #[error("the book cannot be built into {}: its source is {}", .output.display(), .book.display())]
    IsSource {
        /// The output folder.
        output: PathBuf,
        /// The book's source.
        book: PathBuf,
    },
    /// Somebody's files would be lost.
    #[error("{} is not empty and not an earlier build of the book; name another folder", .0.display())]
    NotABuild(PathBuf),
    /// The folder cannot be read or replaced.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A new build beside the folder that it will replace. Dropping it leaves that folder as it was.
pub(super) struct Staged {
    output: PathBuf,
    fresh: TempDir,
}

impl Staged {
    /// Checks that `output` may be replaced and makes room for the new build.
    pub(super) fn new(output: &Path, book: &Path) -> Result<Staged, OutputError> {
        let book = resolved(book)?;
        let output = resolved(output)?;
        if output.starts_with(&book) || book.starts_with(&output) {
            return Err(OutputError::IsSource { output, book });
        }
        if !may_be_replaced(&output)? {
            return Err(OutputError::NotABuild(output));
        }
        let parent = output.parent().unwrap_or(&output).to_path_buf();
        let at_parent = |source| OutputError::Io {
            path: parent.clone(),
            source,
        };
        std::fs::create_dir_all(&parent).map_err(at_parent)?;
        let fresh = tempfile::Builder::new()
            .prefix(".site-")
            .tempdir_in(&parent)
            .map_err(at_parent)?;
        Ok(Staged { output, fresh })
    }

    /// Where the new build goes.
    pub(super) fn path(&self) -> &Path {
        self.fresh.path()
    }

    /// Puts the new build in the place of the old one.
    pub(super) fn publish(self) -> Result<(), OutputError> {
        let at_output = |source| OutputError::Io {
            path: self.output.clone(),
            source,
        };
        let marker = self.path().join(MARKER);
        std::fs::write(marker, "The next build replaces this folder.\n").map_err(at_output)?;
        readable_by_all(self.path()).map_err(at_output)?;
        // The old build moves aside first: not every system renames onto a folder with files.
        let aside = self.path().with_extension("old");
        if self.output.exists() {
            std::fs::rename(&self.output, &aside).map_err(at_output)?;
        }
        if let Err(error) = std::fs::rename(self.path(), &self.output) {
            let _ = std::fs::rename(&aside, &self.output);
            return Err(at_output(error));
        }
        if aside.exists() {
            std::fs::remove_dir_all(&aside).map_err(at_output)?;
        }
        Ok(())
    }
}

/// Temporary folders are for their owner alone, but a site may be served by another account.
#[cfg(unix)]
fn readable_by_all(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> io::Result<()> {
    Ok(())
}

fn may_be_replaced(output: &Path) -> Result<bool, OutputError> {
    let at_output = |source| OutputError::Io {
        path: output.to_path_buf(),
        source,
    };
    let mut entries = match std::fs::read_dir(output) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(at_output(error)),
    };
    let is_empty = entries.next().is_none();
    let is_ours = output.join(MARKER).is_file();
    let is_mdbooks = std::fs::read_to_string(output.join(MDBOOK_FILE))
        .is_ok_and(|text| text.contains(MDBOOK_WORDS));
    // A worktree for publishing has both a build and a history to keep.
    let has_history = output.join(".git").exists();
    Ok(is_empty || ((is_ours || is_mdbooks) && !has_history))
}

/// An absolute path without links or dots, also if its end does not exist yet.
fn resolved(path: &Path) -> Result<PathBuf, OutputError> {
    let at_path = |source| OutputError::Io {
        path: path.to_path_buf(),
        source,
    };
    let absolute = std::path::absolute(path).map_err(at_path)?;
    let mut resolved = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                resolved.pop();
            }
            other => resolved.push(other),
        }
        match resolved.canonicalize() {
            Ok(real) => resolved = real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(at_path(error)),
        }
    }
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> (TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let book = dir.path().join("book");
        std::fs::create_dir(&book).unwrap();
        std::fs::write(book.join("a.md"), "# A\n").unwrap();
        (dir, book)
    }

    #[test]
    fn the_source_the_folders_above_it_and_inside_it_are_refused() {
        let (dir, book) = course();
        for output in [
            book.clone(),
            dir.path().to_path_buf(),
            book.join("site/deep"),
            dir.path().join("other/../book"),
            dir.path().join("book/."),
        ] {
            assert!(
                matches!(
                    Staged::new(&output, &book),
                    Err(OutputError::IsSource { .. })
                ),
                "{}",
                output.display()
            );
        }
        assert!(book.join("a.md").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_source_is_refused() {
        let (dir, book) = course();
        let link = dir.path().join("innocent");
        std::os::unix::fs::symlink(&book, &link).unwrap();
        for output in [link.clone(), link.join("site")] {
            assert!(matches!(
                Staged::new(&output, &book),
                Err(OutputError::IsSource { .. })
            ));
        }
    }

    #[test]
    fn a_folder_with_other_files_is_refused_and_kept() {
        let (dir, book) = course();
        let output = dir.path().join("thesis");
        std::fs::create_dir(&output).unwrap();
        std::fs::write(output.join("thesis.tex"), "years of work").unwrap();
        assert!(matches!(
            Staged::new(&output, &book),
            Err(OutputError::NotABuild(_))
        ));
        assert!(output.join("thesis.tex").exists());
    }

    #[test]
    fn an_earlier_build_is_replaced_unless_it_holds_a_repository() {
        let (dir, book) = course();
        let output = dir.path().join("site");
        for page in ["one.html", "two.html"] {
            let staged = Staged::new(&output, &book).unwrap();
            std::fs::write(staged.path().join(page), page).unwrap();
            staged.publish().unwrap();
        }
        assert!(!output.join("one.html").exists());
        assert!(output.join("two.html").exists());
        std::fs::create_dir(output.join(".git")).unwrap();
        assert!(matches!(
            Staged::new(&output, &book),
            Err(OutputError::NotABuild(_))
        ));
    }

    #[test]
    fn a_build_by_mdbook_itself_is_replaced() {
        let (dir, book) = course();
        let output = dir.path().join("site");
        std::fs::create_dir(&output).unwrap();
        std::fs::write(output.join(MDBOOK_FILE), "… mdBook's output.\n").unwrap();
        assert!(Staged::new(&output, &book).is_ok());
    }

    #[test]
    fn a_build_that_is_given_up_leaves_the_old_one_and_no_trace() {
        let (dir, book) = course();
        let output = dir.path().join("site");
        let staged = Staged::new(&output, &book).unwrap();
        std::fs::write(staged.path().join("old.html"), "old").unwrap();
        staged.publish().unwrap();
        let failed = Staged::new(&output, &book).unwrap();
        std::fs::write(failed.path().join("half.html"), "half").unwrap();
        drop(failed);
        assert!(output.join("old.html").exists());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
