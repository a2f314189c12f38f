//! Disks that forget what they are told, to find out whether a test would notice.

use std::io;

use crate::disk::Disk;
use crate::record::Record;

// ANCHOR: mutant
/// What a program might forget to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgets {
    /// Nothing: the program as it is.
    Nothing,
    /// To sync records.
    Sync,
    /// To sync names.
    SyncNames,
}

/// A disk that ignores one kind of request, as if the program had not made it.
#[derive(Debug)]
pub struct Mutant<D>(pub D, pub Forgets);

impl<D: Disk> Disk for Mutant<D> {
    fn sync(&mut self, file: u32) -> io::Result<()> {
        match self.1 {
            Forgets::Sync => Ok(()),
            _ => self.0.sync(file),
        }
    }
    // ANCHOR_END: mutant

    fn sync_names(&mut self) -> io::Result<()> {
        match self.1 {
            Forgets::SyncNames => Ok(()),
            _ => self.0.sync_names(),
        }
    }

    fn files(&self) -> Vec<u32> {
        self.0.files()
    }

    fn create(&mut self, file: u32) -> io::Result<()> {
        self.0.create(file)
    }

    fn append(&mut self, file: u32, record: Record) -> io::Result<usize> {
        self.0.append(file, record)
    }

    fn read(&self, file: u32, at: usize) -> io::Result<Option<Record>> {
        self.0.read(file, at)
    }

    fn remove(&mut self, file: u32) -> io::Result<()> {
        self.0.remove(file)
    }
}
