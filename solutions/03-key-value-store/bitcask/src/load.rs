//! Reading a directory at open: what it means, and what a crash has left to be mended.

use crate::{
    directory::Directory,
    error::{Damage, Error, Result},
    fs::FileSystem,
    hint,
    log::{Log, Place},
    name::{self, Kind},
    record,
    scan::{Found, Scan},
    writer::{Active, Sealed, Writer},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Reads the directory of a store, whose lock the caller holds: removes leftovers, cuts off a torn
/// end, and makes durable what was found.
///
/// # Errors
/// [`Error::Corrupt`] for damage that a crash of a writer does not explain; [`Error::Io`].
pub(crate) fn load(fs: &dyn FileSystem, dir: &Path) -> Result<(Writer, Directory)> {
    let Files {
        logs,
        hints,
        last_data,
    } = clean(fs, dir)?;
    let greatest = logs.last_key_value().map_or(0, |(id, _)| *id);
    let mut newest = Newest::default();
    let mut writer = Writer::new(greatest);
    for (id, kind) in logs {
        let path = name::path(dir, id, kind);
        let file = fs.open(&path).map_err(|source| io_error(&path, source))?;
        let log = Arc::new(Log { id, path, file });
        let is_last_data = Some(id) == last_data;
        let hint = if hints.contains(&id) {
            newest.read_hint(fs, dir, &log)?
        } else {
            None
        };
        let len = match hint {
            Some(len) => len,
            None => newest.scan(&log, is_last_data)?,
        };
        if is_last_data {
            // Its writer may have been killed between a write and its sync, and what stands here is
            // shown to readers from now on. What was cut off must not come back either.
            log.file.sync().map_err(|source| log.io_error(source))?;
            writer.active = Some(Active { log, len });
        } else {
            writer.sealed.insert(id, Sealed { log, len });
        }
    }
    fs.sync_dir(dir).map_err(|source| io_error(dir, source))?;
    writer.last_timestamp = newest.last_timestamp;
    Ok((writer, newest.directory))
}

/// The files of a store.
struct Files {
    logs: BTreeMap<u64, Kind>,
    /// The ids of logs that have a hint, sound or not.
    hints: HashSet<u64>,
    /// The log that a crash may have torn. Ids do not tell the age of records, but data files are
    /// begun in their order: all but the last were sealed, which means synced, before the next one was
    /// created.
    last_data: Option<u64>,
}

/// Lists the files, and removes those that nobody needs: what was being written, hints without a
/// log, and that of the log that may still be written to.
fn clean(fs: &dyn FileSystem, dir: &Path) -> Result<Files> {
    let mut logs = BTreeMap::new();
    let mut hints = HashSet::new();
    let names = fs.list(dir).map_err(|source| io_error(dir, source))?;
    for file_name in names {
        match name::parse(&file_name) {
            Some((id, Kind::Hint)) => {
                hints.insert(id);
            }
            Some((id, kind)) => {
                let other = logs.insert(id, kind);
                if other.is_some() {
                    return Err(Error::Corrupt {
                        path: dir.join(file_name),
                        offset: 0,
                        reason: Damage::SameId,
                    });
                }
            }
            None if name::is_temporary(&file_name) => remove(fs, &dir.join(file_name))?,
            None => {}
        }
    }
    let last_data = logs.iter().rev().find(|(_, kind)| **kind == Kind::Data);
    let last_data = last_data.map(|(id, _)| *id);
    // A hint that outlived its log would describe the next file that got the id. One of a log that
    // goes on would count again if the log came to the same length with other records.
    for id in hints.extract_if(|id| !logs.contains_key(id) || Some(*id) == last_data) {
        remove(fs, &name::path(dir, id, Kind::Hint))?;
    }
    Ok(Files {
        logs,
        hints,
        last_data,
    })
}

fn remove(fs: &dyn FileSystem, path: &Path) -> Result<()> {
    fs.remove(path).map_err(|source| io_error(path, source))
}

pub(crate) fn io_error(path: impl Into<PathBuf>, source: io::Error) -> Error {
    Error::Io {
        path: path.into(),
        source,
    }
}

/// The newest record of each key among those seen so far.
#[derive(Default)]
struct Newest {
    directory: Directory,
    /// The times of tombstones that are the newest records of their keys.
    tombstones: HashMap<Box<[u8]>, u64>,
    last_timestamp: u64,
}

impl Newest {
    /// A record of this key stands at `place`; it is a tombstone or not.
    fn see(&mut self, key: &[u8], place: Place, is_tombstone: bool) {
        let timestamp = place.timestamp;
        self.last_timestamp = self.last_timestamp.max(timestamp);
        let known = match self.directory.get(key) {
            Some(known) => Some(known.timestamp),
            None => self.tombstones.get(key).copied(),
        };
        // A record that stands in two files means the same as once.
        if known.is_some_and(|known| known >= timestamp) {
            return;
        }
        if is_tombstone {
            self.directory.set(key.into(), None);
            self.tombstones.insert(key.into(), timestamp);
        } else {
            if known.is_some() {
                self.tombstones.remove(key);
            }
            self.directory.set(key.into(), Some(place));
        }
    }

    /// Takes all records of a log from its hint, and returns the length of the log. `None`, and
    /// nothing is taken, if the hint does not count.
    fn read_hint(
        &mut self,
        fs: &dyn FileSystem,
        dir: &Path,
        log: &Arc<Log>,
    ) -> Result<Option<u64>> {
        let len = log.file.len().map_err(|source| log.io_error(source))?;
        let path = name::path(dir, log.id, Kind::Hint);
        let bytes = read_file(fs, &path).map_err(|source| io_error(&path, source))?;
        let Some(entries) = valid_entries(&bytes, len) else {
            return Ok(None);
        };
        for (entry, record_len) in entries {
            let place = Place {
                log: Arc::clone(log),
                offset: entry.offset,
                len: record_len,
                timestamp: entry.timestamp,
            };
            self.see(entry.key, place, entry.value_len.is_none());
        }
        Ok(Some(len))
    }

    /// Reads all records of a log, and returns its length. A torn end is cut off if the log is the
    /// last data file, and the caller syncs the cut.
    fn scan(&mut self, log: &Arc<Log>, is_last_data: bool) -> Result<u64> {
        let io_error = |source| log.io_error(source);
        let mut scan = Scan::new(&*log.file).map_err(io_error)?;
        loop {
            match scan.next().map_err(io_error)? {
                None => return Ok(scan.end()),
                Some(Found::Record {
                    offset,
                    record,
                    bytes,
                }) => {
                    let place = Place {
                        log: Arc::clone(log),
                        offset,
                        len: bytes.len() as u32,
                        timestamp: record.timestamp,
                    };
                    self.see(record.key, place, record.value.is_none());
                }
                Some(Found::Damage { offset, reason }) => {
                    // Records behind the damage were acknowledged, perhaps: to cut them off is not ours
                    // to decide.
                    let newest = self.last_timestamp;
                    if !is_last_data || !scan.is_torn_end(newest).map_err(io_error)? {
                        return Err(log.corrupt(offset, reason));
                    }
                    log.file.set_len(offset).map_err(io_error)?;
                    return Ok(offset);
                }
            }
        }
    }
}

/// All bytes of a file.
pub(crate) fn read_file(fs: &dyn FileSystem, path: &Path) -> io::Result<Vec<u8>> {
    let file = fs.open(path)?;
    let len = usize::try_from(file.len()?).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// The entries of a hint, each with the length of its record, if the hint counts for a log of
/// `log_len` bytes.
pub(crate) fn valid_entries(
    bytes: &[u8],
    log_len: u64,
) -> Option<impl Iterator<Item = (hint::Entry<'_>, u32)>> {
    let (entries, stated_len) = hint::decode(bytes).ok()?;
    if stated_len != log_len {
        return None;
    }
    let mut lens = Vec::with_capacity(entries.len());
    for entry in &entries {
        lens.push(record_len(entry, log_len)?);
    }
    Some(entries.into_iter().zip(lens))
}

/// The length of the record that an entry tells of, if there can be one in a log of `log_len` bytes.
fn record_len(entry: &hint::Entry<'_>, log_len: u64) -> Option<u32> {
    record::check_lens(entry.key.len(), entry.value_len).ok()?;
    let len = record::encoded_len(entry.key.len(), entry.value_len);
    let end = entry.offset.checked_add(u64::from(len))?;
    (end <= log_len).then_some(len)
}

/// Why the bytes of a hint do not count, in words.
pub(crate) fn hint_fault(bytes: &[u8], log_len: u64) -> Option<String> {
    match hint::decode(bytes) {
        Err(error) => Some(error.to_string()),
        Ok((_, stated)) if stated != log_len => Some(format!(
            "it is of a file of {stated} bytes, and this one has {log_len}"
        )),
        Ok(_) if valid_entries(bytes, log_len).is_none() => {
            Some("it tells of a record that does not lie in the file".to_owned())
        }
        Ok(_) => None,
    }
}
