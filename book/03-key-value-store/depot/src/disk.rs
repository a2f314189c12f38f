//! What the store asks of a disk.

use std::io;

use crate::record::Record;

// ANCHOR: disk
/// Files with numbers for names, which hold records.
pub trait Disk {
    /// The names of the files, ascending.
    fn files(&self) -> Vec<u32>;
    /// Makes an empty file. Its name is durable after `sync_names`.
    fn create(&mut self, file: u32) -> io::Result<()>;
    /// Adds a record at the end and returns its place. It is durable after `sync`.
    fn append(&mut self, file: u32, record: Record) -> io::Result<usize>;
    /// The record at a place, or `None` past the end.
    fn read(&self, file: u32, at: usize) -> io::Result<Option<Record>>;
    /// Makes the records of a file durable.
    fn sync(&mut self, file: u32) -> io::Result<()>;
    /// Removes a file, durably after `sync_names`.
    fn remove(&mut self, file: u32) -> io::Result<()>;
    /// Makes the creation and removal of files durable.
    fn sync_names(&mut self) -> io::Result<()>;
}
// ANCHOR_END: disk

impl<D: Disk + ?Sized> Disk for &mut D {
    fn files(&self) -> Vec<u32> {
        (**self).files()
    }

    fn create(&mut self, file: u32) -> io::Result<()> {
        (**self).create(file)
    }

    fn append(&mut self, file: u32, record: Record) -> io::Result<usize> {
        (**self).append(file, record)
    }

    fn read(&self, file: u32, at: usize) -> io::Result<Option<Record>> {
        (**self).read(file, at)
    }

    fn sync(&mut self, file: u32) -> io::Result<()> {
        (**self).sync(file)
    }

    fn remove(&mut self, file: u32) -> io::Result<()> {
        (**self).remove(file)
    }

    fn sync_names(&mut self) -> io::Result<()> {
        (**self).sync_names()
    }
}
