//! The store: a log on a disk, and a directory of it in memory.

use std::collections::BTreeMap;
use std::io;

use crate::disk::Disk;
use crate::record::Record;

// ANCHOR: entry
/// Where the newest record of a parcel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    file: u32,
    at: usize,
    time: u64,
}
// ANCHOR_END: entry

/// Which parcel lies on which shelf.
// ANCHOR: depot
#[derive(Debug)]
pub struct Depot<D> {
    disk: D,
    directory: BTreeMap<u32, Entry>,
    active: u32,
    clock: u64,
    records: usize,
    sync_failed: bool,
}
// ANCHOR_END: depot

impl<D: Disk> Depot<D> {
    /// Reads the log once, and begins a new file.
    ///
    /// # Errors
    /// Those of the disk.
    // ANCHOR: open
    pub fn open(disk: D) -> io::Result<Self> {
        let (mut newest, mut clock, mut records) = (BTreeMap::new(), 0, 0);
        for file in disk.files() {
            for at in 0.. {
                let Some(record) = disk.read(file, at)? else {
                    break;
                };
                records += 1;
                clock = record.time.max(clock);
                let time = record.time;
                let found = (Entry { file, at, time }, record.shelf);
                let best = newest.entry(record.parcel).or_insert(found);
                if best.0.time < time {
                    *best = found;
                }
            }
        }
        newest.retain(|_, (_, shelf)| shelf.is_some());
        let directory = newest.into_iter().map(|(key, (entry, _))| (key, entry));
        // ANCHOR_END: open
        let mut depot = Self {
            directory: directory.collect(),
            active: disk.files().last().copied().unwrap_or(0),
            disk,
            clock,
            records,
            sync_failed: false,
        };
        depot.begin_file()?;
        Ok(depot)
    }

    /// Puts a parcel on a shelf, from wherever it was.
    ///
    /// # Errors
    /// Those of the disk. After an error of a sync, nothing can be written any more.
    pub fn place(&mut self, parcel: u32, shelf: u16) -> io::Result<()> {
        self.write(parcel, Some(shelf))
    }

    /// Hands a parcel out; returns whether it was there.
    ///
    /// # Errors
    /// As [`Depot::place`].
    pub fn hand_out(&mut self, parcel: u32) -> io::Result<bool> {
        let known = self.directory.contains_key(&parcel);
        if known {
            self.write(parcel, None)?;
        }
        Ok(known)
    }

    // ANCHOR: write
    fn write(&mut self, parcel: u32, shelf: Option<u16>) -> io::Result<()> {
        if self.sync_failed {
            return Err(io::Error::other("a sync failed earlier"));
        }
        let (file, time) = (self.active, self.clock + 1);
        let record = Record {
            time,
            parcel,
            shelf,
        };
        let at = self.disk.append(file, record)?;
        self.clock = time;
        self.records += 1;
        self.disk
            .sync(file)
            .inspect_err(|_| self.sync_failed = true)?;
        match shelf {
            Some(_) => self.directory.insert(parcel, Entry { file, at, time }),
            None => self.directory.remove(&parcel),
        };
        Ok(())
    }
    // ANCHOR_END: write

    /// The shelf on which a parcel lies.
    ///
    /// # Errors
    /// Those of the disk.
    // ANCHOR: shelf_of
    pub fn shelf_of(&self, parcel: u32) -> io::Result<Option<u16>> {
        let Some(entry) = self.directory.get(&parcel) else {
            return Ok(None);
        };
        let record = self.disk.read(entry.file, entry.at)?;
        Ok(record.and_then(|record| record.shelf))
    }
    // ANCHOR_END: shelf_of

    /// The number of parcels in the depot.
    pub fn live(&self) -> usize {
        self.directory.len()
    }

    /// The number of records in all files.
    pub fn records(&self) -> usize {
        self.records
    }

    /// Ends the active file and begins the next one.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn begin_file(&mut self) -> io::Result<()> {
        self.disk.create(self.active + 1)?;
        self.active += 1;
        self.disk.sync_names()
    }

    /// Copies what is live into a file of its own and removes all older files.
    ///
    /// # Errors
    /// Those of the disk. No parcel is lost by them.
    // ANCHOR: merge
    pub fn merge(&mut self) -> io::Result<()> {
        let old = self.disk.files();
        self.begin_file()?;
        let merged = self.active;
        let mut moved = BTreeMap::new();
        for (&parcel, entry) in &self.directory {
            if let Some(record) = self.disk.read(entry.file, entry.at)? {
                let (file, at) = (merged, self.disk.append(merged, record)?);
                moved.insert(parcel, Entry { file, at, ..*entry });
            }
        }
        self.disk.sync(merged)?;
        self.records = moved.len();
        self.directory = moved;
        self.begin_file()?;
        for file in old {
            self.disk.remove(file)?;
            self.disk.sync_names()?;
        }
        Ok(())
    }
    // ANCHOR_END: merge

    /// Ends the store and gives its disk back.
    pub fn into_disk(self) -> D {
        self.disk
    }
}
