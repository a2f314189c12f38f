//! Temporary directories.

use crate::panics;
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// A new, empty directory that is removed with all that is in it when this value is dropped.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
}

impl TempDir {
    /// Makes a directory whose name nobody else has.
    ///
    /// # Panics
    ///
    /// If the system's directory for temporary files cannot be written to.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = env::temp_dir().join(format!("suite-{}-{number}", process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Self { path },
                // Left behind by a process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => panics::fault(format!(
                    "cannot make the temporary folder {}: {error}",
                    path.display()
                )),
            }
        }
    }

    /// Where the directory is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Default for TempDir {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_new_empty_and_removed_with_its_contents() {
        let (one, other) = (TempDir::new(), TempDir::new());
        assert_ne!(one.path(), other.path());
        assert_eq!(fs::read_dir(one.path()).unwrap().count(), 0);
        fs::create_dir(one.path().join("sub")).unwrap();
        fs::write(one.path().join("sub/file"), "text").unwrap();
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists());
        assert!(other.path().exists());
    }
}
