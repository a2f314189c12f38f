//! Replacing a file in one step.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Replaces what the file at `path` holds by `contents`, so that whoever opens it at any moment,
/// and whoever looks after a crash at any moment, finds all of the old contents or all of the
/// new ones.
///
/// The new contents are written to a new file in the same folder, synced to the disk, given the
/// permissions of the old file, and renamed over it; then the folder is synced. A symbolic link
/// is followed: it stays, and the file that it leads to is replaced. Whoever has the old file
/// open keeps reading the old contents.
///
/// Before it has the permissions of the old file, nobody but its owner can read the new one. The
/// owner is that of the old file if the process may give files away, and otherwise its own user.
/// Several calls at once do not disturb each other: no two use the same new file, and the last
/// one's contents stay. The name of the old file may be as long as the system allows.
///
/// The new file is removed if anything fails. After a kill it may stay behind.
///
/// # Errors
/// When `path` does not lead to a regular file, or any step fails. The old contents are there
/// then, unless it was the last step: if the folder cannot be synced, the new ones are there, and
/// a power failure may bring back the old ones.
pub fn replace_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    // Renaming over a symbolic link would replace the link.
    let target = fs::canonicalize(path)?;
    let metadata = regular_file(&target)?;
    let Some(folder) = target.parent() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let (mut file, temporary) = Temporary::create(folder)?;
    file.write_all(contents)?;
    take_over(&file, &metadata)?;
    // Before the rename, or a crash could leave the new name with none of the new bytes.
    file.sync_all()?;
    drop(file);
    temporary.rename(&target)?;
    sync_folder(folder)
}

/// What is known about a file, which has to be one: no folder, pipe or device.
pub(crate) fn regular_file(path: &Path) -> io::Result<Metadata> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() {
        return Ok(metadata);
    }
    let kind = io::ErrorKind::InvalidInput;
    Err(io::Error::new(kind, "not a regular file"))
}

/// A new file that is removed unless it is renamed.
struct Temporary {
    path: Option<PathBuf>,
}

impl Temporary {
    fn create(folder: &Path) -> io::Result<(File, Self)> {
        loop {
            let path = folder.join(temporary_name());
            match create_private(&path) {
                Ok(file) => return Ok((file, Self { path: Some(path) })),
                // Of a process that has, or had, the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        if let Some(path) = &self.path {
            fs::rename(path, target)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Nobody is there to hear of it, and the caller hears of what led here.
            let _ = fs::remove_file(path);
        }
    }
}

/// A hidden name that no other call of this process uses. The file's own name is no part of it,
/// for that may be as long as a name can be.
fn temporary_name() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    format!(".conf-{}-{call}.tmp", process::id())
}

/// Creates a file that only its owner can read: what comes into it may be a secret.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Gives the new file the permissions of the old one, and its owner as far as the process may.
fn take_over(file: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        // Only a privileged process may give files away. Owners come first, because a change of
        // owner takes away the bits that run a program as its owner.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    }
    file.set_permissions(old.permissions())
}

/// Makes a rename in a folder last.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
