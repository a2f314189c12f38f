//! Records and hints: what holds for any bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use bitcask::{
    hint::{self, Entry},
    record::{self, Record},
};
use proptest::{collection::vec, prelude::*};

fn key() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 1..40)
}

#[test]
fn a_record_and_a_tombstone_have_these_bytes() {
    let mut bytes = Vec::new();
    for (timestamp, value) in [
        (1_700_000_000_000_000, Some(&b"1815"[..])),
        (1_700_000_000_000_001, None),
    ] {
        let record = Record {
            timestamp,
            key: b"ada",
            value,
        };
        record::encode(&record, &mut bytes).unwrap();
    }
    let expected = b"\x5f\xc8\xd6\x6e\x00\x40\x1e\x18\x24\x0a\x06\x00\x03\0\0\0\x04\0\0\0ada1815\
                     \x2c\xbf\x0d\x8d\x01\x40\x1e\x18\x24\x0a\x06\x00\x03\0\0\0\xff\xff\xff\xffada";
    assert_eq!(
        bytes.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
}

proptest! {
    #[test]
    fn a_record_is_read_as_it_was_written(
        timestamp in any::<u64>(),
        key in key(),
        value in any::<Option<Vec<u8>>>(),
        before in any::<Vec<u8>>(),
        behind in any::<Vec<u8>>(),
    ) {
        let record = Record { timestamp, key: &key, value: value.as_deref() };
        let mut bytes = before.clone();
        record::encode(&record, &mut bytes).unwrap();
        prop_assert_eq!(&bytes[..before.len()], &before[..]);
        let len = bytes.len() - before.len();
        bytes.extend(&behind);
        prop_assert_eq!(record::decode(&bytes[before.len()..]), Ok((record, len)));
        for end in 0..len {
            prop_assert!(record::decode(&bytes[before.len()..before.len() + end]).is_err());
        }
    }

    #[test]
    fn a_flipped_bit_is_found(key in key(), value in any::<Vec<u8>>(), at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut bytes = Vec::new();
        record::encode(&Record { timestamp: 1, key: &key, value: Some(&value) }, &mut bytes).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(record::decode(&bytes).is_err());
    }

    #[test]
    fn a_hint_is_read_as_it_was_written(
        entries in vec((any::<u64>(), key(), any::<Option<u16>>(), any::<u64>()), 0..20),
        data_len in any::<u64>(),
    ) {
        let entries: Vec<Entry<'_>> = entries.iter().map(|(timestamp, key, value_len, offset)| Entry {
            timestamp: *timestamp,
            key,
            value_len: value_len.map(u32::from),
            offset: *offset,
        }).collect();
        let mut bytes = Vec::new();
        hint::encode(entries.iter().copied(), data_len, &mut bytes);
        prop_assert_eq!(hint::decode(&bytes), Ok((entries, data_len)));
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in any::<Vec<u8>>()) {
        let _ = record::decode(&bytes);
        let _ = hint::decode(&bytes);
        // With a right checksum at the end, the entries are looked at, too.
        let mut hint = bytes;
        let checksum = crc32fast::hash(&hint);
        hint.extend(checksum.to_le_bytes());
        let _ = hint::decode(&hint);
    }
}
