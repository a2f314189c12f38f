//! What can go wrong. This file is complete.

use crate::record::DecodeError;
use std::{io, path::PathBuf};

/// The result of an operation on a store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation on a store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file system failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds what no writer of the format can have left there.
    #[error("{}: damaged at offset {offset}: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where the record begins, in bytes from the beginning of the file.
        offset: u64,
        /// What is wrong with it.
        reason: Damage,
    },
    /// A key has at least one byte.
    #[error("the key is empty")]
    EmptyKey,
    /// A key has at most [`MAX_KEY_LEN`](crate::MAX_KEY_LEN) bytes.
    #[error("the key has {len} bytes, which is more than {}", crate::MAX_KEY_LEN)]
    KeyTooLong {
        /// The length of the key in bytes.
        len: usize,
    },
    /// A value has at most [`MAX_VALUE_LEN`](crate::MAX_VALUE_LEN) bytes.
    #[error(
        "the value has {len} bytes, which is more than {}",
        crate::MAX_VALUE_LEN
    )]
    ValueTooLong {
        /// The length of the value in bytes.
        len: usize,
    },
    /// Somebody else has the store open, in this process or in another.
    #[error("{}: the store is open elsewhere", dir.display())]
    Locked {
        /// The directory of the store.
        dir: PathBuf,
    },
    /// No sealed file has this id.
    #[error("no sealed file has the id {id}")]
    UnknownFile {
        /// The id.
        id: u64,
    },
    /// The directory holds the greatest timestamp or the greatest id that there can be, so that
    /// nothing can be newer.
    #[error("{}: no greater timestamp or id is left", dir.display())]
    Exhausted {
        /// The directory of the store.
        dir: PathBuf,
    },
    /// Another handle has closed the store.
    #[error("the store is closed")]
    Closed,
    /// A sync has failed, and nobody knows what the disk holds: until the directory is opened
    /// again, the store can only be read.
    #[error("a sync has failed earlier: open the store again to write to it")]
    SyncFailed,
}

/// What is wrong with a record in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The bytes are no record.
    #[error(transparent)]
    Record(#[from] DecodeError),
    /// The bytes are a valid record, but of another key or time than the one that was written
    /// there.
    #[error("another record stands here")]
    OtherRecord,
    /// A data and a merged file have the same id.
    #[error("another log has the same id")]
    SameId,
}
