//! A journal on a disk.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::clock::{self, Clock};
use crate::entry::{self, BadLength, Entry, Foreign, HEADER};
use crate::replace::sync_dir;
use crate::scan::{Tail, scan};

/// Why a journal cannot be opened or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else has the journal open.
    #[error("{} is open elsewhere", .0.display())]
    Locked(PathBuf),
    /// The file is something else.
    #[error("{}: {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        reason: Foreign,
    },
    /// The file is damaged where no crash damages it.
    #[error("{}: damaged at byte {offset}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the first invalid entry begins.
        offset: usize,
    },
    /// The payload cannot be written.
    #[error(transparent)]
    Length(#[from] BadLength),
    /// A write or a sync failed before, so nobody knows what the file holds.
    #[error("an earlier write failed; open the journal again")]
    Failed,
}

/// The entries of a journal that is opened: the time of each, and its payload.
pub type Found = Vec<(u64, Vec<u8>)>;

/// A journal that this process, and no other, may append to.
// ANCHOR: journal
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    clock: Clock,
    buffer: Vec<u8>,
    failed: bool,
}
// ANCHOR_END: journal

/// Opens a file for appending, and sees to it that nobody else does.
// ANCHOR: lock
fn claim(path: &Path) -> Result<File, Error> {
    let io = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true);
    let file = options.open(path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}
// ANCHOR_END: lock

/// Whether this is what a crash may leave of a file that is being begun.
fn is_unbegun(bytes: &[u8]) -> bool {
    let cut = bytes.len() < HEADER && entry::file_header().starts_with(bytes);
    cut || bytes.iter().all(|byte| *byte == 0)
}

impl Journal {
    /// Opens a journal or begins it, and reads what it holds. What a crash has torn is cut off.
    ///
    /// # Errors
    /// When the file is locked, damaged, not a journal, or when the file system fails.
    pub fn open(path: &Path) -> Result<(Self, Found), Error> {
        let io = |source| Error::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = claim(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let (found, end) = if is_unbegun(&bytes) {
            (Vec::new(), 0)
        } else {
            let body = entry::entries(&bytes).map_err(|reason| Error::Foreign {
                path: path.to_owned(),
                reason,
            })?;
            let (found, end, tail) = scan(body);
            if let Tail::Damaged(..) = tail {
                let (path, offset) = (path.to_owned(), HEADER + end);
                return Err(Error::Damaged { path, offset });
            }
            (found, HEADER + end)
        };
        let clock = Clock::after(found.last().map_or(0, |entry| entry.time));
        let found = found.iter().map(|entry| (entry.time, entry.payload.into()));
        let found = found.collect();
        if end < bytes.len() {
            file.set_len(end as u64).map_err(io)?;
        }
        if end == 0 {
            file.set_len(0).map_err(io)?;
            file.write_all(&entry::file_header()).map_err(io)?;
        }
        file.sync_data().map_err(io)?;
        sync_dir(path).map_err(io)?;
        let journal = Self {
            path: path.to_owned(),
            file,
            clock,
            buffer: Vec::new(),
            failed: false,
        };
        Ok((journal, found))
    }

    /// Appends an event. When this returns, the event is durable.
    ///
    /// # Errors
    /// When the payload's length is out of range, and when the file system fails. After the latter,
    /// nothing can be appended any more, and whether the event is there shows at the next opening.
    // ANCHOR: append
    pub fn append(&mut self, payload: &[u8]) -> Result<u64, Error> {
        if self.failed {
            return Err(Error::Failed);
        }
        let mut clock = self.clock;
        let time = clock.tick(clock::now());
        self.buffer.clear();
        entry::encode(&Entry { time, payload }, &mut self.buffer)?;
        let written = self.file.write_all(&self.buffer);
        if let Err(source) = written.and_then(|()| self.file.sync_data()) {
            self.failed = true;
            let path = self.path.clone();
            return Err(Error::Io { path, source });
        }
        self.clock = clock;
        Ok(time)
    }
    // ANCHOR_END: append
}
