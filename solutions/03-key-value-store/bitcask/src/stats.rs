//! What a store occupies. This file is complete.

/// The size of a store, as [`Bitcask::stats`](crate::Bitcask::stats) tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stats {
    /// The number of live keys.
    pub keys: usize,
    /// The number of data and merged files.
    pub files: usize,
    /// The bytes of the newest records of all live keys, headers included. Tombstones are not live.
    pub live_bytes: u64,
    /// The lengths of all data and merged files, added up. What exceeds
    /// [`live_bytes`](Stats::live_bytes) is what a full merge would free.
    pub total_bytes: u64,
}
