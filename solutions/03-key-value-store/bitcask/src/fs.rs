//! The file system as a store sees it. This file is complete.
//!
//! All input and output of a store goes through [`FileSystem`] and [`File`], so that tests can put a
//! disk of their own underneath. [`Disk`] is the real one.

use std::{
    ffi::OsString,
    fmt::Debug,
    fs::{self, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::Path,
    sync::Arc,
};

/// What a store asks of a file system.
///
/// A change of a directory (a new name, a rename, a removal) is durable when a
/// [`sync_dir`](FileSystem::sync_dir) that began after it has succeeded, and may be lost in a power
/// failure until then.
pub trait FileSystem: Debug + Send + Sync {
    /// Creates a directory and its parents, where they are missing. New directories are durable on
    /// return.
    ///
    /// # Errors
    /// Those of the system.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// The names of the files in a directory, in any order; directories are left out.
    ///
    /// # Errors
    /// Those of the system.
    fn list(&self, dir: &Path) -> io::Result<Vec<OsString>>;

    /// Creates a file for reading and writing.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if the name is taken, and those of the system.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none, and those of the system.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;

    /// Gives a file another name in the same directory, in one step. A file that had the name is
    /// replaced.
    ///
    /// # Errors
    /// Those of the system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a name. A file that is open stays readable.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none, and those of the system.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// Those of the system.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Locks a file for this process alone, and creates it if it is missing. `None` says that
    /// somebody else holds the lock, be it in this process. The lock is released when it is
    /// dropped, and by the system when the process dies.
    ///
    /// # Errors
    /// Those of the system.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>>;
}

/// An open file. It has no position: every call says where.
pub trait File: Debug + Send + Sync {
    /// Reads at `offset` and returns the number of bytes read, which may be less than asked for; 0
    /// is the end of the file.
    ///
    /// # Errors
    /// Those of the system.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Reads until `buf` is full.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEof`] if the file ends before, and those of the system.
    fn read_exact_at(&self, mut buf: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buf.is_empty() {
            match self.read_at(buf, offset) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    buf = &mut buf[read..];
                    offset += read as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes all bytes at `offset`. After an error, any part of them from the first byte on may
    /// have been written.
    ///
    /// # Errors
    /// Those of the system, for example [`ErrorKind::StorageFull`].
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// The length in bytes.
    ///
    /// # Errors
    /// Those of the system.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file has no bytes.
    ///
    /// # Errors
    /// Those of the system.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Cuts the file, or makes it longer with zeros.
    ///
    /// # Errors
    /// Those of the system.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes all that was written before, and the length, durable.
    ///
    /// # Errors
    /// Those of the system. Afterwards nobody knows which of the bytes are durable, and a second
    /// call that succeeds does not tell.
    fn sync(&self) -> io::Result<()>;
}

/// A lock that is held until it is dropped.
pub trait Lock: Debug + Send + Sync {}

/// The file system of this machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct Disk;

impl FileSystem for Disk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        if dir.as_os_str().is_empty() || dir.is_dir() {
            return Ok(());
        }
        let parent = dir.parent().unwrap_or(Path::new(""));
        self.create_dir_all(parent)?;
        match fs::create_dir(dir) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => self.sync_dir(parent),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                names.push(entry.file_name());
            }
        }
        Ok(names)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).open(path)?;
        Ok(Arc::new(OnDisk(file)))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Arc::new(OnDisk(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    #[cfg(unix)]
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let dir = if dir.as_os_str().is_empty() {
            Path::new(".")
        } else {
            dir
        };
        fs::File::open(dir)?.sync_all()
    }

    /// Windows has no such call: its file systems keep a journal of names.
    #[cfg(not(unix))]
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(Locked { _file: file }))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// A file of the machine.
#[derive(Debug)]
struct OnDisk(fs::File);

impl File for OnDisk {
    #[cfg(unix)]
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, buf, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, buf, offset)
    }

    #[cfg(unix)]
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.0, bytes, offset)
    }

    #[cfg(windows)]
    fn write_all_at(&self, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = std::os::windows::fs::FileExt::seek_write(&self.0, bytes, offset)?;
            if written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            bytes = &bytes[written..];
            offset += written as u64;
        }
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// A locked file. The system releases the lock when the file is closed.
#[derive(Debug)]
struct Locked {
    _file: fs::File,
}

impl Lock for Locked {}
