//! The format, to the byte.

use journal::entry::{
    BadLength, Entry, Flaw, Foreign, HEADER, MAX_PAYLOAD, SIGNATURE, decode, encode, entries,
    file_header,
};
use journal::scan::{Tail, scan};
use proptest::prelude::*;

fn encoded(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        assert_eq!(encode(entry, &mut bytes), Ok(()));
    }
    bytes
}

const THREE: [Entry<'_>; 3] = [
    Entry {
        time: 1,
        payload: b"4711 in 12",
    },
    Entry {
        time: 2,
        payload: b"4712 in 7",
    },
    Entry {
        time: 3,
        payload: b"4711 out",
    },
];

// ANCHOR: golden
#[test]
fn an_entry_is_these_bytes() {
    let entry = Entry {
        time: 0x0102_0304,
        payload: b"4711 in 12",
    };
    let expected = b"\x0a\0\0\0\x04\x03\x02\x01\0\0\0\0\xdd\xde\xd8\x4b4711 in 12";
    assert_eq!(encoded(&[entry]), expected);
    assert_eq!(decode(expected), Ok((entry, &[][..])));
}
// ANCHOR_END: golden

#[test]
fn a_file_begins_with_these_bytes() {
    let expected = *b"\x89JNL\r\n\x1a\n\x01\0\0\0\xd3\x01\xbd\x65";
    assert_eq!(file_header(), expected);
    assert_eq!(entries(&expected), Ok(&[][..]));
}

#[test]
fn a_file_of_another_version_or_kind_is_refused() {
    let mut newer = file_header();
    newer[8] = 2;
    let checksum = crc32fast::hash(&newer[..12]);
    newer[12..].copy_from_slice(&checksum.to_le_bytes());
    assert_eq!(entries(&newer), Err(Foreign::Version(2)));

    assert_eq!(entries(b""), Err(Foreign::Signature));
    assert_eq!(entries(&SIGNATURE), Err(Foreign::Signature));
    for byte in 0..HEADER {
        let mut flipped = file_header();
        flipped[byte] ^= 0x20;
        assert_eq!(entries(&flipped), Err(Foreign::Signature));
    }
}

#[test]
fn lengths_out_of_range_are_not_written() {
    let mut bytes = vec![1];
    for len in [0, MAX_PAYLOAD + 1] {
        let payload = &vec![0; len];
        let entry = Entry { time: 1, payload };
        assert_eq!(encode(&entry, &mut bytes), Err(BadLength(len)));
    }
    assert_eq!(bytes, [1]);
}

// ANCHOR: cut
#[test]
fn a_file_cut_at_any_byte_keeps_its_whole_entries() {
    let bytes = encoded(&THREE);
    let ends: Vec<_> = (0..=3).map(|n| encoded(&THREE[..n]).len()).collect();
    for len in 0..=bytes.len() {
        let (found, end, tail) = scan(&bytes[..len]);
        let whole = ends.iter().filter(|end| **end <= len).count() - 1;
        assert_eq!((&found[..], end), (&THREE[..whole], ends[whole]));
        assert_eq!(tail == Tail::Clean, ends.contains(&len));
        assert!(!matches!(tail, Tail::Damaged(..)));
    }
}
// ANCHOR_END: cut

// ANCHOR: flip
#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let bytes = encoded(&THREE);
    let last = encoded(&THREE[..2]).len();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let (found, end, tail) = scan(&flipped);
        assert!(found.len() < 3 && THREE.starts_with(&found));
        assert!(end <= bit / 8);
        match tail {
            Tail::Clean => panic!("bit {bit} went unseen"),
            Tail::Torn(_) => assert!(bit / 8 >= last),
            Tail::Damaged(_, next) => assert!(next > end),
        }
    }
}
// ANCHOR_END: flip

#[test]
fn zeros_are_no_entries() {
    let mut bytes = encoded(&THREE);
    let len = bytes.len();
    bytes.resize(len + 4096, 0);
    assert_eq!(
        scan(&bytes),
        (THREE.to_vec(), len, Tail::Torn(Flaw::Length(0)))
    );
}

#[test]
fn an_entry_in_the_payload_of_a_torn_one_is_taken_for_damage() {
    let inner = encoded(&[Entry {
        time: 9,
        payload: b"copied",
    }]);
    let mut bytes = encoded(&[Entry {
        time: 4,
        payload: &inner,
    }]);
    bytes[0] ^= 1;
    assert_eq!(scan(&bytes).2, Tail::Damaged(Flaw::Cut, HEADER));
}

proptest! {
    #[test]
    fn decoding_any_bytes_never_panics(bytes: Vec<u8>) {
        if let Ok((entry, rest)) = decode(&bytes) {
            prop_assert_eq!(HEADER + entry.payload.len() + rest.len(), bytes.len());
        }
        let _ = entries(&bytes);
        prop_assert!(scan(&bytes).1 <= bytes.len());
    }

    #[test]
    fn what_is_written_is_read(time: u64, payload in prop::collection::vec(any::<u8>(), 1..200)) {
        let entry = Entry { time, payload: &payload };
        let mut bytes = encoded(&[entry]);
        bytes.push(7);
        prop_assert_eq!(decode(&bytes), Ok((entry, &[7][..])));
    }
}
