//! Writing so that a kill at any moment leaves the old file or the new one, never a part.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Between two looks at a lock that another program holds.
const PAUSE: Duration = Duration::from_millis(10);

/// Replaces a file's content, or creates it and the folders above it. A file that is replaced
/// keeps its permissions.
///
/// The content goes to a file beside it first, whose name begins with a dot. A kill may leave that
/// one behind; the next replacement takes it over. Two writers of one file must hold a [`Lock`].
///
/// # Errors
/// When the folder is not writable or the disk is full; the file is then as it was.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(".part");
    let part = folder.join(name);
    let written = write_synced(&part, content).and_then(|()| {
        if let Ok(existing) = fs::metadata(path) {
            fs::set_permissions(&part, existing.permissions())?;
        }
        fs::rename(&part, path)
    });
    if written.is_err() {
        // The first error says more than one from cleaning up.
        let _ = fs::remove_file(&part);
    }
    written?;
    sync_folder(folder)
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes a rename in a folder survive a power cut, where the system can.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        // Some network file systems cannot; the rename itself is done.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

/// Reads a file, or nothing if there is none.
///
/// # Errors
/// When there is one that cannot be read.
pub fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A lock between processes, held until dropped. The system frees it when its holder dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for a lock file and takes it.
    ///
    /// # Errors
    /// When the file cannot be created, as in a read-only folder, or not be locked.
    pub fn take(path: &Path) -> io::Result<Lock> {
        let file = Lock::open(path)?;
        file.lock()?;
        Ok(Lock { _file: file })
    }

    /// Takes a lock file, waiting as long as `patient` says so, which hears how long it took so
    /// far. Unlike a wait in the system, this one can be ended by whoever handles a signal.
    ///
    /// # Errors
    /// As [`take`](Self::take), and [`TimedOut`](io::ErrorKind::TimedOut) once the patience ends.
    pub fn take_while(path: &Path, patient: impl Fn(Duration) -> bool) -> io::Result<Lock> {
        let file = Lock::open(path)?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::WouldBlock) if patient(since.elapsed()) => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let why = "another program holds it; perhaps one that is stopped";
                    return Err(io::Error::new(io::ErrorKind::TimedOut, why));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    fn open(path: &Path) -> io::Result<File> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
    }
}

/// A moment as part of a file name, in UTC, such as `2026-11-23T09-05-00Z`.
#[must_use]
pub fn stamp(when: Timestamp) -> String {
    let utc = when.to_zoned(TimeZone::UTC);
    utc.strftime("%Y-%m-%dT%H-%M-%SZ").to_string()
}

/// A path in `folder` that nothing has yet: `<start><stamp><end>`, with a number where needed.
#[must_use]
pub fn unused(folder: &Path, start: &str, when: Timestamp, end: &str) -> PathBuf {
    let stamp = stamp(when);
    let numbered = (2_u32..).map(|number| format!("{start}{stamp}-{number}{end}"));
    std::iter::once(format!("{start}{stamp}{end}"))
        .chain(numbered)
        .map(|name| folder.join(name))
        .find(|path| path.symlink_metadata().is_err())
        .unwrap_or_else(|| folder.join(format!("{start}{stamp}{end}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_has_the_new_content_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b.txt");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_writer_left_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".b.txt.part"), "half of something long").unwrap();
        replace(&dir.path().join("b.txt"), b"whole").unwrap();
        assert_eq!(fs::read(dir.path().join("b.txt")).unwrap(), b"whole");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.sh");
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o750
        );
    }

    #[test]
    fn two_copies_of_one_second_get_names_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let when: Timestamp = "2026-11-23T09:05:00.7Z".parse().unwrap();
        let first = unused(dir.path(), "copy-", when, ".json");
        assert!(first.ends_with("copy-2026-11-23T09-05-00Z.json"));
        fs::write(&first, "").unwrap();
        let second = unused(dir.path(), "copy-", when, ".json");
        assert!(second.ends_with("copy-2026-11-23T09-05-00Z-2.json"));
    }
}
