//! The store on a real disk.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use bitcask::{Bitcask, Damage, Error, Options, Stats, Sync};
use std::{collections::BTreeMap, fs, path::Path, thread};
use tempfile::TempDir;

fn small(max_file_size: u64) -> Options {
    Options {
        max_file_size,
        ..Options::default()
    }
}

fn contents(store: &Bitcask) -> BTreeMap<Vec<u8>, Vec<u8>> {
    store.iter().unwrap().map(Result::unwrap).collect()
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_was_written_is_there_after_reopening() {
    let dir = TempDir::new().unwrap();
    let store = Bitcask::open(dir.path().join("a/b"), Options::default()).unwrap();
    store.put(b"ada", b"1815").unwrap();
    store.put(b"cat", b"").unwrap();
    store.put(b"ada", b"1843").unwrap();
    assert!(store.delete(b"cat").unwrap());
    assert!(!store.delete(b"cat").unwrap());
    store.put(b"dog", &[0; 100_000]).unwrap();
    store.close().unwrap();
    let store = Bitcask::open(dir.path().join("a/b"), Options::default()).unwrap();
    assert_eq!(store.len(), 2);
    assert_eq!(store.get(b"ada").unwrap().unwrap(), b"1843");
    assert_eq!(store.get(b"cat").unwrap(), None);
    assert_eq!(store.get(b"dog").unwrap().unwrap(), [0; 100_000]);
    assert_eq!(store.iter().unwrap().len(), 2);
}

#[test]
fn one_handle_locks_out_others_until_it_is_gone() {
    let dir = TempDir::new().unwrap();
    let store = Bitcask::open(dir.path(), Options::default()).unwrap();
    let second = Bitcask::open(dir.path(), Options::default());
    assert!(matches!(second, Err(Error::Locked { dir: locked }) if locked == dir.path()));
    let clone = store.clone();
    drop(store);
    assert!(Bitcask::open(dir.path(), Options::default()).is_err());
    drop(clone);
    Bitcask::open(dir.path(), Options::default()).unwrap();
}

#[test]
fn files_are_sealed_when_they_are_full() {
    let dir = TempDir::new().unwrap();
    let store = Bitcask::open(dir.path(), small(100)).unwrap();
    for (key, len) in [("a", 29), ("b", 29), ("c", 0), ("d", 500), ("e", 0)] {
        store.put(key.as_bytes(), &vec![b'x'; len]).unwrap();
    }
    let lens: Vec<u64> = (1..=4)
        .map(|id| dir.path().join(format!("{id:010}.data")))
        .map(|path| fs::metadata(path).unwrap().len())
        .collect();
    assert_eq!(lens, [100, 21, 521, 21]);
    assert_eq!(store.sealed_files().unwrap(), [1, 2, 3]);
    let expected = Stats {
        keys: 5,
        files: 4,
        live_bytes: 663,
        total_bytes: 663,
    };
    assert_eq!(store.stats(), expected);
}

#[test]
fn a_full_merge_leaves_what_is_alive() {
    let dir = TempDir::new().unwrap();
    let store = Bitcask::open(dir.path(), small(1_000)).unwrap();
    for round in 0..5 {
        for key in 0..50 {
            let value = format!("{round} {key}");
            store
                .put(format!("key {key}").as_bytes(), value.as_bytes())
                .unwrap();
        }
    }
    for key in 0..40 {
        store.delete(format!("key {key}").as_bytes()).unwrap();
    }
    let before = contents(&store);
    store.merge().unwrap();
    let Stats {
        keys,
        live_bytes,
        total_bytes,
        ..
    } = store.stats();
    assert_eq!((keys, live_bytes), (10, total_bytes));
    assert_eq!(contents(&store), before);
    let merged: Vec<String> = names(dir.path())
        .into_iter()
        .filter(|name| name.ends_with(".merged"))
        .collect();
    for name in &merged {
        let hint = dir.path().join(name.replace("merged", "hint"));
        assert!(hint.exists(), "{name} has a hint");
    }
    store.close().unwrap();
    let store = Bitcask::open(dir.path(), small(1_000)).unwrap();
    assert_eq!(contents(&store), before);
    // Ids go on from where they were, although most files are gone.
    let sealed = store.sealed_files().unwrap();
    store.put(b"new", b"1").unwrap();
    store.merge().unwrap();
    assert!(store.sealed_files().unwrap()[0] > *sealed.last().unwrap());
}

#[test]
fn a_directory_means_the_same_without_its_hints() {
    let dir = TempDir::new().unwrap();
    let store = Bitcask::open(dir.path(), small(300)).unwrap();
    for key in 0..30_u8 {
        store.put(&[key % 7 + 1], &[key; 20]).unwrap();
        if key % 5 == 0 {
            store.delete(&[key % 7 + 1]).unwrap();
        }
    }
    let some = &store.sealed_files().unwrap()[1..];
    store.merge_files(some).unwrap();
    let before = contents(&store);
    store.close().unwrap();
    let mut removed = 0;
    for name in names(dir.path()) {
        if name.ends_with(".hint") {
            fs::remove_file(dir.path().join(name)).unwrap();
            removed += 1;
        }
    }
    assert!(removed > 0);
    let store = Bitcask::open(dir.path(), small(300)).unwrap();
    assert_eq!(contents(&store), before);
}

#[test]
fn files_of_others_stay_and_leftovers_go() {
    let dir = TempDir::new().unwrap();
    for name in [
        "1.data",
        "notes",
        "0000000007.hint",
        "0000000007.merged.tmp",
        "x.tmp",
    ] {
        fs::write(dir.path().join(name), b"not a record").unwrap();
    }
    fs::create_dir(dir.path().join("folder.tmp")).unwrap();
    let store = Bitcask::open(dir.path(), Options::default()).unwrap();
    store.put(b"k", b"v").unwrap();
    let expected = ["0000000001.data", "1.data", "LOCK", "folder.tmp", "notes"];
    assert_eq!(names(dir.path()), expected);
}

#[test]
fn damage_is_cut_off_or_reported() {
    let dir = TempDir::new().unwrap();
    let store = Bitcask::open(dir.path(), Options::default()).unwrap();
    for key in ["a", "b", "c"] {
        store.put(key.as_bytes(), b"value").unwrap();
    }
    store.close().unwrap();
    let path = dir.path().join("0000000001.data");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let store = Bitcask::open(dir.path(), Options::default()).unwrap();
    assert_eq!(store.len(), 2);
    assert_eq!(fs::metadata(&path).unwrap().len(), 52);
    drop(store);
    let mut damaged = whole;
    damaged[26 + 22] ^= 1;
    fs::write(&path, &damaged).unwrap();
    match Bitcask::open(dir.path(), Options::default()) {
        Err(Error::Corrupt {
            path: named,
            offset: 26,
            reason: Damage::Record(_),
        }) => assert_eq!(named, path),
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(&path).unwrap(), damaged, "nothing was cut off");
    // Nor if the end is torn, too, as long as a whole record stands between.
    let torn = [&damaged[..], b"half a record"].concat();
    fs::write(&path, &torn).unwrap();
    let opened = Bitcask::open(dir.path(), Options::default());
    assert!(matches!(opened, Err(Error::Corrupt { offset: 26, .. })));
    assert_eq!(fs::read(&path).unwrap(), torn, "nothing was cut off");
}

#[test]
fn an_error_tells_where() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    let error = Bitcask::open(file.join("store"), Options::default()).unwrap_err();
    assert!(
        error.to_string().starts_with(&file.display().to_string()),
        "{error}"
    );
    let store = Bitcask::open(dir.path(), Options::default()).unwrap();
    let error = store.merge_files(&[7]).unwrap_err();
    assert_eq!(error.to_string(), "no sealed file has the id 7");
}

#[test]
fn threads_share_one_store() {
    let dir = TempDir::new().unwrap();
    for sync in [Sync::Always, Sync::Never] {
        let options = Options {
            sync,
            ..small(2_000)
        };
        let store = Bitcask::open(dir.path().join(format!("{sync:?}")), options.clone()).unwrap();
        thread::scope(|scope| {
            for writer in 0..4 {
                let store = store.clone();
                scope.spawn(move || {
                    for number in 0..50 {
                        let key = format!("{writer} {number}");
                        store.put(key.as_bytes(), key.as_bytes()).unwrap();
                        assert_eq!(store.get(key.as_bytes()).unwrap().unwrap(), key.as_bytes());
                        if number % 3 == 0 {
                            assert!(store.delete(key.as_bytes()).unwrap());
                        }
                    }
                });
            }
            let store = store.clone();
            scope.spawn(move || (0..5).for_each(|_| store.merge().unwrap()));
        });
        let before = contents(&store);
        assert_eq!(before.len(), 4 * 33);
        store.clone().close().unwrap();
        assert!(matches!(store.put(b"k", b"v"), Err(Error::Closed)));
        assert!(matches!(store.close(), Err(Error::Closed)));
        let store = Bitcask::open(dir.path().join(format!("{sync:?}")), options).unwrap();
        assert_eq!(contents(&store), before);
    }
}
