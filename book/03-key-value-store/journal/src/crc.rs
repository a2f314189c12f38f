//! CRC-32 as in zlib, gzip, PNG and Ethernet, in its two simplest forms.

/// The polynomial of IEEE 802.3 with its lowest power in the highest bit, without x³².
pub const POLYNOMIAL: u32 = 0xEDB8_8320;

/// The checksum, one bit at a time.
// ANCHOR: bitwise
pub fn bitwise(bytes: &[u8]) -> u32 {
    let mut rest = u32::MAX;
    for byte in bytes {
        rest ^= u32::from(*byte);
        for _ in 0..8 {
            rest = step(rest);
        }
    }
    !rest
}

/// Divides by x: shifts a bit out, and subtracts the polynomial if that bit was set.
const fn step(rest: u32) -> u32 {
    if rest & 1 == 1 {
        (rest >> 1) ^ POLYNOMIAL
    } else {
        rest >> 1
    }
}
// ANCHOR_END: bitwise

// ANCHOR: table
/// What eight steps make of each byte.
static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut rest = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            rest = step(rest);
            bit += 1;
        }
        table[byte] = rest;
        byte += 1;
    }
    table
};

/// The checksum, one byte at a time.
pub fn bytewise(bytes: &[u8]) -> u32 {
    let rest = bytes.iter().fold(u32::MAX, |rest, byte| {
        let [low, ..] = rest.to_le_bytes();
        TABLE[usize::from(low ^ byte)] ^ (rest >> 8)
    });
    !rest
}
// ANCHOR_END: table

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_three_ways_to_compute_it_agree(bytes: Vec<u8>) {
            let expected = crc32fast::hash(&bytes);
            prop_assert_eq!(bitwise(&bytes), expected);
            prop_assert_eq!(bytewise(&bytes), expected);
        }
    }

    #[test]
    fn the_check_value_is_that_of_the_standard() {
        assert_eq!(bitwise(b"123456789"), 0xCBF4_3926);
    }

    /// What a flipped bit does to the checksum depends on the bit alone, not on the message.
    fn syndromes(bits: usize) -> Vec<u32> {
        // From the last bit to the first, each is the one before times x.
        let mut rest = 1 << 31;
        let mut syndromes = Vec::with_capacity(bits);
        for _ in 0..bits {
            syndromes.push(rest);
            rest = step(rest);
        }
        syndromes
    }

    // ANCHOR: three
    #[test]
    fn the_shortest_three_bit_error_that_goes_unseen_spans_91_640_bits() {
        let (first, mut earlier) = (1 << 31, HashSet::new());
        let last = syndromes(100_000).into_iter().position(|syndrome| {
            let unseen = earlier.contains(&(first ^ syndrome));
            earlier.insert(syndrome);
            unseen && syndrome != first
        });
        assert_eq!(last, Some(91_639));
    }
    // ANCHOR_END: three

    #[test]
    fn a_syndrome_is_what_a_flip_does_to_any_message() {
        let message = *b"parcel 4711 on shelf 12";
        for bit in 0..message.len() * 8 {
            let mut flipped = message;
            flipped[bit / 8] ^= 1 << (bit % 8);
            let difference = bitwise(&message) ^ bitwise(&flipped);
            // The checksum itself follows the message with 32 bits of its own.
            let from_end = message.len() * 8 - 1 - bit;
            assert_eq!(difference, syndromes(from_end + 33)[from_end + 32]);
        }
    }
}
