//! The kit's simulated disk as the file system of a store.

use crate::{
    driven::{Files, data_files},
    format,
};
use bitcask::{
    Bitcask, Options,
    fs::{File, FileSystem, Lock},
};
use std::{
    ffi::OsString,
    io::{self, ErrorKind},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};
use suite_kit::disk::{Crash, Gate, Image, Kind, Operation, SimDisk, SimFile, SimLock};

/// The directory of the store.
const DIR: &str = "/store";

/// How often other threads are let go first, before a sync.
const YIELDS: usize = 10;

/// A simulated disk with the directory of one store.
#[derive(Debug, Clone)]
pub(crate) struct Simulated {
    disk: SimDisk,
    moods: Arc<Moods>,
}

/// How the files of a disk behave, within what their contract allows.
#[derive(Debug)]
struct Moods {
    /// What a read returns at most.
    most_read: AtomicUsize,
    /// Whether a write fails after it has written all its bytes.
    writes_fail_late: AtomicBool,
    /// Whether a sync that fails is told of once: whoever syncs at the same time, or later, hears
    /// nothing.
    failures_are_told_once: AtomicBool,
    /// Whether it has been told.
    failure_is_told: AtomicBool,
    /// How many handles of files there are.
    open: AtomicUsize,
}

impl Simulated {
    fn opened(&self, file: SimFile) -> Arc<dyn File> {
        let moods = Arc::clone(&self.moods);
        moods.open.fetch_add(1, SeqCst);
        Arc::new(Open { file, moods })
    }

    /// A disk with these files in the directory, all durable.
    pub(crate) fn with(files: &Files) -> Self {
        let file = |(name, bytes): (&String, &Vec<u8>)| (Path::new(DIR).join(name), bytes.clone());
        Self::of(&files.iter().map(file).collect())
    }

    fn of(image: &Image) -> Self {
        Self {
            disk: SimDisk::with(image),
            moods: Arc::new(Moods {
                most_read: AtomicUsize::new(usize::MAX),
                writes_fail_late: AtomicBool::new(false),
                failures_are_told_once: AtomicBool::new(false),
                failure_is_told: AtomicBool::new(false),
                open: AtomicUsize::new(0),
            }),
        }
    }

    pub(crate) fn open(&self, options: Options) -> bitcask::Result<Bitcask> {
        Bitcask::open_with(Arc::new(self.clone()), DIR, options)
    }

    /// What a process finds if this one is killed now.
    pub(crate) fn files(&self) -> Files {
        files_of(self.disk.image(Crash::Kill))
    }

    /// The disk of the next process if this one is killed now.
    pub(crate) fn after_kill(&self) -> Self {
        Self::of(&self.disk.image(Crash::Kill))
    }

    /// The disk after a power failure: with what was synced and nothing else, or, with a seed, with
    /// some of the rest.
    pub(crate) fn after_power_failure(&self, seed: Option<u64>) -> Self {
        let crash = match seed {
            None => Crash::PowerFailure,
            Some(seed) => Crash::PowerFailureWith { seed },
        };
        Self::of(&self.disk.image(crash))
    }

    /// The changes of the directory that are not synced, in words.
    pub(crate) fn unsynced_changes(&self) -> Vec<String> {
        self.disk.unsynced_changes()
    }

    /// The disks after a power failure that has left what was synced and, of the changes of the
    /// directory that were not, this one alone, or all but this one.
    pub(crate) fn after_power_failures_around(&self, change: usize) -> [Self; 2] {
        let keeping = Crash::PowerFailureKeeping { change };
        let losing = Crash::PowerFailureLosing { change };
        [keeping, losing].map(|crash| Self::of(&self.disk.image(crash)))
    }

    /// Whether a power failure would leave a live record of the key.
    pub(crate) fn is_durable(&self, key: &[u8]) -> bool {
        let files = self.durable_files();
        let newest = format::newest(data_files(&files).into_values());
        newest.get(key).is_some_and(|record| record.value.is_some())
    }

    /// Holds all syncs of files.
    pub(crate) fn hold_syncs(&self) -> Gate {
        self.disk.hold(|kind, _| kind == Kind::Sync)
    }

    /// Holds the syncs of what a merge writes, whatever names it has meanwhile.
    pub(crate) fn hold_syncs_of_copies(&self) -> Gate {
        self.disk.hold(|kind, path| {
            kind == Kind::Sync && path.extension().is_none_or(|end| end != "data")
        })
    }

    /// Holds whoever locks a file.
    pub(crate) fn hold_locks(&self) -> Gate {
        self.disk.hold(|kind, _| kind == Kind::Lock)
    }

    /// Holds all reads.
    pub(crate) fn hold_reads(&self) -> Gate {
        self.disk.hold(|kind, _| kind == Kind::Read)
    }

    /// Holds the next read, and no other.
    pub(crate) fn hold_next_read(&self) -> Gate {
        let held = AtomicBool::new(false);
        self.disk
            .hold(move |kind, _| kind == Kind::Read && !held.swap(true, SeqCst))
    }

    /// Holds the first removal of a data or merged file, be it to another name; its name is found
    /// behind the lock.
    pub(crate) fn hold_first_removal(&self) -> (Gate, Arc<Mutex<String>>) {
        let removed = Arc::new(Mutex::new(String::new()));
        let note = Arc::clone(&removed);
        let gate = self.disk.hold(move |kind, path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_log = name.ends_with(".data") || name.ends_with(".merged");
            if !is_log || !matches!(kind, Kind::Remove | Kind::Rename) {
                return false;
            }
            let mut note = note.lock().unwrap_or_else(PoisonError::into_inner);
            let is_first = note.is_empty();
            if is_first {
                *note = name.into_owned();
            }
            is_first
        });
        (gate, removed)
    }

    /// What a power failure leaves: what was synced, and nothing else.
    pub(crate) fn durable_files(&self) -> Files {
        files_of(self.disk.image(Crash::PowerFailure))
    }

    /// How many syncs of files have succeeded.
    pub(crate) fn syncs(&self) -> usize {
        let done =
            |operation: &Operation| operation.kind == Kind::Sync && operation.error.is_none();
        self.disk.log().iter().filter(|one| done(one)).count()
    }

    /// How many bytes were read from files whose names satisfy `filter`.
    pub(crate) fn bytes_read_from(&self, filter: impl Fn(&str) -> bool) -> u64 {
        let log = self.disk.log();
        let reads = log.iter().filter(|one| {
            let name = one.path.file_name().unwrap_or_default().to_string_lossy();
            one.kind == Kind::Read && filter(&name)
        });
        reads.map(|one| one.bytes).sum()
    }

    /// How often files were read.
    pub(crate) fn reads(&self) -> usize {
        let log = self.disk.log();
        log.iter().filter(|one| one.kind == Kind::Read).count()
    }

    /// The last operations that changed the disk, in words, up to the one that failed.
    pub(crate) fn last_changes(&self) -> String {
        const SHOWN: usize = 6;
        let log = self.disk.log();
        let mut changes: Vec<&Operation> = log.iter().filter(|one| one.kind.is_change()).collect();
        if let Some(failed) = changes.iter().position(|one| one.error.is_some()) {
            changes.truncate(failed + 1);
        }
        let last = changes[changes.len().saturating_sub(SHOWN)..].iter();
        last.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// The name that each log was given, in the order of time.
    pub(crate) fn names_given(&self) -> Vec<String> {
        let log = self.disk.log();
        let given = log.iter().filter(|one| one.error.is_none());
        let paths = given.filter_map(|one| match one.kind {
            Kind::Create => Some(&one.path),
            Kind::Rename => one.to.as_ref(),
            _ => None,
        });
        let names = paths.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
        names
            .filter(|name| name.ends_with(".data") || name.ends_with(".merged"))
            .collect()
    }

    /// How many files are open.
    pub(crate) fn open_files(&self) -> usize {
        self.moods.open.load(SeqCst)
    }

    /// The next sync of a file fails, and no other.
    pub(crate) fn fail_next_sync(&self) {
        let sync = |kind, _: &Path| kind == Kind::Sync;
        self.disk.fail(0, ErrorKind::Other, sync);
    }

    /// All syncs of files fail from now on, and the first is told so, as kernels do: the others make
    /// nothing durable, and return as if they had.
    pub(crate) fn fail_syncs_and_tell_one(&self) {
        self.moods.failures_are_told_once.store(true, SeqCst);
        let sync = |kind, _: &Path| kind == Kind::Sync;
        self.disk.fail_always(ErrorKind::Other, sync);
    }

    /// All syncs fail from now on.
    pub(crate) fn fail_syncs(&self) {
        let sync = |kind, _: &Path| matches!(kind, Kind::Sync | Kind::SyncDir);
        self.disk.fail_always(ErrorKind::Other, sync);
    }

    /// The syncs of files that were written by `put` and `delete` fail from now on.
    pub(crate) fn fail_syncs_of_data_files(&self) {
        self.disk.fail_always(ErrorKind::Other, |kind, path| {
            kind == Kind::Sync && path.extension().is_some_and(|end| end == "data")
        });
    }

    /// No hint can be removed from now on.
    pub(crate) fn fail_removals_of_hints(&self) {
        self.disk.fail_always(ErrorKind::Other, |kind, path| {
            kind == Kind::Remove && path.extension().is_some_and(|end| end == "hint")
        });
    }

    /// From now on, a read returns so many bytes at most.
    pub(crate) fn cut_reads(&self, most: usize) {
        self.moods.most_read.store(most, SeqCst);
    }

    /// Writes fail from now on, after all their bytes have been written, or work again.
    pub(crate) fn fail_writes_late(&self, fail: bool) {
        self.moods.writes_fail_late.store(fail, SeqCst);
    }

    /// All writes to files fail from now on.
    pub(crate) fn fail_writes(&self) {
        self.disk
            .fail_always(ErrorKind::Other, |kind, _| kind == Kind::Write);
    }

    /// No file can be cut from now on.
    pub(crate) fn fail_cuts(&self) {
        self.disk
            .fail_always(ErrorKind::Other, |kind, _| kind == Kind::SetLen);
    }

    /// Creates a file with these bytes. Neither they nor the name are synced.
    pub(crate) fn write_unsynced(&self, name: &str, bytes: &[u8]) {
        let made = self.disk.create_dir_all(Path::new(DIR));
        let file = made.and_then(|()| self.disk.create(&Path::new(DIR).join(name)));
        let written = file.and_then(|file| file.write_all_at(bytes, 0));
        written.expect("the simulated disk works");
    }

    /// Changes bytes of a file, as a failing disk does.
    pub(crate) fn overwrite(&self, name: &str, offset: u64, bytes: &[u8]) {
        let file = self.disk.open(&Path::new(DIR).join(name));
        let written = file.and_then(|file| file.write_all_at(bytes, offset));
        written.expect("the simulated disk works");
    }

    /// Flips all bits of a byte of a file.
    pub(crate) fn flip(&self, name: &str, offset: u64) {
        let byte = self.files()[name][offset as usize];
        self.overwrite(name, offset, &[!byte]);
    }

    /// The operation after the next `skipped` that change the disk fails, once.
    pub(crate) fn fail_change(&self, skipped: usize) {
        self.disk
            .fail(skipped, ErrorKind::Other, |kind, _| kind.is_change());
    }

    /// The file after the next `skipped` that are created cannot be, once.
    pub(crate) fn fail_creation(&self, skipped: usize) {
        self.disk
            .fail(skipped, ErrorKind::Other, |kind, _| kind == Kind::Create);
    }

    /// Whether an operation has failed because it was told to.
    pub(crate) fn has_failed(&self) -> bool {
        self.disk.failures() > 0
    }

    /// Nothing fails any more.
    pub(crate) fn heal(&self) {
        self.disk.heal();
    }

    /// The disk has space for so many bytes more, or for any number.
    pub(crate) fn leave_space(&self, bytes: Option<u64>) {
        self.disk
            .set_capacity(bytes.map(|bytes| self.disk.used() + bytes));
    }

    pub(crate) fn lose_power_after(&self, changes: usize) {
        self.disk.lose_power_after(changes);
    }

    pub(crate) fn has_lost_power(&self) -> bool {
        self.disk.has_lost_power()
    }
}

fn files_of(image: Image) -> Files {
    image
        .into_iter()
        .filter_map(|(path, bytes)| {
            let name = path.strip_prefix(DIR).ok()?.to_str()?;
            Some((name.to_owned(), bytes))
        })
        .collect()
}

impl FileSystem for Simulated {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.disk.create_dir_all(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<OsString>> {
        self.disk.list(dir)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(self.opened(self.disk.create(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        Ok(self.opened(self.disk.open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.disk.sync_dir(dir)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        let lock = self.disk.lock(path)?;
        Ok(lock.map(|lock| Box::new(Held { _lock: lock }) as Box<dyn Lock>))
    }
}

/// An open file.
#[derive(Debug)]
struct Open {
    file: SimFile,
    moods: Arc<Moods>,
}

impl File for Open {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = buf.len().min(self.moods.most_read.load(SeqCst));
        self.file.read_at(&mut buf[..len], offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)?;
        if self.moods.writes_fail_late.load(SeqCst) {
            return Err(io::Error::other("written, and then an error"));
        }
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        // Real syncs take a while, and other threads go on.
        for _ in 0..YIELDS {
            thread::yield_now();
        }
        let synced = self.file.sync();
        if synced.is_err()
            && self.moods.failures_are_told_once.load(SeqCst)
            && self.moods.failure_is_told.swap(true, SeqCst)
        {
            return Ok(());
        }
        synced
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.moods.open.fetch_sub(1, SeqCst);
    }
}

/// A held lock.
#[derive(Debug)]
struct Held {
    _lock: SimLock,
}

impl Lock for Held {}
