//! The format of the file, to the byte.
//!
//! Integers are unsigned and little-endian. A file begins with 16 bytes: the signature, the version
//! of the format (4), and the CRC-32 of the 12 bytes before (4). Then follow entries:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 4 | length of the payload, 1 to 65,536 |
//! | 4 | 8 | time, greater than that of the entry before |
//! | 12 | 4 | CRC-32 of the 12 bytes before and of the payload |
//! | 16 | | payload |

use thiserror::Error;

/// The first bytes of each file.
// ANCHOR: signature
pub const SIGNATURE: [u8; 8] = *b"\x89JNL\r\n\x1a\n";
/// The version that this crate writes, and the only one that it reads.
pub const VERSION: u32 = 1;
// ANCHOR_END: signature
/// What an entry has before its payload, and a file before its entries, in bytes.
pub const HEADER: usize = 16;
/// The longest payload, in bytes.
pub const MAX_PAYLOAD: usize = 1 << 16;

/// One event.
// ANCHOR: entry
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Greater than the time of every entry before.
    pub time: u64,
    /// What happened; its meaning is the caller's affair.
    pub payload: &'a [u8],
}
// ANCHOR_END: entry

/// Why bytes are not an entry.
// ANCHOR: flaw
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Flaw {
    /// The bytes end before the entry does.
    #[error("the entry is cut off")]
    Cut,
    /// The length cannot be that of a payload.
    #[error("a payload cannot have a length of {0}")]
    Length(u32),
    /// The checksum is not that of the bytes.
    #[error("the checksum does not match")]
    Checksum,
}
// ANCHOR_END: flaw

/// Why a payload cannot be written.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a payload cannot have a length of {0}")]
pub struct BadLength(pub usize);

/// Why the beginning of a file is not that of a journal.
// ANCHOR: foreign
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Foreign {
    /// The signature or its checksum is wrong.
    #[error("this is not a journal")]
    Signature,
    /// The file was written by a later version of this program, or is to be read by one.
    #[error("format {0} is not known, only {VERSION} is")]
    Version(u32),
}
// ANCHOR_END: foreign

/// Appends an entry to a buffer.
///
/// # Errors
/// When the payload is empty or too long. The buffer stays as it was.
// ANCHOR: encode
pub fn encode(entry: &Entry<'_>, out: &mut Vec<u8>) -> Result<(), BadLength> {
    let len = entry.payload.len();
    let field = u32::try_from(len).map_err(|_| BadLength(len))?;
    if !(1..=MAX_PAYLOAD).contains(&len) {
        return Err(BadLength(len));
    }
    let start = out.len();
    out.extend_from_slice(&field.to_le_bytes());
    out.extend_from_slice(&entry.time.to_le_bytes());
    let checksum = checksum(&out[start..], entry.payload);
    out.extend_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(entry.payload);
    Ok(())
}
// ANCHOR_END: encode

/// The entry at the beginning of the bytes, and what follows it.
///
/// # Errors
/// When there is none. Nothing is allocated in any case.
// ANCHOR: decode
pub fn decode(bytes: &[u8]) -> Result<(Entry<'_>, &[u8]), Flaw> {
    let (header, rest) = bytes.split_first_chunk::<12>().ok_or(Flaw::Cut)?;
    let (stored, rest) = rest.split_first_chunk().ok_or(Flaw::Cut)?;
    let [l0, l1, l2, l3, time @ ..] = *header;
    let field = u32::from_le_bytes([l0, l1, l2, l3]);
    let len = usize::try_from(field).map_err(|_| Flaw::Length(field))?;
    if !(1..=MAX_PAYLOAD).contains(&len) {
        return Err(Flaw::Length(field));
    }
    let (payload, rest) = rest.split_at_checked(len).ok_or(Flaw::Cut)?;
    if checksum(header, payload) != u32::from_le_bytes(*stored) {
        return Err(Flaw::Checksum);
    }
    let time = u64::from_le_bytes(time);
    Ok((Entry { time, payload }, rest))
}
// ANCHOR_END: decode

// ANCHOR: checksum
fn checksum(header: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    hasher.update(payload);
    hasher.finalize()
}
// ANCHOR_END: checksum

/// The first 16 bytes of a file.
// ANCHOR: file_header
pub fn file_header() -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..8].copy_from_slice(&SIGNATURE);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    let checksum = crc32fast::hash(&header[..12]);
    header[12..].copy_from_slice(&checksum.to_le_bytes());
    header
}

/// Checks the first 16 bytes of a file, and returns what follows.
///
/// # Errors
/// When they are not those of a journal that this crate can read.
pub fn entries(file: &[u8]) -> Result<&[u8], Foreign> {
    let (header, rest) = file
        .split_first_chunk::<HEADER>()
        .ok_or(Foreign::Signature)?;
    let [signature @ .., v0, v1, v2, v3, c0, c1, c2, c3] = *header;
    let checksum = u32::from_le_bytes([c0, c1, c2, c3]);
    if signature != SIGNATURE || checksum != crc32fast::hash(&header[..12]) {
        return Err(Foreign::Signature);
    }
    match u32::from_le_bytes([v0, v1, v2, v3]) {
        VERSION => Ok(rest),
        other => Err(Foreign::Version(other)),
    }
}
// ANCHOR_END: file_header
