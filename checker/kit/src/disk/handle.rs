//! Open files and held locks.

use super::{Kind, Operation, SimDisk};
use std::{io, path::PathBuf};

/// An open file. It can be used after its name was changed or removed.
#[derive(Debug, Clone)]
pub struct SimFile {
    disk: SimDisk,
    inode: usize,
}

impl SimFile {
    pub(super) fn new(disk: SimDisk, inode: usize) -> Self {
        Self { disk, inode }
    }

    /// Reads into `buf` from `offset` on, up to the end of the file. Returns how many bytes.
    ///
    /// # Errors
    ///
    /// As all operations: if a fault was set for it, or the power is gone.
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let wanted = buf.len() as u64;
        self.disk
            .operate(Kind::Read, &self.path(), wanted, |state| {
                let bytes = &state.inodes[self.inode].present;
                let start = bytes
                    .len()
                    .min(usize::try_from(offset).unwrap_or(usize::MAX));
                let count = buf.len().min(bytes.len() - start);
                buf[..count].copy_from_slice(&bytes[start..start + count]);
                Ok(count)
            })
    }

    /// Writes all of `bytes` at `offset`; a gap before it is filled with zeros.
    ///
    /// # Errors
    ///
    /// `StorageFull` if they do not fit on the disk: what fits was written then.
    pub fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.operate_or(
            |state| {
                // Whether it fits makes no difference any more.
                let _ = state.write(self.inode, &bytes[..bytes.len() / 2], offset);
            },
            Operation::new(Kind::Write, &self.path(), bytes.len() as u64),
            |state| state.write(self.inode, bytes, offset),
        )
    }

    /// The length of the file, in bytes.
    ///
    /// # Errors
    ///
    /// As all operations: if a fault was set for it, or the power is gone.
    pub fn len(&self) -> io::Result<u64> {
        self.disk.operate(Kind::Len, &self.path(), 0, |state| {
            Ok(state.inodes[self.inode].present.len() as u64)
        })
    }

    /// Whether the file has no bytes.
    ///
    /// # Errors
    ///
    /// As all operations: if a fault was set for it, or the power is gone.
    pub fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Cuts the file, or extends it with zeros.
    ///
    /// # Errors
    ///
    /// `StorageFull` if it does not fit on the disk: it is as it was then.
    pub fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.operate(Kind::SetLen, &self.path(), 0, |state| {
            state.set_len(self.inode, len)
        })
    }

    /// Makes durable what the file held when this was called. Its name is a matter of the
    /// directory.
    ///
    /// # Errors
    ///
    /// As all operations: if a fault was set for it, or the power is gone.
    pub fn sync(&self) -> io::Result<()> {
        let covered = self.disk.lock_state().inodes[self.inode].begin_sync();
        self.disk.operate(Kind::Sync, &self.path(), 0, |state| {
            state.inodes[self.inode].end_sync(covered);
            Ok(())
        })
    }

    /// The file's name now, or its last one.
    fn path(&self) -> PathBuf {
        self.disk.lock_state().path_of(self.inode)
    }
}

/// A held lock. It is released when it is dropped.
#[derive(Debug)]
pub struct SimLock {
    disk: SimDisk,
    path: PathBuf,
}

impl SimLock {
    pub(super) fn new(disk: SimDisk, path: PathBuf) -> Self {
        Self { disk, path }
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.disk.lock_state().locks.remove(&self.path);
    }
}
