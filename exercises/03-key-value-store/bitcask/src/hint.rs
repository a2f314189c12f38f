//! Hints: the format of hint files, which spare `open` the values. Phase 5.
//!
//! A hint lists all records of its log, in the order of their offsets. Integers are unsigned and
//! little-endian. For each record:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 8 | timestamp |
//! | 8 | 4 | length of the key |
//! | 12 | 4 | length of the value; `0xFFFF_FFFF` for a tombstone |
//! | 16 | 8 | offset of the record in its log |
//! | 24 | | the key |
//!
//! At the end stands a trailer of 12 bytes: the length of the log (8), and the CRC-32 of every byte
//! before the CRC (4).

/// What a hint tells of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The timestamp of the record.
    pub timestamp: u64,
    /// Its key.
    pub key: &'a [u8],
    /// The length of its value in bytes; `None` if it is a tombstone.
    pub value_len: Option<u32>,
    /// Where it begins in its log.
    pub offset: u64,
}

/// Why bytes are no hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There are fewer bytes than the trailer has, or an entry reaches into the trailer.
    #[error("the hint ends early")]
    Incomplete,
    /// The checksum in the trailer is not that of the bytes before it.
    #[error("the checksum is {found:08x}, but the bytes have {expected:08x}")]
    Checksum {
        /// The checksum that the bytes have.
        expected: u32,
        /// The checksum that stands in the trailer.
        found: u32,
    },
}

/// Appends to `out` a hint with these entries, for a log of `data_len` bytes.
///
/// The caller sees to it that the entries are those of the log.
pub fn encode<'a>(entries: impl IntoIterator<Item = Entry<'a>>, data_len: u64, out: &mut Vec<u8>) {
    _ = (entries.into_iter(), data_len, out);
    todo!("phase 5: write a hint")
}

/// The entries of a hint, and the length that it states for its log.
///
/// Whether the entries lie within that length is for the caller to check.
///
/// # Errors
/// [`DecodeError`] if the bytes are not exactly one hint.
pub fn decode(bytes: &[u8]) -> Result<(Vec<Entry<'_>>, u64), DecodeError> {
    _ = bytes;
    todo!("phase 5: read a hint")
}
