//! Records: the format of data and merged files.
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

use crate::{
    MAX_KEY_LEN, MAX_VALUE_LEN,
    error::{Error, Result},
};

/// The length in bytes of a record before its key.
pub const HEADER_LEN: usize = 20;

/// The length of a value that is none.
pub(crate) const TOMBSTONE: u32 = u32::MAX;

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

/// Fails unless there can be a record of this key and value.
pub(crate) fn check_sizes(key: &[u8], value: Option<&[u8]>) -> Result<()> {
    if key.is_empty() {
        return Err(Error::EmptyKey);
    }
    if key.len() > MAX_KEY_LEN {
        return Err(Error::KeyTooLong { len: key.len() });
    }
    match value {
        Some(value) if value.len() > MAX_VALUE_LEN => Err(Error::ValueTooLong { len: value.len() }),
        _ => Ok(()),
    }
}

/// Fails if no record has these lengths.
pub(crate) fn check_lens(key_len: usize, value_len: Option<u32>) -> Result<(), DecodeError> {
    if key_len == 0 || key_len > MAX_KEY_LEN {
        let len = u32::try_from(key_len).unwrap_or(u32::MAX);
        return Err(DecodeError::KeyLength { len });
    }
    match value_len {
        Some(len) if len as usize > MAX_VALUE_LEN => Err(DecodeError::ValueLength { len }),
        _ => Ok(()),
    }
}

/// The length in bytes of a record, whose sizes are in range.
pub(crate) fn encoded_len(key_len: usize, value_len: Option<u32>) -> u32 {
    (HEADER_LEN + key_len) as u32 + value_len.unwrap_or(0)
}

/// Appends a record to `out`.
///
/// # Errors
/// [`Error::EmptyKey`], [`Error::KeyTooLong`] or [`Error::ValueTooLong`] if the sizes are out of
/// range; `out` is then as it was.
pub fn encode(record: &Record<'_>, out: &mut Vec<u8>) -> Result<()> {
    check_sizes(record.key, record.value)?;
    let value = record.value.unwrap_or_default();
    let value_len = record.value.map_or(TOMBSTONE, |value| value.len() as u32);
    let start = out.len();
    out.reserve(HEADER_LEN + record.key.len() + value.len());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&record.timestamp.to_le_bytes());
    out.extend_from_slice(&(record.key.len() as u32).to_le_bytes());
    out.extend_from_slice(&value_len.to_le_bytes());
    out.extend_from_slice(record.key);
    out.extend_from_slice(value);
    let checksum = crc32fast::hash(&out[start + 4..]);
    out[start..start + 4].copy_from_slice(&checksum.to_le_bytes());
    Ok(())
}

/// The record at the beginning of `bytes`, and its length in bytes. What comes behind it does not
/// matter.
///
/// # Errors
/// The first of these that applies: [`DecodeError::Incomplete`] if the header is not complete;
/// [`DecodeError::KeyLength`] or [`DecodeError::ValueLength`] if it holds a length out of range;
/// `Incomplete` if `bytes` ends before the record; [`DecodeError::Checksum`].
pub fn decode(bytes: &[u8]) -> Result<(Record<'_>, usize), DecodeError> {
    let header = Header::decode(bytes)?;
    let len = header.record_len();
    let Some(record) = bytes.get(..len) else {
        return Err(DecodeError::Incomplete { needed: len });
    };
    let expected = crc32fast::hash(&record[4..]);
    if expected != header.checksum {
        return Err(DecodeError::Checksum {
            expected,
            found: header.checksum,
        });
    }
    let (key, value) = record[HEADER_LEN..].split_at(header.key_len);
    let record = Record {
        timestamp: header.timestamp,
        key,
        value: header.value_len.map(|_| value),
    };
    Ok((record, len))
}

/// The part of a record before its key, with lengths in range. What it says may be true or not.
pub(crate) struct Header {
    pub(crate) checksum: u32,
    pub(crate) timestamp: u64,
    key_len: usize,
    value_len: Option<u32>,
}

impl Header {
    /// Fails if the header is not complete, or holds a length out of range.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let header = Self::fields(bytes).ok_or(DecodeError::Incomplete { needed: HEADER_LEN })?;
        check_lens(header.key_len, header.value_len)?;
        Ok(header)
    }

    /// `None` if there are fewer bytes than a header has.
    fn fields(bytes: &[u8]) -> Option<Self> {
        let (checksum, bytes) = bytes.split_first_chunk()?;
        let (timestamp, bytes) = bytes.split_first_chunk()?;
        let (key_len, bytes) = bytes.split_first_chunk()?;
        let (value_len, _) = bytes.split_first_chunk()?;
        let value_len = u32::from_le_bytes(*value_len);
        Some(Self {
            checksum: u32::from_le_bytes(*checksum),
            timestamp: u64::from_le_bytes(*timestamp),
            key_len: u32::from_le_bytes(*key_len) as usize,
            value_len: (value_len != TOMBSTONE).then_some(value_len),
        })
    }

    /// The length in bytes that the record has, if the header is right.
    pub(crate) fn record_len(&self) -> usize {
        encoded_len(self.key_len, self.value_len) as usize
    }
}
