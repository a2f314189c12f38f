//! What writers share: the logs, the order of writes, and which of them are durable.

use crate::{
    error::{Error, Result},
    log::{Log, Place},
    record::{self, Record},
};
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// The capacity that the buffer keeps after a long record, in bytes.
const KEPT_CAPACITY: usize = 1 << 20;

/// The log that is appended to.
#[derive(Debug)]
pub(crate) struct Active {
    pub(crate) log: Arc<Log>,
    /// Where the next record begins. The file may be longer if a write has failed.
    pub(crate) len: u64,
}

/// A log that is only read.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) log: Arc<Log>,
    pub(crate) len: u64,
}

/// A write that is not durable yet, so that no reader may see it.
#[derive(Debug)]
pub(crate) struct Pending {
    /// Writes are numbered in the order in which they stand in the log, from 1 on.
    pub(crate) number: u64,
    pub(crate) key: Box<[u8]>,
    /// `None` for a tombstone.
    pub(crate) place: Option<Place>,
}

/// The state of all writing. Who holds its lock may append.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    /// Created by the first write that needs it.
    pub(crate) active: Option<Active>,
    pub(crate) sealed: BTreeMap<u64, Sealed>,
    /// The greatest id that was ever given to a log.
    greatest_id: u64,
    pub(crate) last_timestamp: u64,
    /// The number of the last write.
    pub(crate) written: u64,
    /// The number of the last write that is durable, with all before it.
    pub(crate) durable: u64,
    /// Writes after `durable`, in their order; used if writes are acknowledged when they are
    /// durable.
    pub(crate) pending: VecDeque<Pending>,
    /// Whether a thread is syncing the active log without holding the lock.
    pub(crate) is_syncing: bool,
    /// Whether a sync has failed.
    pub(crate) is_broken: bool,
    pub(crate) is_closed: bool,
    /// Whether a failed write may have left bytes behind the end of the active log.
    pub(crate) has_leftovers: bool,
    buffer: Vec<u8>,
}

impl Writer {
    /// A writer without logs, in a directory where this is the greatest id of all logs.
    pub(crate) fn new(greatest_id: u64) -> Self {
        Self {
            greatest_id,
            ..Self::default()
        }
    }

    /// Fails unless the store can be written to.
    pub(crate) fn check_writable(&self) -> Result<()> {
        if self.is_closed {
            return Err(Error::Closed);
        }
        if self.is_broken {
            return Err(Error::SyncFailed);
        }
        Ok(())
    }

    /// An id that no log has ever had, if there is one.
    pub(crate) fn next_id(&mut self) -> Option<u64> {
        self.greatest_id = self.greatest_id.checked_add(1)?;
        Some(self.greatest_id)
    }

    /// A time after all that were ever given to a record, if there is one.
    pub(crate) fn next_timestamp(&self) -> Option<u64> {
        Some(now().max(self.last_timestamp.checked_add(1)?))
    }

    /// Whether a record of this length in bytes goes to the active log.
    pub(crate) fn has_room(&self, record_len: u32, max_file_size: u64) -> bool {
        self.active.as_ref().is_some_and(|active| {
            active.len == 0 || active.len.saturating_add(record_len.into()) <= max_file_size
        })
    }

    /// The last pending write of this key.
    pub(crate) fn last_pending(&self, key: &[u8]) -> Option<&Pending> {
        let mut newest_first = self.pending.iter().rev();
        newest_first.find(|pending| *pending.key == *key)
    }

    /// Appends a record to the active log, which has room for it, and returns its place.
    pub(crate) fn append(&mut self, record: &Record<'_>) -> Result<Place> {
        self.buffer.clear();
        record::encode(record, &mut self.buffer)?;
        self.remove_leftovers()?;
        let active = self.active.as_mut().ok_or(Error::Closed)?;
        let offset = active.len;
        let len = self.buffer.len() as u32;
        let written = active.log.file.write_all_at(&self.buffer, offset);
        self.buffer.shrink_to(KEPT_CAPACITY);
        if let Err(source) = written {
            let error = active.log.io_error(source);
            self.has_leftovers = true;
            // If this fails, too, the next write tries again, or whoever seals or closes the log.
            let _ = self.remove_leftovers();
            return Err(error);
        }
        active.len += u64::from(len);
        self.last_timestamp = record.timestamp;
        self.written += 1;
        Ok(Place {
            log: Arc::clone(&active.log),
            offset,
            len,
            timestamp: record.timestamp,
        })
    }

    /// Cuts off what a failed write has left: behind a shorter record, some of it would stick out.
    pub(crate) fn remove_leftovers(&mut self) -> Result<()> {
        if let (true, Some(active)) = (self.has_leftovers, &self.active) {
            let cut = active.log.file.set_len(active.len);
            cut.map_err(|source| active.log.io_error(source))?;
            self.has_leftovers = false;
        }
        Ok(())
    }

    /// Begins a new active log; the one before it is sealed.
    pub(crate) fn begin(&mut self, log: Log) {
        let log = Arc::new(log);
        self.active = Some(Active { log, len: 0 });
    }

    /// Seals the active log, which must be durable.
    pub(crate) fn seal(&mut self) {
        if let Some(Active { log, len }) = self.active.take() {
            self.sealed.insert(log.id, Sealed { log, len });
        }
    }

    /// The greatest id among the logs that there are, without those for which `is_gone`.
    pub(crate) fn greatest_log(&self, is_gone: impl Fn(u64) -> bool) -> u64 {
        let active = self.active.iter().map(|active| active.log.id);
        let ids = active.chain(self.sealed.keys().copied());
        ids.filter(|id| !is_gone(*id)).max().unwrap_or(0)
    }

    /// The number of logs, and their length in bytes.
    pub(crate) fn size(&self) -> (usize, u64) {
        let active = self.active.iter().map(|active| active.len);
        let lens = active.chain(self.sealed.values().map(|sealed| sealed.len));
        lens.fold((0, 0), |(count, bytes), len| (count + 1, bytes + len))
    }

    /// Nothing can be written any more, and pending writes are never seen.
    pub(crate) fn break_down(&mut self, log: &Log, source: io::Error) -> Error {
        self.is_broken = true;
        self.pending.clear();
        log.io_error(source)
    }
}

/// Microseconds since the beginning of 1970, UTC; 0 if the clock is set before that.
fn now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since_epoch.map_or(0, |duration| duration.as_micros());
    u64::try_from(micros).unwrap_or(u64::MAX)
}
