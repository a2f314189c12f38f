//! Phase 1: records, and a store that lives in one file.

use crate::{
    driven::{Contents, Driven, Files, contents_of, data_files, small, texts, value_text},
    format::{self, HEADER_LEN, Record, crc32, file_of, records},
    program::{Kv, PANICKED, argument},
    python,
};
use bitcask::{
    Error, MAX_KEY_LEN, MAX_VALUE_LEN, Options,
    record::{self, DecodeError},
};
use std::{
    fs,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use suite_kit::{Scenario, property::check_moves, text::escaped};

/// A record of `ada = 1815`, and a tombstone of `ada`, as the chapter's figure has them.
const FIGURE: [&[u8]; 2] = [
    b"\x5f\xc8\xd6\x6e\x00\x40\x1e\x18\x24\x0a\x06\x00\x03\0\0\0\x04\0\0\0ada1815",
    b"\x2c\xbf\x0d\x8d\x01\x40\x1e\x18\x24\x0a\x06\x00\x03\0\0\0\xff\xff\xff\xffada",
];
const FIGURE_TIME: u64 = 1_700_000_000_000_000;

/// The records of the figure.
fn figure() -> [record::Record<'static>; 2] {
    let value = |value, timestamp| record::Record {
        timestamp,
        key: b"ada",
        value,
    };
    [
        value(Some(&b"1815"[..]), FIGURE_TIME),
        value(None, FIGURE_TIME + 1),
    ]
}

/// Records of many shapes.
fn samples() -> Vec<Record> {
    let every_byte: Vec<u8> = (0..=255).collect();
    vec![
        Record::put(FIGURE_TIME, "ada", "1815"),
        Record::tombstone(FIGURE_TIME + 1, "ada"),
        Record::put(0, "k", ""),
        Record::tombstone(u64::MAX, "k"),
        Record::put(u64::MAX, every_byte.clone(), every_byte.clone()),
        Record::put(1 << 32, vec![0; 300], vec![0xff; 1_000]),
        Record::put(7, vec![b'k'; MAX_KEY_LEN], "v"),
        Record::tombstone(8, vec![0xff; MAX_KEY_LEN]),
    ]
}

/// The learner's type for one of ours.
fn of(record: &Record) -> record::Record<'_> {
    record::Record {
        timestamp: record.timestamp,
        key: &record.key,
        value: record.value.as_deref(),
    }
}

/// A record is written as documented, to the byte, behind what the buffer holds already.
#[test]
fn a_record_has_the_documented_bytes() {
    let scenario = Scenario::new();
    let mut out = b"before".to_vec();
    for (record, expected) in figure().iter().zip(FIGURE) {
        scenario.step(format!("encode {record:?}"));
        let start = out.len();
        let encoded = record::encode(record, &mut out);
        scenario.expect(encoded.is_ok(), "Ok", format_args!("{encoded:?}"));
        scenario.expect_bytes("the record", &out[start..], expected);
    }
    scenario.expect_bytes("what was there before", &out[..6], b"before");
    for sample in samples() {
        let (mut out, mut expected) = (Vec::new(), Vec::new());
        sample.encode(&mut expected);
        scenario.step(format!(
            "encode a key of {} bytes, {:?} bytes of value, timestamp {}",
            sample.key.len(),
            sample.value.as_ref().map(Vec::len),
            sample.timestamp
        ));
        let encoded = record::encode(&of(&sample), &mut out);
        scenario.expect(encoded.is_ok(), "Ok", format_args!("{encoded:?}"));
        scenario.expect_bytes("the record", &out, &expected);
    }
}

/// A record is read from the beginning of the bytes, with its length; what comes behind it does not
/// matter.
#[test]
fn a_record_is_read_with_its_length() {
    let scenario = Scenario::new();
    let mut all = samples();
    all.push(Record::put(9, "ada", "1815"));
    for sample in &all {
        for behind in [&b""[..], b"\0", FIGURE[0], &[0xff; 100]] {
            let mut bytes = Vec::new();
            sample.encode(&mut bytes);
            let len = bytes.len();
            bytes.extend(behind);
            scenario.step(format!(
                "decode a record of {len} bytes, with {} bytes behind it",
                behind.len()
            ));
            match record::decode(&bytes) {
                Ok((received, received_len)) => {
                    scenario.expect_eq("the length", received_len, len);
                    scenario.expect(
                        received == of(sample),
                        "the record that was written",
                        format_args!(
                            "timestamp {}, key {}, value {:?}",
                            received.timestamp,
                            escaped(received.key),
                            received.value.map(<[u8]>::len)
                        ),
                    );
                }
                Err(error) => scenario.fail("a record", format_args!("{error:?}")),
            }
        }
    }
}

/// A key has 1 to 65,535 bytes and a value at most 64 MiB: other sizes are refused, and the buffer
/// stays as it was.
///
/// seconds: 60
#[test]
fn sizes_out_of_range_are_not_written() {
    let scenario = Scenario::new();
    let long = vec![b'x'; MAX_VALUE_LEN + 1];
    let mut out = b"before".to_vec();
    let mut encode = |key: &[u8], value: Option<&[u8]>| {
        scenario.step(format!(
            "encode a key of {} bytes and {:?} bytes of value",
            key.len(),
            value.map(<[u8]>::len)
        ));
        let record = record::Record {
            timestamp: 1,
            key,
            value,
        };
        let result = record::encode(&record, &mut out);
        let grown = out.len() - b"before".len();
        if result.is_err() {
            scenario.expect_bytes("the buffer after an error", &out, b"before");
        }
        out.truncate(b"before".len());
        (result, grown)
    };
    let refused =
        |(result, _): (bitcask::Result<()>, usize), is: fn(&Error) -> bool, name: &str| {
            scenario.expect(
                matches!(&result, Err(error) if is(error)),
                format_args!("Err({name})"),
                format_args!("{result:?}"),
            );
        };
    let taken = |(result, grown): (bitcask::Result<()>, usize), expected: usize| {
        scenario.expect(result.is_ok(), "Ok", format_args!("{result:?}"));
        scenario.expect_eq("the length of the record", grown, expected);
    };
    let header = HEADER_LEN as usize;
    let empty = |error: &Error| matches!(error, Error::EmptyKey);
    refused(encode(b"", Some(b"v")), empty, "EmptyKey");
    refused(encode(b"", None), empty, "EmptyKey");
    let key_too_long = |error: &Error| matches!(error, Error::KeyTooLong { len: 65_536 });
    let name = "KeyTooLong { len: 65536 }";
    refused(
        encode(&long[..MAX_KEY_LEN + 1], Some(b"v")),
        key_too_long,
        name,
    );
    refused(encode(&long[..MAX_KEY_LEN + 1], None), key_too_long, name);
    taken(encode(&long[..MAX_KEY_LEN], None), header + MAX_KEY_LEN);
    refused(
        encode(b"k", Some(&long)),
        |error| matches!(error, Error::ValueTooLong { len: 67_108_865 }),
        "ValueTooLong { len: 67108865 }",
    );
    taken(
        encode(b"k", Some(&long[..MAX_VALUE_LEN])),
        header + 1 + MAX_VALUE_LEN,
    );
}

/// Bytes that do not begin with a record are refused for the first thing that is wrong: the header
/// is not complete, a length is out of range, the record is not complete, the checksum is another.
///
/// hint: Check the lengths before you ask whether the record is complete.
#[test]
fn the_first_thing_that_is_wrong_is_told() {
    let scenario = Scenario::new();
    let expect = |what: &str, bytes: &[u8], expected: DecodeError| {
        scenario.step(format!("decode {what}"));
        let received = record::decode(bytes).map(|(_, len)| len);
        scenario.expect_eq("the result", received, Err(expected));
    };
    let header = |key_len: u32, value_len: u32| {
        let mut bytes = vec![0; 12];
        bytes.extend(key_len.to_le_bytes());
        bytes.extend(value_len.to_le_bytes());
        bytes
    };
    for len in 0..20 {
        let bytes = &header(0, u32::MAX - 1)[..len];
        let expected = DecodeError::Incomplete { needed: 20 };
        expect(&format!("{len} bytes of a header"), bytes, expected);
    }
    for len in [0, 65_536, 1 << 24, u32::MAX] {
        let what = format!("a header with key length {len} and a wrong value length");
        let bytes = header(len, u32::MAX - 1);
        expect(&what, &bytes, DecodeError::KeyLength { len });
    }
    for len in [(64 << 20) + 1, 1 << 31, u32::MAX - 1] {
        let what = format!("a header with value length {len}");
        let bytes = header(3, len);
        expect(&what, &bytes, DecodeError::ValueLength { len });
    }
    for (key_len, value_len, needed) in [
        (3, 4, 27),
        (1, 0, 21),
        (65_535, u32::MAX, 65_555),
        (65_535, 64 << 20, 20 + 65_535 + (64 << 20)),
    ] {
        let mut bytes = header(key_len, value_len);
        for there in [0, (needed - 21).min(300)] {
            bytes.resize(20 + there, 0);
            let what = format!("{there} of the {} bytes behind a header", needed - 20);
            expect(&what, &bytes, DecodeError::Incomplete { needed });
        }
    }
    let mut bytes = FIGURE[0].to_vec();
    bytes[26] ^= 1;
    let (expected, found) = (crc32(&bytes[4..]), 0x6ed6_c85f);
    expect(
        "a record with a changed value",
        &bytes,
        DecodeError::Checksum { expected, found },
    );
}

/// Any flipped bit in a record is found, be it in the header, the key, the value or the checksum.
///
/// What usually goes wrong: the checksum covers key and value only, and a changed timestamp lets an
/// old record win.
#[test]
fn any_flipped_bit_is_found() {
    let scenario = Scenario::new();
    for bytes in FIGURE {
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            // Enough behind it for a length that has become a little longer.
            damaged.extend([0; 600]);
            scenario.step(format!("flip bit {} of byte {}", bit % 8, bit / 8));
            let decoded = record::decode(&damaged);
            scenario.expect(decoded.is_err(), "an error", format_args!("{decoded:?}"));
        }
    }
}

/// Whatever is put, put again, deleted and opened again in whatever order, a store holds what a plain
/// map holds.
#[test]
fn a_store_holds_what_a_map_holds() {
    check_moves(60, 40, &|_, _, moves| {
        let mut driven = Driven::new(Options::default());
        for one in moves {
            let key = format!("k{}", one.key % 6);
            match one.kind % 8 {
                0..=3 => driven.put(&key, "x".repeat(usize::from(one.value % 50))),
                4 | 5 => driven.delete(&key),
                6 => driven.expect_contents(),
                _ => {
                    driven = driven.reopened();
                    driven.expect_contents();
                }
            }
        }
        driven.reopened().expect_contents();
    });
}

/// An empty value is a value: only a tombstone says that there is none.
#[test]
fn an_empty_value_is_a_value() {
    let mut driven = Driven::new(Options::default());
    driven.put("empty", "");
    driven.put("full", "1");
    driven.put("full", "");
    driven.expect_contents();
    let mut driven = driven.reopened();
    driven.expect_contents();
    driven.delete("empty");
    let driven = driven.reopened();
    driven.expect_contents();
}

/// Keys and values are bytes, whatever they are: zeros, line feeds, invalid UTF-8, what looks like a
/// record.
#[test]
fn keys_and_values_are_any_bytes() {
    let driven = Driven::new(Options::default());
    let every_byte: Vec<u8> = (0..=255).collect();
    let odd: [&[u8]; 8] = [
        b"\0",
        b"\0\0",
        b"\n",
        b"\xff\xfe",
        b"bitcask_tombstone",
        &every_byte,
        FIGURE[0],
        FIGURE[1],
    ];
    let mut expected = Contents::new();
    for (key, value) in odd.iter().zip(odd.iter().rev()) {
        let (name, value_name) = (escaped(key), escaped(value));
        driven.scenario.step(format!("put {name} = {value_name}"));
        let put = driven.store.put(key, value);
        driven
            .scenario
            .expect(put.is_ok(), "the put succeeds", format_args!("{put:?}"));
        expected.insert(key.to_vec(), value.to_vec());
    }
    let expect_all = |store| {
        let found = contents_of(&driven.scenario, store);
        driven
            .scenario
            .expect_eq("the keys and values", texts(&found), texts(&expected));
    };
    expect_all(&driven.store);
    driven
        .scenario
        .step("the process is killed, and another opens the store");
    match driven.disk.after_kill().open(Options::default()) {
        Ok(store) => expect_all(&store),
        Err(error) => driven.scenario.fail("the store opens", error),
    }
}

/// `delete` tells whether the key was there. If it was not, nothing is written.
#[test]
fn deleting_an_absent_key_writes_nothing() {
    let mut driven = Driven::new(Options::default());
    driven.put("a", "1");
    driven.put("b", "2");
    driven.delete("a");
    let before = driven.files();
    driven.delete("a");
    driven.delete("never there");
    let after = driven.files();
    for (name, bytes) in data_files(&before) {
        let now = after.get(name).map_or(&[][..], |bytes| bytes);
        driven.scenario.expect_bytes(name, now, bytes);
    }
    driven.expect_contents();
    driven.reopened().expect_contents();
    // Also if there was never anything to write.
    let mut driven = Driven::new(Options::default());
    driven.delete("never there");
    let files = driven.files();
    for (name, bytes) in data_files(&files) {
        driven.scenario.expect_bytes(name, bytes, b"");
    }
}

/// A key that no store can hold, empty or too long, is not there. Putting it is an error, and so is a
/// value that is too long; nothing is written then.
#[test]
fn keys_and_values_of_the_wrong_size_are_refused() {
    let mut driven = Driven::new(Options::default());
    driven.put("a", "1");
    let before = driven.files();
    let (scenario, store) = (&driven.scenario, &driven.store);
    let long = vec![b'x'; MAX_VALUE_LEN + 1];
    for key in [&b""[..], &long[..MAX_KEY_LEN + 1]] {
        let len = key.len();
        scenario.step(format!(
            "get, contains, delete and put of a key of {len} bytes"
        ));
        let received = (store.get(key), store.contains(key), store.delete(key));
        scenario.expect(
            matches!(received, (Ok(None), Ok(false), Ok(false))),
            "(Ok(None), Ok(false), Ok(false))",
            format_args!("{received:?}"),
        );
        let put = store.put(key, b"v");
        let (is_right, expected) = match len {
            0 => (matches!(put, Err(Error::EmptyKey)), "Err(EmptyKey)"),
            _ => (
                matches!(put, Err(Error::KeyTooLong { len: 65_536 })),
                "Err(KeyTooLong { len: 65536 })",
            ),
        };
        scenario.expect(is_right, expected, format_args!("{put:?}"));
    }
    scenario.step("put a value of 64 MiB and one byte");
    let put = store.put(b"a", &long);
    scenario.expect(
        matches!(put, Err(Error::ValueTooLong { len: 67_108_865 })),
        "Err(ValueTooLong { len: 67108865 })",
        format_args!("{put:?}"),
    );
    scenario.expect(
        driven.files() == before,
        "the files are as they were",
        "something was written",
    );
    driven.put(&"k".repeat(MAX_KEY_LEN), "the longest key");
    driven.put("long", &long[..100_000]);
    driven.expect_contents();
    driven.reopened().expect_contents();
}

/// A store's first file is `0000000001.data`, and holds the records in the order in which they were
/// written, byte for byte as documented.
///
/// section: format
#[test]
fn the_file_holds_the_records_in_order() {
    let before = now();
    let mut driven = Driven::new(Options::default());
    driven.put("ada", "1815");
    driven.put("cat", "");
    driven.put("ada", "1843");
    driven.delete("cat");
    let after = now();
    let driven = driven.reopened();
    let files = driven.files();
    let names: Vec<&String> = data_files(&files)
        .into_iter()
        .filter(|(_, bytes)| !bytes.is_empty())
        .map(|(name, _)| name)
        .collect();
    let scenario = &driven.scenario;
    scenario.expect_eq("the files with records", names, vec!["0000000001.data"]);
    let (found, end) = records(&files["0000000001.data"]);
    let len = files["0000000001.data"].len() as u64;
    scenario.expect_eq("the length of all valid records", end, len);
    let told: Vec<(String, Option<String>)> = found
        .iter()
        .map(|(_, record)| {
            let text = |bytes: &Vec<u8>| escaped(bytes);
            (text(&record.key), record.value.as_ref().map(text))
        })
        .collect();
    let expected = [
        ("ada", Some("1815")),
        ("cat", Some("")),
        ("ada", Some("1843")),
        ("cat", None),
    ];
    let expected: Vec<(String, Option<String>)> = expected
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned)))
        .collect();
    scenario.expect_eq("the records", told, expected);
    let times: Vec<u64> = found.iter().map(|(_, record)| record.timestamp).collect();
    scenario.expect(
        times.windows(2).all(|pair| pair[0] < pair[1]),
        "timestamps that increase from record to record",
        format_args!("{times:?}"),
    );
    // The clock may be set while the test runs.
    let slack = Duration::from_hours(48).as_micros() as u64;
    scenario.expect(
        times
            .iter()
            .all(|time| (before - slack..after + slack).contains(time)),
        format_args!("timestamps in microseconds since 1970, about {before}"),
        format_args!("{times:?}"),
    );
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

/// The checksum covers every byte of a record, however long the record is.
#[test]
fn a_long_record_is_verified_to_its_end() {
    let scenario = Scenario::new();
    for len in [4_095, 4_096, 65_536, 1 << 20, (1 << 20) + 1, 3 << 20] {
        let bytes = file_of(&[Record::put(1, "key", vec![b'x'; len])]);
        for at in [HEADER_LEN as usize, bytes.len() / 2, bytes.len() - 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            scenario.step(format!(
                "decode a record with a value of {len} bytes; byte {at} is flipped"
            ));
            let decoded = record::decode(&damaged).map(|(_, len)| len);
            scenario.expect(
                matches!(decoded, Err(DecodeError::Checksum { .. })),
                "Err(Checksum)",
                format_args!("{decoded:?}"),
            );
        }
    }
}

/// A store reads what another program has written by the format, and the newest record counts,
/// wherever it stands.
///
/// section: format-meaning
#[test]
fn files_of_another_writer_are_read() {
    let file = file_of(&[
        Record::put(40, "newest first", "right"),
        Record::put(10, "newest first", "wrong"),
        Record::put(20, "deleted", "wrong"),
        Record::tombstone(30, "deleted"),
        Record::tombstone(35, "deleted before"),
        Record::put(25, "deleted before", "wrong"),
        Record::tombstone(5, "put again"),
        Record::put(6, "put again", "right"),
        Record::put(7, "empty", ""),
        Record::put(8, b"\x00\xff\n".to_vec(), b"\xfe".to_vec()),
    ]);
    let mut driven = Driven::on(
        &Files::from([("0000000001.data".to_owned(), file)]),
        Options::default(),
    );
    driven.expect_contents();
    driven.put("deleted", "1");
    driven.delete("put again");
    driven.expect_contents();
    driven.reopened().expect_contents();
}

/// A new record is newer than all that the directory holds, also if the clock was set back, and also
/// if the newest record there is a tombstone or a dead one.
///
/// What usually goes wrong: the timestamp is that of the clock, or the greatest one of live records.
///
/// section: format-record
#[test]
fn a_clock_that_was_set_back_does_no_harm() {
    let future = now() * 2;
    for newest in [
        Record::put(future, "key", "old"),
        Record::tombstone(future, "key"),
        Record::tombstone(future, "other"),
    ] {
        let records = [newest, Record::put(future - 1, "other", "old")];
        let file = file_of(&records);
        let files = Files::from([("0000000001.data".to_owned(), file)]);
        let mut driven = Driven::on(&files, Options::default());
        driven.put("key", "new");
        driven.put("other", "new");
        driven.expect_contents();
        let mut driven = driven.reopened();
        driven.expect_contents();
        driven.delete("key");
        driven.reopened().expect_contents();
        let files = Files::from([("0000000001.data".to_owned(), file_of(&records))]);
        let mut driven = Driven::on(&files, Options::default());
        if driven.contents().contains_key(&b"other"[..]) {
            driven.delete("other");
        }
        driven.reopened().expect_contents();
    }
}

/// A `get` reads from the disk once at most, however long the record is.
///
/// hint: Keep the length of the record in the key directory, beside the offset.
#[test]
fn a_get_reads_once() {
    let mut driven = Driven::new(Options::default());
    for (key, len) in [
        ("empty", 0),
        ("short", 10),
        ("long", 100_000),
        ("very long", 1 << 20),
    ] {
        driven.put(key, "x".repeat(len));
    }
    let driven = driven.reopened();
    for key in ["empty", "short", "long", "very long", "absent"] {
        let before = driven.disk.reads();
        let received = driven.store.get(key.as_bytes());
        driven.scenario.step(format!("get {key}"));
        driven
            .scenario
            .expect(received.is_ok(), "Ok", value_text(&received));
        let reads = driven.disk.reads() - before;
        driven
            .scenario
            .expect(reads <= 1, "one read at most", reads);
    }
}

/// The reader of the chapter, in Python, finds in the files what the store holds.
///
/// Where there is no Python, a reader in Rust does the same.
///
/// section: format-python
#[test]
fn another_program_reads_the_files() {
    let kv = Kv::new();
    let keys: [(&str, &str); 5] = [
        ("ada", "1815"),
        ("cat", "manx"),
        ("dog", "pug"),
        ("empty", ""),
        ("k\u{e4}se", "\u{1f9c0}"),
    ];
    for (key, value) in keys {
        kv.expect(&["set", key, value], "", 0, "");
    }
    kv.expect(&["set", "ada", "1843"], "", 0, "");
    kv.expect(&["rm", "cat"], "", 0, "");
    let expected = "b'ada' b'1843'\nb'dog' b'pug'\nb'empty' b''\n\
                    b'k\\xc3\\xa4se' b'\\xf0\\x9f\\xa7\\x80'\n";
    if let Some(printed) = python::read(&kv.scenario, &kv.path("store")) {
        kv.scenario.expect_eq(
            "what the reader in Python prints",
            printed.as_str(),
            expected,
        );
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(kv.path("store")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "data")
        {
            files.push(fs::read(path).unwrap());
        }
    }
    let newest = format::newest(&files).into_iter();
    let live = newest.filter_map(|(key, record)| Some((key, record.value?)));
    let printed: String = live
        .map(|(key, value)| format!("b'{}' b'{}'\n", key.escape_ascii(), value.escape_ascii()))
        .collect();
    kv.scenario
        .expect_eq("what the reader in Rust finds", printed.as_str(), expected);
}

/// `kv set`, `get`, `rm` and `list`: what one process has set, the next one gets.
///
/// section: kv
#[test]
fn kv_keeps_what_is_set() {
    let kv = Kv::new();
    kv.expect(&["list"], "", 0, "");
    kv.expect(&["set", "ada", "1815"], "", 0, "");
    kv.expect(&["get", "ada"], "", 0, "1815\n");
    kv.expect(&["set", "ada", "1843"], "", 0, "");
    kv.expect(&["set", "cat", ""], "", 0, "");
    kv.expect(&["set", "a key", "a value\nof two lines"], "", 0, "");
    kv.expect(&["get", "ada"], "", 0, "1843\n");
    kv.expect(&["get", "cat"], "", 0, "\n");
    kv.expect(&["get", "a key"], "", 0, "a value\nof two lines\n");
    kv.expect(&["list"], "", 0, "a key\nada\ncat\n");
    kv.expect(&["rm", "cat"], "", 0, "");
    kv.expect(&["list"], "", 0, "a key\nada\n");
    kv.expect(&["set", "-5", "-x"], "", 0, "");
    kv.expect(&["get", "-5"], "", 0, "-x\n");
    kv.expect(&["rm", "-5"], "", 0, "");
    // Values are bytes.
    kv.expect(&["pipe"], b"set bytes \xff\xfe\n", 0, "ok\n");
    kv.expect(&["get", "bytes"], "", 0, b"\xff\xfe\n");
    kv.expect(&["pipe"], b"get bytes\n", 0, b"= \xff\xfe\n");
}

/// An absent key ends `kv get` and `kv rm` with code 1 and a message, and prints nothing on the
/// output. Bad usage ends with code 2.
///
/// section: kv
#[test]
fn kv_tells_an_absent_key_from_an_error() {
    let kv = Kv::new();
    kv.expect(&["set", "ada", "1815"], "", 0, "");
    for arguments in [&["get", "bob"][..], &["rm", "bob"]] {
        let output = kv.run(arguments, "");
        kv.scenario
            .expect_eq("the exit code", output.code(), Some(1));
        let told = (output.stdout.is_empty(), output.stderr.is_empty());
        kv.scenario.expect(
            told == (true, false),
            "nothing on the output, a message on the error stream",
            &output,
        );
    }
    for arguments in [
        &["set", "ada"][..],
        &["set"],
        &["get"],
        &["frobnicate"],
        &["get", "a", "b"],
    ] {
        let output = kv.run(arguments, "");
        kv.scenario
            .expect_eq("the exit code", output.code(), Some(2));
        kv.scenario.expect(
            !output.stderr.is_empty(),
            "a message on the error stream",
            "none",
        );
    }
    for key in ["", &"k".repeat(MAX_KEY_LEN + 1)] {
        let output = kv.run(&["set", key, "v"], "");
        kv.scenario
            .expect_eq("the exit code", output.code(), Some(2));
    }
    kv.expect(&["list"], "", 0, "ada\n");
}

/// KEY and VALUE are taken as they are, also if they are no text.
///
/// What usually goes wrong: the arguments are read as strings, and other bytes are an error, or become
/// a replacement character.
///
/// section: kv
/// hint: An argument is an `OsString`.
#[test]
fn kv_takes_arguments_that_are_no_text() {
    let kv = Kv::new();
    kv.expect(&["list"], "", 0, "");
    let (Some(key), Some(value)) = (argument(b"k\xff"), argument(b"\xfe\x80v")) else {
        return;
    };
    kv.expect(&["set".into(), key.clone(), value], "", 0, "");
    kv.expect(&["get".into(), key.clone()], "", 0, b"\xfe\x80v\n");
    kv.expect(&["pipe"], b"get k\xff\n", 0, b"= \xfe\x80v\n");
    kv.expect(&["rm".into(), key], "", 0, "");
    kv.expect(&["list"], "", 0, "");
}

/// Whoever reads the output may stop, as `head` does: the program ends, and panics no more than at any
/// other error.
///
/// What usually goes wrong: `println!` panics when nobody reads.
///
/// section: kv
/// hint: `writeln!` returns the error that `println!` panics with.
#[test]
fn kv_ends_when_nobody_reads_its_output() {
    let kv = Kv::new();
    // More than a pipe holds.
    let sets: String = (0..300)
        .map(|number| format!("set {number}{} v\n", "k".repeat(1_000)))
        .collect();
    kv.expect(&["--sync", "never", "pipe"], sets, 0, "ok\n".repeat(300));
    let ended = kv.run_with_closed_output(&["list"]);
    kv.scenario.expect(
        ended.code() != Some(PANICKED) && !ended.errors().contains("panicked"),
        "an end without a panic",
        &ended,
    );
}

/// `kv list` sorts by the bytes of the keys, and prints one key a line, whatever is in it.
///
/// section: kv
#[test]
fn kv_lists_one_key_a_line() {
    let kv = Kv::new();
    for key in [
        "b",
        "a",
        "Z",
        "\u{e4}",
        "aa",
        "10",
        "9",
        "two\nlines",
        "tab\tbed",
    ] {
        kv.expect(&["set", key, "v"], "", 0, "");
    }
    let output = kv.run(&["list"], "");
    let printed = output.output();
    let lines: Vec<&str> = printed.lines().collect();
    kv.scenario.expect_eq("the number of lines", lines.len(), 9);
    let plain: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| line.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .collect();
    kv.scenario.expect_eq(
        "the keys of letters and digits",
        plain,
        vec!["10", "9", "Z", "a", "aa", "b"],
    );
    kv.scenario.expect(
        !printed.contains('\t'),
        "the tab is escaped",
        format_args!("{printed:?}"),
    );
}

/// `kv pipe` answers each line with one line: `ok`, the value, `absent` or an error, and goes on.
///
/// section: kv
#[test]
fn kv_pipe_answers_line_by_line() {
    let kv = Kv::new();
    let input = "set dog pug\nget dog\nset dog  two  words \nget dog\nrm dog\nget dog\nrm dog\n\
                 set cat \nget cat\nfrobnicate\nset\nset cat\n\nget cat\n";
    // What the store refuses is an answer, too.
    let refused = format!("set {} v\nget cat", "k".repeat(MAX_KEY_LEN + 1));
    let output = kv.run(&["pipe"], [input, &refused].concat());
    kv.scenario
        .expect_eq("the exit code", output.code(), Some(0));
    let printed = output.output();
    let answers: Vec<&str> = printed
        .lines()
        .map(|line| {
            if line.starts_with("error: ") {
                "error: …"
            } else {
                line
            }
        })
        .collect();
    let expected = [
        "ok",
        "= pug",
        "ok",
        "=  two  words ",
        "ok",
        "absent",
        "absent",
        "ok",
        "= ",
        "error: …",
        "error: …",
        "error: …",
        "error: …",
        "= ",
        "error: …",
        "= ",
    ];
    kv.scenario
        .expect_eq("the answers", answers, expected.to_vec());
    kv.expect(&["list"], "", 0, "cat\n");
    // An answer is one line, whatever the value is.
    kv.expect(&["set", "lines", "one\ntwo"], "", 0, "");
    let printed = kv.run(&["pipe"], "get lines\n").output();
    kv.scenario.expect(
        printed.starts_with("error: ") && printed.lines().count() == 1,
        "error: …, on one line",
        format_args!("{printed:?}"),
    );
}

/// `kv pipe` answers a line before it reads the next: whoever waits for an answer gets it.
///
/// What usually goes wrong: the output is buffered, and both sides wait for each other.
///
/// section: kv
#[test]
fn kv_pipe_answers_at_once() {
    let kv = Kv::new();
    let mut pipe = kv.pipe(&[]);
    for number in 0..5 {
        pipe.expect(format!("set key{number} value {number}"), "ok");
        pipe.expect(format!("get key{number}"), format!("= value {number}"));
    }
    pipe.expect("rm key0", "ok");
    pipe.expect("get key0", "absent");
    let ended = pipe.finish();
    kv.expect_ended(&ended, 0);
}

/// Many keys are no harder than few: the file is read from one end to the other.
#[test]
fn many_keys_are_kept() {
    let mut driven = Driven::new(small(1 << 20));
    for number in 0..3_000 {
        driven.put(&format!("key {}", number % 1_000), number.to_string());
    }
    driven.expect_contents();
    driven.reopened().expect_contents();
}
