//! Phase 6: many threads, one store.

use crate::{
    driven::{
        Contents, Driven, Files, GRACE, LIMIT, TINY, contents_of, data_files, small, texts,
        value_text,
    },
    format::records,
    history::{KeyModel, clients_at_work, number_of, read_all},
};
use bitcask::{Bitcask, Error, Options, Sync};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use suite_kit::{
    Scenario,
    linear::{self, Clock},
    temp::TempDir,
    text::escaped,
    threads::{Background, Gate, background, together},
    time::eventually,
};

/// A store that syncs only when it is told to.
fn unsynced() -> Options {
    Options {
        sync: Sync::Never,
        ..small(1 << 20)
    }
}

/// Waits for a sync, which the gate holds.
#[track_caller]
fn expect_sync(driven: &Driven, gate: &suite_kit::disk::Gate) {
    driven
        .scenario
        .expect(gate.wait_for(1, LIMIT), "a sync", "there is none");
}

/// Waits for a call, which must succeed.
#[track_caller]
fn expect_success(driven: &Driven, call: &Background<Result<(), Error>>, what: &str) {
    let result = call.join(&driven.scenario, what, LIMIT);
    driven
        .scenario
        .expect(result.is_ok(), "it succeeds", format_args!("{result:?}"));
}

/// Clones of a handle are one store, on any thread, and the store lives as long as one of them.
#[test]
fn clones_are_one_store() {
    fn shared_between_threads<T: Clone + Send + std::marker::Sync + 'static>(_: &T) {}
    let driven = Driven::new(small(1_000));
    let first = driven.store.clone();
    shared_between_threads(&first);
    driven
        .scenario
        .step("two clones on two threads put a key each");
    let results = together(&driven.scenario, 2, LIMIT, move |number| {
        first
            .clone()
            .put(format!("key {number}").as_bytes(), b"value")
    });
    driven.scenario.expect(
        results.iter().all(Result::is_ok),
        "both succeed",
        format_args!("{results:?}"),
    );
    let mut driven = driven;
    driven.assume("key 0", Some("value"));
    driven.assume("key 1", Some("value"));
    driven.expect_contents();
    driven.scenario.step("a clone is dropped");
    drop(driven.store.clone());
    driven.put("key 2", "value");
    driven.expect_contents();
}

/// Reads of several threads are at the disk at once, whether they are of one file or of several, of
/// one key or of several.
///
/// What usually goes wrong: a lock is held while the disk reads.
///
/// hint: `read_at` takes an offset, so that it needs no position that threads would have to share.
#[test]
fn reads_meet_at_the_disk() {
    for (max_file_size, keys) in [(1 << 20, 4), (TINY, 4), (1 << 20, 1)] {
        let mut driven = Driven::new(small(max_file_size));
        for number in 0..4 {
            driven.put(&format!("key {number}"), format!("value {number}"));
        }
        let gate = driven.disk.hold_reads();
        driven.scenario.step(format!(
            "4 threads get {keys} keys, and their reads are held"
        ));
        let readers: Vec<_> = (0..4)
            .map(|number| {
                let (store, number) = (driven.store.clone(), number % keys);
                background(move || (number, store.get(format!("key {number}").as_bytes())))
            })
            .collect();
        driven.scenario.expect(
            gate.wait_for(4, LIMIT),
            "4 reads at the disk at once",
            gate.waiting(),
        );
        gate.open();
        for reader in readers {
            let (number, received) = reader.join(&driven.scenario, "a reader", LIMIT);
            driven.scenario.expect(
                matches!(&received, Ok(Some(value)) if *value == format!("value {number}").into_bytes()),
                format_args!("value {number}"),
                value_text(&received),
            );
        }
    }
}

/// While one thread is in its read, others get, put, delete, iterate and merge.
///
/// What usually goes wrong: the reader holds a lock that writers need, and a slow disk stops them
/// all.
///
/// hint: Copy the place under the lock, release the lock, and then read.
#[test]
fn a_reader_holds_nobody_up() {
    let mut driven = Driven::new(small(100));
    for number in 0..6 {
        driven.put(&format!("key {number}"), format!("value {number}"));
    }
    let gate = driven.disk.hold_next_read();
    driven.scenario.step("get(key 0) is held in its read");
    let store = driven.store.clone();
    let reader = background(move || store.get(b"key 0"));
    driven.scenario.expect(
        gate.wait_for(1, LIMIT),
        "get reads from the disk",
        "it does not",
    );
    driven
        .scenario
        .step("meanwhile, another thread: get(key 1), put(key 0), delete(key 2), iter(), merge()");
    let store = driven.store.clone();
    let other = background(move || {
        (
            store.get(b"key 1"),
            store.put(b"key 0", b"new"),
            store.delete(b"key 2"),
            store.iter().map(|iter| iter.flatten().count()),
            store.merge(),
        )
    });
    let received = other.join(&driven.scenario, "the other thread", LIMIT);
    driven.scenario.expect(
        matches!(&received, (Ok(Some(value)), Ok(()), Ok(true), Ok(5), Ok(())) if value == b"value 1"),
        "(value 1, Ok, true, 5 keys, Ok)",
        format_args!("{received:?}"),
    );
    gate.open();
    let received = reader.join(&driven.scenario, "the reader", LIMIT);
    driven.scenario.expect(
        matches!(&received, Ok(Some(value)) if value == b"value 0" || value == b"new"),
        "get(key 0) returns value 0, which was there when it began, or the new one",
        value_text(&received),
    );
    driven.assume("key 0", Some("new"));
    driven.assume("key 2", None);
    driven.expect_contents();
    driven.expect_live_only();
}

/// Threads that read at the same time get the values of the keys that they asked for.
///
/// What usually goes wrong: one thread sets a position, another sets it too, and then the first
/// one reads.
#[test]
fn reads_at_the_same_time_do_not_mix() {
    let mut driven = Driven::new(small(4_000));
    for number in 0..60_usize {
        driven.put(
            &format!("key {number}"),
            format!("{number} ").repeat(number + 1),
        );
    }
    driven
        .scenario
        .step("4 threads get all keys, each 20 times");
    let (store, scenario) = (driven.store.clone(), Arc::clone(&driven.scenario));
    together(&driven.scenario, 4, LIMIT, move |thread| {
        for turn in 0..20 * 60 {
            let number = (turn * 7 + thread * 13) % 60;
            let received = store.get(format!("key {number}").as_bytes());
            let expected = format!("{number} ").repeat(number + 1).into_bytes();
            scenario.expect(
                matches!(&received, Ok(Some(value)) if *value == expected),
                format_args!(
                    "get(key {number}) returns its value, \"{number} \" {} times",
                    number + 1
                ),
                format_args!("{:?}", received.map(|value| value.map(escaped))),
            );
        }
    });
}

/// While a sync is at work, readers do not wait for it, whatever it is for.
///
/// What usually goes wrong: the lock that readers take, too, is held during the sync. A read of
/// some microseconds then takes as long as the disk needs.
#[test]
fn readers_do_not_wait_for_a_sync() {
    type Act = fn(&Bitcask) -> Result<(), Error>;
    let put: Act = |store| store.put(b"new", b"1");
    let delete: Act = |store| store.delete(b"key 1").map(|_| ());
    let rotation: Act = |store| store.put(b"new", &[b'x'; 2_000]);
    let sync: Act = |store| {
        store.put(b"new", b"1")?;
        store.sync()
    };
    let merge: Act = Bitcask::merge;
    for (what, options, act) in [
        ("put", small(1_000), put),
        ("delete", small(1_000), delete),
        ("a put that seals a file", small(1_000), rotation),
        ("put and sync, without synced writes", unsynced(), sync),
        ("merge", small(1_000), merge),
    ] {
        let mut driven = Driven::new(options);
        for number in 0..5 {
            driven.put(&format!("key {number}"), format!("value {number}"));
        }
        let gate = driven.disk.hold_syncs();
        driven
            .scenario
            .step(format!("{what}: the first sync is held"));
        let store = driven.store.clone();
        let writer = background(move || act(&store));
        expect_sync(&driven, &gate);
        driven
            .scenario
            .step("meanwhile, another thread: get(key 0), contains(key 0), len(), iter()");
        let store = driven.store.clone();
        let reader = background(move || {
            let got = store.get(b"key 0");
            let contains = store.contains(b"key 0");
            let len = store.len();
            let listed = store.iter().map(|iter| iter.flatten().count());
            (got, contains, len, listed)
        });
        let received = reader.join(&driven.scenario, "the reader", LIMIT);
        driven.scenario.expect(
            matches!(&received, (Ok(Some(value)), Ok(true), 5 | 6, Ok(5 | 6)) if value == b"value 0"),
            "(value 0, true, 5 keys, 5 keys)",
            format_args!("{received:?}"),
        );
        gate.open();
        expect_success(&driven, &writer, what);
    }
}

/// A value is seen when it is durable, and not before: until then, readers see the earlier one.
///
/// Whoever has read a value would otherwise find it gone after a power failure.
///
/// hint: Change the key directory after the sync.
#[test]
fn a_write_is_seen_when_it_is_durable() {
    for (what, value) in [("put(key, new)", Some("new")), ("delete(key)", None)] {
        let mut driven = Driven::new(small(1_000));
        driven.put("key", "old");
        driven.put("other", "1");
        let gate = driven.disk.hold_syncs();
        driven.scenario.step(format!("{what} is held in its sync"));
        let store = driven.store.clone();
        let writer = background(move || match value {
            Some(value) => store.put(b"key", value.as_bytes()),
            None => store.delete(b"key").map(|_| ()),
        });
        expect_sync(&driven, &gate);
        driven.scenario.step("another thread reads");
        let (store, scenario) = (driven.store.clone(), Arc::clone(&driven.scenario));
        let before = driven.contents().clone();
        let reader = background(move || {
            let received = store.get(b"key");
            scenario.expect(
                matches!(&received, Ok(Some(value)) if value == b"old"),
                "get(key) returns the old value",
                value_text(&received),
            );
            let received = store.contains(b"key");
            scenario.expect(
                matches!(received, Ok(true)),
                "contains(key) is true",
                format_args!("{received:?}"),
            );
            scenario.expect_eq("len()", store.len(), 2);
            scenario.expect_eq(
                "what iter() returns",
                texts(&contents_of(&scenario, &store)),
                texts(&before),
            );
        });
        reader.join(&driven.scenario, "the reader", LIMIT);
        gate.open();
        expect_success(&driven, &writer, what);
        driven.assume("key", value);
        driven.expect_contents();
    }
}

/// A rotation makes durable what waits for its sync, and shows nothing of it before.
///
/// What usually goes wrong: a rotation publishes what is in the queue, since all of it is about to be
/// durable, and only then syncs the file.
#[test]
fn a_rotation_shows_what_is_durable() {
    // Which of the two gets to work first is up to the system.
    for turn in 0..6 {
        let mut driven = Driven::new(small(120));
        driven.put("a", "old");
        driven.put("b", "old");
        let gate = driven.disk.hold_syncs();
        driven.scenario.step("all syncs are held");
        let mut writers = vec![put_beside(&driven, "a", "new".to_owned())];
        expect_sync(&driven, &gate);
        let (small, large) = ("new".to_owned(), "x".repeat(100));
        let mut others = [("b", small), ("c", large.clone())];
        if turn % 2 == 1 {
            others.reverse();
        }
        writers.extend(others.map(|(key, value)| put_beside(&driven, key, value)));
        for synced in 1.. {
            expect_durable_only(&driven);
            if driven.store.len() == 3 {
                break;
            }
            driven.scenario.step(format!("sync {synced} ends"));
            let before = driven.disk.syncs();
            gate.let_through(1);
            let goes_on = eventually(LIMIT, || {
                driven.disk.syncs() > before && gate.waiting() > 0 || driven.store.len() == 3
            });
            driven
                .scenario
                .expect(goes_on, "the writers go on", "they do not");
        }
        gate.open();
        for writer in &writers {
            expect_success(&driven, writer, "put");
        }
        driven.assume("a", Some("new"));
        driven.assume("b", Some("new"));
        driven.assume("c", Some(&large));
        driven.expect_contents();
    }
}

/// Another thread puts a value. Returns when it has written, or has had some time to.
#[track_caller]
fn put_beside(driven: &Driven, key: &'static str, value: String) -> Background<Result<(), Error>> {
    let len = || driven.files().values().map(Vec::len).sum::<usize>();
    driven
        .scenario
        .step(format!("another thread puts {key}, {} bytes", value.len()));
    let (store, before) = (driven.store.clone(), len());
    let writer = background(move || store.put(key.as_bytes(), value.as_bytes()));
    eventually(GRACE, || len() > before);
    writer
}

/// Fails if a reader sees a value that was never durable.
#[track_caller]
fn expect_durable_only(driven: &Driven) {
    let (store, scenario) = (driven.store.clone(), Arc::clone(&driven.scenario));
    let reader = background(move || contents_of(&scenario, &store));
    let seen = reader.join(&driven.scenario, "a reader", LIMIT);
    // A value may have been overwritten since it was seen, so every record counts.
    let files = driven.disk.durable_files();
    let durable: Vec<_> = data_files(&files)
        .into_values()
        .flat_map(|bytes| records(bytes).0)
        .filter_map(|(_, record)| Some((record.key, record.value?)))
        .collect();
    let mut early: Contents = seen;
    early.retain(|key, value| !durable.contains(&(key.clone(), value.clone())));
    driven.scenario.expect(
        early.is_empty(),
        "readers see what is durable",
        format_args!("what they see and is not durable: {:?}", texts(&early)),
    );
}

/// Nobody is told of a write that is not durable, not even in the answer of `delete`.
///
/// Two threads delete the same key, and one sync is at work. The second may answer `false` when the
/// first delete is durable: else its caller knows that the key is gone, and a third thread reads it.
///
/// hint: An answer that rests on a write in the queue waits for that write.
#[test]
fn one_of_two_deletes_finds_the_key() {
    let mut driven = Driven::new(small(1_000));
    driven.put("key", "value");
    driven.put("other", "1");
    let gate = driven.disk.hold_syncs();
    driven.scenario.step("delete(key) is held in its sync");
    let store = driven.store.clone();
    let first = background(move || store.delete(b"key"));
    expect_sync(&driven, &gate);
    driven
        .scenario
        .step("meanwhile, another thread deletes the same key");
    let (store, done) = (driven.store.clone(), Gate::new());
    let second = background({
        let done = done.clone();
        move || {
            let existed = store.delete(b"key");
            done.open();
            existed
        }
    });
    if done.wait(GRACE) {
        let received = driven.store.get(b"key");
        driven.scenario.expect(
            matches!(received, Ok(None)),
            "get(key) finds nothing after the second delete has returned",
            value_text(&received),
        );
    }
    gate.open();
    let first = first.join(&driven.scenario, "the first delete", LIMIT);
    let second = second.join(&driven.scenario, "the second delete", LIMIT);
    driven.scenario.expect(
        matches!(
            (&first, &second),
            (Ok(true), Ok(false)) | (Ok(false), Ok(true))
        ),
        "true for one of them, and false for the other",
        format_args!("{first:?} and {second:?}"),
    );
    driven.assume("key", None);
    driven.expect_contents();
}

/// Of two deletes behind a put that is not durable yet, one finds the key.
#[test]
fn a_delete_finds_the_last_write_in_the_queue() {
    let mut driven = Driven::new(small(1_000));
    driven.put("other", "1");
    let gate = driven.disk.hold_syncs();
    type Act = fn(&Bitcask) -> Result<bool, Error>;
    let put: Act = |store| store.put(b"key", b"value").map(|()| true);
    let delete: Act = |store| store.delete(b"key");
    let len = |driven: &Driven| driven.files().values().map(Vec::len).sum::<usize>();
    let calls: Vec<_> = [("put", put), ("delete", delete), ("delete", delete)]
        .into_iter()
        .map(|(what, act)| {
            driven
                .scenario
                .step(format!("{what} key, and the sync is held"));
            let before = len(&driven);
            let store = driven.store.clone();
            let call = background(move || act(&store));
            eventually(GRACE * 4, || len(&driven) > before);
            call
        })
        .collect();
    gate.open();
    let told: Vec<_> = calls
        .iter()
        .map(|call| call.join(&driven.scenario, "a call", LIMIT))
        .collect();
    let existed = told[1..]
        .iter()
        .filter(|told| matches!(told, Ok(true)))
        .count();
    driven.scenario.expect(
        told.iter().all(Result::is_ok) && existed <= 1,
        "three answers, of which the deletes are not both true",
        format_args!("{told:?}"),
    );
}

/// A store whose close has returned leaves the directory alone, also if a merge was at work.
#[test]
fn a_closed_store_leaves_the_directory_alone() {
    let mut driven = Driven::new(small(150));
    driven.churn(4, 60);
    let gate = driven.disk.hold_syncs_of_copies();
    driven
        .scenario
        .step("a merge is held in the first sync of its copies; another thread closes the store");
    let store = driven.store.clone();
    let merge = background(move || store.merge());
    driven.scenario.expect(
        gate.wait_for(1, LIMIT),
        "a sync of what the merge writes, which is held",
        "none comes",
    );
    let (store, done) = (driven.store.clone(), Gate::new());
    let close = background({
        let done = done.clone();
        move || {
            let closed = store.close();
            done.open();
            closed
        }
    });
    let early = done.wait(GRACE).then(|| driven.disk.files());
    if early.is_none() {
        // As long as close waits for the merge, nobody else opens the directory.
        let is_free = eventually(GRACE * 4, || driven.disk.open(small(150)).is_ok());
        driven.scenario.expect(
            !is_free || done.wait(LIMIT),
            "close has returned, since another store could open the directory",
            "it waits for the merge, which goes on in the directory of the other store",
        );
    }
    gate.open();
    let _ = merge.join(&driven.scenario, "the merge", LIMIT);
    let closed = close.join(&driven.scenario, "close", LIMIT);
    driven
        .scenario
        .expect(closed.is_ok(), "close succeeds", format_args!("{closed:?}"));
    if let Some(early) = early {
        let lens = |files: Files| -> BTreeMap<String, usize> {
            let len = |(name, bytes): (String, Vec<u8>)| (name, bytes.len());
            files.into_iter().map(len).collect()
        };
        driven.scenario.expect_eq(
            "the files and their lengths, since close has returned",
            lens(driven.disk.files()),
            lens(early),
        );
    }
    driven.opened_again().expect_contents();
}

/// A merge that is at work when the store is closed is stopped: `close` does not wait for its end.
#[test]
fn a_close_stops_a_merge() {
    const FILES: usize = 40;
    // Nobody sees a call from outside: it is given more and more time to begin before the verdict.
    for grace in [20, 100, 500, 1_500] {
        let mut driven = Driven::new(small(TINY));
        for number in 0..FILES {
            driven.put(&format!("key {number}"), "value");
        }
        let gate = driven.disk.hold_reads();
        driven.scenario.step(format!(
            "a merge of {FILES} files is held in its first read; another thread closes the store; \
             the merge goes on"
        ));
        let store = driven.store.clone();
        let merge = background(move || store.merge());
        driven
            .scenario
            .expect(gate.wait_for(1, LIMIT), "the merge reads", "it does not");
        let (store, called) = (driven.store.clone(), Gate::new());
        let close = background({
            let called = called.clone();
            move || {
                called.open();
                store.close()
            }
        });
        called.wait(LIMIT);
        Gate::new().wait(Duration::from_millis(grace));
        let before = driven.disk.reads();
        gate.open();
        let merged = merge.join(&driven.scenario, "the merge", LIMIT);
        expect_success(&driven, &close, "close");
        driven.scenario.expect(
            matches!(merged, Ok(()) | Err(Error::Closed)),
            "Err(Closed)",
            format_args!("{merged:?}"),
        );
        let stopped = merged.is_err() && driven.disk.reads() - before < FILES / 2;
        driven.opened_again().expect_contents();
        if stopped {
            return;
        }
    }
    Scenario::new().fail(
        "a merge returns Err(Closed), and reads at most half of its files, if the store is closed \
         while it reads the first",
        "it went on, and close waited for it",
    );
}

/// Writers that wait at the same time share syncs: 32 writers need far fewer than 32.
///
/// What usually goes wrong: every writer syncs for itself, one after the other.
///
/// hint: While one thread syncs, the others append their records and wait. Then one of them syncs for all.
#[test]
fn writers_share_syncs() {
    const WRITERS: usize = 32;
    // A thread may be late on a busy machine: more time is given before the verdict.
    for (attempt, grace) in [20, 100, 500, 1_500].into_iter().enumerate() {
        let driven = Driven::new(small(1 << 20));
        let gate = driven.disk.hold_syncs();
        let before = driven.disk.syncs();
        let called = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (store, called) = (driven.store.clone(), Arc::clone(&called));
                background(move || {
                    called.fetch_add(1, SeqCst);
                    store.put(format!("key {number}").as_bytes(), b"value")
                })
            })
            .collect();
        driven.scenario.step(format!(
            "{WRITERS} threads put a key each, while the first sync is held"
        ));
        expect_sync(&driven, &gate);
        eventually(LIMIT, || called.load(SeqCst) == WRITERS);
        Gate::new().wait(Duration::from_millis(grace));
        gate.open();
        for writer in &writers {
            let result = writer.join(&driven.scenario, "a writer", LIMIT);
            driven
                .scenario
                .expect(result.is_ok(), "put succeeds", format_args!("{result:?}"));
        }
        let syncs = driven.disk.syncs() - before;
        driven
            .scenario
            .expect_eq("len()", driven.store.len(), WRITERS);
        if syncs <= WRITERS / 4 {
            return;
        }
        driven.scenario.expect(
            attempt < 3,
            format_args!(
                "at most {} syncs for {WRITERS} writers that waited together",
                WRITERS / 4
            ),
            format_args!("{syncs} syncs"),
        );
    }
}

/// A write is acknowledged by a sync that began after it was written.
///
/// What usually goes wrong: a record that arrives while a sync is at work is taken for covered by
/// it. The kernel promises that only for what was written before.
#[test]
fn an_acknowledged_write_is_on_the_disk() {
    for max_file_size in [1 << 20, 200] {
        let driven = Driven::new(small(max_file_size));
        let gate = driven.disk.hold_syncs();
        driven
            .scenario
            .step("a first put is held in its sync, 7 threads put 20 keys each, the sync goes on");
        let store = driven.store.clone();
        let first = background(move || store.put(b"first", b"value"));
        expect_sync(&driven, &gate);
        let writers: Vec<_> = (0..7)
            .map(|thread| {
                let (store, disk) = (driven.store.clone(), driven.disk.clone());
                let scenario = Arc::clone(&driven.scenario);
                background(move || {
                    for number in 0..20 {
                        let key = format!("key {thread} {number}");
                        let result = store.put(key.as_bytes(), b"value");
                        scenario.expect(
                            result.is_ok(),
                            format_args!("put({key}) succeeds"),
                            format_args!("{result:?}"),
                        );
                        scenario.expect(
                            disk.is_durable(key.as_bytes()),
                            format_args!(
                                "{key} would survive a power failure when its put returns"
                            ),
                            "its record, or the name of its file, was not synced",
                        );
                    }
                })
            })
            .collect();
        Gate::new().wait(GRACE);
        gate.open();
        expect_success(&driven, &first, "the first writer");
        for writer in writers {
            writer.join(&driven.scenario, "a writer", LIMIT);
        }
        driven.scenario.expect_eq("len()", driven.store.len(), 141);
    }
}

/// When a shared sync fails, every writer that waited for it gets an error, none is acknowledged,
/// and nobody sees what they wrote. Reads go on.
///
/// What usually goes wrong: only the thread that synced returns the error.
#[test]
fn a_failed_sync_fails_all_that_waited_for_it() {
    const WRITERS: usize = 8;
    let mut driven = Driven::new(small(1 << 20));
    driven.put("key 0", "old");
    driven.put("other", "1");
    let gate = driven.disk.hold_syncs();
    let called = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (store, called) = (driven.store.clone(), Arc::clone(&called));
            background(move || {
                called.fetch_add(1, SeqCst);
                store.put(format!("key {number}").as_bytes(), b"new")
            })
        })
        .collect();
    driven.scenario.step(format!(
        "{WRITERS} threads put key 0 to key 7 and wait for a sync, which fails"
    ));
    expect_sync(&driven, &gate);
    eventually(LIMIT, || called.load(SeqCst) == WRITERS);
    Gate::new().wait(GRACE);
    driven.disk.fail_syncs();
    gate.open();
    for (number, writer) in writers.iter().enumerate() {
        let result = writer.join(&driven.scenario, "a writer", LIMIT);
        driven.scenario.expect(
            result.is_err(),
            format_args!("put(key {number}) returns an error"),
            format_args!("{result:?}"),
        );
    }
    driven.expect_contents();
    driven.scenario.step("the disk is well again; put a key");
    driven.disk.heal();
    let result = driven.store.put(b"key 9", b"new");
    driven.scenario.expect(
        matches!(result, Err(Error::SyncFailed)),
        "Err(SyncFailed), since nobody knows what the disk holds",
        format_args!("{result:?}"),
    );
    driven.expect_contents();
    let expected = driven.contents().clone();
    let after = driven.killed_copy();
    // The writes that failed may have reached the disk, or not.
    let mut found = contents_of(&after.scenario, &after.store);
    for number in 0..WRITERS {
        let key = format!("key {number}").into_bytes();
        if found.get(&key).is_some_and(|value| value == b"new") {
            match expected.get(&key) {
                Some(old) => drop(found.insert(key, old.clone())),
                None => drop(found.remove(&key)),
            }
        }
    }
    after.scenario.expect_eq(
        "what was acknowledged before, after the store was opened again",
        texts(&found),
        texts(&expected),
    );
    let result = after.store.put(b"key 9", b"new");
    after.scenario.expect(
        result.is_ok(),
        "writes succeed again",
        format_args!("{result:?}"),
    );
}

/// A sync that fails tells one caller, if two of the same file are at work. The other one knows no more,
/// and acknowledges nothing.
///
/// What usually goes wrong: a file is sealed or closed by a sync of its own, while another thread syncs
/// it for the writers. A kernel reports the failure once.
///
/// hint: Before you seal or close a file, wait for the sync that is at work.
#[test]
fn two_syncs_do_not_share_out_an_error() {
    type Act = fn(&Bitcask) -> Result<(), Error>;
    let rotation: Act = |store| store.put(b"large", &[b'x'; 1_000]);
    let close: Act = |store| store.clone().close();
    for (what, act) in [("a put that seals the file", rotation), ("close", close)] {
        // Which of two syncs is told is up to the system.
        for _ in 0..10 {
            let mut driven = Driven::new(small(1_000));
            driven.put("key", "old");
            let gate = driven.disk.hold_syncs();
            driven
                .scenario
                .step(format!("put new is held in its sync; {what}"));
            let store = driven.store.clone();
            let first = background(move || store.put(b"new", b"1"));
            expect_sync(&driven, &gate);
            let store = driven.store.clone();
            let second = background(move || act(&store));
            let are_two = gate.wait_for(2, GRACE);
            driven
                .scenario
                .step("all syncs fail, and one of them is told");
            driven.disk.fail_syncs_and_tell_one();
            gate.open();
            let first = first.join(&driven.scenario, "put", LIMIT);
            let second = second.join(&driven.scenario, what, LIMIT);
            driven.scenario.expect(
                first.is_err() && second.is_err(),
                "two errors, since nothing is durable",
                format_args!("{first:?} for the put, {second:?} for {what}"),
            );
            if !are_two {
                break;
            }
        }
    }
}

/// Records stand in the file in the order of their times, also if one of them has to wait for the file
/// before it to be sealed.
///
/// What usually goes wrong: a write takes its time, and then waits for a sync. Another one is appended
/// meanwhile, with a later time. This process shows the value of the first, the next one that of the
/// other.
///
/// section: format-record
#[test]
fn a_write_takes_its_time_when_it_is_appended() {
    for _ in 0..3 {
        let mut driven = Driven::new(small(120));
        driven.put("other", "1");
        let gate = driven.disk.hold_syncs();
        let mut writers = vec![put_beside(&driven, "first", "1".to_owned())];
        expect_sync(&driven, &gate);
        // It does not fit, and waits for the sync before it seals the file.
        writers.push(put_beside(&driven, "key", "x".repeat(60)));
        Gate::new().wait(GRACE);
        writers.push(put_beside(&driven, "key", "y".to_owned()));
        gate.open();
        for writer in &writers {
            expect_success(&driven, writer, "put");
        }
        let shown = value_text(&driven.store.get(b"key"));
        let after = driven.killed_copy();
        after.scenario.expect_eq(
            "get(key) in the next process",
            value_text(&after.store.get(b"key")),
            shown,
        );
    }
}

/// Whatever several threads see of puts, gets and deletes, they could have seen one after the
/// other, also while files are sealed and merged, and after the store was opened again.
///
/// Each operation must take effect at one moment between its call and its return.
#[test]
fn threads_see_one_store_one_operation_after_the_other() {
    for (seed, sync) in [(1, Sync::Always), (2, Sync::Never), (3, Sync::Always)] {
        let driven = Driven::new(Options { sync, ..small(400) });
        driven.scenario.step(format!(
            "3 threads put, get, delete and iterate over 3 keys with {sync:?}, a fourth merges"
        ));
        let clock = Clock::new();
        let mut operations = clients_at_work(&driven, &clock, seed, 120);
        let driven = driven.reopened();
        operations.extend(read_all(&driven, &clock));
        linear::expect(&driven.scenario, &KeyModel, operations, |(key, _)| *key);
    }
}

/// After a power failure at any moment, a store holds what its threads were told or have seen.
///
/// An operation without an answer took effect, or did not. What one thread has read is there for
/// good.
#[test]
fn what_threads_were_told_survives_a_power_failure() {
    for seed in 0..24 {
        let driven = Driven::new(small(400));
        let after = 5 + seed * 7;
        driven.scenario.step(format!(
            "3 threads put, get, delete and iterate over 3 keys, a fourth merges; \
             the power fails after {after} changes of the disk"
        ));
        driven.disk.lose_power_after(after);
        let clock = Clock::new();
        let mut operations = clients_at_work(&driven, &clock, seed as u64, 60);
        let driven = driven.after_power_failure(Some(seed as u64));
        operations.extend(read_all(&driven, &clock));
        linear::expect(&driven.scenario, &KeyModel, operations, |(key, _)| *key);
    }
}

/// An iterator shows the store as it was at the call of `iter`, whatever is written, deleted or
/// merged before it is used up.
#[test]
fn an_iterator_shows_the_moment_of_its_creation() {
    let mut driven = Driven::new(small(150));
    for number in 0..10 {
        driven.put(&format!("key {number}"), format!("old {number}"));
    }
    driven.delete("key 9");
    let expected = driven.contents().clone();
    driven.scenario.step("iter()");
    let mut iter = match driven.store.iter() {
        Ok(iter) => iter,
        Err(error) => driven.scenario.fail("an iterator", error),
    };
    let first = iter.next();
    for number in 0..10 {
        match number % 3 {
            0 => driven.put(&format!("key {number}"), "new"),
            1 => driven.delete(&format!("key {number}")),
            _ => {}
        }
    }
    driven.put("key 10", "new");
    driven.merge();
    driven.put("key 2", "newer");
    driven.merge();
    driven.scenario.step("take all that the iterator returns");
    let mut found = BTreeMap::new();
    let mut count = 0;
    for item in first.into_iter().chain(iter) {
        count += 1;
        match item {
            Ok((key, value)) => drop(found.insert(key, value)),
            Err(error) => driven.scenario.fail("a key and its value", error),
        }
    }
    driven
        .scenario
        .expect_eq("the keys and values", texts(&found), texts(&expected));
    driven
        .scenario
        .expect_eq("how many there were", count, expected.len());
    driven.expect_contents();
}

/// All that an iterator shows is of one moment: it never shows a write without those that came
/// before it.
///
/// What usually goes wrong: the iterator walks through the live key directory, part by part, while
/// others write.
#[test]
fn an_iterator_shows_one_moment_only() {
    const KEYS: u32 = 200;
    const WRITES: u32 = 8_000;
    // The keys are written in an order that is not that of a walk through a map.
    let key_of = |number: u32| format!("{:03}", number * 77 % KEYS).into_bytes();
    let driven = Driven::new(Options {
        sync: Sync::Never,
        ..small(1 << 20)
    });
    driven.scenario.step(format!(
        "one thread puts the numbers from 0 to {}, in turn to {KEYS} keys; another iterates",
        WRITES - 1
    ));
    let done = Arc::new(AtomicBool::new(false));
    let (store, scenario) = (driven.store.clone(), Arc::clone(&driven.scenario));
    together(&driven.scenario, 2, LIMIT, move |thread| {
        if thread == 0 {
            for number in 0..WRITES {
                let result = store.put(&key_of(number), number.to_string().as_bytes());
                scenario.expect(result.is_ok(), "put succeeds", format_args!("{result:?}"));
            }
            done.store(true, SeqCst);
            return;
        }
        let mut last = false;
        while !last {
            last = done.load(SeqCst);
            let found: BTreeMap<Vec<u8>, u32> = contents_of(&scenario, &store)
                .into_iter()
                .map(|(key, value)| (key, number_of(&scenario, &value)))
                .collect();
            let Some(newest) = found.values().max() else {
                continue;
            };
            for number in newest.saturating_sub(KEYS - 1)..=*newest {
                let key = key_of(number);
                scenario.expect(
                    found.get(&key) == Some(&number),
                    format_args!(
                        "{number} under its key, since {newest} was put later and is there"
                    ),
                    format_args!("{:?}", found.get(&key)),
                );
            }
        }
    });
}

/// What an iterator shows is of one moment also if keys come and go.
///
/// What usually goes wrong: the keys are copied under the lock, and their places are looked up under
/// the next one. What has come in between is missing, or a place is newer than another.
///
/// hint: Copy keys and places together.
#[test]
fn an_iterator_copies_keys_and_places_at_once() {
    const KEPT: u32 = 200;
    const ITERATORS: usize = 300;
    let (scenario, dir) = (Arc::new(Scenario::new()), TempDir::new());
    // The machine's own disk: nothing else is as fast, and slow writers seldom come in between.
    let store = match Bitcask::open(dir.path(), unsynced()) {
        Ok(store) => store,
        Err(error) => scenario.fail("the store opens", error),
    };
    for number in 0..KEPT {
        let put = store.put(format!("kept {number}").as_bytes(), b"");
        scenario.expect(put.is_ok(), "put succeeds", format_args!("{put:?}"));
    }
    scenario.step(format!(
        "one thread puts N and then newest = N, for N = 0, 1, 2, …, and deletes those of long ago; \
         another takes {ITERATORS} iterators"
    ));
    let done = Gate::new();
    let writer = background({
        let (store, done) = (store.clone(), done.clone());
        move || {
            let mut number = 0;
            while !done.wait(Duration::ZERO) {
                put_newest(&store, number)?;
                number += 1;
            }
            Ok::<(), Error>(())
        }
    });
    let told = Arc::clone(&scenario);
    let reader = background(move || {
        let _done = OpenedAtTheEnd(done);
        for _ in 0..ITERATORS {
            expect_one_moment(&told, &store);
        }
    });
    reader.join(&scenario, "the iterators", LIMIT);
    let written = writer.join(&scenario, "the writer", LIMIT);
    scenario.expect(
        written.is_ok(),
        "writes succeed",
        format_args!("{written:?}"),
    );
}

/// How many of the newest numbers are there at least.
const NEWEST: u32 = 16;

/// Puts a number, and says that it is the newest. Once in a while, deletes those that are not among the
/// newest.
fn put_newest(store: &Bitcask, number: u32) -> Result<(), Error> {
    let name = |number: u32| number.to_string().into_bytes();
    store.put(&name(number), b"")?;
    store.put(b"newest", &name(number))?;
    if number.is_multiple_of(NEWEST) && number > NEWEST {
        for old in number.saturating_sub(2 * NEWEST)..=number - NEWEST {
            store.delete(&name(old))?;
        }
    }
    Ok(())
}

/// An iterator that shows `newest = N` shows the numbers before N, and at most one behind it.
#[track_caller]
fn expect_one_moment(scenario: &Scenario, store: &Bitcask) {
    let found = contents_of(scenario, store);
    let Some(newest) = found.get(&b"newest"[..]) else {
        return;
    };
    let newest = number_of(scenario, newest);
    let numbers: Vec<u32> = found
        .into_keys()
        .filter_map(|key| str::from_utf8(&key).ok()?.parse().ok())
        .collect();
    let missing = (newest.saturating_sub(NEWEST - 1)..=newest).find(|one| !numbers.contains(one));
    scenario.expect(
        missing.is_none() && numbers.iter().all(|one| *one <= newest + 1),
        format_args!(
            "newest = {newest}, the numbers before it, and none above {}",
            newest + 1
        ),
        format_args!("newest = {newest}, and of the numbers {numbers:?}"),
    );
}

/// Opens a gate at the end of a scope, also if that is a panic.
struct OpenedAtTheEnd(Gate);

impl Drop for OpenedAtTheEnd {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// After `close`, every other handle answers `Closed`, and the directory can be opened at once.
#[test]
fn a_closed_store_says_so() {
    let mut driven = Driven::new(small(TINY));
    driven.put("a", "1");
    driven.put("b", "2");
    let (other, sealed) = (driven.store.clone(), driven.sealed_files());
    let driven = driven.reopened();
    driven.scenario.step("the old handle is used");
    let answers = [
        ("get", other.get(b"a").map(|_| ())),
        ("put", other.put(b"a", b"3")),
        ("delete", other.delete(b"a").map(|_| ())),
        ("delete of an absent key", other.delete(b"z").map(|_| ())),
        ("contains", other.contains(b"a").map(|_| ())),
        ("iter", other.iter().map(|_| ())),
        ("sync", other.sync()),
        ("merge", other.merge()),
        ("merge_files", other.merge_files(&sealed)),
        ("close", other.clone().close()),
        ("sealed_files", other.sealed_files().map(|_| ())),
    ];
    for (what, answer) in answers {
        driven.scenario.expect(
            matches!(answer, Err(Error::Closed)),
            format_args!("{what} returns Err(Closed)"),
            format_args!("{answer:?}"),
        );
    }
    driven
        .scenario
        .expect_eq("len() of the old handle", other.len(), 0);
    driven.expect_contents();
}

/// Threads that write while another closes the store are told `Closed`, or their writes are there
/// when it is opened again.
#[test]
fn a_store_is_closed_under_its_writers() {
    for sync in [Sync::Always, Sync::Never] {
        let driven = Driven::new(Options { sync, ..small(400) });
        driven
            .scenario
            .step("3 threads put keys until they are told `Closed`; a fourth closes the store");
        let (store, scenario) = (driven.store.clone(), Arc::clone(&driven.scenario));
        let begun = Arc::new(AtomicUsize::new(0));
        let written = together(&driven.scenario, 4, LIMIT, move |thread| {
            if thread == 3 {
                eventually(LIMIT, || begun.load(SeqCst) >= 30);
                let closed = store.clone().close();
                scenario.expect(closed.is_ok(), "close succeeds", format_args!("{closed:?}"));
                return 0;
            }
            for number in 0..100_000 {
                match store.put(format!("{thread} {number}").as_bytes(), b"1") {
                    Ok(()) => {}
                    Err(Error::Closed) => return number,
                    Err(error) => scenario.fail("Ok, or Err(Closed)", error),
                }
                begun.fetch_add(1, SeqCst);
            }
            scenario.fail("Err(Closed) in the end", "100,000 writes succeed")
        });
        let driven = driven.opened_again();
        let mut expected = BTreeMap::new();
        for (thread, count) in written.into_iter().enumerate() {
            for number in 0..count {
                expected.insert(format!("{thread} {number}").into_bytes(), b"1".to_vec());
            }
        }
        let mut found = contents_of(&driven.scenario, &driven.store);
        // The last put of a thread may have been written, although it was told `Closed`.
        found.retain(|key, _| expected.contains_key(key));
        driven.scenario.expect_eq(
            "the acknowledged keys that are there",
            texts(&found),
            texts(&expected),
        );
    }
}

/// When the last handle is dropped, the store is closed as if by `close`: what was written is
/// synced, and the directory can be opened.
#[test]
fn the_last_handle_closes_the_store() {
    let written = || {
        let mut driven = Driven::new(unsynced());
        driven.put("a", "1");
        let other = driven.store.clone();
        driven.put("b", "2");
        driven.scenario.step("one of two handles is dropped");
        drop(other);
        driven.put("c", "3");
        driven
    };
    let driven = written().opened_again();
    driven.expect_contents();
    let driven = written();
    driven.scenario.step("drop the last handle");
    driven.dark_after(drop).expect_contents();
    let driven = written();
    driven.scenario.step("close");
    let scenario = Arc::clone(&driven.scenario);
    let driven = driven.dark_after(|store| {
        let closed = store.close();
        scenario.expect(closed.is_ok(), "close succeeds", format_args!("{closed:?}"));
    });
    driven.expect_contents();
}

/// One thread can write, merge and sync while it holds an iterator.
///
/// What usually goes wrong: an iterator keeps a lock, and its own thread waits for it for ever.
#[test]
fn one_thread_does_everything_while_it_iterates() {
    let mut driven = Driven::new(small(150));
    driven.churn(3, 40);
    let expected = driven.contents().len();
    driven
        .scenario
        .step("iter(); then, after each item: put, delete, get, merge, sync, iter");
    let store = driven.store.clone();
    let all = background(move || -> Result<usize, Error> {
        let mut count = 0;
        for item in store.iter()? {
            let (key, _) = item?;
            store.put(&key, b"new")?;
            store.put(b"extra", b"new")?;
            store.delete(b"extra")?;
            store.get(&key)?;
            store.merge()?;
            store.sync()?;
            store.iter()?.next();
            count += 1;
        }
        Ok(count)
    });
    let received = all.join(&driven.scenario, "the thread", LIMIT);
    driven.scenario.expect(
        matches!(received, Ok(count) if count == expected),
        format_args!("{expected} keys"),
        format_args!("{received:?}"),
    );
}

/// Merges that are called at the same time all succeed, one after the other or as one, and lose
/// nothing.
#[test]
fn merges_may_be_called_at_the_same_time() {
    let mut driven = Driven::new(small(150));
    for seed in 0..3 {
        driven.churn(seed, 60);
        driven.scenario.step("4 threads merge, 3 times each");
        let store = driven.store.clone();
        let results = together(&driven.scenario, 4, LIMIT, move |_| {
            (0..3).try_for_each(|_| store.merge())
        });
        for result in results {
            driven.scenario.expect(
                result.is_ok(),
                "every merge succeeds",
                format_args!("{result:?}"),
            );
        }
        driven.expect_contents();
        driven.expect_live_only();
        driven = driven.killed();
        driven.expect_contents();
    }
}
