//! Phase 2: opening what a crash has left.

use crate::{
    driven::{
        Contents, Driven, Files, contents_in, contents_of, expect_get, small, texts, value_text,
    },
    format::{HEADER_LEN, Record, file_of},
    program::Kv,
    simulated::Simulated,
};
use bitcask::{
    Bitcask, Error, Options,
    record::{self, DecodeError},
};
use std::{fs, path::Path};
use suite_kit::{Scenario, memory::Meter, property::check_moves, text::escaped};

/// The name of the active file.
const ACTIVE: &str = "0000000002.data";

/// The records of the active file in these tests; the last one overwrites the key of the first.
fn records() -> [Record; 3] {
    [
        Record::put(1_000, "ada", "1815"),
        Record::put(2_000, "cat", "manx"),
        Record::put(3_000, "ada", "1843"),
    ]
}

/// The file with these records.
fn whole() -> Vec<u8> {
    file_of(&records())
}

/// Where the records of [`whole`] begin, and where the last one ends.
fn offsets() -> [usize; 4] {
    let [a, b, c] = records().map(|record| record.len() as usize);
    [0, a, a + b, a + b + c]
}

/// A directory whose active file has these bytes. A file that was sealed before it is sound.
fn with_active(bytes: &[u8]) -> Files {
    let sealed = file_of(&[
        Record::put(500, "sealed", "kept"),
        Record::put(600, "cat", "old"),
    ]);
    Files::from([
        ("0000000001.data".to_owned(), sealed),
        (ACTIVE.to_owned(), bytes.to_vec()),
    ])
}

/// Opens a store whose active file has these bytes, of which only the first `kept` count; then it
/// holds what these say, the rest is cut off, and the store can be written to.
#[track_caller]
fn expect_cut(what: &str, bytes: &[u8], kept: usize) {
    let mut driven = Driven::damaged(what, &with_active(bytes), &with_active(&bytes[..kept]));
    driven.expect_contents();
    let files = driven.files();
    driven.scenario.expect_bytes(
        format_args!("{ACTIVE} after the open"),
        &files[ACTIVE],
        &bytes[..kept],
    );
    driven.put("cat", "new");
    driven.put("later", "1");
    driven.expect_contents();
    let driven = driven.killed();
    driven.expect_contents();
}

/// The active file may be cut at every byte of its last record: the records before it are there, and
/// the store can be written to.
///
/// section: format-damage
#[test]
fn a_torn_record_is_cut_off() {
    let (whole, [_, _, last, end]) = (whole(), offsets());
    for len in last..end {
        let what = format!("the last record is cut to {} bytes", len - last);
        expect_cut(&what, &whole[..len], last);
    }
    expect_cut("the file is whole", &whole, end);
}

/// An active file without a whole record is a file without records.
#[test]
fn a_file_may_be_empty_or_shorter_than_a_header() {
    let (whole, [_, second, ..]) = (whole(), offsets());
    for len in 0..second {
        expect_cut(&format!("the file has {len} bytes"), &whole[..len], 0);
    }
}

/// What follows the last record, be it zeros, garbage, or a header that announces gigabytes, is cut
/// off.
///
/// section: format-damage
#[test]
fn what_follows_the_last_record_is_cut_off() {
    let (whole, [.., end]) = (whole(), offsets());
    let header = |key_len: u32, value_len: u32| {
        let mut bytes = vec![0xab; 12];
        bytes.extend(key_len.to_le_bytes());
        bytes.extend(value_len.to_le_bytes());
        bytes.extend([7; 50]);
        bytes
    };
    let mut behind: Vec<(String, Vec<u8>)> = [1, 3, 4, 19, 20, 21, 24, 100, 5_000]
        .into_iter()
        .flat_map(|len| {
            [
                (format!("{len} zeros follow"), vec![0; len]),
                (format!("{len} bytes 0xff follow"), vec![0xff; len]),
            ]
        })
        .collect();
    for (key_len, value_len) in [
        (3, 64 << 20),
        (3, u32::MAX - 1),
        (u32::MAX, 4),
        (65_535, u32::MAX),
        (3, 4),
        (3, 43),
    ] {
        let what = format!("a header with lengths {key_len} and {value_len} follows");
        behind.push((what, header(key_len, value_len)));
    }
    for (what, behind) in behind {
        expect_cut(&what, &[&whole[..], &behind].concat(), end);
    }
}

/// A torn record whose value looks like an older record is a torn record all the same.
///
/// section: format-damage
#[test]
fn a_torn_value_that_looks_like_a_record_is_cut_off() {
    let inner = file_of(&[Record::put(500, "ada", "wrong")]);
    let value = [&inner[..], b"."].concat();
    let whole = file_of(&[
        Record::put(1_000, "ada", "right"),
        Record::put(2_000, "cat", value),
    ]);
    let last = records()[0].len() as usize + 1;
    for len in last + 1..whole.len() {
        let what = format!(
            "a record with a record for a value is cut to {} bytes",
            len - last
        );
        expect_cut(&what, &whole[..len], last);
    }
}

/// What is written after the recovery is there after the next one: the torn end does not stay in its
/// way.
///
/// What usually goes wrong: `open` reads up to the torn end and appends behind it. The next `open`
/// comes to the torn bytes and cuts off all that was acknowledged since.
///
/// hint: Cut the file, sync the cut, and only then append.
#[test]
fn nothing_is_appended_behind_a_torn_end() {
    let (whole, [_, _, last, end]) = (whole(), offsets());
    for len in [last + 1, last + HEADER_LEN as usize, end - 1] {
        let files = with_active(&whole[..len]);
        let mut driven = Driven::damaged(
            &format!("the last record is cut to {} bytes", len - last),
            &files,
            &with_active(&whole[..last]),
        );
        for round in 0..3 {
            driven.put("later", round.to_string());
            driven.delete("ada");
            driven.put("ada", format!("round {round}"));
            driven.after_power_failure(None).expect_contents();
            driven.after_power_failure(Some(round)).expect_contents();
            driven = driven.killed();
            driven.expect_contents();
        }
    }
}

/// A process that dies while it recovers leaves a directory that the next one can recover.
#[test]
fn a_crash_during_the_recovery_does_no_harm() {
    let (whole, [_, _, last, end]) = (whole(), offsets());
    let torn = with_active(&whole[..end - 3]);
    let sound = contents_in(&with_active(&whole[..last]));
    for after in 0..50 {
        let disk = Simulated::with(&torn);
        disk.lose_power_after(after);
        let opened = disk.open(Options::default());
        drop(opened);
        for seed in [None, Some(1), Some(2)] {
            let scenario = Scenario::new();
            scenario.step(format!(
                "the power fails after {after} changes of the disk, during or after the open: {}",
                disk.last_changes()
            ));
            match disk.after_power_failure(seed).open(Options::default()) {
                Ok(store) => {
                    let found = contents_of(&scenario, &store);
                    scenario.expect_eq("what the store holds", texts(&found), texts(&sound));
                }
                Err(error) => scenario.fail("the next open succeeds", format_args!("{error:?}")),
            }
        }
        if !disk.has_lost_power() {
            return;
        }
    }
    Scenario::new().fail("the open comes to an end", "50 changes of the disk");
}

/// Any flipped byte of the last record cuts it off; one in the records before it is reported, or the
/// earlier values are there. No value is ever wrong.
///
/// hint: Compare the checksum before you believe anything else of a record, its timestamp and key included.
#[test]
fn a_flipped_byte_is_never_garbage() {
    let (whole, [_, second, last, end]) = (whole(), offsets());
    for at in 0..end {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[at] ^= flip;
            let what = format!("byte {at} is flipped by {flip:#04x}");
            if at >= last {
                expect_cut(&what, &damaged, last);
                continue;
            }
            let scenario = Scenario::new();
            scenario.step(format!("{what}, in the record before the last one; open"));
            let opened = Simulated::with(&with_active(&damaged)).open(Options::default());
            match opened {
                Err(Error::Corrupt { path, offset, .. }) => {
                    let start = if at < second { 0 } else { second };
                    expect_place(&scenario, &path, offset, ACTIVE, start as u64);
                }
                Err(error) => scenario.fail("Ok, or Err(Corrupt)", format_args!("{error:?}")),
                Ok(store) => expect_prefix(&scenario, &store, &whole, at),
            }
        }
    }
}

/// The store holds what the records before the damaged one say.
#[track_caller]
fn expect_prefix(scenario: &Scenario, store: &Bitcask, whole: &[u8], damaged_at: usize) {
    let [_, second, ..] = offsets();
    let kept = if damaged_at < second { 0 } else { second };
    let expected = contents_in(&with_active(&whole[..kept]));
    let found = contents_of(scenario, store);
    scenario.expect_eq(
        "what the records before it say",
        texts(&found),
        texts(&expected),
    );
    for (key, value) in texts(&expected) {
        expect_get(scenario, store, &key, &value);
    }
}

/// The error names the file, and the offset at which the damaged record begins.
#[track_caller]
fn expect_place(scenario: &Scenario, path: &Path, offset: u64, name: &str, expected: u64) {
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    scenario.expect_eq("the file that the error names", &*file_name, name);
    scenario.expect_eq("the offset of the damaged record", offset, expected);
}

/// Any flipped byte in a sealed file, and any missing one, is reported, with the file and the offset
/// of the record.
///
/// No crash explains it: a file is synced before the next one is begun.
///
/// section: format-damage
#[test]
fn damage_in_a_sealed_file_is_reported() {
    let whole = whole();
    let starts = offsets();
    for (name, next) in [
        ("0000000001.data", "0000000002.data"),
        ("0000000001.merged", "0000000002.data"),
        ("0000000002.merged", "0000000001.data"),
    ] {
        let expect = |what: String, damaged: &[u8], start: usize| {
            let scenario = Scenario::new();
            let other = file_of(&[Record::put(5_000, "dog", "pug")]);
            scenario.step(format!(
                "there are {name} and {next}; {what} in {name}; open"
            ));
            let files = Files::from([
                (name.to_owned(), damaged.to_vec()),
                (next.to_owned(), other),
            ]);
            match Simulated::with(&files).open(Options::default()) {
                Err(Error::Corrupt { path, offset, .. }) => {
                    expect_place(&scenario, &path, offset, name, start as u64);
                }
                Err(error) => scenario.fail("Err(Corrupt)", format_args!("{error:?}")),
                Ok(_) => scenario.fail("Err(Corrupt)", "the store opens"),
            }
        };
        let start_of = |at: usize| *starts.iter().rev().find(|start| **start <= at).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            expect(format!("byte {at} is flipped"), &damaged, start_of(at));
        }
        for len in (1..whole.len()).filter(|len| !starts.contains(len)) {
            expect(
                format!("only {len} bytes are left"),
                &whole[..len],
                start_of(len),
            );
        }
        expect(
            "a zero follows".to_owned(),
            &[&whole[..], b"\0"].concat(),
            whole.len(),
        );
    }
}

/// A length that nobody has verified allocates nothing, neither in `decode` nor in `open`.
///
/// What usually goes wrong: the lengths of a header are added, and as many bytes are allocated to
/// read them into.
///
/// hint: Compare the length with the limits of the format, and then with what the file still holds.
#[test]
fn a_length_in_a_damaged_header_allocates_nothing() {
    const MOST: isize = 16 << 20;
    for (key_len, value_len) in [
        (3_u32, 64_u32 << 20),
        (65_535, 64 << 20),
        (3, u32::MAX - 1),
        (u32::MAX, 0),
        (u32::MAX, u32::MAX),
    ] {
        let mut header = vec![0; 12];
        header.extend(key_len.to_le_bytes());
        header.extend(value_len.to_le_bytes());
        header.extend(b"some bytes");
        let scenario = Scenario::new();
        scenario.step(format!(
            "decode a header with lengths {key_len} and {value_len}"
        ));
        let meter = Meter::start();
        let decoded = record::decode(&header);
        scenario.expect(meter.peak() < MOST, "no such allocation", meter.peak());
        scenario.expect(
            !matches!(decoded, Ok(_) | Err(DecodeError::Checksum { .. })),
            "an error that tells of the length",
            format_args!("{decoded:?}"),
        );
        for (what, bytes) in [
            ("at the beginning", header.clone()),
            ("behind three records", [whole(), header].concat()),
        ] {
            scenario.step(format!(
                "open a store with such a header {what} of its file"
            ));
            let disk = Simulated::with(&with_active(&bytes));
            let meter = Meter::start();
            let opened = disk.open(Options::default());
            scenario.expect(
                meter.peak() < MOST,
                "less than 16 MiB in use at once",
                format_args!("{} bytes", meter.peak()),
            );
            scenario.expect(opened.is_ok(), "Ok", format_args!("{opened:?}"));
        }
    }
}

/// Whatever bytes a file holds, the store opens or reports damage, and what it holds can be asked
/// for. Nothing panics.
#[test]
fn no_file_makes_a_store_panic() {
    let other = [
        Record::tombstone(9, "ada"),
        Record::put(8, "dog", "x".repeat(300)),
    ];
    let seeds = [whole(), file_of(&other)];
    check_moves(300, 6, &|scenario, size, moves| {
        let mut bytes = seeds[size % 2].clone();
        for one in moves {
            let at = usize::from(one.value) % bytes.len().max(1);
            match one.kind % 8 {
                7 => bytes.truncate(at),
                6 => bytes.extend([one.key; 30]),
                _ => bytes[at..]
                    .iter_mut()
                    .take(1)
                    .for_each(|byte| *byte = one.key),
            }
        }
        let name = if size < 4 { "0000000001.data" } else { ACTIVE };
        let mut files = with_active(&whole());
        scenario.step(format!("{name} has the bytes {}; open", escaped(&bytes)));
        files.insert(name.to_owned(), bytes);
        let disk = Simulated::with(&files);
        let store = match disk.open(Options::default()) {
            Ok(store) => store,
            Err(Error::Corrupt { .. }) => return,
            Err(error) => scenario.fail("Ok, or Err(Corrupt)", format_args!("{error:?}")),
        };
        let found = contents_of(scenario, &store);
        scenario.expect_eq("len()", store.len(), found.len());
        for (key, value) in found {
            let received = store.get(&key);
            scenario.expect(
                matches!(&received, Ok(Some(received)) if *received == value),
                "get returns what iter() returned",
                value_text(&received),
            );
        }
    });
}

/// A damaged byte under a running store is found by the `get` that reads it. Other keys are not
/// affected.
#[test]
fn damage_under_a_running_store_is_found_by_the_reader() {
    let (whole, [_, _, last, end]) = (whole(), offsets());
    for at in last..end {
        let driven = Driven::on(&with_active(&whole), Options::default());
        driven.scenario.step(format!(
            "byte {at} of {ACTIVE} is flipped under the open store"
        ));
        driven.disk.flip(ACTIVE, at as u64);
        let received = driven.store.get(b"ada");
        match &received {
            Err(Error::Corrupt { path, offset, .. }) => {
                expect_place(&driven.scenario, path, *offset, ACTIVE, last as u64);
            }
            // The value may have been kept in memory.
            Ok(Some(value)) if value == b"1843" => {}
            _ => driven.scenario.fail("Err(Corrupt)", value_text(&received)),
        }
        for (key, value) in [("cat", "manx"), ("sealed", "kept")] {
            expect_get(&driven.scenario, &driven.store, key, value);
        }
    }
    // A whole record of another key or another time is not the one that was asked for, either.
    for wrong in [
        Record::put(3_000, "bob", "9999"),
        Record::put(2_999, "ada", "9999"),
    ] {
        let driven = Driven::on(&with_active(&whole), Options::default());
        driven.scenario.step(format!(
            "the last record of {ACTIVE} is replaced by one of {} and {}",
            escaped(&wrong.key),
            wrong.timestamp
        ));
        driven
            .disk
            .overwrite(ACTIVE, last as u64, &file_of(&[wrong]));
        let received = driven.store.get(b"ada");
        let is_right = match &received {
            Err(Error::Corrupt { .. }) => true,
            Ok(Some(value)) => value == b"1843",
            _ => false,
        };
        driven
            .scenario
            .expect(is_right, "Err(Corrupt)", value_text(&received));
    }
}

/// Damage in a long record is found like that in a short one: by the `get` that reads it, and at the
/// end of the file by the `open` that cuts it off.
#[test]
fn a_long_record_is_verified_at_every_read() {
    for len in [4_096, 65_536, (1 << 20) + 1] {
        let first = file_of(&[Record::put(1, "key", "old")]);
        let last = file_of(&[Record::put(2, "key", vec![b'x'; len])]);
        let whole = [first.clone(), last].concat();
        let what = format!("the value of the last record has {len} bytes");
        let driven = Driven::on(&with_active(&whole), Options::default());
        driven
            .scenario
            .step(format!("{what}; its last byte is flipped; get"));
        driven.disk.flip(ACTIVE, whole.len() as u64 - 1);
        let received = driven.store.get(b"key");
        driven.scenario.expect(
            matches!(&received, Err(Error::Corrupt { .. }))
                || matches!(&received, Ok(Some(kept)) if *kept == vec![b'x'; len]),
            "Err(Corrupt), or the value if it was kept in memory",
            match &received {
                Ok(Some(value)) => format!("other {} bytes", value.len()),
                other => value_text(other),
            },
        );
        let mut torn = whole;
        let end = torn.len() - 1;
        torn[end] ^= 1;
        expect_cut(&format!("{what}, and one is flipped"), &torn, first.len());
    }
}

/// A data and a merged file of one id are no directory that a store leaves. Whoever opens it does not
/// go on with one of them: it is refused, or means what both say.
///
/// What usually goes wrong: the files are kept in a map by their ids, and the one that is listed last
/// hides the other.
///
/// section: format-directory
#[test]
fn two_files_with_one_id_do_not_hide_each_other() {
    let one = file_of(&[Record::put(1, "ada", "1815"), Record::put(4, "cat", "manx")]);
    let other = file_of(&[Record::tombstone(3, "ada"), Record::put(2, "dog", "pug")]);
    for (data, merged) in [(&one, &other), (&other, &one)] {
        let files = Files::from([
            ("0000000001.data".to_owned(), data.clone()),
            ("0000000001.merged".to_owned(), merged.clone()),
            (ACTIVE.to_owned(), Vec::new()),
        ]);
        let scenario = Scenario::new();
        scenario.step("there are 0000000001.data and 0000000001.merged; open");
        if let Ok(store) = Simulated::with(&files).open(Options::default()) {
            let found = contents_of(&scenario, &store);
            scenario.expect_eq(
                "what both files say, since the store opens",
                texts(&found),
                texts(&contents_in(&files)),
            );
        }
    }
}

/// An iterator that meets damage returns the error, and goes on with the other keys.
#[test]
fn an_iterator_goes_on_after_damage() {
    let records: Vec<Record> = (1..=5)
        .map(|number| Record::put(number, format!("key {number}"), format!("value {number}")))
        .collect();
    let file = file_of(&records);
    for damaged in &records {
        let name = "0000000001.data";
        let files = Files::from([(name.to_owned(), file.clone())]);
        let driven = Driven::on(&files, Options::default());
        let key = escaped(&damaged.key);
        driven.scenario.step(format!(
            "the value of {key} is damaged under the open store; iter()"
        ));
        let end = damaged.timestamp * damaged.len();
        driven.disk.flip(name, end - 1);
        let items: Vec<_> = match driven.store.iter() {
            // More would be an iterator that never ends.
            Ok(iter) => iter.take(2 * records.len()).collect(),
            Err(error) => driven.scenario.fail("an iterator", error),
        };
        let (found, errors): (Vec<_>, Vec<_>) = items.into_iter().partition(Result::is_ok);
        let mut found: Contents = found.into_iter().flatten().collect();
        let mut expected = driven.contents().clone();
        // The value may have been kept in memory.
        let is_kept = found.contains_key(&damaged.key);
        expected.remove(&damaged.key);
        found.remove(&damaged.key);
        driven.scenario.expect_eq(
            "the other keys and their values",
            texts(&found),
            texts(&expected),
        );
        driven.scenario.expect(
            errors.len() + usize::from(is_kept) == 1,
            format_args!("one error, of {key}"),
            format_args!("{errors:?}"),
        );
    }
}

/// A write for which the disk has no space is an error, and the earlier value stays, now and after
/// reopening. When there is space again, writes work, and nothing of the failed one is left in their
/// way.
///
/// What usually goes wrong: the next record is appended behind the half one.
///
/// hint: Keep the end of the file in a field, and move it only when a write has succeeded.
#[test]
fn a_full_disk_keeps_the_earlier_value() {
    let long = "x".repeat(60);
    for spare in 0..HEADER_LEN + 3 + 60 {
        let mut driven = Driven::new(small(200));
        driven.put("key", "old");
        driven.put("other", "1");
        driven.scenario.step(format!(
            "from now on, the disk has {spare} bytes left; put a value of 60 bytes"
        ));
        driven.disk.leave_space(Some(spare));
        let put = driven.store.put(b"key", long.as_bytes());
        driven.scenario.expect(
            matches!(put, Err(Error::Io { .. })),
            "Err(Io)",
            format_args!("{put:?}"),
        );
        driven.expect_contents();
        driven.killed_copy().expect_contents();
        driven.scenario.step("the disk has space again");
        driven.disk.leave_space(None);
        match spare % 3 {
            // Shorter than what the failed write has left.
            0 => driven.put("key", "n"),
            1 => driven.delete("key"),
            _ => {
                driven.put("key", long.as_bytes());
                driven.put("more", "1");
            }
        }
        driven.expect_contents();
        driven.after_power_failure(None).expect_contents();
        // What sticks out behind the last record would be sealed with it.
        driven.put("large", "x".repeat(150));
        let mut driven = driven.killed();
        driven.expect_contents();
        driven.put("last", "1");
        driven.killed().expect_contents();
    }
}

/// A write that fails for another reason keeps the earlier value, too, and so does one that leaves a
/// half record which cannot be cut off yet.
///
/// hint: Cut off what the failed write has left at once; if that fails, before the next write, before the file is sealed, or at the close.
#[test]
fn a_failed_write_keeps_the_earlier_value() {
    for (cuts_fail, next) in [(false, 10), (true, 10), (true, 170)] {
        let mut driven = Driven::new(small(200));
        driven.put("key", "old");
        if cuts_fail {
            driven
                .scenario
                .step("the disk has 50 bytes left, and files cannot be cut; put 100 bytes");
            driven.disk.leave_space(Some(50));
            driven.disk.fail_cuts();
        } else {
            driven.scenario.step("writes fail; put 100 bytes");
            driven.disk.fail_writes();
        }
        let put = driven.store.put(b"key", &[b'x'; 100]);
        driven.scenario.expect(
            matches!(put, Err(Error::Io { .. })),
            "Err(Io)",
            format_args!("{put:?}"),
        );
        driven.expect_contents();
        driven.killed_copy().expect_contents();
        driven.scenario.step("the disk is well again");
        driven.disk.leave_space(None);
        driven.disk.heal();
        driven.put("key", "n".repeat(next));
        driven.expect_contents();
        driven.killed_copy().expect_contents();
        driven.put("large", "x".repeat(150));
        driven.expect_contents();
        driven.killed().expect_contents();
    }
}

/// A write may fail after it has written all its bytes. The record must not be found by whoever opens
/// the store next: its caller was told that the earlier value stays.
///
/// What usually goes wrong: the bytes are left for the next write to overwrite, and there is none.
#[test]
fn a_failed_write_may_have_written_everything() {
    for value in [Some("newer"), None] {
        for cuts_fail in [false, true] {
            let mut driven = Driven::new(small(200));
            driven.put("key", "old");
            driven.put("other", "1");
            let act = value.map_or("delete key".to_owned(), |value| {
                format!("put key = {value}")
            });
            driven.scenario.step(format!(
                "writes fail after they have written everything{}; {act}",
                if cuts_fail {
                    ", and files cannot be cut"
                } else {
                    ""
                }
            ));
            driven.disk.fail_writes_late(true);
            if cuts_fail {
                driven.disk.fail_cuts();
            }
            let result = match value {
                Some(value) => driven.store.put(b"key", value.as_bytes()),
                None => driven.store.delete(b"key").map(drop),
            };
            driven.scenario.expect(
                matches!(result, Err(Error::Io { .. })),
                "Err(Io)",
                format_args!("{result:?}"),
            );
            driven.expect_contents();
            if !cuts_fail {
                driven.killed_copy().expect_contents();
            }
            driven.scenario.step("the disk is well again");
            driven.disk.fail_writes_late(false);
            driven.disk.heal();
            // There may be no next write, but there is a close.
            let mut driven = driven.reopened();
            driven.expect_contents();
            driven.put("key", "newest");
            driven.killed().expect_contents();
        }
    }
}

/// A merged file may have a greater id than the active one, whose end may be torn nevertheless.
///
/// section: format-damage
#[test]
fn the_active_file_need_not_have_the_greatest_id() {
    let (whole, [_, _, last, end]) = (whole(), offsets());
    let merged = file_of(&[Record::put(400, "merged", "kept")]);
    for len in [last + 1, last + HEADER_LEN as usize, end - 1] {
        let files = |len: usize| {
            let mut files = with_active(&whole[..len]);
            files.insert("0000000003.merged".to_owned(), merged.clone());
            files
        };
        let what = format!(
            "the last record of {ACTIVE} is cut to {} bytes; 0000000003.merged was written by a merge",
            len - last
        );
        let mut driven = Driven::damaged(&what, &files(len), &files(last));
        driven.expect_contents();
        driven.put("later", "1");
        driven.killed().expect_contents();
    }
}

/// A read may return less than was asked for: the rest is read by the next one.
#[test]
fn a_read_may_be_shorter_than_asked_for() {
    for most in [1, 7, 30] {
        let driven = Driven::on(&with_active(&whole()), Options::default());
        driven
            .scenario
            .step(format!("a read returns {most} bytes at most"));
        driven.disk.cut_reads(most);
        driven.expect_contents();
    }
}

/// `kv check` finds nothing wrong with a sound store, and changes nothing.
///
/// section: kv
#[test]
fn kv_check_passes_a_sound_store() {
    let kv = Kv::new();
    for (key, value) in [("ada", "1815"), ("cat", "manx"), ("ada", "1843")] {
        kv.expect(&["set", key, value], "", 0, "");
    }
    kv.expect(&["rm", "cat"], "", 0, "");
    let before = files_in(&kv);
    let output = kv.run(&["check"], "");
    kv.scenario
        .expect(output.code() == Some(0), "exit code 0", &output);
    kv.scenario.expect(
        files_in(&kv) == before,
        "the files are as they were",
        "kv check has changed them",
    );
}

/// `kv check` names the file and the offset of each damage, changes nothing, and ends with code 2;
/// with `--salvage`, what can be read is in the new store.
///
/// section: kv
#[test]
fn kv_check_explains_damage() {
    let first = records()[0].len();
    for (damaged, offset, keys) in [
        // In the value of the first record: two records follow.
        (22, 0, &[("ada", "1843\n"), ("cat", "manx\n")][..]),
        // In the second one.
        (first + 24, first, &[("ada", "1843\n")]),
        // In the last one: a torn end, which is told and not cut off.
        (
            2 * first + 3 + 20,
            2 * first,
            &[("ada", "1815\n"), ("cat", "manx\n")],
        ),
    ] {
        let kv = Kv::new();
        fs::create_dir_all(kv.path("store")).unwrap();
        // A key that was put and deleted before must not be saved.
        let before = file_of(&[
            Record::put(100, "dog", "pug"),
            Record::tombstone(200, "dog"),
        ]);
        let damaged = before.len() as u64 + damaged;
        let offset = before.len() as u64 + offset;
        let mut bytes = [before, whole()].concat();
        bytes[damaged as usize] ^= 0x20;
        let path = kv.store_path("0000000001.data");
        fs::write(&path, &bytes).unwrap();
        kv.scenario
            .step(format!("byte {damaged} of 0000000001.data is flipped"));
        let before = files_in(&kv);
        let output = kv.run(&["check"], "");
        let printed = output.output();
        kv.scenario
            .expect(output.code() == Some(2), "exit code 2", &output);
        let words: Vec<&str> = printed
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .map(|word| word.trim_matches('.'))
            .collect();
        for expected in [
            "0000000001.data",
            &offset.to_string(),
            &keys.len().to_string(),
        ] {
            kv.scenario.expect(
                words.contains(&expected),
                format_args!("{expected} in what it prints: file, offset, and the number of keys that can be read"),
                format_args!("{printed}"),
            );
        }
        kv.scenario.expect(
            files_in(&kv) == before,
            "the files are as they were",
            "kv check has changed them",
        );
        let saved = kv.path("saved");
        let saved = saved.to_str().unwrap();
        let output = kv.run(&["check", "--salvage", saved], "");
        kv.scenario
            .expect(output.code() == Some(2), "exit code 2", &output);
        for (key, value) in keys {
            kv.expect(&["--dir", saved, "get", key], "", 0, value);
        }
        let names: String = keys.iter().map(|(key, _)| format!("{key}\n")).collect();
        kv.expect(&["--dir", saved, "list"], "", 0, &names);
    }
}

/// `kv check` goes on behind damage at the next valid record. Where the header of the damaged record
/// can be right, that is looked for where the record would end: bytes of a value that look like a
/// record are none. A torn end of the same file does not matter.
///
/// section: kv
#[test]
fn kv_check_goes_on_behind_damage() {
    let inner = file_of(&[Record::put(9_000, "inner", "wrong")]);
    let value = [&b"a value with a record in it: "[..], &inner, b"."].concat();
    let records = [
        Record::put(1_000, "ada", "1815"),
        Record::put(2_000, "cat", value),
        Record::put(3_000, "dog", "pug"),
        Record::put(4_000, "eve", "1"),
    ];
    let whole = file_of(&records);
    let second = records[0].len() as usize;
    for (what, at, end) in [
        ("in the length of the key", second + 12, ""),
        (
            "in the length of the key, which gets too long",
            second + 14,
            "",
        ),
        ("in the length of the value", second + 16, ""),
        (
            "in the length of the value, which gets too long",
            second + 19,
            "half a record",
        ),
        ("in the value", second + 25, ""),
        ("in the value", second + 25, "half a record"),
    ] {
        let kv = Kv::new();
        fs::create_dir_all(kv.path("store")).unwrap();
        let mut bytes = [&whole[..], end.as_bytes()].concat();
        bytes[at] ^= 0x40;
        fs::write(kv.store_path("0000000001.data"), &bytes).unwrap();
        kv.scenario.step(format!(
            "0000000001.data holds ada, cat, dog and eve, and then \"{end}\"; in cat, byte {at} is \
             flipped, {what}"
        ));
        let ended = kv.run(&["check", "--salvage", "saved"], "");
        kv.scenario
            .expect(ended.code() == Some(2), "exit code 2", &ended);
        for (key, value) in [("ada", "1815\n"), ("dog", "pug\n"), ("eve", "1\n")] {
            kv.expect(&["--dir", "saved", "get", key], "", 0, value);
        }
        // Behind a header that cannot be right, nobody knows what is a record.
        if at == second + 25 {
            kv.expect(&["--dir", "saved", "list"], "", 0, "ada\ndog\neve\n");
        }
    }
}

/// Behind a damaged record that ends where its file does, there is nothing, whatever its value looks like:
/// no value is saved that nobody has put.
///
/// section: kv
#[test]
fn kv_check_finds_nothing_in_the_last_record() {
    let inner = file_of(&[Record::put(9_000, "inner", "wrong")]);
    for name in ["0000000001.data", "0000000001.merged"] {
        let kv = Kv::new();
        fs::create_dir_all(kv.path("store")).unwrap();
        let mut bytes = file_of(&[
            Record::put(1_000, "ada", "1815"),
            Record::put(2_000, "cat", [&inner[..], b"."].concat()),
        ]);
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(kv.store_path(name), bytes).unwrap();
        kv.scenario.step(format!(
            "{name} holds ada and cat, whose value holds a record; the last byte is flipped"
        ));
        let ended = kv.run(&["check", "--salvage", "saved"], "");
        kv.scenario
            .expect(ended.code() == Some(2), "exit code 2", &ended);
        kv.expect(&["--dir", "saved", "list"], "", 0, "ada\n");
    }
}

/// `kv check --salvage` saves into a directory that is missing or empty. In any other one, also that
/// of the store itself, it touches nothing, and ends with code 2.
///
/// section: kv
#[test]
fn kv_check_saves_into_an_empty_directory_only() {
    let kv = Kv::new();
    for dir in ["store", "taken", "empty"] {
        fs::create_dir_all(kv.path(dir)).unwrap();
    }
    let mut bytes = whole();
    bytes[22] ^= 0x20;
    fs::write(kv.store_path("0000000001.data"), bytes).unwrap();
    fs::write(kv.path("taken").join("notes.txt"), "mine").unwrap();
    kv.scenario
        .step("byte 22 of store/0000000001.data is flipped, and taken/ holds notes.txt");
    let before = files_in(&kv);
    for dir in ["store", "taken"] {
        let ended = kv.run(&["check", "--salvage", dir], "");
        kv.expect_ended(&ended, 2);
    }
    kv.scenario.expect(
        files_in(&kv) == before,
        "the files of the store are as they were",
        "kv check --salvage store has changed them",
    );
    let names = fs::read_dir(kv.path("taken")).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    kv.scenario.expect_eq(
        "the files in taken/",
        names,
        vec![std::ffi::OsString::from("notes.txt")],
    );
    kv.run(&["check", "--salvage", "empty"], "");
    kv.expect(&["--dir", "empty", "list"], "", 0, "ada\ncat\n");
}

/// The data files of the store, by name.
fn files_in(kv: &Kv) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(kv.path("store"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .filter(|(name, _)| name != "LOCK")
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}
