//! Moves what was prepared to its places: all of it, or nothing.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{ScaffoldError, io_error};

/// Moves that are planned.
#[derive(Debug)]
pub(super) struct Placement<'a> {
    root: &'a Path,
    moves: Vec<(PathBuf, PathBuf)>,
}

/// What was done, in order; undone when dropped, unless it is kept.
#[derive(Debug, Default)]
struct Done {
    /// Folders that were made for others to stand in.
    made: Vec<PathBuf>,
    /// From where to where something was moved.
    moved: Vec<(PathBuf, PathBuf)>,
}

impl<'a> Placement<'a> {
    pub(super) fn new(root: &'a Path) -> Placement<'a> {
        Placement {
            root,
            moves: Vec::new(),
        }
    }

    /// Plans to move `from` to `place`, which is relative to the root and may not be there yet.
    pub(super) fn plan(&mut self, from: PathBuf, place: &Path) -> Result<(), ScaffoldError> {
        let to = self.root.join(place);
        // A dangling link is in the way as well.
        if fs::symlink_metadata(&to).is_ok() {
            return Err(ScaffoldError::Occupied(to));
        }
        self.moves.push((from, to));
        Ok(())
    }

    /// Moves everything to its place, then replaces the file `summary`.
    pub(super) fn carry_out(self, summary: &Path, contents: &str) -> Result<(), ScaffoldError> {
        let mut done = Done::default();
        for (from, to) in self.moves {
            done.make_parents(&to)?;
            fs::rename(&from, &to).map_err(io_error(&to))?;
            done.moved.push((from, to));
        }
        replace(&self.root.join(summary), contents)?;
        done.keep();
        Ok(())
    }
}

impl Done {
    fn make_parents(&mut self, path: &Path) -> Result<(), ScaffoldError> {
        let parents = path.ancestors().skip(1);
        let missing: Vec<&Path> = parents.take_while(|parent| !parent.exists()).collect();
        for parent in missing.into_iter().rev() {
            fs::create_dir(parent).map_err(io_error(parent))?;
            self.made.push(parent.to_path_buf());
        }
        Ok(())
    }

    fn keep(mut self) {
        self.made.clear();
        self.moved.clear();
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        // The error that led here is the one to tell, and what cannot be undone stays where it is.
        for (from, to) in self.moved.drain(..).rev() {
            let _ = fs::rename(to, from);
        }
        for made in self.made.drain(..).rev() {
            let _ = fs::remove_dir(made);
        }
    }
}

/// Writes a file and the folders above it.
pub(super) fn write_new(path: &Path, contents: &str) -> Result<(), ScaffoldError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(io_error(parent))?;
    }
    fs::write(path, contents).map_err(io_error(path))
}

/// Replaces a file in one step, so that nobody ever reads half of it.
fn replace(path: &Path, contents: &str) -> Result<(), ScaffoldError> {
    let permissions = fs::metadata(path).map_err(io_error(path))?.permissions();
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io_error(folder))?;
    file.write_all(contents.as_bytes())
        .map_err(io_error(path))?;
    file.as_file()
        .set_permissions(permissions)
        .map_err(io_error(path))?;
    file.persist(path)
        .map_err(|error| io_error(path)(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_that_fails_takes_back_those_before_it() {
        let root = tempfile::tempdir().unwrap();
        let staging = root.path().join("staging");
        write_new(&staging.join("one/file"), "1").unwrap();
        let mut placement = Placement::new(root.path());
        placement
            .plan(staging.join("one"), Path::new("deep/er/one"))
            .unwrap();
        placement
            .plan(staging.join("missing"), Path::new("two"))
            .unwrap();
        let error = placement
            .carry_out(Path::new("SUMMARY.md"), "new")
            .unwrap_err();
        assert!(matches!(error, ScaffoldError::Io { path, .. } if path.ends_with("two")));
        assert!(!root.path().join("deep").exists());
        assert_eq!(fs::read_to_string(staging.join("one/file")).unwrap(), "1");
    }

    #[test]
    fn a_summary_that_cannot_be_replaced_takes_back_every_move() {
        let root = tempfile::tempdir().unwrap();
        write_new(&root.path().join("staging/one"), "1").unwrap();
        let mut placement = Placement::new(root.path());
        placement
            .plan(root.path().join("staging/one"), Path::new("one"))
            .unwrap();
        placement
            .carry_out(Path::new("SUMMARY.md"), "new")
            .unwrap_err();
        assert!(!root.path().join("one").exists());
        assert!(!root.path().join("SUMMARY.md").exists());
    }

    #[test]
    fn a_place_that_is_taken_is_refused_before_anything_moves() {
        let root = tempfile::tempdir().unwrap();
        write_new(&root.path().join("one"), "1").unwrap();
        let mut placement = Placement::new(root.path());
        let error = placement
            .plan(root.path().join("staging"), Path::new("one"))
            .unwrap_err();
        assert!(matches!(error, ScaffoldError::Occupied(_)));
    }
}
