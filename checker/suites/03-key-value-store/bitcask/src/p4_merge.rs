//! Phase 4: merge.

use crate::{
    crash::{self, Crash},
    driven::{
        Driven, Files, GRACE, LIMIT, TINY, contents_in, data_files, expect_get, id_of_name, small,
        texts, value_text,
    },
    format::{self, Record, file_of, newest},
};
use bitcask::{Bitcask, Error, Options, Sync};
use std::collections::BTreeMap;
use suite_kit::{
    property::check_moves,
    threads::{Gate, background},
    time::eventually,
};

/// A full merge leaves the newest record of every live key and nothing else: no older records, no
/// tombstones.
///
/// The statistics say so, and so does a reader of the files that is not yours.
#[test]
fn a_full_merge_leaves_live_data_only() {
    for seed in 1..=4 {
        let mut driven = Driven::new(small(300));
        driven.churn(seed, 120);
        driven.merge();
        driven.expect_live_only();
        driven.expect_contents();
        let mut driven = driven.killed();
        driven.expect_live_only();
        driven.expect_contents();
        driven.churn(seed + 100, 60);
        driven.merge();
        driven.expect_live_only();
        driven.killed().expect_contents();
    }
}

/// A merge copies records as they are, with their timestamps.
///
/// A copy with a new timestamp beats what was written in the meantime, once the store is opened
/// again.
#[test]
fn records_are_copied_with_their_timestamps() {
    let mut driven = Driven::new(small(300));
    driven.churn(5, 100);
    let live = |driven: &Driven| {
        let files = driven.files();
        let mut records = newest(data_files(&files).values().copied());
        records.retain(|_, record| record.value.is_some());
        records
    };
    let before = live(&driven);
    driven.merge();
    driven
        .scenario
        .expect_eq("the live records", live(&driven), before);
}

/// Whatever is written, deleted, merged and opened again in whatever order, a store holds what a
/// plain map holds.
///
/// hint: A tombstone may be dropped only if no file outside of the merge can hold an older record of its key. A file's id says nothing about the age of its records: a merged file has a great id and old records.
#[test]
fn merges_never_change_what_a_store_holds() {
    check_moves(60, 40, &|_, size, moves| {
        let mut driven = Driven::new(small(32 * size as u64));
        for one in moves {
            let key = format!("k{}", one.key % 5);
            match one.kind % 12 {
                0..=4 => driven.put(&key, "x".repeat(usize::from(one.value % 40))),
                5..=7 => driven.delete(&key),
                8 | 9 => {
                    let mut ids = driven.sealed_files();
                    let mut bits = one.value;
                    ids.retain(|_| {
                        bits = bits.rotate_right(1);
                        bits & 1 == 1
                    });
                    driven.merge_files(&ids);
                    driven.expect_contents();
                }
                10 => {
                    driven.merge();
                    driven.expect_live_only();
                }
                _ => {
                    driven = driven.killed();
                    driven.expect_contents();
                }
            }
        }
        driven.killed().expect_contents();
    });
}

/// A partial merge keeps a tombstone while another file holds an older record of its key.
///
/// What usually goes wrong: the tombstone is dropped as if all files were merged, and the key comes
/// back when the store is opened again.
#[test]
fn a_partial_merge_keeps_the_tombstones_that_are_needed() {
    let mut driven = Driven::new(small(TINY));
    driven.put("key", "old");
    driven.put("other", "1");
    driven.delete("key");
    driven.put("another", "2");
    let tombstone = driven.id_of("key");
    driven.merge_files(&[tombstone]);
    driven.expect_contents();
    let driven = driven.killed();
    driven.expect_contents();
    // Also the tombstone that a merge has copied once.
    let copied = driven.id_of("key");
    if driven.sealed_files().contains(&copied) {
        driven.merge_files(&[copied]);
    }
    let driven = driven.killed();
    driven.expect_contents();
    driven.merge();
    driven.expect_live_only();
    driven.killed().expect_contents();
}

/// Ids say nothing about age: a merged file has a great id and may hold the oldest records of all.
///
/// What usually goes wrong: "no file with a lower id holds the key, so its tombstone can go".
#[test]
fn a_tombstone_is_kept_for_an_older_record_in_a_file_with_a_greater_id() {
    let mut driven = Driven::new(small(100));
    driven.put("key", "x".repeat(60));
    driven.put("other", "1");
    let first = driven.sealed_files();
    driven
        .scenario
        .step("the record of `key` goes to a merged file");
    driven.merge_files(&first);
    driven.delete("key");
    driven.put("more", "x".repeat(60));
    let tombstone = driven.id_of("key");
    driven.scenario.expect(
        driven.sealed_files().contains(&tombstone),
        "the file with the tombstone is sealed by a record that does not fit",
        format_args!("file {tombstone} is not among {:?}", driven.sealed_files()),
    );
    driven.merge_files(&[tombstone]);
    driven.expect_contents();
    driven.killed().expect_contents();
}

/// A tombstone is kept for a record outside of the merge, also if the files of the merge hold an older
/// record of the key, too.
///
/// What usually goes wrong: the tombstone is dropped with the record that it was found beside.
///
/// section: tombstones
#[test]
fn a_tombstone_is_kept_for_more_than_the_records_beside_it() {
    let outside = file_of(&[Record::put(1, "key", "first")]);
    let inputs = [
        file_of(&[
            Record::put(2, "key", "second"),
            Record::tombstone(3, "key"),
            Record::put(4, "other", "1"),
        ]),
        file_of(&[Record::tombstone(3, "key"), Record::put(2, "key", "second")]),
    ];
    for (outside_id, input_id) in [(1, 2), (2, 1)] {
        for input in &inputs {
            let files = Files::from([
                (format!("{outside_id:010}.data"), outside.clone()),
                (format!("{input_id:010}.data"), input.clone()),
                ("0000000003.data".to_owned(), Vec::new()),
            ]);
            let driven = Driven::on(&files, small(1_000));
            driven.expect_contents();
            driven.merge_files(&[input_id]);
            driven.expect_contents();
            let driven = driven.killed();
            driven.expect_contents();
            driven.merge();
            driven.expect_live_only();
            driven.killed().expect_contents();
        }
    }
}

/// A partial merge takes its files away and leaves the others as they are, to the byte.
#[test]
fn a_partial_merge_touches_only_its_files() {
    let mut driven = Driven::new(small(TINY));
    for number in 0..6 {
        driven.put(&format!("key {number}"), format!("value {number}"));
    }
    let merged = [driven.id_of("key 1"), driven.id_of("key 3")];
    let before = driven.files();
    // An id that is named twice counts once.
    driven.merge_files(&[merged[0], merged[1], merged[0]]);
    let after = driven.files();
    for (name, bytes) in data_files(&before) {
        let id = id_of_name(name);
        match after.get(name) {
            Some(_) if merged.contains(&id) => driven.scenario.fail(
                format_args!("{name} is gone, since it was merged"),
                "it is still there",
            ),
            None if merged.contains(&id) => {}
            Some(now) => driven.scenario.expect_bytes(name, now, bytes),
            None => driven.scenario.fail(
                format_args!("{name} stays, since it was not merged"),
                "it is gone",
            ),
        }
    }
    driven.expect_contents();
    let sealed = driven.sealed_files();
    driven.scenario.expect(
        sealed.is_sorted() && merged.iter().all(|id| !sealed.contains(id)),
        format_args!("sealed_files() in ascending order and without {merged:?}"),
        format_args!("{sealed:?}"),
    );
    driven.killed().expect_contents();
}

/// An id that is unknown, or that of the active file, is refused, and then nothing is merged.
#[test]
fn unknown_and_active_files_are_refused() {
    let mut driven = Driven::new(small(TINY));
    driven.put("a", "1");
    driven.put("b", "2");
    driven.put("a", "3");
    let sealed = driven.sealed_files();
    let active = driven.id_of("a");
    let before = driven.files();
    for wrong in [active, 77, 0, u64::MAX] {
        let ids = [sealed[0], wrong];
        driven.scenario.step(format!("merge_files({ids:?})"));
        match driven.store.merge_files(&ids) {
            Err(Error::UnknownFile { id }) => driven.scenario.expect_eq("the id", id, wrong),
            other => driven.scenario.fail(
                format_args!("Err(UnknownFile {{ id: {wrong} }})"),
                format_args!("{other:?}"),
            ),
        }
        let names = |files: &Files| data_files(files).into_keys().cloned().collect::<Vec<_>>();
        driven
            .scenario
            .expect_eq("the files", names(&driven.files()), names(&before));
    }
    driven.expect_contents();
}

/// A merge of nothing, and a second merge, lose nothing and are no errors.
#[test]
fn a_merge_may_have_nothing_to_do() {
    let mut driven = Driven::new(small(100));
    driven.merge();
    driven.merge_files(&[]);
    driven.expect_live_only();
    driven.put("a", "1");
    driven.put("b", "x".repeat(100));
    driven.merge_files(&[]);
    driven.expect_contents();
    for _ in 0..3 {
        driven.merge();
        driven.expect_live_only();
        driven.expect_contents();
    }
    driven.scenario.step("delete all keys");
    driven.delete("a");
    driven.delete("b");
    for _ in 0..2 {
        driven.merge();
        driven.expect_live_only();
        driven.expect_contents();
    }
    driven.delete("never there");
    driven.expect_live_only();
    driven.killed().expect_contents();
}

/// Merged files keep to the greatest size, too: a record that would make one longer begins the
/// next, and only a record that is longer by itself has a longer file.
#[test]
fn merged_files_keep_to_the_greatest_size() {
    const LIMIT: u64 = 200;
    let mut driven = Driven::new(small(LIMIT));
    for number in 0..40 {
        driven.put(&format!("key {number}"), "x".repeat(number % 50));
    }
    driven.put("long", "x".repeat(500));
    driven.merge();
    driven.expect_live_only();
    let files = driven.files();
    for (name, bytes) in data_files(&files) {
        let (records, _) = format::records(bytes);
        driven.scenario.expect(
            bytes.len() as u64 <= LIMIT || records.len() == 1,
            format_args!("{name} has at most {LIMIT} bytes, or one record"),
            format_args!("{} bytes in {} records", bytes.len(), records.len()),
        );
    }
    driven.expect_contents();
    driven.killed().expect_contents();
}

/// An id is never used twice, also after everything was merged away and the store was opened
/// again.
///
/// What usually goes wrong: the next id is one more than the greatest of the files that are left,
/// and the file that had the greatest was deleted.
///
/// hint: The file with the greatest id stays, whichever it is: an empty one, a merged one of which nothing is alive, or the one that carries the last tombstones.
#[test]
fn ids_are_never_used_twice() {
    let mut driven = Driven::new(small(TINY));
    let mut given = BTreeMap::new();
    for round in 0..6 {
        driven.put("a", format!("{round}"));
        driven.put("b", format!("{round}"));
        if round % 2 == 0 {
            driven.delete("a");
            driven.delete("b");
        }
        driven.merge();
        if round % 3 == 1 {
            driven.merge();
        }
        note_ids(&driven, &mut given);
        driven = driven.killed();
        driven.expect_contents();
    }
    // The merged file of `a` has a greater id than the file in which `a` is overwritten.
    let mut driven = Driven::new(small(100));
    let mut given = BTreeMap::new();
    driven.put("a", "x".repeat(60));
    driven.put("b", "x".repeat(50));
    driven.merge_files(&driven.sealed_files());
    driven.put("a", "1");
    driven.merge_files(&driven.sealed_files());
    for _ in 0..2 {
        note_ids(&driven, &mut given);
        driven = driven.killed();
        driven.expect_contents();
        driven.put("c", "x".repeat(60));
    }
    note_ids(&driven, &mut given);
}

/// The id of a file of which a merge leaves nothing is not used again, whatever it held: nothing,
/// tombstones that keep nothing dead, or dead records.
///
/// What usually goes wrong: a new file is begun only if there is something to copy.
#[test]
fn the_id_of_a_file_that_leaves_nothing_is_not_used_again() {
    let dead = [Record::put(1, "key", "old"), Record::tombstone(2, "key")];
    let tombstone = &dead[1..];
    for records in [&[][..], tombstone, &dead] {
        for end in ["data", "merged"] {
            for first in [&[][..], tombstone] {
                let greatest = format!("0000000002.{end}");
                let files = Files::from([
                    ("0000000001.data".to_owned(), file_of(first)),
                    (greatest.clone(), file_of(records)),
                ]);
                let driven = Driven::on(&files, small(TINY));
                driven.merge();
                driven.merge();
                let is_kept = driven.files().contains_key(&greatest);
                let mut driven = driven.killed();
                driven.put("new", "1");
                let id = driven.id_of("new");
                driven.scenario.expect(
                    id > 2 || is_kept,
                    format_args!("an id above that of {greatest}, which was merged away"),
                    id,
                );
                driven.killed().expect_contents();
            }
        }
    }
}

/// An id is never used twice, whatever is written, merged and opened again in whatever order.
#[test]
fn ids_are_never_used_twice_in_any_history() {
    check_moves(40, 40, &|_, size, moves| {
        let mut driven = Driven::new(small(32 * size as u64));
        let mut given = BTreeMap::new();
        for one in moves {
            let key = format!("k{}", one.key % 3);
            match one.kind % 10 {
                0..=2 => driven.put(&key, "x".repeat(usize::from(one.value % 40))),
                3 | 4 => driven.delete(&key),
                5 | 6 => driven.merge_files(&driven.sealed_files()),
                7 => {
                    let mut ids = driven.sealed_files();
                    ids.retain(|id| *id % 2 == u64::from(one.value % 2));
                    driven.merge_files(&ids);
                }
                8 => driven.merge(),
                _ => {
                    note_ids(&driven, &mut given);
                    driven = driven.killed();
                }
            }
        }
        note_ids(&driven, &mut given);
        driven.expect_contents();
    });
}

/// Fails if a log was given an id that belonged to another. Looks at all that was done since the store
/// was opened: call it once for each time.
#[track_caller]
fn note_ids(driven: &Driven, given: &mut BTreeMap<u64, String>) {
    for name in driven.disk.names_given() {
        let id = id_of_name(&name);
        if let Some(first) = given.insert(id, name.clone()) {
            driven.scenario.fail(
                format_args!("{name} has an id that no file has had before"),
                format_args!("id {id} was that of {first}"),
            );
        }
    }
}

/// A merge in a directory that holds the greatest id or timestamp that there can be loses nothing,
/// whether or not it can be done.
#[test]
fn a_merge_without_numbers_loses_nothing() {
    let value = "x".repeat(30);
    for (name, timestamp) in [
        ("0000000001.data", u64::MAX),
        ("18446744073709551615.data", 1),
        ("18446744073709551615.merged", 1),
    ] {
        let file = file_of(&[Record::put(timestamp, "key", &*value)]);
        let mut driven = Driven::on(&Files::from([(name.to_owned(), file)]), small(60));
        for key in ["key", "other"] {
            driven.scenario.step(format!("put {key}"));
            if driven.store.put(key.as_bytes(), b"new").is_ok() {
                driven.assume(key, Some("new"));
            }
        }
        driven.scenario.step("merge");
        let _ = driven.store.merge();
        driven.expect_contents();
        driven.killed().expect_contents();
    }
}

/// What is written while a merge is at work wins over what the merge copies, at once and after the
/// store is opened again.
///
/// What usually goes wrong: at its end, the merge points the key directory at its copies without
/// looking whether they are still the newest.
#[test]
fn writes_during_a_merge_win() {
    const PUT: [u32; 8] = [0, 2, 4, 6, 8, 10, 11, 12];
    const DELETED: [u32; 5] = [1, 3, 5, 7, 9];
    for held in ["sync", "read"] {
        let mut driven = Driven::new(small(150));
        for number in 0..12 {
            driven.put(&format!("key {number}"), format!("old {number}"));
        }
        driven.delete("key 11");
        let gate = match held {
            "sync" => driven.disk.hold_syncs_of_copies(),
            _ => driven.disk.hold_reads(),
        };
        driven
            .scenario
            .step(format!("a merge begins, and is held in its first {held}"));
        let store = driven.store.clone();
        let merge = background(move || store.merge());
        driven.scenario.expect(
            gate.wait_for(1, LIMIT),
            format_args!("a {held} of the merge, which is held"),
            "none comes",
        );
        let (store, done) = (driven.store.clone(), Gate::new());
        driven
            .scenario
            .step("meanwhile: put keys 0 to 5, 11 and 12, delete keys 6 to 10");
        let writer = background({
            let done = done.clone();
            move || {
                // All of them, since nobody knows which ones the merge has copied.
                let puts: Vec<_> = PUT
                    .map(|number| store.put(format!("key {number}").as_bytes(), b"new"))
                    .into();
                let deletes: Vec<_> = DELETED
                    .map(|number| store.delete(format!("key {number}").as_bytes()))
                    .into();
                done.open();
                (puts, deletes)
            }
        });
        // A store may let writers wait for a merge that reads.
        done.wait(GRACE * 20);
        gate.open();
        driven.scenario.step("the merge goes on to its end");
        let (puts, deletes) = writer.join(&driven.scenario, "the writer", LIMIT);
        driven.scenario.expect(
            puts.iter().all(Result::is_ok)
                && deletes.iter().all(|delete| matches!(delete, Ok(true))),
            "Ok(()) for each put, Ok(true) for each delete",
            format_args!("{puts:?}, {deletes:?}"),
        );
        let merged = merge.join(&driven.scenario, "the merge", LIMIT);
        driven.scenario.expect(
            merged.is_ok(),
            "the merge succeeds",
            format_args!("{merged:?}"),
        );
        for number in PUT {
            driven.assume(&format!("key {number}"), Some("new"));
        }
        for number in DELETED {
            driven.assume(&format!("key {number}"), None);
        }
        driven.expect_contents();
        let driven = driven.killed();
        driven.expect_contents();
        driven.merge();
        driven.expect_live_only();
        driven.expect_contents();
    }
}

/// An iterator that began before a merge goes on reading the files that the merge removes.
///
/// What usually goes wrong: the iterator keeps ids and offsets, and opens files when it comes to
/// them.
///
/// hint: An open file stays readable after it was removed. Keep it open for as long as somebody may read it.
#[test]
fn iterators_are_undisturbed_by_a_merge() {
    let mut driven = Driven::new(small(150));
    driven.churn(9, 80);
    let expected = driven.contents().clone();
    driven.scenario.step("iter()");
    let mut iter = match driven.store.iter() {
        Ok(iter) => iter,
        Err(error) => driven.scenario.fail("an iterator", error),
    };
    let mut found = BTreeMap::new();
    let mut take = |driven: &Driven, item| match item {
        Some(Ok((key, value))) => {
            found.insert(key, value);
        }
        other => driven
            .scenario
            .fail("the next key and its value", format_args!("{other:?}")),
    };
    take(&driven, iter.next());
    driven.merge();
    take(&driven, iter.next());
    driven.put("key 0", "written later");
    driven.merge();
    driven.scenario.step("take the rest of the iterator");
    for _ in 2..expected.len() {
        take(&driven, iter.next());
    }
    driven
        .scenario
        .expect(iter.next().is_none(), "the iterator ends", "it goes on");
    driven.scenario.expect_eq(
        "what the iterator returned",
        texts(&found),
        texts(&expected),
    );
    driven.expect_contents();
}

/// The space of a removed file is free again: the store keeps no handle of it, unless an iterator or a
/// reader does.
///
/// What usually goes wrong: the open files stay in a map by their ids.
///
/// hint: Whoever needs a file holds it, and nobody else.
#[test]
fn removed_files_are_closed() {
    let mut driven = Driven::new(small(150));
    for round in 0..8 {
        driven.churn(round, 40);
        let iter = driven.store.iter();
        driven.merge();
        driven.scenario.step("drop an iterator that began before");
        drop(iter);
        driven.expect_contents();
        let files = driven.files().len();
        // Some more, since a store may open a file twice, or keep one that it is about to use.
        let most = 2 * files + 4;
        let closed = eventually(LIMIT, || driven.disk.open_files() <= most);
        driven.scenario.expect(
            closed,
            format_args!("at most {most} open files, since the directory has {files}"),
            format_args!("{} open files", driven.disk.open_files()),
        );
    }
}

/// The files of a store with two deleted keys. The tombstone of one stands in a file with a lower
/// id than its older record, that of the other in a file with a greater one.
#[track_caller]
fn with_tombstones(options: Options) -> Files {
    let mut driven = Driven::new(options);
    driven.put("late", "x".repeat(60));
    driven.put("kept", "old");
    let first = driven.sealed_files();
    driven.merge_files(&first);
    driven.delete("late");
    driven.put("early", "x".repeat(60));
    driven.put("kept", "new");
    driven.put("more", "x".repeat(30));
    driven.delete("early");
    driven.put("last", "1");
    driven.sync();
    driven.expect_contents();
    let files = driven.files();
    driven.scenario.expect_eq(
        "what the files mean",
        texts(&contents_in(&files)),
        texts(driven.contents()),
    );
    files
}

/// The files of a store with two deleted keys, of which each file has one's tombstone and the
/// other's older record.
fn with_entangled_tombstones() -> Files {
    let first = [
        Record::put(1, "x", "old"),
        Record::put(3, "kept", "1"),
        Record::tombstone(5, "y"),
    ];
    let second = [Record::put(2, "y", "old"), Record::tombstone(4, "x")];
    Files::from([
        ("0000000001.merged".to_owned(), file_of(&first)),
        ("0000000002.merged".to_owned(), file_of(&second)),
        ("0000000003.data".to_owned(), Vec::new()),
    ])
}

/// A process that is killed between any two operations of a merge has lost nothing, and no deleted
/// key comes back.
///
/// Whoever opens the store next can also merge it.
///
/// section: merge-steps
/// hint: While the older record of a deleted key stands in any file, a tombstone of the key has to stand in one, too. Think of the order in which files are removed.
#[test]
fn a_kill_at_any_moment_of_a_merge_loses_nothing() {
    let options = small(100);
    let files = with_tombstones(options.clone());
    crash::everywhere(Crash::Kill, &options, &files, Bitcask::merge);
}

/// A power failure between any two operations of a merge loses nothing that was acknowledged, and
/// no deleted key comes back.
///
/// What was not synced may be lost, in part or as a whole: the bytes of a file without a sync of the
/// file, its name without a sync of the directory.
///
/// section: merge-steps
/// hint: The new files, then their directory, and only then an old file is removed.
#[test]
fn a_power_failure_at_any_moment_of_a_merge_loses_nothing() {
    let options = small(100);
    let files = with_tombstones(options.clone());
    crash::everywhere(Crash::PowerFailure, &options, &files, Bitcask::merge);
}

/// The new files, with their names, are durable before the first old one is removed.
///
/// What usually goes wrong: the files are synced, but not the directory, and the system is free to
/// remove a name before it keeps another.
///
/// section: merge-steps
#[test]
fn new_files_are_durable_before_an_old_one_is_removed() {
    let options = small(100);
    for files in [
        with_tombstones(options.clone()),
        with_entangled_tombstones(),
    ] {
        let driven = Driven::on(&files, options.clone());
        let (gate, removed) = driven.disk.hold_first_removal();
        driven
            .scenario
            .step("merge, up to the first removal of a file");
        let store = driven.store.clone();
        let merge = background(move || store.merge());
        driven
            .scenario
            .expect(gate.wait_for(1, LIMIT), "an old file is removed", "none is");
        let mut left = driven.disk.durable_files();
        let removed = removed.lock().unwrap().clone();
        left.remove(&removed);
        driven.scenario.step(format!(
            "{removed} is removed, and then the power fails; what was synced is {:?}",
            left.keys()
        ));
        driven.scenario.expect_eq(
            "what the files mean",
            texts(&contents_in(&left)),
            texts(driven.contents()),
        );
        gate.open();
        let merged = merge.join(&driven.scenario, "the merge", LIMIT);
        driven.scenario.expect(
            merged.is_ok(),
            "the merge succeeds",
            format_args!("{merged:?}"),
        );
        driven.expect_live_only();
    }
}

/// Two files may each hold the tombstone that keeps a record of the other dead. A crash while they
/// are merged brings neither key back.
///
/// No order of removal is right for them.
///
/// section: tombstones
/// hint: Write the tombstones that are needed meanwhile to a file of their own, and remove it last.
#[test]
fn files_that_keep_each_other_dead_can_be_merged() {
    for crash in [Crash::Kill, Crash::PowerFailure] {
        let files = with_entangled_tombstones();
        crash::everywhere(crash, &small(100), &files, Bitcask::merge);
    }
}

/// A merge makes its copies durable also if writes are not synced one by one.
///
/// section: merge-steps
#[test]
fn a_merge_is_durable_without_synced_writes() {
    let options = Options {
        sync: Sync::Never,
        ..small(100)
    };
    let files = with_tombstones(options.clone());
    crash::everywhere(Crash::PowerFailure, &options, &files, Bitcask::merge);
}

/// A store that does not sync by itself, with a key whose old value is durable and whose new one is
/// not; and the sealed file of the old one.
#[track_caller]
fn overwritten_without_sync() -> (Driven, u64) {
    let mut driven = Driven::new(Options {
        sync: Sync::Never,
        ..small(100)
    });
    driven.put("key", "old");
    driven.put("other", "x".repeat(60));
    driven.sync();
    let sealed = driven.id_of("key");
    driven.put("key", "new");
    (driven, sealed)
}

/// A merge drops a record only for a newer one that is durable itself.
///
/// What usually goes wrong: with writes that are not synced, the newer value is lost with the
/// power, and the older one, which had been synced, has been merged away.
///
/// section: merge-steps
/// hint: Sync the active file before you remove what its records stand in for.
#[test]
fn a_merge_relies_on_durable_records_only() {
    let (driven, sealed) = overwritten_without_sync();
    driven.merge_files(&[sealed]);
    expect_old_or_new(&driven);
}

/// What a merge leaves out is durable in its newer form when the input goes, also if that was written
/// while the merge was reading.
///
/// What usually goes wrong: the active file is synced when the merge begins. It finds the record of the
/// input dead because of a newer one that has come since.
///
/// section: merge-steps
/// hint: Sync the active file when the inputs have been read.
#[test]
fn a_merge_relies_on_what_was_written_meanwhile_when_it_is_durable() {
    let mut driven = Driven::new(Options {
        sync: Sync::Never,
        ..small(100)
    });
    driven.put("key", "old");
    driven.put("other", "x".repeat(60));
    driven.sync();
    let sealed = driven.id_of("key");
    let gate = driven.disk.hold_reads();
    driven.scenario.step(format!(
        "merge_files([{sealed}]) is held in its first read; meanwhile: put key = new"
    ));
    let store = driven.store.clone();
    let merge = background(move || store.merge_files(&[sealed]));
    driven
        .scenario
        .expect(gate.wait_for(1, LIMIT), "the merge reads", "it does not");
    let (store, done) = (driven.store.clone(), Gate::new());
    let writer = background({
        let done = done.clone();
        move || {
            let put = store.put(b"key", b"new");
            done.open();
            put
        }
    });
    // A store may let writers wait for a merge that reads.
    done.wait(GRACE * 20);
    gate.open();
    let written = writer.join(&driven.scenario, "the writer", LIMIT);
    let merged = merge.join(&driven.scenario, "the merge", LIMIT);
    driven.scenario.expect(
        written.is_ok() && merged.is_ok(),
        "both succeed",
        format_args!("{written:?}, {merged:?}"),
    );
    driven.scenario.step("the merge goes on to its end");
    expect_old_or_new(&driven);
}

/// After a power failure, `key` has its old value, which was durable, or its new one.
#[track_caller]
fn expect_old_or_new(driven: &Driven) {
    for seed in [None, Some(1), Some(2)] {
        let after = driven.after_power_failure(seed);
        let received = after.store.get(b"key");
        after.scenario.expect(
            matches!(&received, Ok(Some(value)) if value == b"old" || value == b"new"),
            "get(key) returns the old value, which was synced, or the new one",
            value_text(&received),
        );
    }
}

/// If the sync fails that a merge relies on, nothing can be written any more: nobody knows what the
/// disk holds.
#[test]
fn nothing_is_written_after_a_failed_sync_in_a_merge() {
    let (driven, _) = overwritten_without_sync();
    driven
        .scenario
        .step("syncs of the files that were written by put fail; merge");
    driven.disk.fail_syncs_of_data_files();
    let merged = driven.store.merge();
    driven
        .scenario
        .expect(merged.is_err(), "an error", format_args!("{merged:?}"));
    driven.expect_contents();
    driven.scenario.step("syncs succeed again; put");
    driven.disk.heal();
    let put = driven.store.put(b"more", b"1");
    driven.scenario.expect(
        matches!(put, Err(Error::SyncFailed)),
        "Err(SyncFailed)",
        format_args!("{put:?}"),
    );
    driven.expect_contents();
}

/// A partial merge is as safe as a full one when the process is killed.
///
/// section: merge-steps
#[test]
fn a_kill_in_a_partial_merge_loses_nothing() {
    crash_in_partial_merges(Crash::Kill);
}

/// A partial merge is as safe as a full one when the power fails.
///
/// section: merge-steps
#[test]
fn a_power_failure_in_a_partial_merge_loses_nothing() {
    crash_in_partial_merges(Crash::PowerFailure);
}

/// Merges all sealed files but one, each in turn, and crashes at every moment.
fn crash_in_partial_merges(crash: Crash) {
    let options = small(100);
    let files = with_tombstones(options.clone());
    for skipped in 0..5 {
        crash::everywhere(crash, &options, &files, move |store| {
            let mut ids = store.sealed_files()?;
            if skipped < ids.len() {
                ids.remove(skipped);
            }
            store.merge_files(&ids)
        });
    }
}

/// If any operation of a merge fails, nothing is lost: not for the running store, and not for
/// whoever opens it next.
#[test]
fn a_merge_that_fails_loses_nothing() {
    let options = small(100);
    crash::failing_everywhere(&options, &with_tombstones(options.clone()));
    crash::failing_everywhere(&options, &with_entangled_tombstones());
}

/// A merge that meets damage reports it, and removes no file.
///
/// What usually goes wrong: the scan ends at the damage, and the file is removed with all that
/// stands behind it.
#[test]
fn a_merge_of_a_damaged_file_loses_nothing() {
    for damaged in 0..3 {
        let mut driven = Driven::new(small(150));
        for number in 0..12 {
            driven.put(&format!("key {number}"), format!("value {number}"));
        }
        let name = "0000000001.data";
        let before = driven.files();
        let (found, _) = format::records(&before[name]);
        let offset = found[damaged].0;
        driven.scenario.step(format!(
            "the value of record {damaged} of {name} is damaged under the open store; merge"
        ));
        driven.disk.flip(name, offset + found[damaged].1.len() - 1);
        let bytes = driven.files()[name].clone();
        let merged = driven.store.merge();
        match &merged {
            Err(Error::Corrupt {
                path, offset: told, ..
            }) => {
                let told_name = path.file_name().unwrap_or_default().to_string_lossy();
                driven.scenario.expect_eq("the file", &*told_name, name);
                driven.scenario.expect_eq("the offset", *told, offset);
            }
            other => driven
                .scenario
                .fail("Err(Corrupt)", format_args!("{other:?}")),
        }
        let left = driven.files();
        let kept = left.get(name).map_or(&[][..], |bytes| bytes);
        driven.scenario.expect_bytes(name, kept, &bytes);
        for number in (0..12).filter(|number| *number != damaged) {
            let (key, value) = (format!("key {number}"), format!("value {number}"));
            expect_get(&driven.scenario, &driven.store, &key, &value);
        }
    }
}

/// A merge for which the disk has no space leaves the old files, and the store goes on. When there
/// is space again, the next merge succeeds.
#[test]
fn a_full_disk_during_a_merge_loses_nothing() {
    for spare in [0, 1, 19, 60, 100, 150, 200, 300] {
        let options = small(100);
        let mut driven = Driven::on(&with_tombstones(options.clone()), options);
        driven
            .scenario
            .step(format!("from now on, the disk has {spare} bytes left"));
        driven.disk.leave_space(Some(spare));
        let merged = driven.store.merge();
        driven.scenario.step(format!("merge: {merged:?}"));
        driven.scenario.expect(
            merged.is_err() || spare > 0,
            "an error, since no copy fits on the disk",
            format_args!("{merged:?}"),
        );
        let left: Vec<String> = driven.files().into_keys().collect();
        driven.scenario.expect(
            merged.is_ok() || left.iter().all(|name| !name.ends_with(".tmp")),
            "no file whose name ends in .tmp: it would take the space that is missing",
            format_args!("{left:?}"),
        );
        driven.expect_contents();
        driven.killed_copy().expect_contents();
        driven.scenario.step("the disk has space again");
        driven.disk.leave_space(None);
        driven.put("kept", "newest");
        driven.expect_contents();
        driven.merge();
        driven.expect_live_only();
        driven.expect_contents();
        driven.killed().expect_contents();
    }
}
