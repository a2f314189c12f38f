//! Phase 5: hint files.

use crate::{
    driven::{Driven, Files, data_files, expect_get, hint_name_of, small, value_text},
    format::{self, HEADER_LEN, HintEntry, Record, entries_of, file_of, hint_of, records},
    program::Kv,
    simulated::Simulated,
};
use bitcask::{
    Error,
    hint::{self, Entry},
};
use std::fs;

/// A merged file that is read by a scan, and its hint, for a store of a few keys.
///
/// The records are out of the order of their timestamps, one key has two, and one is deleted.
fn merged() -> (Vec<u8>, Vec<HintEntry>) {
    let file = file_of(&[
        Record::put(7, "newer first", "right"),
        Record::put(2, "newer first", "wrong"),
        Record::put(3, "deleted", "wrong"),
        Record::tombstone(4, "deleted"),
        Record::put(5, "empty", ""),
        Record::put(6, b"bytes \x00\xff\n", "right"),
    ]);
    let entries = entries_of(&file);
    (file, entries)
}

/// The directory of a store with one merged file and this hint.
fn directory(file: &[u8], hint: &[u8]) -> Files {
    Files::from([
        ("0000000001.merged".to_owned(), file.to_vec()),
        ("0000000001.hint".to_owned(), hint.to_vec()),
    ])
}

/// Opens a store on a merged file and a hint that must not be used, and compares what it holds
/// with what the merged file holds.
#[track_caller]
fn expect_scanned(what: &str, file: &[u8], hint: &[u8]) {
    let driven = Driven::on(&directory(file, hint), small(1_000));
    driven.scenario.step(what);
    driven.expect_contents();
}

/// A hint is written and read as documented, to the byte.
#[test]
fn a_hint_has_the_documented_bytes() {
    let driven = Driven::new(small(100));
    let (file, own) = merged();
    let entries = own.iter().map(|entry| Entry {
        timestamp: entry.timestamp,
        key: &entry.key,
        value_len: entry.value_len,
        offset: entry.offset,
    });
    driven
        .scenario
        .step("hint::encode of 6 entries, two keys twice, one tombstone");
    let mut bytes = b"kept".to_vec();
    hint::encode(entries, file.len() as u64, &mut bytes);
    let mut expected = b"kept".to_vec();
    expected.extend(hint_of(&own, file.len() as u64));
    driven.scenario.expect_bytes("the hint", &bytes, &expected);
    driven.scenario.step("hint::decode of the same bytes");
    match hint::decode(&expected[4..]) {
        Ok((entries, data_len)) => {
            let received: Vec<HintEntry> = entries
                .iter()
                .map(|entry| HintEntry {
                    timestamp: entry.timestamp,
                    key: entry.key.to_vec(),
                    value_len: entry.value_len,
                    offset: entry.offset,
                })
                .collect();
            driven.scenario.expect_eq("the entries", received, own);
            driven
                .scenario
                .expect_eq("the stated length", data_len, file.len() as u64);
        }
        Err(error) => driven
            .scenario
            .fail("the entries", format_args!("{error:?}")),
    }
    driven.scenario.step("a hint without entries");
    let mut bytes = Vec::new();
    hint::encode([], 0, &mut bytes);
    driven
        .scenario
        .expect_bytes("the hint", &bytes, &hint_of(&[], 0));
    driven.scenario.expect(
        matches!(hint::decode(&bytes), Ok((entries, 0)) if entries.is_empty()),
        "it is read again",
        format_args!("{:?}", hint::decode(&bytes)),
    );
}

/// `hint::decode` refuses a hint with any flipped bit, of any shorter length, or with lengths that
/// go beyond its end, and never panics.
#[test]
fn a_damaged_hint_is_refused() {
    let driven = Driven::new(small(100));
    let (file, entries) = merged();
    let good = hint_of(&entries, file.len() as u64);
    let refused = |what: String, bytes: &[u8]| {
        driven.scenario.step(what);
        let decoded = hint::decode(bytes);
        driven
            .scenario
            .expect(decoded.is_err(), "an error", format_args!("{decoded:?}"));
    };
    for len in 0..good.len() {
        refused(format!("the first {len} bytes of a hint"), &good[..len]);
    }
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            refused(format!("bit {bit} of byte {at} is flipped"), &bytes);
        }
    }
    let last = entries.len() - 1;
    let start = good.len() - format::TRAILER_LEN as usize - entries[last].key.len() - 16;
    for len in [0x10_u32, 0xFFFF, 0x7FFF_FFFF, u32::MAX] {
        let mut bytes = good.clone();
        bytes.truncate(good.len() - 4);
        bytes[start..start + 4].copy_from_slice(&len.to_le_bytes());
        let sum = format::crc32(&bytes);
        bytes.extend(sum.to_le_bytes());
        refused(
            format!("the last entry has a key of {len} bytes, and the checksum is right"),
            &bytes,
        );
    }
}

/// Every merged file gets a hint that tells each of its records, tombstones included.
#[test]
fn merged_files_get_hints() {
    let mut driven = Driven::new(small(150));
    for seed in 1..4 {
        driven.churn(seed, 60);
        if seed == 2 {
            let mut sealed = driven.sealed_files();
            sealed.remove(0);
            driven.merge_files(&sealed);
        } else {
            driven.merge();
        }
        let files = driven.files();
        let merged: Vec<_> = data_files(&files)
            .into_iter()
            .filter(|(name, _)| name.ends_with(".merged"))
            .collect();
        driven.scenario.expect(
            !merged.is_empty(),
            "merged files",
            format_args!("{:?}", files.keys()),
        );
        for (name, bytes) in merged {
            let Some(own) = files.get(&hint_name_of(name)) else {
                driven.scenario.fail(
                    format_args!("a hint of {name}"),
                    format_args!("{:?}", files.keys()),
                );
            };
            let Some((entries, data_len)) = format::hint(own) else {
                driven.scenario.fail(
                    format_args!("a sound hint of {name}"),
                    format_args!("\"{}\"", suite_kit::text::escaped(own)),
                );
            };
            driven
                .scenario
                .expect_eq("the entries of the hint", entries, entries_of(bytes));
            driven
                .scenario
                .expect_eq("the stated length", data_len, bytes.len() as u64);
        }
    }
}

/// A directory means the same with its hints and without them.
///
/// What usually goes wrong: the hint leaves out tombstones, and deleted keys come back; or of two
/// records of one key the last counts, and not the newest.
#[test]
fn a_directory_means_the_same_without_its_hints() {
    for seed in 1..=6 {
        let mut driven = Driven::new(small(150));
        for round in 0..3 {
            driven.churn(seed * 10 + round, 50);
            let mut sealed = driven.sealed_files();
            match round {
                0 => driven.merge(),
                1 => {
                    sealed.remove(0);
                    driven.merge_files(&sealed);
                }
                _ => {
                    sealed.pop();
                    driven.merge_files(&sealed);
                }
            }
            expect_same_without_hints(&driven);
        }
    }
}

#[track_caller]
fn expect_same_without_hints(driven: &Driven) {
    let with = driven.files();
    let mut without = with.clone();
    without.retain(|name, _| !name.ends_with(".hint"));
    let kept = Driven::on(&with, small(150));
    kept.expect_contents();
    let scanned = Driven::on(&without, small(150));
    scanned.scenario.step("the hints were removed before");
    scanned.expect_contents();
    let (kept, scanned) = (kept.store.stats(), scanned.store.stats());
    driven.scenario.expect_eq(
        "keys, live_bytes and total_bytes with hints and without",
        (kept.keys, kept.live_bytes, kept.total_bytes),
        (scanned.keys, scanned.live_bytes, scanned.total_bytes),
    );
}

/// In a hint, too, the record with the greatest timestamp counts, wherever it stands.
#[test]
fn the_newest_entry_of_a_hint_counts() {
    let (file, entries) = merged();
    let driven = Driven::on(
        &directory(&file, &hint_of(&entries, file.len() as u64)),
        small(1_000),
    );
    driven.expect_contents();
    let stats = driven.store.stats();
    driven.scenario.expect_eq(
        "keys and total_bytes",
        (stats.keys, stats.total_bytes),
        (3, file.len() as u64),
    );
}

/// A hint that was cut at any byte is not used: the file is scanned, and the store holds the same.
#[test]
fn a_hint_cut_at_any_byte_changes_nothing() {
    let (file, entries) = merged();
    let hint = hint_of(&entries, file.len() as u64);
    for len in 0..hint.len() {
        expect_scanned(
            &format!("the hint has only its first {len} bytes"),
            &file,
            &hint[..len],
        );
    }
    let mut longer = hint.clone();
    longer.push(0);
    expect_scanned("the hint has one byte more", &file, &longer);
    let twice = [&hint[..], &hint[..]].concat();
    expect_scanned("the hint stands in its file twice", &file, &twice);
}

/// A hint with any flipped byte is not used: the file is scanned, and the store holds the same.
#[test]
fn a_hint_with_any_flipped_byte_changes_nothing() {
    let (file, entries) = merged();
    let hint = hint_of(&entries, file.len() as u64);
    for at in 0..hint.len() {
        for mask in [0x01, 0x80, 0xFF] {
            let mut bytes = hint.clone();
            bytes[at] ^= mask;
            expect_scanned(
                &format!("byte {at} of the hint is flipped by {mask:#04x}"),
                &file,
                &bytes,
            );
        }
    }
}

/// A hint for a file of another length is not used, however sound it is.
///
/// It may come from an older state of the file, and know nothing of the records since.
#[test]
fn a_hint_for_another_length_changes_nothing() {
    let (file, entries) = merged();
    let mut end = 0;
    for (known, (offset, record)) in records(&file).0.into_iter().enumerate() {
        expect_scanned(
            &format!("the hint knows the first {known} records, and that the file ended there"),
            &file,
            &hint_of(&entries[..known], offset),
        );
        end = offset + record.len();
    }
    expect_scanned(
        "the hint is of a file that was one byte longer",
        &file,
        &hint_of(&[], end + 1),
    );
    expect_scanned(
        "the hint is of a file of the greatest length",
        &file,
        &hint_of(&entries, u64::MAX),
    );
}

/// A hint of the file that is written to is out of date with the next write.
#[test]
fn a_hint_of_a_file_that_grew_changes_nothing() {
    let file = file_of(&[Record::put(1, "a", "old"), Record::put(2, "b", "old")]);
    let hint = hint_of(&entries_of(&file), file.len() as u64);
    let files = Files::from([
        ("0000000001.data".to_owned(), file),
        ("0000000001.hint".to_owned(), hint),
    ]);
    let mut driven = Driven::on(&files, small(1_000));
    driven.expect_contents();
    driven.put("a", "new");
    driven.delete("b");
    driven.put("c", "new");
    let mut driven = driven.killed();
    driven.expect_contents();
    driven.put("d", "new");
    let driven = driven.reopened();
    driven.expect_contents();
    driven.merge();
    driven.expect_live_only();
    driven.killed().expect_contents();
}

/// The hint of the youngest data file never counts, though it is sound: only a scan tells whether the
/// end of that file is torn.
///
/// section: format-hint
#[test]
fn a_hint_does_not_hide_a_torn_end() {
    let [kept, torn] = [Record::put(1, "a", "kept"), Record::put(2, "b", "torn")];
    let whole = file_of(&[kept.clone(), torn]);
    let hint = hint_of(&entries_of(&whole), whole.len() as u64);
    let mut damaged = whole;
    *damaged.last_mut().unwrap() ^= 1;
    let files = |data: Vec<u8>| {
        Files::from([
            ("0000000001.data".to_owned(), data),
            ("0000000001.hint".to_owned(), hint.clone()),
        ])
    };
    let what = "the last byte of 0000000001.data is flipped; its hint is sound, and of its length";
    let mut driven = Driven::damaged(what, &files(damaged), &files(file_of(&[kept])));
    driven.expect_contents();
    driven.put("c", "new");
    driven.expect_contents();
    driven.killed().expect_contents();
}

/// A file that goes on does not come to an old hint again: not even when it has the length that the
/// hint states, with other records.
///
/// What usually goes wrong: the hint of the file that is written to is left where it is.
///
/// section: format-hint
/// hint: Remove the hint of a file before you append to it.
#[test]
fn an_old_hint_does_not_count_when_its_length_is_reached() {
    let [first, lost] = [Record::put(1, "a", "first"), Record::put(2, "b", "12345")];
    let known = file_of(&[first.clone(), lost]);
    let files = Files::from([
        ("0000000001.data".to_owned(), file_of(&[first])),
        (
            "0000000001.hint".to_owned(),
            hint_of(&entries_of(&known), known.len() as u64),
        ),
    ]);
    let mut driven = Driven::on(&files, small(known.len() as u64));
    driven
        .scenario
        .step("the hint is of a longer file, with a record of b that is lost");
    driven.put("c", "67890");
    driven.put("d", "in the next file");
    let driven = driven.killed();
    driven.expect_contents();
    driven.after_power_failure(None).expect_contents();
    driven.merge();
    driven.expect_live_only();
    driven.killed().expect_contents();
}

/// A hint with an entry that does not lie in its file is not used, although its checksum holds.
///
/// What usually goes wrong: `offset + length` overflows, and what is beyond the end looks as if it
/// were before it.
#[test]
fn an_entry_beyond_the_end_of_the_file_changes_nothing() {
    let (file, entries) = merged();
    let len = file.len() as u64;
    let last = entries.len() - 1;
    type Change = fn(&mut HintEntry, u64);
    let wrong: [(&str, Change); 7] = [
        ("begins one byte late", |entry, _| entry.offset += 1),
        ("begins at the end", |entry, len| entry.offset = len),
        ("begins beyond the end", |entry, len| {
            entry.offset = len + 1_000
        }),
        ("begins at the greatest offset", |entry, _| {
            entry.offset = u64::MAX
        }),
        ("begins so late that its end wraps around", |entry, _| {
            entry.offset = u64::MAX - 30;
        }),
        ("has a value that is one byte too long", |entry, _| {
            entry.value_len = entry.value_len.map(|len| len + 1);
        }),
        ("has a value of 64 MiB", |entry, _| {
            entry.value_len = Some(64 << 20)
        }),
    ];
    for (what, change) in wrong {
        let mut entries = entries.clone();
        change(&mut entries[last], len);
        expect_scanned(
            &format!("the last entry of the hint {what}"),
            &file,
            &hint_of(&entries, len),
        );
    }
}

/// A hint without its file means nothing.
///
/// It is left behind if a process dies after it has removed a file and before it removes its hint.
/// The next file with its id has nothing to do with it, not even if it has the same length.
///
/// hint: Remove a hint without a file at open, or see to it that a new file never finds one.
#[test]
fn a_hint_without_its_file_means_nothing() {
    let (file, entries) = merged();
    let hint = hint_of(&entries, file.len() as u64);
    // As long as the records that are put below, of which each gets a file of its own.
    let lost = file_of(&[Record::put(90, "lost", "12345678901234567")]);
    let orphan = hint_of(&entries_of(&lost), lost.len() as u64);
    let mut files = directory(&file, &hint);
    files.insert("0000000004.hint".to_owned(), orphan.clone());
    files.insert("0000000002.hint.tmp".to_owned(), orphan);
    let go_on = |mut driven: Driven| {
        driven.expect_contents();
        for number in 0..6 {
            driven.put(&format!("{number}"), "12345678901234567890");
        }
        driven.expect_contents();
        let driven = driven.killed();
        driven.expect_contents();
        driven.merge();
        driven.expect_live_only();
        driven.killed().expect_contents();
    };
    go_on(Driven::on(&files, small(60)));
    // If it cannot be removed, the store does not open, or goes on without it.
    let what = "hints cannot be removed now";
    let ail = Simulated::fail_removals_of_hints;
    if let Some(driven) = Driven::on_ailing(what, &files, small(60), ail) {
        go_on(driven);
    }
}

/// A store that knows its records from hints gives new records greater timestamps than all of
/// them, also if the clock is behind.
///
/// The greatest may be that of a tombstone, or of a record that counts no more.
#[test]
fn timestamps_go_on_from_those_in_hints() {
    const FAR: u64 = 1 << 60;
    let with = [
        Record::put(FAR, "key", "old"),
        Record::tombstone(FAR + 1_000, "gone"),
    ];
    let file = file_of(&with);
    let hint = hint_of(&entries_of(&file), file.len() as u64);
    let mut driven = Driven::on(&directory(&file, &hint), small(1_000));
    driven
        .scenario
        .step("the records of the hint are from the far future");
    driven.put("key", "new");
    driven.put("gone", "back");
    driven.expect_contents();
    let files = driven.files();
    let newest = format::newest(data_files(&files).into_values());
    for key in ["key", "gone"] {
        let timestamp = newest
            .get(key.as_bytes())
            .map_or(0, |record| record.timestamp);
        driven.scenario.expect(
            timestamp > FAR + 1_000,
            format_args!("a timestamp of {key} above {}", FAR + 1_000),
            timestamp,
        );
    }
    driven.killed().expect_contents();
}

/// To open a store with hints reads a small part of what a scan would read.
#[test]
fn opening_with_hints_reads_few_bytes() {
    let mut driven = Driven::new(small(64 << 10));
    for number in 0..100 {
        driven.put(&format!("key {number}"), "x".repeat(4_000));
    }
    driven.merge();
    let files = driven.files();
    let total: usize = data_files(&files).into_values().map(Vec::len).sum();
    let opened = Driven::on(&files, small(64 << 10));
    let read = opened.disk.bytes_read_from(|name| !name.ends_with(".hint"));
    opened.scenario.expect(
        read < total as u64 / 4,
        format_args!("less than a quarter of the {total} bytes of the data is read to open"),
        format_args!("{read} bytes"),
    );
    opened.expect_contents();
}

/// Damage that a hint hides at opening is reported by the `get` that meets it, with file and
/// offset; everything else can be read.
#[test]
fn damage_behind_a_hint_is_reported_by_get() {
    let whole = [
        Record::put(1, "a", "first value"),
        Record::put(2, "b", "second value"),
        Record::put(3, "c", "third value"),
    ];
    let file = file_of(&whole);
    let (found, _) = records(&file);
    let (offset, record) = &found[1];
    let hint = hint_of(&entries_of(&file), file.len() as u64);
    for at in *offset..offset + record.len() {
        let mut damaged = file.clone();
        damaged[at as usize] ^= 0x10;
        let driven = Driven::on(&directory(&damaged, &hint), small(1_000));
        driven.scenario.step(format!(
            "the hint is sound, but byte {at} of the merged file was flipped, in the record of b"
        ));
        match driven.store.get(b"b") {
            Err(Error::Corrupt {
                path, offset: told, ..
            }) => {
                let name = path.file_name().and_then(|name| name.to_str());
                driven
                    .scenario
                    .expect_eq("the file", name, Some("0000000001.merged"));
                driven.scenario.expect_eq("the offset", told, *offset);
            }
            other => driven
                .scenario
                .fail("Err(Corrupt { .. })", value_text(&other)),
        }
        for (key, value) in [("a", "first value"), ("c", "third value")] {
            expect_get(&driven.scenario, &driven.store, key, value);
        }
    }
}

/// `kv check` reads what hints describe: it finds the damage that opening the store would not.
///
/// section: kv
#[test]
fn kv_check_does_not_rely_on_hints() {
    let file = file_of(&[Record::put(1, "ada", "1815"), Record::put(2, "cat", "manx")]);
    let hint = hint_of(&entries_of(&file), file.len() as u64);
    let mut damaged = file;
    damaged[HEADER_LEN as usize + 4] ^= 0x20;
    let kv = Kv::new();
    fs::create_dir_all(kv.path("store")).unwrap();
    for (name, bytes) in directory(&damaged, &hint) {
        fs::write(kv.store_path(&name), bytes).unwrap();
    }
    kv.scenario
        .step("0000000001.merged has a sound hint, and a flipped byte in the value of ada");
    let ended = kv.run(&["check", "--salvage", "saved"], "");
    kv.scenario.expect(
        ended.code() == Some(2) && ended.output().contains("0000000001.merged"),
        "exit code 2, and the name of the damaged file, 0000000001.merged",
        &ended,
    );
    kv.expect(&["--dir", "saved", "list"], "", 0, "cat\n");
}
