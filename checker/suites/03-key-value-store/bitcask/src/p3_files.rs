//! Phase 3: files, the lock, and what is durable.

use crate::{
    driven::{
        Contents, Driven, Files, LIMIT, TINY, contents_in, contents_of, data_files, id_of_name,
        small, texts,
    },
    format::{HEADER_LEN, Record, file_of},
    program::Kv,
    simulated::Simulated,
};
use bitcask::{Bitcask, Error, Options, Stats, Sync};
use std::{collections::BTreeSet, fs, sync::Arc};
use suite_kit::{Scenario, temp::TempDir, threads::background, time::eventually};

/// Options for files of a small size, whose writes are not synced one by one.
fn unsynced(max_file_size: u64) -> Options {
    Options {
        sync: Sync::Never,
        ..small(max_file_size)
    }
}

/// A value with which a record of a key of one byte has this length.
fn value_for(record_len: u64) -> String {
    "x".repeat((record_len - HEADER_LEN - 1) as usize)
}

/// The lengths of the data and merged files that are not empty, in the order of their ids.
fn lens(driven: &Driven) -> Vec<u64> {
    let files = driven.files();
    let lens = data_files(&files).into_values();
    lens.map(|bytes| bytes.len() as u64)
        .filter(|len| *len > 0)
        .collect()
}

/// A file is sealed before a record that would make it longer than `max_file_size`, and not before.
/// A record that is longer by itself has a file of its own.
#[test]
fn a_full_file_is_sealed() {
    for (records, expected) in [
        (&[60, 40][..], &[100][..]),
        (&[60, 41], &[60, 41]),
        (&[60, 40, 21], &[100, 21]),
        (&[500], &[500]),
        (&[500, 21], &[500, 21]),
        (&[60, 500, 21, 30], &[60, 500, 51]),
        (&[100, 100, 100], &[100, 100, 100]),
        (&[30, 30, 30, 30, 30, 30, 30], &[90, 90, 30]),
    ] {
        let mut driven = Driven::new(small(100));
        for (number, len) in records.iter().enumerate() {
            let key = char::from(b'a' + number as u8).to_string();
            driven.put(&key, value_for(*len));
        }
        driven
            .scenario
            .expect_eq("the lengths of the files", lens(&driven), expected.to_vec());
        driven.expect_contents();
        let mut driven = driven.reopened();
        driven.expect_contents();
        driven.put("z", "1");
        driven.killed().expect_contents();
    }
}

/// A tombstone takes as much room as its record has, and is counted as any other.
#[test]
fn a_tombstone_takes_room_too() {
    let mut driven = Driven::new(small(100));
    driven.put("a", value_for(80));
    driven.delete("a");
    driven
        .scenario
        .expect_eq("the lengths of the files", lens(&driven), vec![80, 21]);
    driven.expect_contents();
    driven.killed().expect_contents();
}

/// `sealed_files` lists the ids of the sealed files, ascending, and not the active one's.
#[test]
fn sealed_files_are_listed() {
    let mut driven = Driven::new(small(TINY));
    for number in 0..5 {
        driven.put(&format!("key {number}"), "1");
    }
    let sealed = driven.sealed_files();
    let newest = driven.id_of("key 4");
    let scenario = &driven.scenario;
    scenario.expect(
        sealed.windows(2).all(|pair| pair[0] < pair[1]),
        "ascending ids",
        format_args!("{sealed:?}"),
    );
    scenario.expect(
        !sealed.contains(&newest),
        format_args!("the active file, {newest}, is not among them"),
        format_args!("{sealed:?}"),
    );
    for number in 0..4 {
        let id = driven.id_of(&format!("key {number}"));
        driven.scenario.expect(
            sealed.contains(&id),
            format_args!("file {id}, which was sealed, is among them"),
            format_args!("{sealed:?}"),
        );
    }
}

/// A sealed file is durable before the next one gets a record, also if writes are not synced one by
/// one.
///
/// What usually goes wrong: with `Sync::Never`, nothing is synced at all, and a file in the middle is
/// torn.
#[test]
fn a_file_is_durable_before_the_next_one_gets_a_record() {
    for options in [small(60), unsynced(60)] {
        let mut driven = Driven::new(options);
        for number in 0..12 {
            driven.put(&format!("key {number}"), "value");
            let files = driven.files();
            let with_records: Vec<_> = data_files(&files)
                .into_iter()
                .filter(|(_, bytes)| !bytes.is_empty())
                .collect();
            let durable = driven.disk.durable_files();
            for (name, bytes) in with_records.iter().rev().skip(1) {
                let kept = durable.get(*name).map_or(&[][..], |bytes| bytes);
                driven.scenario.expect_bytes(
                    format_args!("what a power failure would leave of {name}"),
                    kept,
                    bytes,
                );
            }
        }
    }
}

/// Files have names of ten digits or more, count up from 1, and no id is ever used twice.
///
/// section: format-directory
#[test]
fn ids_count_up() {
    let mut driven = Driven::new(small(TINY));
    let mut seen = BTreeSet::new();
    for round in 0..4 {
        for number in 0..3 {
            driven.put(&format!("key {number}"), round.to_string());
        }
        let names = driven.files().into_keys();
        for name in names.filter(|name| name != "LOCK" && !name.ends_with(".tmp")) {
            let id = id_of_name(&name);
            let is_log = name == format!("{id:010}.data");
            let is_hint = name == format!("{id:010}.hint");
            driven.scenario.expect(
                id > 0 && (is_log || is_hint),
                "names like 0000000001.data",
                format_args!("{name}"),
            );
            seen.insert(id);
        }
        driven = match round % 2 {
            0 => driven.killed(),
            _ => driven.reopened(),
        };
        driven.expect_contents();
    }
    let expected: BTreeSet<u64> = (1..=seen.len() as u64).collect();
    driven
        .scenario
        .expect_eq("all ids that there were", seen, expected);
    // Also behind a merged file, and one with a number of more digits.
    for (name, next) in [
        ("0000000007.merged", 8),
        ("9999999999.data", 10_000_000_000),
        ("10000000000.data", 10_000_000_001),
    ] {
        let file = file_of(&[Record::put(5, "old", value_for(50))]);
        let files = Files::from([(name.to_owned(), file)]);
        let mut driven = Driven::on(&files, small(TINY));
        driven.put("new", "1");
        let id = driven.id_of("new");
        driven
            .scenario
            .expect_eq("the id of the file of the new record", id, next);
        driven.expect_contents();
        driven.killed().expect_contents();
    }
}

/// Files whose names end in `.tmp` are removed at open. Names that a store does not give are
/// somebody else's: they are not read, and left alone.
///
/// section: format-directory
#[test]
fn other_files_are_left_alone() {
    let file = file_of(&[Record::put(u64::MAX / 2, "key", "wrong")]);
    let foreign = [
        "1.data",
        "000000002.data",
        "00000000002.data",
        "0000000000.data",
        "+000000002.data",
        "0000000002.DATA",
        "0000000002.data.old",
        "0000000002.log",
        "notes.txt",
        "data",
    ];
    let leftovers = ["0000000003.merged.tmp", "0000000003.hint.tmp", "any.tmp"];
    let own = file_of(&[Record::put(1, "key", "right")]);
    let sound = Files::from([("0000000001.data".to_owned(), own)]);
    let mut files = sound.clone();
    for name in foreign.iter().chain(&leftovers) {
        files.insert((*name).to_owned(), file.clone());
    }
    let names: Vec<&String> = files.keys().collect();
    let mut driven = Driven::damaged(&format!("there are {names:?}"), &files, &sound);
    driven.expect_contents();
    driven.put("other", "1");
    let left = driven.files();
    for name in foreign {
        let kept = left.get(name).map_or(&[][..], |bytes| bytes);
        driven.scenario.expect_bytes(name, kept, &file);
    }
    for name in leftovers {
        driven.scenario.expect(
            !left.contains_key(name),
            format_args!("{name} is gone"),
            "it is still there",
        );
    }
    driven.killed().expect_contents();
}

/// A directory that is not there is created, with its parents.
#[test]
fn a_missing_directory_is_created() {
    let scenario = Scenario::new();
    let dir = TempDir::new();
    let path = dir.path().join("a/b/c");
    scenario.step("open a/b/c, of which nothing is there, on the real disk");
    let store = match Bitcask::open(&path, Options::default()) {
        Ok(store) => store,
        Err(error) => scenario.fail("the store opens", error),
    };
    let put = store.put(b"key", b"value");
    scenario.expect(put.is_ok(), "put succeeds", format_args!("{put:?}"));
    let closed = store.close();
    scenario.expect(closed.is_ok(), "close succeeds", format_args!("{closed:?}"));
    scenario.expect(
        path.join("0000000001.data").is_file(),
        "0000000001.data is in the directory",
        "it is not",
    );
}

/// One opener at a time: a second one gets `Locked`, until the first has closed the store, or its
/// last handle is dropped. The file `LOCK` is never removed.
#[test]
fn a_store_is_open_once() {
    let real = TempDir::new();
    let simulated = Simulated::with(&Files::new());
    let on_real_disk = |name: &str| Bitcask::open(real.path().join(name), Options::default());
    let on_simulated = |_: &str| simulated.open(Options::default());
    type Opener<'a> = &'a dyn Fn(&str) -> bitcask::Result<Bitcask>;
    let openers: [(&str, Opener<'_>); 2] = [
        ("the real", &on_real_disk),
        ("the simulated", &on_simulated),
    ];
    for (disk, open) in openers {
        let scenario = Scenario::new();
        let opened = || {
            let mut result = open("store");
            // A program that another test is starting may hold the lock until it has begun.
            eventually(LIMIT, || {
                if matches!(result, Err(Error::Locked { .. })) {
                    result = open("store");
                }
                !matches!(result, Err(Error::Locked { .. }))
            });
            match result {
                Ok(store) => store,
                Err(error) => scenario.fail("the store opens", error),
            }
        };
        let refused = || match open("store") {
            Err(Error::Locked { dir }) => scenario.expect(
                dir.ends_with("store"),
                "Locked names the directory",
                format_args!("{}", dir.display()),
            ),
            other => scenario.fail("Err(Locked)", format_args!("{other:?}")),
        };
        scenario.step(format!("on {disk} disk, open the store twice"));
        let first = opened();
        refused();
        scenario.step("drop one of two handles, and open again");
        let second = first.clone();
        drop(first);
        refused();
        scenario.step("the store is used, and opened again");
        let put = second.put(b"key", b"value");
        scenario.expect(put.is_ok(), "put succeeds", format_args!("{put:?}"));
        refused();
        scenario.step("close, while another handle lives; open again");
        let third = second.clone();
        let closed = second.close();
        scenario.expect(closed.is_ok(), "close succeeds", format_args!("{closed:?}"));
        let fourth = opened();
        refused();
        drop(third);
        refused();
        scenario.step("drop the last handle; open again");
        drop(fourth);
        drop(opened());
    }
    let driven = Driven::new(Options::default());
    driven
        .scenario
        .step("the store has a file any.tmp at work; open it a second time");
    driven.disk.write_unsynced("any.tmp", b"half");
    let refused = driven.disk.open(Options::default());
    driven.scenario.expect(
        matches!(refused, Err(Error::Locked { .. })),
        "Err(Locked)",
        format_args!("{refused:?}"),
    );
    driven.scenario.expect(
        driven.files().contains_key("any.tmp"),
        "any.tmp is still there: whoever has no lock changes nothing",
        "it is gone",
    );
    let scenario = Scenario::new();
    scenario.expect(
        real.path().join("store/LOCK").is_file(),
        "the file LOCK is still there",
        "it is gone",
    );
    scenario.step("open two stores in two directories");
    let both = (on_real_disk("one"), on_real_disk("two"));
    scenario.expect(
        both.0.is_ok() && both.1.is_ok(),
        "both open",
        format_args!("{both:?}"),
    );
}

/// `open` looks at the directory when it has the lock, and not before: until then, its owner changes it.
///
/// What usually goes wrong: the names are listed, the lock is taken, and files that have come in between
/// are not read.
#[test]
fn the_directory_is_listed_under_the_lock() {
    let mut driven = Driven::new(small(TINY));
    driven.put("first", "1");
    let gate = driven.disk.hold_locks();
    driven
        .scenario
        .step("another thread opens the store, and is held at the lock");
    let disk = driven.disk.clone();
    let opener = background(move || disk.open(small(TINY)));
    driven.scenario.expect(
        gate.wait_for(1, LIMIT),
        "open takes the lock",
        "it does not",
    );
    driven.put("second", "2");
    driven.delete("first");
    driven
        .scenario
        .step("close; the other thread gets the lock");
    let closed = driven.store.clone().close();
    driven
        .scenario
        .expect(closed.is_ok(), "close succeeds", format_args!("{closed:?}"));
    gate.open();
    match opener.join(&driven.scenario, "open", LIMIT) {
        Ok(store) => {
            let found = contents_of(&driven.scenario, &store);
            driven.scenario.expect_eq(
                "what the other thread finds",
                texts(&found),
                texts(driven.contents()),
            );
        }
        Err(error) => driven.scenario.fail("the store opens", error),
    }
}

/// A store whose open has failed is not locked.
#[test]
fn a_failed_open_leaves_no_lock() {
    let mut damaged = file_of(&[Record::put(1, "key", "value")]);
    damaged[22] ^= 1;
    let files = Files::from([
        ("0000000001.data".to_owned(), damaged),
        ("0000000002.data".to_owned(), Vec::new()),
    ]);
    let scenario = Scenario::new();
    let disk = Simulated::with(&files);
    for _ in 0..2 {
        scenario.step("open a store with a damaged sealed file");
        let opened = disk.open(Options::default());
        scenario.expect(
            matches!(opened, Err(Error::Corrupt { .. })),
            "Err(Corrupt)",
            format_args!("{opened:?}"),
        );
    }
}

/// What was acknowledged survives a power failure, wherever it comes in a series of puts, deletes and
/// new files. What was not acknowledged is there or not.
///
/// hint: A record is durable when its file was synced after the write, and the directory after the file was created.
#[test]
fn what_was_acknowledged_survives_a_power_failure() {
    let script = [
        ("a", Some("1")),
        ("b", Some("a longer value")),
        ("a", None),
        (
            "c",
            Some("a value that is longer than a file of this store may be"),
        ),
        ("b", Some("")),
        ("a", Some("2")),
        ("c", None),
        ("d", Some("4")),
        ("d", Some("5")),
    ];
    for max_file_size in [TINY, 60, 1 << 20] {
        for after in 0..200 {
            let scenario = Scenario::new();
            let disk = Simulated::with(&Files::new());
            disk.lose_power_after(after);
            let mut acknowledged = Contents::new();
            let mut unanswered = Contents::new();
            if let Ok(store) = disk.open(small(max_file_size)) {
                for (key, value) in script {
                    let mut next = acknowledged.clone();
                    let (shown, result) = match value {
                        Some(value) => {
                            next.insert(key.into(), value.into());
                            let put = store.put(key.as_bytes(), value.as_bytes());
                            (format!("put {key} = {value}"), put)
                        }
                        None => {
                            next.remove(key.as_bytes());
                            let delete = store.delete(key.as_bytes());
                            (format!("delete {key}"), delete.map(drop))
                        }
                    };
                    scenario.step(format!(
                        "{shown}: {}",
                        if result.is_ok() { "Ok" } else { "Err" }
                    ));
                    unanswered = next.clone();
                    if result.is_err() {
                        break;
                    }
                    acknowledged = next;
                }
            }
            scenario.step(format!(
                "the power fails after {after} changes of the disk: {}",
                disk.last_changes()
            ));
            for seed in [None, Some(after as u64), Some(1_000 + after as u64)] {
                let left = disk.after_power_failure(seed);
                let store = match left.open(small(max_file_size)) {
                    Ok(store) => store,
                    Err(error) => scenario.fail("the store opens", format_args!("{error:?}")),
                };
                let found = contents_of(&scenario, &store);
                if found != unanswered {
                    scenario.expect_eq(
                        "what was acknowledged",
                        texts(&found),
                        texts(&acknowledged),
                    );
                }
            }
            if !disk.has_lost_power() {
                break;
            }
        }
    }
}

/// When a `put` has returned, the power may fail: its record is there, and so is the name of its
/// file.
///
/// What usually goes wrong: the file was synced and the directory was not, so that the record is on a
/// disk that does not know its file.
///
/// hint: Sync the directory after the file was created and before the first record in it is acknowledged.
#[test]
fn the_name_of_a_new_file_is_durable() {
    let mut driven = Driven::new(small(TINY));
    for number in 0..4 {
        driven.put(&format!("key {number}"), "value");
        driven.after_power_failure(None).expect_contents();
    }
    driven.delete("key 1");
    driven.after_power_failure(None).expect_contents();
}

/// A `put` returns when its record is durable: while the sync is at work, it waits.
///
/// What usually goes wrong: the sync comes after the answer, or it has begun before the write.
#[test]
fn a_put_returns_after_its_sync() {
    let mut driven = Driven::new(small(1_000));
    driven.put("other", "1");
    let gate = driven.disk.hold_syncs();
    driven.scenario.step("put key; its sync is held");
    let store = driven.store.clone();
    let put = background(move || store.put(b"key", b"value"));
    driven
        .scenario
        .expect(gate.wait_for(1, LIMIT), "put syncs the file", "it does not");
    driven.scenario.expect(
        !driven.disk.is_durable(b"key"),
        "the record is not durable while its sync is held",
        "it is",
    );
    gate.open();
    let put = put.join(&driven.scenario, "put", LIMIT);
    driven
        .scenario
        .expect(put.is_ok(), "put succeeds", format_args!("{put:?}"));
    driven.scenario.expect(
        driven.disk.is_durable(b"key"),
        "the record is durable when put has returned",
        "it is not",
    );
}

/// What `open` has found is durable before anybody reads it: the last process may have been killed
/// before its sync.
///
/// What usually goes wrong: the record is read from memory that the disk has never seen, and acted
/// upon; then the power fails.
#[test]
fn what_open_has_found_is_durable() {
    let records = [
        Record::put(1, "key", "old"),
        Record::put(2, "other", "1"),
        Record::put(3, "key", "new"),
    ];
    let sound = file_of(&records);
    let torn = [&sound[..], b"half a record"].concat();
    for sync in [Sync::Always, Sync::Never] {
        for (what, file, max_file_size) in [
            ("", &sound, 1 << 20),
            (", and it is full", &sound, 60),
            (", and half a record", &torn, 1 << 20),
        ] {
            let scenario = Scenario::new();
            let disk = Simulated::with(&Files::new());
            scenario.step(format!(
                "there is 0000000001.data: put key, other, key{what}; nothing of it was synced"
            ));
            disk.write_unsynced("0000000001.data", file);
            scenario.step(format!("open with {sync:?}, and look what is there"));
            let store = match disk.open(Options {
                sync,
                ..small(max_file_size)
            }) {
                Ok(store) => store,
                Err(error) => scenario.fail("the store opens", format_args!("{error:?}")),
            };
            let found = contents_of(&scenario, &store);
            scenario.expect_eq("how many keys there are", found.len(), 2);
            scenario.step("the power fails; of what was not synced, the disk has kept nothing");
            let left = contents_in(&disk.durable_files());
            scenario.expect_eq("what was read is still there", texts(&left), texts(&found));
        }
    }
}

/// With `Sync::Never`, `sync` and `close` make durable what was written.
#[test]
fn sync_makes_everything_durable() {
    let mut driven = Driven::new(unsynced(200));
    for number in 0..9 {
        driven.put(&format!("key {number}"), "value");
    }
    driven.delete("key 3");
    driven.sync();
    driven.after_power_failure(None).expect_contents();
    driven.sync();
    driven.put("key 3", "again");
    let scenario = Arc::clone(&driven.scenario);
    scenario.step("close");
    let driven = driven.dark_after(|store| {
        let closed = store.close();
        scenario.expect(closed.is_ok(), "close succeeds", format_args!("{closed:?}"));
    });
    driven.expect_contents();
}

/// After a failed sync nobody knows what the disk holds: the write is an error, all later ones are
/// `SyncFailed`, reads go on. Whoever opens the store again can write.
///
/// What usually goes wrong: the sync is tried again, succeeds, and tells nothing.
#[test]
fn nothing_is_written_after_a_failed_sync() {
    let mut driven = Driven::new(small(1_000));
    driven.put("key", "old");
    driven.put("other", "1");
    driven.scenario.step("syncs fail; put key = new");
    driven.disk.fail_syncs();
    let put = driven.store.put(b"key", b"new");
    driven
        .scenario
        .expect(put.is_err(), "an error", format_args!("{put:?}"));
    driven
        .scenario
        .step("syncs succeed again; put, delete, sync");
    driven.disk.heal();
    let results = [
        ("put", driven.store.put(b"key", b"newer")),
        ("put of another key", driven.store.put(b"more", b"1")),
        ("delete", driven.store.delete(b"other").map(drop)),
        ("sync", driven.store.sync()),
    ];
    for (what, result) in results {
        driven.scenario.expect(
            matches!(result, Err(Error::SyncFailed)),
            format_args!("{what} returns Err(SyncFailed)"),
            format_args!("{result:?}"),
        );
    }
    driven.expect_contents();
    let after = driven.killed_copy_of_unknown("key", &["old", "new"]);
    let put = after.store.put(b"key", b"newest");
    after.scenario.expect(
        put.is_ok(),
        "put succeeds after the store was opened again",
        format_args!("{put:?}"),
    );
}

/// A sync that fails once is an error for the write that waits for it, also if the next one would
/// succeed.
///
/// What usually goes wrong: the sync is repeated at once, and what the first one has lost is taken for
/// durable.
#[test]
fn a_sync_that_fails_once_has_failed() {
    let mut driven = Driven::new(small(1_000));
    driven.put("key", "old");
    driven.scenario.step("one sync fails; put key = new");
    driven.disk.fail_next_sync();
    let put = driven.store.put(b"key", b"new");
    driven
        .scenario
        .expect(put.is_err(), "an error", format_args!("{put:?}"));
    driven.scenario.step("put key = newer");
    let put = driven.store.put(b"key", b"newer");
    driven.scenario.expect(
        matches!(put, Err(Error::SyncFailed)),
        "Err(SyncFailed)",
        format_args!("{put:?}"),
    );
    driven.expect_contents();
}

/// Whatever the sync was for that failed, nothing can be written any more, and the close tells that
/// not everything is durable. The directory can be opened again.
#[test]
fn nothing_is_written_after_a_failed_sync_of_any_kind() {
    type Act = fn(&Bitcask) -> bitcask::Result<()>;
    let rotation: Act = |store| store.put(b"key", &[b'x'; 60]);
    let put: Act = |store| store.put(b"key", b"new");
    for (what, options, act) in [
        (
            "a put that seals a file, without synced writes",
            unsynced(100),
            rotation,
        ),
        (
            "sync(), without synced writes",
            unsynced(100),
            Bitcask::sync as Act,
        ),
        ("a put with synced writes", small(1_000), put),
    ] {
        let mut driven = Driven::new(options);
        driven.put("key", "old");
        driven.put("other", "1");
        driven.sync();
        driven.put("more", "1");
        driven.scenario.step(format!("syncs of files fail; {what}"));
        driven.disk.fail_syncs_of_data_files();
        let result = act(&driven.store);
        driven.scenario.expect(
            matches!(result, Err(Error::Io { .. } | Error::SyncFailed)),
            "Err(Io) or Err(SyncFailed)",
            format_args!("{result:?}"),
        );
        driven
            .scenario
            .step("syncs succeed again; put, delete, sync");
        driven.disk.heal();
        for (what, result) in [
            ("put", driven.store.put(b"key", b"newer")),
            ("delete", driven.store.delete(b"other").map(drop)),
            ("sync", driven.store.sync()),
        ] {
            driven.scenario.expect(
                matches!(result, Err(Error::SyncFailed)),
                format_args!("{what} returns Err(SyncFailed)"),
                format_args!("{result:?}"),
            );
        }
        driven.expect_contents();
        expect_failed_close(driven);
    }
}

/// A close whose own sync fails says so, and closes the store all the same.
#[test]
fn a_close_that_cannot_sync_says_so() {
    let mut driven = Driven::new(unsynced(1_000));
    driven.put("key", "old");
    driven.put("other", "1");
    driven.sync();
    driven.put("more", "1");
    driven.scenario.step("syncs of files fail");
    driven.disk.fail_syncs_of_data_files();
    expect_failed_close(driven);
}

/// The close of a store that holds what `sync` has made durable of `key` and `other`, and more that is
/// not durable, returns an error; then the directory can be opened and written to.
#[track_caller]
fn expect_failed_close(driven: Driven) {
    driven.scenario.step("close");
    let closed = driven.store.clone().close();
    driven.scenario.expect(
        matches!(closed, Err(Error::Io { .. } | Error::SyncFailed)),
        "Err(Io) or Err(SyncFailed), since not everything is durable",
        format_args!("{closed:?}"),
    );
    driven.disk.heal();
    driven.scenario.step("open again; put other = 2");
    let options = unsynced(1_000);
    let store = match driven.disk.open(options) {
        Ok(store) => store,
        Err(error) => driven
            .scenario
            .fail("the store opens", format_args!("{error:?}")),
    };
    let put = store.put(b"other", b"2");
    driven
        .scenario
        .expect(put.is_ok(), "put succeeds", format_args!("{put:?}"));
    let received = store.get(b"key");
    driven.scenario.expect(
        matches!(&received, Ok(Some(_))),
        "key, which was durable once, is there with its old value or a newer one",
        format_args!("{received:?}"),
    );
}

/// After a write that failed, and whose caller and readers were shown the earlier value, a power
/// failure leaves that value.
///
/// What usually goes wrong: what the failed write has left is cut off, but the cut is not synced.
#[test]
fn a_failed_write_does_not_come_back() {
    for value in [Some("newer"), None] {
        let mut driven = Driven::new(small(1_000));
        driven.put("key", "old");
        driven.put("other", "1");
        let act = value.map_or("delete key".to_owned(), |value| {
            format!("put key = {value}")
        });
        driven.scenario.step(format!(
            "writes fail after they have written everything; {act}"
        ));
        driven.disk.fail_writes_late(true);
        let result = match value {
            Some(value) => driven.store.put(b"key", value.as_bytes()),
            None => driven.store.delete(b"key").map(drop),
        };
        driven
            .scenario
            .expect(result.is_err(), "an error", format_args!("{result:?}"));
        driven.expect_contents();
        for seed in 0..40 {
            driven.after_power_failure(Some(seed)).expect_contents();
        }
    }
}

/// A file that was sealed for a next one gets no more records, even if that could not be begun. It may
/// be there all the same, and a record that is torn before its file is damage.
///
/// What usually goes wrong: the old file goes on as the active one, a crash tears its last record, and
/// the store cannot be opened any more.
#[test]
fn a_crash_after_a_failed_rotation_does_no_harm() {
    for failing in 0..20 {
        for after in 0..12 {
            let mut driven = Driven::new(small(60));
            driven.put("key", "old");
            driven.disk.fail_change(failing);
            let put = driven.store.put(b"key", "x".repeat(30).as_bytes());
            if !driven.disk.has_failed() {
                return;
            }
            if put.is_ok() {
                // What has failed was not one of those that the write needs.
                break;
            }
            driven.scenario.step(format!(
                "one change of the disk fails; put key = 30 bytes: {}",
                driven.disk.last_changes()
            ));
            driven.disk.heal();
            driven.disk.lose_power_after(after);
            let put = driven.store.put(b"more", b"2");
            driven.scenario.step(format!(
                "put more = 2 meets the end of the process after {after} changes of the disk: {}",
                if put.is_ok() { "Ok" } else { "Err" }
            ));
            for crashed in [
                driven.killed_copy(),
                driven.after_power_failure(None),
                driven.after_power_failure(Some(after as u64)),
            ] {
                let mut crashed = crashed;
                // The put that failed may have reached the disk if its sync was what failed.
                crashed.allow("key", &"x".repeat(30));
                if put.is_ok() {
                    crashed.assume("more", Some("2"));
                } else {
                    crashed.allow("more", "2");
                }
                crashed.expect_contents();
                crashed.put("last", "1");
                crashed.killed().expect_contents();
            }
            if !driven.disk.has_lost_power() {
                break;
            }
        }
    }
}

/// A new file that cannot be created, or whose name cannot be made durable, is an error for the write
/// that needed it. Nothing is lost, and the next write tries again.
#[test]
fn a_new_file_that_fails_is_tried_again() {
    for after in 0..12 {
        let mut driven = Driven::new(small(60));
        driven.put("key", "old value");
        driven.put("other", "1");
        driven.disk.fail_change(after);
        let put = driven.store.put(b"key", "x".repeat(30).as_bytes());
        let failed = driven.disk.has_failed();
        driven.scenario.step(format!(
            "one change of the disk fails; put key returns {put:?}: {}",
            driven.disk.last_changes()
        ));
        driven.disk.heal();
        driven.scenario.expect(
            put.is_err() || !failed || driven.disk.is_durable(b"key"),
            "an error, or a record that is durable",
            format_args!("{put:?}"),
        );
        if put.is_ok() {
            driven.assume("key", Some(&"x".repeat(30)));
            driven.expect_contents();
            driven.after_power_failure(None).expect_contents();
            if failed {
                // It was not one of those that the write needs.
                continue;
            }
            return;
        }
        driven.expect_contents();
        driven.scenario.step("put again");
        match driven.store.put(b"more", b"2") {
            Ok(()) => {
                driven.assume("more", Some("2"));
                driven.expect_contents();
                driven.put("key", "newer");
                driven.after_power_failure(None).expect_contents();
                driven.killed().expect_contents();
            }
            Err(Error::SyncFailed) => {
                let after = driven.killed_copy_of_unknown("key", &["old value", &"x".repeat(30)]);
                let put = after.store.put(b"more", b"2");
                after
                    .scenario
                    .expect(put.is_ok(), "put succeeds", format_args!("{put:?}"));
            }
            Err(error) => driven.scenario.fail("Ok, or Err(SyncFailed)", error),
        }
    }
}

/// A file that cannot be created is no failed sync: the write that needed it returns `Io`, and the
/// next one works.
#[test]
fn a_file_that_cannot_be_created_stops_nothing() {
    const WRITES: usize = 8;
    // A store may create more than logs, hints for example.
    for skipped in 0..3 {
        let mut driven = Driven::new(small(60));
        driven.put("first", "1");
        driven.scenario.step(format!(
            "after {skipped} more files, one cannot be created; {WRITES} puts"
        ));
        driven.disk.fail_creation(skipped);
        let mut failures = 0;
        for number in 0..WRITES {
            let key = format!("key {number}");
            match driven.store.put(key.as_bytes(), b"value") {
                Ok(()) => driven.assume(&key, Some("value")),
                Err(Error::Io { .. }) => {
                    failures += 1;
                    driven.assume(&key, None);
                }
                Err(error) => driven.scenario.fail("Ok, or Err(Io)", error),
            }
            driven.expect_contents();
        }
        driven.scenario.expect(
            driven.disk.has_failed() && failures <= 1,
            "at most one error, of the write that needed the file",
            format_args!("{failures} errors"),
        );
        driven.after_power_failure(None).expect_contents();
        driven.killed().expect_contents();
    }
}

/// `stats` counts the live keys, the files, the bytes of live records and the bytes of all files.
#[test]
fn stats_are_exact() {
    let mut driven = Driven::new(small(100));
    let expect = |driven: &Driven, keys: usize, live_bytes: u64| {
        let files = driven.files();
        let lens = data_files(&files).into_values().map(Vec::len);
        let expected = Stats {
            keys,
            files: lens.len(),
            live_bytes,
            total_bytes: lens.sum::<usize>() as u64,
        };
        driven
            .scenario
            .expect_eq("stats()", driven.store.stats(), expected);
    };
    expect(&driven, 0, 0);
    driven.put("a", value_for(40));
    expect(&driven, 1, 40);
    driven.put("b", value_for(50));
    driven.put("a", value_for(30));
    expect(&driven, 2, 80);
    driven.delete("b");
    driven.delete("never there");
    expect(&driven, 1, 30);
    driven.put("c", value_for(500));
    expect(&driven, 2, 530);
    let driven = driven.reopened();
    expect(&driven, 2, 530);
    let driven = driven.killed();
    expect(&driven, 2, 530);
}

/// A directory may hold the greatest id or the greatest timestamp that there can be. Nothing panics: a
/// write that would need a greater one is an error, and reads go on.
#[test]
fn numbers_may_be_used_up() {
    let old = |timestamp| file_of(&[Record::put(timestamp, "key", value_for(50))]);
    for (name, timestamp) in [
        ("0000000001.data", u64::MAX),
        ("18446744073709551615.data", 1),
        ("18446744073709551615.merged", 1),
    ] {
        let files = Files::from([(name.to_owned(), old(timestamp))]);
        let mut driven = Driven::on(&files, small(60));
        for key in ["key", "other"] {
            driven.scenario.step(format!("put {key}"));
            if driven.store.put(key.as_bytes(), b"new").is_ok() {
                driven.assume(key, Some("new"));
            }
            driven.expect_contents();
        }
        driven.killed().expect_contents();
    }
}

/// An error of the file system names the file or directory.
///
/// section: errors
#[test]
fn errors_name_the_file() {
    let scenario = Scenario::new();
    let dir = TempDir::new();
    let path = dir.path().join("taken");
    fs::write(&path, b"").unwrap();
    scenario.step("open a store below a file");
    match Bitcask::open(path.join("store"), Options::default()) {
        Err(error @ Error::Io { .. }) => scenario.expect(
            error.to_string().contains("taken"),
            "a message that names the path",
            format_args!("{error}"),
        ),
        other => scenario.fail("Err(Io)", format_args!("{other:?}")),
    }
    let mut driven = Driven::new(small(100));
    driven.put("a", "1");
    driven.scenario.step("writes fail; put");
    driven.disk.fail_writes();
    match driven.store.put(b"a", b"2") {
        Err(Error::Io { path, .. }) => driven.scenario.expect(
            path.to_string_lossy().ends_with("0000000001.data"),
            "the path of the data file",
            format_args!("{}", path.display()),
        ),
        other => driven.scenario.fail("Err(Io)", format_args!("{other:?}")),
    }
}

/// `kv stats` prints the numbers of keys, files and bytes; `--max-file-size` says when a file is full;
/// `--dir` beats `KV_DIR`.
///
/// section: kv
#[test]
fn kv_takes_options() {
    let kv = Kv::new();
    for number in 10..14 {
        let key = format!("key {number}");
        kv.expect(&["--max-file-size", "60", "set", &key, "value"], "", 0, "");
    }
    let mut lens = Vec::new();
    for file in fs::read_dir(kv.store_path("")).unwrap().flatten() {
        if file.file_name().to_string_lossy().ends_with(".data") {
            lens.push(file.metadata().unwrap().len());
        }
    }
    lens.retain(|len| *len > 0);
    let what = "the lengths of the files, of which none has room for two records";
    kv.scenario.expect_eq(what, lens, vec![31; 4]);
    let output = kv.run(&["stats"], "").output();
    let numbers: Vec<&str> = output
        .split(|c: char| !c.is_ascii_digit())
        .filter(|word| !word.is_empty())
        .collect();
    for (expected, what) in [("4", "keys"), ("124", "bytes")] {
        kv.scenario.expect(
            numbers.contains(&expected),
            format_args!("{expected} {what}"),
            format_args!("{output}"),
        );
    }
    kv.expect(&["--sync", "never", "set", "unsynced", "1"], "", 0, "");
    kv.expect(&["get", "unsynced"], "", 0, "1\n");
    kv.expect(&["--dir", "other", "set", "ada", "1815"], "", 0, "");
    kv.expect(&["--dir", "other", "list"], "", 0, "ada\n");
    kv.expect(&["get", "ada"], "", 1, "");
    kv.expect(&["--sync", "sometimes", "list"], "", 2, "");
}

/// While `kv pipe` has the store open, another process is told so, `kv check` too. After a `kill -9`
/// the next one opens it, and nothing has to be cleaned up.
///
/// section: kv
#[test]
fn kv_opens_a_store_after_a_kill() {
    let kv = Kv::new();
    for round in 0..3 {
        let mut pipe = kv.pipe(&[]);
        pipe.expect(format!("set round {round}"), "ok");
        kv.expect(&["get", "round"], "", 2, "");
        kv.expect_ended(&kv.run(&["check"], ""), 2);
        pipe.kill();
        kv.expect(&["get", "round"], "", 0, format!("{round}\n"));
    }
}

/// `kv pipe` is killed with `kill -9` while it writes, again and again: every write that it has
/// answered with `ok` is there.
///
/// section: kv
#[test]
fn kv_loses_nothing_when_it_is_killed() {
    let kv = Kv::new();
    let mut acknowledged = BTreeSet::new();
    for round in 0..10_usize {
        let mut pipe = kv.pipe(&["--max-file-size", "500"]);
        let name = |number: usize| format!("{round}-{number}");
        // More than are waited for: the kill meets one of the others.
        for number in 0..60 {
            pipe.send(format!("set {} value {number}", name(number)));
        }
        let waited_for = round * 3;
        for number in 0..waited_for {
            let answer = pipe.receive();
            kv.scenario.expect_bytes("the answer", &answer, b"ok");
            acknowledged.insert(name(number));
        }
        let answers = pipe.kill();
        let told = answers.iter().filter(|answer| *answer == b"ok\n").count();
        acknowledged.extend((waited_for..waited_for + told).map(name));
        let listed = kv.run(&["list"], "").output();
        let there: BTreeSet<&str> = listed.lines().collect();
        let lost: Vec<&String> = acknowledged
            .iter()
            .filter(|key| !there.contains(key.as_str()))
            .collect();
        kv.scenario.expect(
            lost.is_empty(),
            format_args!("all {} acknowledged keys", acknowledged.len()),
            format_args!("lost: {lost:?}"),
        );
    }
}
