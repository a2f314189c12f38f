//! The documented format, read and written by the suite's own code, so that a mistake in a
//! learner's code cannot hide itself.

use std::collections::BTreeMap;

/// Bytes of a record before its key.
pub(crate) const HEADER_LEN: u64 = 20;
/// Bytes of a hint's entry before its key.
pub(crate) const ENTRY_LEN: u64 = 24;
/// Bytes at the end of a hint.
pub(crate) const TRAILER_LEN: u64 = 12;
/// The value length of a tombstone.
const TOMBSTONE: u32 = u32::MAX;

/// A record, or what is told of one in a hint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Record {
    pub(crate) timestamp: u64,
    pub(crate) key: Vec<u8>,
    /// `None` is a tombstone.
    pub(crate) value: Option<Vec<u8>>,
}

impl Record {
    pub(crate) fn put(timestamp: u64, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self {
            timestamp,
            key: key.into(),
            value: Some(value.into()),
        }
    }

    pub(crate) fn tombstone(timestamp: u64, key: impl Into<Vec<u8>>) -> Self {
        Self {
            timestamp,
            key: key.into(),
            value: None,
        }
    }

    /// Bytes of the record in a file.
    pub(crate) fn len(&self) -> u64 {
        let value = self.value.as_ref().map_or(0, Vec::len);
        HEADER_LEN + (self.key.len() + value) as u64
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend([0; 4]);
        out.extend(self.timestamp.to_le_bytes());
        out.extend((self.key.len() as u32).to_le_bytes());
        out.extend(self.value_len().to_le_bytes());
        out.extend(&self.key);
        out.extend(self.value.iter().flatten());
        let sum = crc32(&out[start + 4..]);
        out[start..start + 4].copy_from_slice(&sum.to_le_bytes());
    }

    fn value_len(&self) -> u32 {
        self.value
            .as_ref()
            .map_or(TOMBSTONE, |value| value.len() as u32)
    }

    /// The record at the beginning, if it is whole and valid.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let header = bytes.get(..HEADER_LEN as usize)?;
        let key_len = number32(header, 12) as usize;
        let value_len = number32(header, 16);
        let after_key = HEADER_LEN as usize + key_len;
        let end = match value_len {
            TOMBSTONE => after_key,
            len => after_key + len as usize,
        };
        let body = bytes.get(4..end)?;
        (key_len > 0 && crc32(body) == number32(header, 0)).then(|| Self {
            timestamp: number64(header, 4),
            key: bytes[HEADER_LEN as usize..after_key].to_vec(),
            value: (value_len != TOMBSTONE).then(|| bytes[after_key..end].to_vec()),
        })
    }
}

/// A file with these records.
pub(crate) fn file_of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records {
        record.encode(&mut bytes);
    }
    bytes
}

/// The valid records from the beginning of a file, each with its offset, and the offset of the
/// first byte that belongs to none: the length of the file if it is sound.
pub(crate) fn records(file: &[u8]) -> (Vec<(u64, Record)>, u64) {
    let mut found = Vec::new();
    let mut offset = 0;
    while let Some(record) = Record::decode(&file[offset as usize..]) {
        let len = record.len();
        found.push((offset, record));
        offset += len;
    }
    (found, offset)
}

/// What files mean: for each key the record with the greatest timestamp, tombstones included.
pub(crate) fn newest<'a>(
    files: impl IntoIterator<Item = &'a Vec<u8>>,
) -> BTreeMap<Vec<u8>, Record> {
    let mut newest: BTreeMap<Vec<u8>, Record> = BTreeMap::new();
    for file in files {
        for (_, record) in records(file).0 {
            match newest.get(&record.key) {
                Some(known) if known.timestamp >= record.timestamp => {}
                _ => {
                    newest.insert(record.key.clone(), record);
                }
            }
        }
    }
    newest
}

/// An entry of a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HintEntry {
    pub(crate) timestamp: u64,
    pub(crate) key: Vec<u8>,
    /// `None` is a tombstone.
    pub(crate) value_len: Option<u32>,
    pub(crate) offset: u64,
}

/// The entries that a right hint of this file has.
pub(crate) fn entries_of(file: &[u8]) -> Vec<HintEntry> {
    let entry = |(offset, record): (u64, Record)| HintEntry {
        timestamp: record.timestamp,
        value_len: record.value.as_ref().map(|value| value.len() as u32),
        key: record.key,
        offset,
    };
    records(file).0.into_iter().map(entry).collect()
}

/// A hint with these entries, for a file of this length.
pub(crate) fn hint_of(entries: &[HintEntry], data_len: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(entry.timestamp.to_le_bytes());
        bytes.extend((entry.key.len() as u32).to_le_bytes());
        bytes.extend(entry.value_len.unwrap_or(TOMBSTONE).to_le_bytes());
        bytes.extend(entry.offset.to_le_bytes());
        bytes.extend(&entry.key);
    }
    bytes.extend(data_len.to_le_bytes());
    let sum = crc32(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// The entries of a hint and the stated length of its file, if the hint is sound in itself.
pub(crate) fn hint(bytes: &[u8]) -> Option<(Vec<HintEntry>, u64)> {
    let body = bytes.len().checked_sub(TRAILER_LEN as usize)?;
    if crc32(&bytes[..body + 8]) != number32(bytes, body + 8) {
        return None;
    }
    let mut entries = Vec::new();
    let mut rest = &bytes[..body];
    while !rest.is_empty() {
        let head = rest.get(..ENTRY_LEN as usize)?;
        let end = ENTRY_LEN as usize + number32(head, 8) as usize;
        let value_len = number32(head, 12);
        entries.push(HintEntry {
            timestamp: number64(head, 0),
            key: rest.get(ENTRY_LEN as usize..end)?.to_vec(),
            value_len: (value_len != TOMBSTONE).then_some(value_len),
            offset: number64(head, 16),
        });
        rest = &rest[end..];
    }
    Some((entries, number64(bytes, body)))
}

/// The CRC-32 of IEEE 802.3, as in zlib.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut sum = index as u32;
            let mut bit = 0;
            while bit < 8 {
                sum = if sum & 1 == 1 {
                    sum >> 1 ^ 0xEDB8_8320
                } else {
                    sum >> 1
                };
                bit += 1;
            }
            table[index] = sum;
            index += 1;
        }
        table
    };
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        TABLE[(sum as u8 ^ byte) as usize] ^ sum >> 8
    })
}

fn number32(bytes: &[u8], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(number)
}

fn number64(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}
