//! The files that a merge writes, with their hints.

use crate::{
    directory::Move,
    error::Result,
    fs::{File, FileSystem},
    hint,
    load::io_error,
    log::{Log, Place},
    name::{self, Kind},
    record::Record,
    shared::Shared,
    writer::Sealed,
};
use std::{
    mem,
    path::{Path, PathBuf},
    sync::Arc,
};

/// How much is written at once, unless a record is longer.
const CHUNK: usize = 1 << 20;

/// Where a copied record stood.
pub(crate) type Origin = (Arc<Log>, u64);

/// Writes records to as many merged files as they need, all under temporary names.
#[derive(Debug)]
pub(crate) struct Output<'a> {
    shared: &'a Shared,
    finished: Vec<Finished<'a>>,
    current: Option<Unfinished<'a>>,
}

impl<'a> Output<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        Self {
            shared,
            finished: Vec::new(),
            current: None,
        }
    }

    /// Appends a record, which is `bytes`. `origin` says where it stood if readers are to follow it
    /// to its copy.
    pub(crate) fn append(
        &mut self,
        record: &Record<'_>,
        bytes: &[u8],
        origin: Option<Origin>,
    ) -> Result<()> {
        let len = self.current.as_ref().map_or(0, |current| current.len);
        if len + bytes.len() as u64 > self.shared.options.max_file_size {
            self.complete_current()?;
        }
        let current = match &mut self.current {
            Some(current) => current,
            None => self.current.insert(Unfinished::create(self.shared)?),
        };
        current.append(record, bytes, origin)
    }

    /// Makes the bytes of all files durable, and of their hints.
    pub(crate) fn finish(mut self) -> Result<Vec<Finished<'a>>> {
        self.complete_current()?;
        Ok(self.finished)
    }

    fn complete_current(&mut self) -> Result<()> {
        if let Some(current) = self.current.take() {
            self.finished.push(current.finish(self.shared)?);
        }
        Ok(())
    }
}

/// A record in a merged file.
#[derive(Debug)]
struct Copy {
    key: Box<[u8]>,
    timestamp: u64,
    value_len: Option<u32>,
    offset: u64,
    len: u32,
    origin: Option<Origin>,
}

/// A merged file that is being written.
#[derive(Debug)]
struct Unfinished<'a> {
    id: u64,
    file: Temporary<'a>,
    /// The length of the records in bytes, written or buffered.
    len: u64,
    /// What is not written yet.
    buffer: Vec<u8>,
    copies: Vec<Copy>,
}

impl<'a> Unfinished<'a> {
    fn create(shared: &'a Shared) -> Result<Self> {
        let id = shared.writer().next_id();
        let id = id.ok_or_else(|| shared.exhausted())?;
        Ok(Self {
            id,
            file: Temporary::create(shared, id, Kind::Merged)?,
            len: 0,
            buffer: Vec::new(),
            copies: Vec::new(),
        })
    }

    fn append(&mut self, record: &Record<'_>, bytes: &[u8], origin: Option<Origin>) -> Result<()> {
        self.copies.push(Copy {
            key: record.key.into(),
            timestamp: record.timestamp,
            value_len: record.value.map(|value| value.len() as u32),
            offset: self.len,
            len: bytes.len() as u32,
            origin,
        });
        self.len += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let offset = self.len - self.buffer.len() as u64;
        self.file.write(&self.buffer, offset)?;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self, shared: &'a Shared) -> Result<Finished<'a>> {
        self.flush()?;
        self.file.sync()?;
        let entries = self.copies.iter().map(|copy| hint::Entry {
            timestamp: copy.timestamp,
            key: &copy.key,
            value_len: copy.value_len,
            offset: copy.offset,
        });
        let mut bytes = Vec::new();
        hint::encode(entries, self.len, &mut bytes);
        let hint = Temporary::create(shared, self.id, Kind::Hint)?;
        hint.write(&bytes, 0)?;
        hint.sync()?;
        let Self {
            id,
            file,
            len,
            copies,
            ..
        } = self;
        Ok(Finished {
            id,
            file,
            hint,
            len,
            copies,
        })
    }
}

/// A merged file and its hint, whose bytes are durable.
#[derive(Debug)]
pub(crate) struct Finished<'a> {
    pub(crate) id: u64,
    file: Temporary<'a>,
    hint: Temporary<'a>,
    len: u64,
    copies: Vec<Copy>,
}

impl Finished<'_> {
    /// Gives the files their names, and makes the merged one a log of the store. The names are
    /// durable after a sync of the directory. Returns what the readers should follow then.
    pub(crate) fn publish(self, shared: &Shared) -> Result<Vec<Move>> {
        let path = name::path(&shared.dir, self.id, Kind::Merged);
        let file = self.file.rename(&path)?;
        let log = Arc::new(Log {
            id: self.id,
            path,
            file,
        });
        // From now on, merges have to reckon with it, even if what follows fails.
        let sealed = Sealed {
            log: Arc::clone(&log),
            len: self.len,
        };
        shared.writer().sealed.insert(self.id, sealed);
        // The hint comes second: one without its log could meet another log of the same id.
        let hint_path = name::path(&shared.dir, self.id, Kind::Hint);
        self.hint.rename(&hint_path)?;
        let moves = self.copies.into_iter().filter_map(|copy| {
            Some(Move {
                from: copy.origin?,
                to: Place {
                    log: Arc::clone(&log),
                    offset: copy.offset,
                    len: copy.len,
                    timestamp: copy.timestamp,
                },
                key: copy.key,
            })
        });
        Ok(moves.collect())
    }
}

/// A file under a temporary name. It is removed when it is dropped.
#[derive(Debug)]
struct Temporary<'a> {
    fs: &'a dyn FileSystem,
    path: PathBuf,
    file: Arc<dyn File>,
}

impl<'a> Temporary<'a> {
    fn create(shared: &'a Shared, id: u64, kind: Kind) -> Result<Self> {
        let path = name::temporary_path(&shared.dir, id, kind);
        let fs = &*shared.fs;
        let file = fs.create(&path);
        let file = file.map_err(|source| io_error(&path, source))?;
        Ok(Self { fs, path, file })
    }

    fn write(&self, bytes: &[u8], offset: u64) -> Result<()> {
        let written = self.file.write_all_at(bytes, offset);
        written.map_err(|source| io_error(&self.path, source))
    }

    fn sync(&self) -> Result<()> {
        let synced = self.file.sync();
        synced.map_err(|source| io_error(&self.path, source))
    }

    /// Gives the file its name for good.
    fn rename(mut self, to: &Path) -> Result<Arc<dyn File>> {
        let renamed = self.fs.rename(&self.path, to);
        renamed.map_err(|source| io_error(to, source))?;
        self.path = PathBuf::new();
        Ok(Arc::clone(&self.file))
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        let path = mem::take(&mut self.path);
        if !path.as_os_str().is_empty() {
            // What stays is removed by the next open.
            let _ = self.fs.remove(&path);
        }
    }
}
