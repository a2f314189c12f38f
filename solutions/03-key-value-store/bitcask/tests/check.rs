//! Examining a damaged store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use bitcask::{
    Bitcask, Damage, Error, Options,
    check::{Report, Then, examine},
    fs::Disk,
    hint::{self, Entry},
    record::{self, Record},
};
use std::{collections::BTreeMap, fs, path::Path};
use tempfile::TempDir;

/// A file of these records, each of 26 bytes; no value is a tombstone.
fn file(records: &[(u64, &str, Option<&str>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (timestamp, key, value) in records {
        let record = Record {
            timestamp: *timestamp,
            key: key.as_bytes(),
            value: value.map(str::as_bytes),
        };
        record::encode(&record, &mut bytes).unwrap();
    }
    bytes
}

fn three() -> Vec<u8> {
    file(&[
        (1, "a", Some("first")),
        (2, "b", Some("other")),
        (3, "a", Some("later")),
    ])
}

fn examined(dir: &Path) -> Report {
    examine(&Disk, dir).unwrap()
}

fn saved(report: &Report) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut saved = BTreeMap::new();
    report
        .each(&Disk, |key, value| {
            assert!(saved.insert(key.to_vec(), value.to_vec()).is_none());
            Ok(())
        })
        .unwrap();
    saved
}

#[test]
fn a_sound_store_is_sound() {
    let dir = TempDir::new().unwrap();
    let store = Bitcask::open(dir.path(), Options::default()).unwrap();
    store.put(b"a", b"1").unwrap();
    store.put(b"b", b"2").unwrap();
    store.delete(b"a").unwrap();
    store.merge().unwrap();
    store.put(b"c", b"3").unwrap();
    assert!(matches!(
        examine(&Disk, dir.path()),
        Err(Error::Locked { .. })
    ));
    store.close().unwrap();
    let report = examined(dir.path());
    assert!(report.is_sound());
    assert_eq!(report.readable_keys(), 2);
    let expected = [("b", "2"), ("c", "3")].map(|(key, value)| (key.into(), value.into()));
    assert_eq!(saved(&report), BTreeMap::from(expected));
    assert!(report.files.iter().all(|file| file.useless_hint.is_none()));
}

#[test]
fn damage_in_the_middle_leads_to_the_next_record() {
    // In the value, in the time, in a length that becomes impossible, and in one that stays
    // possible.
    for at in [25, 5, 15, 19, 16] {
        let dir = TempDir::new().unwrap();
        let mut bytes = three();
        bytes[at] ^= 0x10;
        fs::write(dir.path().join("0000000001.data"), bytes).unwrap();
        let report = examined(dir.path());
        let [file] = &report.files[..] else {
            panic!("one file")
        };
        let [fault] = &file.faults[..] else {
            panic!("one fault at {at}: {:?}", file.faults)
        };
        assert_eq!(
            (fault.offset, fault.then),
            (0, Then::Record { offset: 26 }),
            "byte {at}"
        );
        assert_eq!((file.records, report.readable_keys()), (2, 2));
        assert!(!report.is_sound());
        assert!(!dir.path().join("LOCK").exists());
    }
}

#[test]
fn a_torn_end_is_what_open_cuts_off() {
    for (name, is_torn_end) in [("0000000002.data", true), ("0000000002.merged", false)] {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("0000000001.data"), three()).unwrap();
        let path = dir.path().join(name);
        let cut = &three()[..60];
        fs::write(&path, cut).unwrap();
        let report = examined(dir.path());
        let fault = &report.files[1].faults[0];
        let then = Then::Nothing {
            bytes: 8,
            is_torn_end,
        };
        assert_eq!((fault.offset, fault.then), (52, then));
        let opened = Bitcask::open(dir.path(), Options::default());
        assert_eq!(opened.is_ok(), is_torn_end);
        assert_eq!(
            fs::metadata(path).unwrap().len(),
            if is_torn_end { 52 } else { 60 }
        );
    }
}

#[test]
fn a_value_that_holds_a_record_is_no_record() {
    let inner = file(&[(1, "a", Some("wrong"))]);
    let mut bytes = file(&[(2, "b", Some("right"))]);
    let start = bytes.len();
    let outer = Record {
        timestamp: 3,
        key: b"c",
        value: Some(&inner),
    };
    record::encode(&outer, &mut bytes).unwrap();
    for end in start + 1..bytes.len() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("0000000001.data");
        fs::write(&path, &bytes[..end]).unwrap();
        assert_eq!(examined(dir.path()).readable_keys(), 1, "cut to {end}");
        let store = Bitcask::open(dir.path(), Options::default()).unwrap();
        assert_eq!(store.get(b"b").unwrap().unwrap(), b"right");
        assert_eq!(
            (store.len(), fs::metadata(path).unwrap().len()),
            (1, start as u64)
        );
    }
}

#[test]
fn a_hint_is_told_useless_or_misleading() {
    let dir = TempDir::new().unwrap();
    let bytes = three();
    let len = bytes.len() as u64;
    fs::write(dir.path().join("0000000001.merged"), &bytes).unwrap();
    let hint = dir.path().join("0000000001.hint");
    let entry = |timestamp, key, offset| Entry {
        timestamp,
        key,
        value_len: Some(5),
        offset,
    };
    let right = [entry(1, b"a", 0), entry(2, b"b", 26), entry(3, b"a", 52)];
    let write = |entries: &[Entry<'_>], data_len| {
        let mut bytes = Vec::new();
        hint::encode(entries.iter().copied(), data_len, &mut bytes);
        fs::write(&hint, bytes).unwrap();
        let mut report = examined(dir.path());
        report.files.remove(0)
    };
    let file = write(&right, len);
    assert!(file.faults.is_empty() && file.useless_hint.is_none());
    for (entries, data_len) in [(&right[..], len + 1), (&[entry(1, b"a", len)], len)] {
        let file = write(entries, data_len);
        assert!(file.faults.is_empty() && file.useless_hint.is_some());
    }
    for entries in [
        &right[..2],
        &[entry(1, b"a", 0), entry(2, b"c", 26), entry(3, b"a", 52)],
        &[
            entry(1, b"a", 0),
            entry(2, b"b", 26),
            entry(3, b"a", 52),
            entry(4, b"a", 52),
        ],
    ] {
        let file = write(entries, len);
        assert_eq!(file.faults[0].then, Then::MisleadingHint);
        assert_eq!(file.useless_hint, None);
    }
    fs::write(&hint, b"short").unwrap();
    assert!(examined(dir.path()).files[0].useless_hint.is_some());
}

#[test]
fn a_missing_directory_is_an_error() {
    let dir = TempDir::new().unwrap();
    let missing = dir.path().join("missing");
    assert!(matches!(examine(&Disk, &missing), Err(Error::Io { path, .. }) if path == missing));
}

#[test]
fn two_logs_with_one_id_are_refused_and_both_are_salvaged() {
    let dir = TempDir::new().unwrap();
    let data = file(&[(1, "a", Some("first")), (4, "b", Some("newer"))]);
    let merged = file(&[(2, "b", Some("older")), (3, "c", Some("third"))]);
    fs::write(dir.path().join("0000000001.data"), &data).unwrap();
    fs::write(dir.path().join("0000000001.merged"), &merged).unwrap();
    let opened = Bitcask::open(dir.path(), Options::default());
    assert!(
        matches!(
            opened,
            Err(Error::Corrupt {
                reason: Damage::SameId,
                ..
            })
        ),
        "{opened:?}"
    );
    let report = examined(dir.path());
    assert!(!report.is_sound());
    let expected = [("a", "first"), ("b", "newer"), ("c", "third")];
    let expected = expected.map(|(key, value)| (key.into(), value.into()));
    assert_eq!(saved(&report), BTreeMap::from(expected));
}
