//! Examining a store without opening it: what is damaged, and what can be saved.

use crate::{
    error::{Damage, Error, Result},
    fs::FileSystem,
    load::{hint_fault, io_error, read_file, valid_entries},
    log::Log,
    name::{self, Kind},
    record::Record,
    scan::{Found, Scan},
};
use std::{
    collections::{BTreeSet, HashMap},
    fmt::{self, Display},
    path::{Path, PathBuf},
    sync::Arc,
};

/// What [`examine`] has found.
#[derive(Debug)]
pub struct Report {
    /// All data and merged files, by their ids.
    pub files: Vec<FileReport>,
    /// For each key the newest record that can be read, unless that is a tombstone.
    keys: HashMap<Vec<u8>, Newest>,
}

/// What a data or merged file holds.
#[derive(Debug)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// Its length in bytes.
    pub len: u64,
    /// The number of valid records.
    pub records: usize,
    /// What is damaged, in the order of the offsets.
    pub faults: Vec<Fault>,
    /// Why the file's hint is not used, if there is one that is not. Nothing is lost by that.
    pub useless_hint: Option<String>,
}

/// A damaged place in a file.
#[derive(Debug)]
pub struct Fault {
    /// Where it begins, in bytes from the beginning of the file.
    pub offset: u64,
    /// What is wrong.
    pub reason: Damage,
    /// What follows it.
    pub then: Then,
}

/// What follows a damaged place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// A valid record, at this offset.
    Record {
        /// Where it begins, in bytes from the beginning of the file.
        offset: u64,
    },
    /// So many bytes, of which nothing can be told.
    Nothing {
        /// The number of bytes from the damage to the end of the file.
        bytes: u64,
        /// Whether the crash of a writer explains it, so that opening the store cuts it off.
        is_torn_end: bool,
    },
    /// The hint of the file tells of another record here.
    MisleadingHint,
    /// The records of both logs that have the same id.
    AllRecords,
}

impl Display for Then {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { offset } => write!(f, "the next valid record is at offset {offset}"),
            Self::Nothing {
                bytes,
                is_torn_end: true,
            } => write!(
                f,
                "nothing valid follows in the last {bytes} bytes: a torn write, which opening the store cuts off"
            ),
            Self::Nothing { bytes, .. } => {
                write!(f, "nothing valid follows in the last {bytes} bytes")
            }
            Self::MisleadingHint => {
                f.write_str("the hint tells of another record here: remove the hint")
            }
            Self::AllRecords => f.write_str("the records of both are read"),
        }
    }
}

impl Report {
    /// Whether nothing is damaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.files.iter().all(|file| file.faults.is_empty())
    }

    /// The number of keys whose values can be read.
    #[must_use]
    pub fn readable_keys(&self) -> usize {
        let live = self.keys.values().filter(|newest| newest.place.is_some());
        live.count()
    }

    /// Calls `save` with each key that can be read and its value.
    ///
    /// # Errors
    /// Those of `save`, and [`Error::Io`].
    pub fn each(
        &self,
        fs: &dyn FileSystem,
        mut save: impl FnMut(&[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        for file in &self.files {
            let log = open(fs, &file.path)?;
            walk(&log, None, |step| match step {
                Step::Record { offset, record } => {
                    let newest = self.keys.get(record.key);
                    let is_newest = newest.is_some_and(|newest| {
                        newest.place.as_ref() == Some(&(file.path.clone(), offset))
                    });
                    match record.value {
                        Some(value) if is_newest => save(record.key, value),
                        _ => Ok(()),
                    }
                }
                Step::Damage { .. } => Ok(()),
            })?;
        }
        Ok(())
    }
}

/// The newest record of a key.
#[derive(Debug)]
struct Newest {
    timestamp: u64,
    /// `None` for a tombstone.
    place: Option<(PathBuf, u64)>,
}

/// Reads all files of the store in `dir` and changes nothing. Nobody may have the store open.
///
/// Reads every byte. Memory follows the keys and the largest record. Behind a damaged header, every
/// offset is tried for a record: a value that itself holds records may be taken for them there.
///
/// # Errors
/// [`Error::Locked`] if the store is open; [`Error::Io`].
pub fn examine(fs: &dyn FileSystem, dir: &Path) -> Result<Report> {
    let names = fs.list(dir).map_err(|source| io_error(dir, source))?;
    // Without a lock file nobody has the store open, and none is created here.
    let _lock = if names.iter().any(|file_name| file_name == name::LOCK) {
        let path = dir.join(name::LOCK);
        let lock = fs.lock(&path).map_err(|source| io_error(&path, source))?;
        Some(lock.ok_or_else(|| Error::Locked { dir: dir.into() })?)
    } else {
        None
    };
    let parsed = names.iter().filter_map(|file_name| name::parse(file_name));
    let (hints, logs): (BTreeSet<_>, BTreeSet<_>) =
        parsed.partition(|(_, kind)| *kind == Kind::Hint);
    let last_data = logs.iter().rev().find(|(_, kind)| *kind == Kind::Data);
    let last_data = last_data.copied();
    let mut report = Report {
        files: Vec::new(),
        keys: HashMap::new(),
    };
    for (id, kind) in logs.iter().copied() {
        let is_last_data = Some((id, kind)) == last_data;
        let log = open(fs, &name::path(dir, id, kind))?;
        let mut file = examine_log(&log, is_last_data, &mut report.keys)?;
        if kind == Kind::Merged && logs.contains(&(id, Kind::Data)) {
            let same_id = Fault {
                offset: 0,
                reason: Damage::SameId,
                then: Then::AllRecords,
            };
            file.faults.insert(0, same_id);
        } else if hints.contains(&(id, Kind::Hint)) && !is_last_data {
            examine_hint(fs, &name::path(dir, id, Kind::Hint), &log, &mut file)?;
        }
        report.files.push(file);
    }
    Ok(report)
}

fn open(fs: &dyn FileSystem, path: &Path) -> Result<Arc<Log>> {
    let file = fs.open(path).map_err(|source| io_error(path, source))?;
    Ok(Arc::new(Log {
        id: 0,
        path: path.into(),
        file,
    }))
}

/// What a walk through a log comes to.
enum Step<'a> {
    Record { offset: u64, record: Record<'a> },
    Damage { fault: Fault },
}

/// Walks through all valid records of a log, also behind damage, but not into a torn end. Only the
/// last data file can have one: `newest` is the greatest time of the records in the logs before it.
/// Returns the length of the log.
fn walk(
    log: &Log,
    mut newest: Option<u64>,
    mut on: impl FnMut(Step<'_>) -> Result<()>,
) -> Result<u64> {
    let io_error = |source| log.io_error(source);
    let mut scan = Scan::new(&*log.file).map_err(io_error)?;
    while let Some(found) = scan.next().map_err(io_error)? {
        let (offset, reason) = match found {
            Found::Record { offset, record, .. } => {
                newest = newest.map(|newest| newest.max(record.timestamp));
                on(Step::Record { offset, record })?;
                continue;
            }
            Found::Damage { offset, reason } => (offset, reason.into()),
        };
        // Behind other damage nothing is a torn end: opening the store stops before it.
        let is_torn_end = match newest.take() {
            Some(newest) => scan.is_torn_end(newest).map_err(io_error)?,
            None => false,
        };
        let next = if is_torn_end {
            None
        } else {
            scan.skip_damage().map_err(io_error)?
        };
        let then = match next {
            Some(offset) => Then::Record { offset },
            None => Then::Nothing {
                bytes: scan.end() - offset,
                is_torn_end,
            },
        };
        let fault = Fault {
            offset,
            reason,
            then,
        };
        on(Step::Damage { fault })?;
        if next.is_none() {
            break;
        }
    }
    Ok(scan.end())
}

fn examine_log(
    log: &Log,
    is_last_data: bool,
    keys: &mut HashMap<Vec<u8>, Newest>,
) -> Result<FileReport> {
    let (mut records, mut faults) = (0, Vec::new());
    let times = keys.values().map(|newest| newest.timestamp);
    let newest = is_last_data.then(|| times.max().unwrap_or(0));
    let len = walk(log, newest, |step| {
        match step {
            Step::Record { offset, record } => {
                records += 1;
                see(keys, log, offset, &record);
            }
            Step::Damage { fault } => faults.push(fault),
        }
        Ok(())
    })?;
    Ok(FileReport {
        path: log.path.clone(),
        len,
        records,
        faults,
        useless_hint: None,
    })
}

fn see(keys: &mut HashMap<Vec<u8>, Newest>, log: &Log, offset: u64, record: &Record<'_>) {
    let known = keys.get(record.key);
    if known.is_none_or(|known| known.timestamp < record.timestamp) {
        let newest = Newest {
            timestamp: record.timestamp,
            place: record.value.map(|_| (log.path.clone(), offset)),
        };
        keys.insert(record.key.to_vec(), newest);
    }
}

/// A hint that does not count does no harm. One that counts and differs from its file would mislead
/// whoever opens the store.
fn examine_hint(fs: &dyn FileSystem, hint: &Path, log: &Log, file: &mut FileReport) -> Result<()> {
    let bytes = read_file(fs, hint).map_err(|source| io_error(hint, source))?;
    file.useless_hint = hint_fault(&bytes, file.len);
    let Some(entries) = valid_entries(&bytes, file.len) else {
        return Ok(());
    };
    if !file.faults.is_empty() {
        return Ok(());
    }
    let mut entries = entries.map(|(entry, _)| entry);
    let mut misled = None;
    walk(log, None, |step| {
        if let Step::Record { offset, record } = step {
            let is_told = entries.next().is_some_and(|entry| {
                entry.offset == offset
                    && entry.key == record.key
                    && entry.timestamp == record.timestamp
                    && entry.value_len == record.value.map(|value| value.len() as u32)
            });
            if !is_told {
                misled.get_or_insert(offset);
            }
        }
        Ok(())
    })?;
    let misled = misled.or_else(|| entries.next().map(|entry| entry.offset));
    file.faults.extend(misled.map(|offset| Fault {
        offset,
        reason: Damage::OtherRecord,
        then: Then::MisleadingHint,
    }));
    Ok(())
}
