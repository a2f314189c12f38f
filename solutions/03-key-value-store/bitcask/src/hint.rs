//! Hints: the format of hint files, which spare `open` the values.
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

use crate::record::TOMBSTONE;

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
    let start = out.len();
    for entry in entries {
        out.extend_from_slice(&entry.timestamp.to_le_bytes());
        out.extend_from_slice(&(entry.key.len() as u32).to_le_bytes());
        out.extend_from_slice(&entry.value_len.unwrap_or(TOMBSTONE).to_le_bytes());
        out.extend_from_slice(&entry.offset.to_le_bytes());
        out.extend_from_slice(entry.key);
    }
    out.extend_from_slice(&data_len.to_le_bytes());
    let checksum = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&checksum.to_le_bytes());
}

/// The entries of a hint, and the length that it states for its log.
///
/// Whether the entries lie within that length is for the caller to check.
///
/// # Errors
/// [`DecodeError`] if the bytes are not exactly one hint.
pub fn decode(bytes: &[u8]) -> Result<(Vec<Entry<'_>>, u64), DecodeError> {
    let (body, checksum) = bytes.split_last_chunk().ok_or(DecodeError::Incomplete)?;
    let (mut rest, data_len) = body.split_last_chunk().ok_or(DecodeError::Incomplete)?;
    let found = u32::from_le_bytes(*checksum);
    let expected = crc32fast::hash(body);
    if expected != found {
        return Err(DecodeError::Checksum { expected, found });
    }
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (entry, behind) = split_entry(rest).ok_or(DecodeError::Incomplete)?;
        entries.push(entry);
        rest = behind;
    }
    Ok((entries, u64::from_le_bytes(*data_len)))
}

/// The entry at the beginning, and what comes behind it.
fn split_entry(bytes: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let (timestamp, bytes) = bytes.split_first_chunk()?;
    let (key_len, bytes) = bytes.split_first_chunk()?;
    let (value_len, bytes) = bytes.split_first_chunk()?;
    let (offset, bytes) = bytes.split_first_chunk()?;
    let (key, bytes) = bytes.split_at_checked(u32::from_le_bytes(*key_len) as usize)?;
    let value_len = u32::from_le_bytes(*value_len);
    let entry = Entry {
        timestamp: u64::from_le_bytes(*timestamp),
        key,
        value_len: (value_len != TOMBSTONE).then_some(value_len),
        offset: u64::from_le_bytes(*offset),
    };
    Some((entry, bytes))
}
