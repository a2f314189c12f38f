//! Records: the format of data and merged files. Phase 1.
//!
//! A file is a sequence of records and nothing else. Integers are unsigned and little-endian.
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | CRC-32 (IEEE 802.3, as in zlib) of every byte of the record after this field |
//! | 4 | 8 | timestamp: microseconds since the beginning of 1970, UTC |
//! | 12 | 4 | length of the key, 1 to 65,535 |
//! | 16 | 4 | length of the value, 0 to 64 MiB; `0xFFFF_FFFF` makes the record a tombstone |
//! | 20 | | the key, then the value; a tombstone has no value |

use crate::error::Result;

/// The length in bytes of a record before its key.
pub const HEADER_LEN: usize = 20;

/// A key, its value or the news that it has none, and when that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Microseconds since the beginning of 1970, UTC.
    pub timestamp: u64,
    /// The key, of 1 to [`MAX_KEY_LEN`] bytes.
    pub key: &'a [u8],
    /// The value, of at most [`MAX_VALUE_LEN`] bytes; `None` makes the record a tombstone.
    pub value: Option<&'a [u8]>,
}

/// Why bytes do not begin with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end before the record does.
    #[error("the record ends early: it needs {needed} bytes")]
    Incomplete {
        /// The number of bytes that the header needs, or, if that is there, the record.
        needed: usize,
    },
    /// The header has a length of the key that no key has.
    #[error("a key cannot have {len} bytes")]
    KeyLength {
        /// The length in the header.
        len: u32,
    },
    /// The header has a length of the value that no value has.
    #[error("a value cannot have {len} bytes")]
    ValueLength {
        /// The length in the header.
        len: u32,
    },
    /// The checksum in the record is not that of its bytes.
    #[error("the checksum is {found:08x}, but the bytes have {expected:08x}")]
    Checksum {
        /// The checksum that the bytes have.
        expected: u32,
        /// The checksum that stands in the record.
        found: u32,
    },
}

/// Appends a record to `out`.
///
/// # Errors
/// [`Error::EmptyKey`], [`Error::KeyTooLong`] or [`Error::ValueTooLong`] if the sizes are out of
/// range; `out` is then as it was.
pub fn encode(record: &Record<'_>, out: &mut Vec<u8>) -> Result<()> {
    _ = (record, out);
    todo!("phase 1: write a record")
}

/// The record at the beginning of `bytes`, and its length in bytes. What comes behind it does not
/// matter.
///
/// # Errors
/// The first of these that applies: [`DecodeError::Incomplete`] if the header is not complete;
/// [`DecodeError::KeyLength`] or [`DecodeError::ValueLength`] if it holds a length out of range;
/// `Incomplete` if `bytes` ends before the record; [`DecodeError::Checksum`].
pub fn decode(bytes: &[u8]) -> Result<(Record<'_>, usize), DecodeError> {
    _ = bytes;
    todo!("phase 1: read a record")
}
