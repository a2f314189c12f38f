//! The store. All phases work on it.

use crate::{
    error::{Error, Result},
    fs::{Disk, FileSystem},
    options::Options,
    stats::Stats,
};
use std::{path::Path, sync::Arc};

/// A key-value store in a directory.
///
/// Handles are cheap to clone; all clones are one store, on any thread. The store is closed by
/// [`close`](Bitcask::close), or when the last handle is dropped.
///
/// Costs are given in calls of the file system; *n* is the number of live keys.
#[derive(Clone, Debug)]
pub struct Bitcask {
    // The fields are yours. Clones are one store: an `Arc` is shared between them.
}

impl Bitcask {
    /// Opens the store in `dir` on this machine's file system, and creates it if it is missing.
    ///
    /// Cuts off a torn end that a crash has left. Reads every record, or, where there is a sound
    /// hint, every hint.
    ///
    /// # Errors
    /// [`Error::Locked`] if it is open elsewhere; [`Error::Corrupt`] for damage that a crash of a
    /// writer does not explain; [`Error::Io`].
    pub fn open(dir: impl AsRef<Path>, options: Options) -> Result<Self> {
        Self::open_with(Arc::new(Disk), dir, options)
    }

    /// Opens the store in `dir` on any file system, as [`open`](Bitcask::open) does.
    ///
    /// # Errors
    /// As for [`open`](Bitcask::open).
    pub fn open_with(
        fs: Arc<dyn FileSystem>,
        dir: impl AsRef<Path>,
        options: Options,
    ) -> Result<Self> {
        _ = (fs, dir.as_ref(), options);
        todo!("phase 1: open a store on any file system")
    }

    /// The value of a key, if there is one. One look-up in memory and one read, whose checksum is
    /// verified.
    ///
    /// Never waits for a write, a sync or a merge (phase 6).
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the record was damaged; [`Error::Io`]; [`Error::Closed`].
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        _ = key;
        todo!("phase 1: the value of a key")
    }

    /// Puts a value under a key. One write, and, with [`Sync::Always`](crate::Sync::Always), a sync
    /// that is shared with others who are waiting.
    ///
    /// # Errors
    /// [`Error::EmptyKey`], [`Error::KeyTooLong`], [`Error::ValueTooLong`]: nothing was written.
    /// [`Error::Io`]: the earlier value stays, unless a sync has failed; then nobody knows, and all
    /// later writes are [`Error::SyncFailed`]. [`Error::Closed`].
    pub fn put(&self, key: &[u8], value: &[u8]) -> Result<()> {
        _ = (key, value);
        todo!("phase 1: put a value under a key")
    }

    /// Deletes a key, and returns whether it was there. If it was not, nothing is written.
    ///
    /// # Errors
    /// As for [`put`](Bitcask::put), but for the sizes: a key that cannot be is not there.
    pub fn delete(&self, key: &[u8]) -> Result<bool> {
        _ = key;
        todo!("phase 1: delete a key")
    }

    /// Whether a key is there. Does not read from the disk.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn contains(&self, key: &[u8]) -> Result<bool> {
        _ = key;
        todo!("phase 1: whether a key is there")
    }

    /// The number of live keys; 0 after the close.
    #[must_use]
    pub fn len(&self) -> usize {
        todo!("phase 1: the number of live keys")
    }

    /// Whether there is no live key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys and values of this moment, whatever is written, deleted or merged before the
    /// iterator is used up. It holds nobody up.
    ///
    /// O(*n*) time and memory for the keys and places. Values are read one by one, in the order of
    /// their places.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn iter(&self) -> Result<Iter> {
        todo!("phase 1: the keys and values of this moment")
    }

    /// Makes durable all that was written before the call.
    ///
    /// # Errors
    /// [`Error::Io`]: if it is the sync that has failed, all later writes are [`Error::SyncFailed`].
    /// [`Error::SyncFailed`] if one has failed before; [`Error::Closed`].
    pub fn sync(&self) -> Result<()> {
        todo!("phase 3: make durable what was written")
    }

    /// Frees the space of dead records in all files. If nobody writes meanwhile, the files hold the
    /// live records and nothing else.
    ///
    /// Reads all files and writes the live records: O(total bytes). Readers and writers go on.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if a file was damaged; [`Error::Io`]; [`Error::SyncFailed`];
    /// [`Error::Closed`], also if the store is closed meanwhile. Nothing is lost, and copies that have
    /// no name yet are removed.
    pub fn merge(&self) -> Result<()> {
        todo!("phase 4: free the space of dead records")
    }

    /// Frees the space of dead records in these sealed files, as [`merge`](Bitcask::merge) does. All
    /// other sealed files stay as they are.
    ///
    /// # Errors
    /// [`Error::UnknownFile`] if an id is not that of a sealed file: nothing is merged. Otherwise as
    /// for [`merge`](Bitcask::merge).
    pub fn merge_files(&self, ids: &[u64]) -> Result<()> {
        _ = ids;
        todo!("phase 4: free the space of dead records in some files")
    }

    /// The ids of the sealed files, ascending. May wait for a sync.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn sealed_files(&self) -> Result<Vec<u64>> {
        todo!("phase 3: the ids of the sealed files")
    }

    /// How large the store is. O(number of files). May wait for a sync.
    #[must_use]
    pub fn stats(&self) -> Stats {
        todo!("phase 3: how large the store is")
    }

    /// Makes everything durable and releases the directory. Other handles then get
    /// [`Error::Closed`]. A merge that is at work is stopped.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::SyncFailed`] if not everything is durable; the store is closed all
    /// the same. [`Error::Closed`] if it was before.
    pub fn close(self) -> Result<()> {
        todo!("phase 1: close the store")
    }
}

/// The keys and values of one moment, in any order. Made by [`Bitcask::iter`].
///
/// Reads one value for each item. It keeps the files open that it needs, and nothing else of the
/// store. After an error it goes on with the next key.
#[derive(Debug)]
pub struct Iter {
    // The fields are yours.
}

impl Iterator for Iter {
    type Item = Result<(Vec<u8>, Vec<u8>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        todo!("phase 1: the next key and its value")
    }
}
