//! The keys and values, the same in every run and for every store.

use std::array;

/// A key of 20 bytes.
pub(crate) type Key = [u8; 20];

/// The key of a number. Neighboring numbers have keys far apart, so that whoever keeps keys in
/// order is written to in no order.
pub(crate) fn key(number: u64) -> Key {
    const PREFIX: &[u8; 4] = b"key-";
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let scrambled = scramble(number);
    array::from_fn(|at| match at.checked_sub(PREFIX.len()) {
        None => PREFIX[at],
        Some(digit) => DIGITS[(scrambled >> (60 - 4 * digit)) as usize & 15],
    })
}

/// Values of one length. They cannot be compressed: what is compared is storing bytes.
pub(crate) struct Values {
    len: usize,
    bytes: Vec<u8>,
}

impl Values {
    /// Enough bytes that a value seldom overlaps one that is stored near it.
    const BYTES: u64 = 1 << 20;

    pub(crate) fn new(len: usize) -> Self {
        let words = 1..=Self::BYTES / 8;
        let bytes = words.flat_map(|word| scramble(word << 32).to_le_bytes());
        Self {
            len,
            bytes: bytes.collect(),
        }
    }

    /// The value of a number.
    pub(crate) fn get(&self, number: u64) -> &[u8] {
        let starts = self.bytes.len() - self.len;
        let start = scramble(!number) as usize % starts;
        &self.bytes[start..][..self.len]
    }
}

/// Maps numbers one to one to others without a visible pattern.
pub(crate) const fn scramble(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
