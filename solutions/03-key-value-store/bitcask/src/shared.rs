//! What all handles of a store share, and how their threads meet.

use crate::{
    directory::Directory,
    error::{Error, Result},
    fs::{FileSystem, Lock},
    load::{self, io_error},
    log::{Log, Place},
    name::{self, Kind},
    options::{Options, Sync},
    record::{self, Record},
    stats::Stats,
    writer::{Pending, Writer},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

/// A store. It is closed when the last handle is dropped.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) fs: Arc<dyn FileSystem>,
    pub(crate) dir: PathBuf,
    pub(crate) options: Options,
    /// Held during a merge.
    merging: Mutex<()>,
    /// Asks a merge to stop.
    is_closing: AtomicBool,
    writer: Mutex<Writer>,
    /// Told when a sync has ended.
    sync_ended: Condvar,
    directory: RwLock<Directory>,
    /// The lock of the directory; released at the close, though other handles may live on.
    lock: Mutex<Option<Box<dyn Lock>>>,
}

impl Shared {
    pub(crate) fn open(fs: Arc<dyn FileSystem>, dir: &Path, options: Options) -> Result<Self> {
        fs.create_dir_all(dir)
            .map_err(|source| io_error(dir, source))?;
        let lock_path = dir.join(name::LOCK);
        let lock = fs.lock(&lock_path);
        let lock = lock.map_err(|source| io_error(lock_path, source))?;
        let Some(lock) = lock else {
            return Err(Error::Locked { dir: dir.into() });
        };
        let (writer, directory) = load::load(&*fs, dir)?;
        Ok(Self {
            fs,
            dir: dir.into(),
            options,
            merging: Mutex::default(),
            is_closing: AtomicBool::new(false),
            writer: Mutex::new(writer),
            sync_ended: Condvar::new(),
            directory: RwLock::new(directory),
            lock: Mutex::new(Some(lock)),
        })
    }

    /// The key directory for reading, unless the store is closed.
    pub(crate) fn directory(&self) -> Result<RwLockReadGuard<'_, Directory>> {
        let directory = self.places();
        if directory.is_closed {
            return Err(Error::Closed);
        }
        Ok(directory)
    }

    /// The key directory for reading; empty if the store is closed.
    pub(crate) fn places(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn directory_mut(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no other merge is at work.
    pub(crate) fn merging(&self) -> MutexGuard<'_, ()> {
        self.merging.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if a merge should stop.
    pub(crate) fn check_not_closing(&self) -> Result<()> {
        if self.is_closing.load(Ordering::Relaxed) {
            return Err(Error::Closed);
        }
        Ok(())
    }

    /// Gives the writer's lock up until a sync has ended.
    pub(crate) fn wait_for_sync<'a>(
        &self,
        writer: MutexGuard<'a, Writer>,
    ) -> MutexGuard<'a, Writer> {
        self.sync_ended
            .wait(writer)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a value, or deletes a key, and returns whether anything was written: the deletion of a
    /// key that is not there is not.
    pub(crate) fn write(&self, key: &[u8], value: Option<&[u8]>) -> Result<bool> {
        let value_len = value.map(|value| value.len() as u32);
        let record_len = record::encoded_len(key.len(), value_len);
        let mut writer = self.writer();
        loop {
            writer.check_writable()?;
            if value.is_none() {
                // In the order of the log: the last pending write of the key is its newest.
                let pending = writer.last_pending(key);
                let pending = pending.map(|pending| (pending.number, pending.place.is_some()));
                let is_there =
                    pending.map_or_else(|| self.places().contains(key), |(_, is_there)| is_there);
                if !is_there {
                    // Whoever hears that the key is gone may rely on it.
                    let number = pending.map_or(0, |(number, _)| number);
                    return self.wait_until_durable(writer, number).map(|()| false);
                }
            }
            if writer.has_room(record_len, self.options.max_file_size) {
                break;
            }
            // Two syncs of one file at a time could share out an error between them.
            if writer.is_syncing {
                writer = self.wait_for_sync(writer);
                continue;
            }
            self.begin_log(&mut writer)?;
        }
        let timestamp = writer.next_timestamp().ok_or_else(|| self.exhausted())?;
        let record = Record {
            timestamp,
            key,
            value,
        };
        let place = match writer.append(&record) {
            Ok(place) => value.is_some().then_some(place),
            Err(error) => {
                self.confirm_cut(writer);
                return Err(error);
            }
        };
        match self.options.sync {
            Sync::Always => self.acknowledge_when_durable(writer, key, place)?,
            Sync::Never => self.directory_mut().set(key.into(), place),
        }
        Ok(true)
    }

    /// After a failed write, whose record may stand in the file as a whole: sees to it that a power
    /// failure does not bring it back when readers have been shown the earlier value.
    fn confirm_cut(&self, mut writer: MutexGuard<'_, Writer>) {
        if self.options.sync == Sync::Always && !writer.has_leftovers {
            // The cut counts as a write of which no reader has to hear.
            writer.written += 1;
            let number = writer.written;
            // The caller has an error to return; if this fails, too, no write will succeed any more.
            let _ = self.wait_until_durable(writer, number);
        }
    }

    fn acknowledge_when_durable<'a>(
        &'a self,
        mut writer: MutexGuard<'a, Writer>,
        key: &[u8],
        place: Option<Place>,
    ) -> Result<()> {
        let number = writer.written;
        writer.pending.push_back(Pending {
            number,
            key: key.into(),
            place,
        });
        self.wait_until_durable(writer, number)
    }

    /// Waits until the write of this number is durable, and syncs for all who wait if nobody does.
    pub(crate) fn wait_until_durable<'a>(
        &'a self,
        mut writer: MutexGuard<'a, Writer>,
        number: u64,
    ) -> Result<()> {
        while writer.durable < number {
            if writer.is_broken {
                return Err(Error::SyncFailed);
            }
            if writer.is_syncing {
                writer = self.wait_for_sync(writer);
                continue;
            }
            // What was written into logs before this one became durable when they were sealed.
            let Some(active) = &writer.active else {
                return Ok(());
            };
            let log = Arc::clone(&active.log);
            // The sync covers what was written before it begins, and nothing else for sure.
            let covered = writer.written;
            writer.is_syncing = true;
            drop(writer);
            let synced = log.file.sync();
            writer = self.writer();
            writer.is_syncing = false;
            let result = match synced {
                Ok(()) => {
                    self.note_durable(&mut writer, covered);
                    Ok(())
                }
                Err(source) => Err(writer.break_down(&log, source)),
            };
            self.sync_ended.notify_all();
            result?;
        }
        Ok(())
    }

    /// Syncs the active log while the writer's lock is held, and nobody else is syncing.
    pub(crate) fn sync_active(&self, writer: &mut Writer) -> Result<()> {
        let Some(active) = &writer.active else {
            return Ok(());
        };
        let log = Arc::clone(&active.log);
        let synced = log.file.sync();
        let result = synced.map_err(|source| writer.break_down(&log, source));
        if result.is_ok() {
            self.note_durable(writer, writer.written);
        }
        self.sync_ended.notify_all();
        result
    }

    /// All writes up to this number are durable: readers see them from now on.
    fn note_durable(&self, writer: &mut Writer, number: u64) {
        writer.durable = number;
        let durable = writer
            .pending
            .iter()
            .take_while(|pending| pending.number <= number);
        let durable = durable.count();
        if durable > 0 {
            let mut directory = self.directory_mut();
            for Pending { key, place, .. } in writer.pending.drain(..durable) {
                directory.set(key, place);
            }
        }
    }

    /// Seals the active log, if there is one, while nobody is syncing.
    pub(crate) fn seal_active(&self, writer: &mut Writer) -> Result<()> {
        writer.remove_leftovers()?;
        self.sync_active(writer)?;
        writer.seal();
        Ok(())
    }

    /// Seals the active log and begins a new one, while nobody is syncing. If no new one can be
    /// begun, there is none, and the next write tries again: the old one gets no more records, since
    /// the new one may be there, and then a torn end of the old one would be damage.
    pub(crate) fn begin_log(&self, writer: &mut Writer) -> Result<()> {
        self.seal_active(writer)?;
        // Taken also if what follows fails, because the name may exist then.
        let id = writer.next_id().ok_or_else(|| self.exhausted())?;
        let path = name::path(&self.dir, id, Kind::Data);
        let file = self.fs.create(&path);
        let file = file.map_err(|source| io_error(&path, source))?;
        self.sync_dir()?;
        writer.begin(Log { id, path, file });
        Ok(())
    }

    pub(crate) fn exhausted(&self) -> Error {
        Error::Exhausted {
            dir: self.dir.clone(),
        }
    }

    pub(crate) fn sync_dir(&self) -> Result<()> {
        let synced = self.fs.sync_dir(&self.dir);
        synced.map_err(|source| io_error(&self.dir, source))
    }

    pub(crate) fn sync(&self) -> Result<()> {
        let writer = self.writer();
        writer.check_writable()?;
        let number = writer.written;
        self.wait_until_durable(writer, number)
    }

    pub(crate) fn sealed_files(&self) -> Result<Vec<u64>> {
        let writer = self.writer();
        if writer.is_closed {
            return Err(Error::Closed);
        }
        Ok(writer.sealed.keys().copied().collect())
    }

    pub(crate) fn stats(&self) -> Stats {
        let writer = self.writer();
        let (files, total_bytes) = writer.size();
        let directory = self.places();
        Stats {
            keys: directory.len(),
            files,
            live_bytes: directory.live_bytes(),
            total_bytes,
        }
    }

    /// Makes everything durable, and lets others open the directory.
    pub(crate) fn close(&self) -> Result<()> {
        self.is_closing.store(true, Ordering::Relaxed);
        let merging = self.merging();
        let mut writer = self.writer();
        while writer.is_syncing {
            writer = self.wait_for_sync(writer);
        }
        if writer.is_closed {
            return Err(Error::Closed);
        }
        let result = writer.check_writable().and_then(|()| {
            let cut = writer.remove_leftovers();
            self.sync_active(&mut writer).and(cut)
        });
        writer.is_closed = true;
        writer.active = None;
        writer.sealed.clear();
        self.directory_mut().close();
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
        drop(merging);
        result
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // There is nobody to tell of an error, and after `close` this is one.
        let _ = self.close();
    }
}
