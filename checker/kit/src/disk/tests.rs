use super::*;
use crate::{threads::background, time};
use std::{path::PathBuf, time::Duration};

const LIMIT: Duration = Duration::from_secs(30);

fn at(name: &str) -> PathBuf {
    Path::new("/db").join(name)
}

fn disk() -> SimDisk {
    let disk = SimDisk::new();
    disk.create_dir_all(Path::new("/db")).unwrap();
    disk
}

/// A disk with a durable file `log` of these bytes.
fn with_log(bytes: &[u8]) -> (SimDisk, SimFile) {
    let disk = SimDisk::with(&Image::from([(at("log"), bytes.to_vec())]));
    let file = disk.open(&at("log")).unwrap();
    (disk, file)
}

fn read(file: &SimFile) -> Vec<u8> {
    let mut bytes = vec![0; file.len().unwrap() as usize + 5];
    let count = file.read_at(&mut bytes, 0).unwrap();
    bytes.truncate(count);
    bytes
}

fn kind_of<T>(result: io::Result<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn files_are_written_and_read_at_offsets() {
    let disk = disk();
    let file = disk.create(&at("log")).unwrap();
    assert!(file.is_empty().unwrap());
    file.write_all_at(b"abc", 0).unwrap();
    file.write_all_at(b"XY", 5).unwrap();
    file.write_all_at(b"C", 2).unwrap();
    assert_eq!(read(&file), b"abC\0\0XY");
    let mut two = [0; 2];
    assert_eq!(file.read_at(&mut two, 6).unwrap(), 1);
    assert_eq!(file.read_at(&mut two, 7).unwrap(), 0);
    assert_eq!(file.read_at(&mut two, u64::MAX).unwrap(), 0);
    file.set_len(2).unwrap();
    file.set_len(4).unwrap();
    assert_eq!(read(&disk.open(&at("log")).unwrap()), b"ab\0\0");
}

#[test]
fn names_are_created_renamed_removed_and_listed() {
    let disk = disk();
    let first = disk.create(&at("a")).unwrap();
    first.write_all_at(b"first", 0).unwrap();
    disk.create(&at("b")).unwrap();
    assert_eq!(
        kind_of(disk.create(&at("a"))),
        Some(ErrorKind::AlreadyExists)
    );
    assert_eq!(kind_of(disk.open(&at("c"))), Some(ErrorKind::NotFound));
    assert_eq!(
        kind_of(disk.create(Path::new("/no/a"))),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(
        kind_of(disk.list(Path::new("/no"))),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(
        kind_of(disk.sync_dir(Path::new("/no"))),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(
        kind_of(disk.rename(&at("c"), &at("d"))),
        Some(ErrorKind::NotFound)
    );
    disk.rename(&at("a"), &at("b")).unwrap();
    assert_eq!(disk.list(Path::new("/db")).unwrap(), ["b"]);
    assert_eq!(read(&disk.open(&at("b")).unwrap()), b"first");
    disk.remove(&at("b")).unwrap();
    assert_eq!(kind_of(disk.remove(&at("b"))), Some(ErrorKind::NotFound));
    assert!(disk.list(Path::new("/db")).unwrap().is_empty());
    // An open file outlives its name.
    first.write_all_at(b"F", 0).unwrap();
    assert_eq!(read(&first), b"First");
}

#[test]
fn a_kill_leaves_everything_that_was_written() {
    let (disk, file) = with_log(b"ab");
    file.write_all_at(b"c", 2).unwrap();
    disk.create(&at("new")).unwrap();
    let image = disk.image(Crash::Kill);
    assert_eq!(
        image,
        Image::from([(at("log"), b"abc".to_vec()), (at("new"), vec![])])
    );
    assert_eq!(SimDisk::with(&image).image(Crash::PowerFailure), image);
}

#[test]
fn a_power_failure_leaves_what_was_synced() {
    let (disk, file) = with_log(b"ab");
    file.write_all_at(b"c", 2).unwrap();
    assert_eq!(disk.image(Crash::PowerFailure)[&at("log")], b"ab");
    file.sync().unwrap();
    file.write_all_at(b"d", 3).unwrap();
    assert_eq!(disk.image(Crash::PowerFailure)[&at("log")], b"abc");
    let new = disk.create(&at("new")).unwrap();
    new.write_all_at(b"x", 0).unwrap();
    new.sync().unwrap();
    assert!(!disk.image(Crash::PowerFailure).contains_key(&at("new")));
    disk.sync_dir(Path::new("/db")).unwrap();
    assert_eq!(disk.image(Crash::PowerFailure)[&at("new")], b"x");
    disk.rename(&at("new"), &at("log")).unwrap();
    assert_eq!(disk.image(Crash::PowerFailure).len(), 2);
    disk.sync_dir(Path::new("/db")).unwrap();
    assert_eq!(
        disk.image(Crash::PowerFailure),
        Image::from([(at("log"), b"x".to_vec())])
    );
    disk.remove(&at("log")).unwrap();
    assert_eq!(disk.image(Crash::PowerFailure).len(), 1);
    disk.sync_dir(Path::new("/db")).unwrap();
    assert!(disk.image(Crash::PowerFailure).is_empty());
}

#[test]
fn a_rename_between_directories_is_durable_in_each_by_itself() {
    let (disk, _) = with_log(b"ab");
    let (from, to) = (at("log"), Path::new("/other/log"));
    disk.create_dir_all(Path::new("/other")).unwrap();
    disk.rename(&from, to).unwrap();
    disk.sync_dir(Path::new("/other")).unwrap();
    assert_eq!(disk.image(Crash::PowerFailure).len(), 2);
    disk.sync_dir(Path::new("/db")).unwrap();
    let image = disk.image(Crash::PowerFailure);
    assert_eq!(image, Image::from([(to.to_owned(), b"ab".to_vec())]));
}

#[test]
fn seeds_leave_every_part_of_what_was_not_synced() {
    let (disk, file) = with_log(b"ab");
    file.write_all_at(b"cdef", 2).unwrap();
    for name in ["new 1", "new 2"] {
        disk.create(&at(name)).unwrap();
    }
    disk.remove(&at("new 1")).unwrap();
    let mut cuts = [0; 7];
    let (mut zeros, mut garbage) = (0, 0);
    let mut names = std::collections::BTreeSet::new();
    for seed in 0..500 {
        let crash = Crash::PowerFailureWith { seed };
        let image = disk.image(crash);
        assert_eq!(image, disk.image(crash), "seed {seed} is not deterministic");
        let bytes = &image[&at("log")];
        assert!(bytes.starts_with(b"ab"), "{bytes:?}");
        assert!(bytes.len() <= 6, "{bytes:?}");
        match &b"abcdef"[..bytes.len()] {
            same if same == bytes => cuts[bytes.len()] += 1,
            _ if bytes.ends_with(b"\0") => zeros += 1,
            _ => garbage += 1,
        }
        names.insert(image.into_keys().collect::<Vec<_>>());
    }
    assert!(cuts[2..].iter().all(|count| *count > 0), "{cuts:?}");
    assert!(zeros > 0 && garbage > 0, "{zeros} {garbage}");
    let (log, first, second) = (at("log"), at("new 1"), at("new 2"));
    // Any of the changes, those of one name in their order.
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        [
            vec![log.clone()],
            vec![log.clone(), first.clone()],
            vec![log.clone(), first, second.clone()],
            vec![log, second],
        ]
    );
}

#[test]
fn any_one_change_of_a_directory_may_be_kept_alone_or_lost_alone() {
    let (disk, file) = with_log(b"ab");
    file.write_all_at(b"c", 2).unwrap();
    disk.create(&at("new")).unwrap();
    disk.rename(&at("new"), &at("newer")).unwrap();
    disk.remove(&at("log")).unwrap();
    assert_eq!(
        disk.unsynced_changes(),
        ["Create new", "Rename new to newer", "Remove log"]
    );
    let names = |crash| {
        let image = disk.image(crash);
        if let Some(bytes) = image.get(&at("log")) {
            assert_eq!(bytes, b"ab");
        }
        image.into_keys().collect::<Vec<_>>()
    };
    let kept = |change| names(Crash::PowerFailureKeeping { change });
    assert_eq!(kept(0), [at("log"), at("new")]);
    assert_eq!(kept(1), [at("log"), at("newer")]);
    assert!(kept(2).is_empty());
    let lost = |change| names(Crash::PowerFailureLosing { change });
    assert_eq!(lost(0), [at("newer")]);
    assert_eq!(lost(1), [at("new")]);
    assert_eq!(lost(2), [at("log"), at("newer")]);
    disk.sync_dir(Path::new("/db")).unwrap();
    assert!(disk.unsynced_changes().is_empty());
}

#[test]
fn a_file_may_be_left_as_it_was_between_two_writes() {
    let (disk, file) = with_log(b"ab");
    file.write_all_at(b"cd", 2).unwrap();
    file.set_len(2).unwrap();
    file.write_all_at(b"x", 2).unwrap();
    let left = |disk: &SimDisk| {
        (0..1_000)
            .filter_map(|seed| {
                disk.image(Crash::PowerFailureWith { seed })
                    .remove(&at("log"))
            })
            .collect::<std::collections::BTreeSet<_>>()
    };
    let images = left(&disk);
    for part in [&b"ab"[..], b"abc", b"abcd", b"abx"] {
        assert!(images.contains(part), "{images:?}");
    }
    file.sync().unwrap();
    assert_eq!(left(&disk), [b"abx".to_vec()].into());
}

#[test]
fn overwritten_bytes_are_old_or_new() {
    let (disk, file) = with_log(b"aaaa");
    file.write_all_at(b"bb", 1).unwrap();
    let images: std::collections::BTreeSet<Vec<u8>> = (0..200)
        .filter_map(|seed| {
            disk.image(Crash::PowerFailureWith { seed })
                .remove(&at("log"))
        })
        .collect();
    for part in [b"aaaa", b"abaa", b"abba"] {
        assert!(images.contains(&part[..]), "{images:?}");
    }
}

#[test]
fn a_sync_covers_what_was_written_when_it_began() {
    let (disk, file) = with_log(b"");
    file.write_all_at(b"a", 0).unwrap();
    let gate = disk.hold(|kind, _| matches!(kind, Kind::Sync | Kind::SyncDir));
    let sync = background({
        let (disk, file) = (disk.clone(), file.clone());
        move || {
            file.sync().unwrap();
            disk.sync_dir(Path::new("/db")).unwrap();
        }
    });
    assert!(gate.wait_for(1, LIMIT));
    assert_eq!(gate.waiting(), 1);
    file.write_all_at(b"b", 1).unwrap();
    assert_eq!(disk.image(Crash::PowerFailure)[&at("log")], b"");
    gate.let_through(1);
    assert!(time::eventually(LIMIT, || {
        disk.image(Crash::PowerFailure)[&at("log")] == b"a"
    }));
    assert!(gate.wait_for(1, LIMIT));
    disk.create(&at("new")).unwrap();
    gate.open();
    sync.join(&crate::Scenario::new(), "the sync", LIMIT);
    let image = disk.image(Crash::PowerFailure);
    assert_eq!(image, Image::from([(at("log"), b"a".to_vec())]));
    // An older sync that ends later takes nothing back.
    let covered = disk.lock_state().inodes[0].begin_sync();
    file.write_all_at(b"c", 2).unwrap();
    file.sync().unwrap();
    disk.lock_state().inodes[0].end_sync(covered);
    assert_eq!(disk.image(Crash::PowerFailure)[&at("log")], b"abc");
}

#[test]
fn a_gate_that_is_dropped_is_open() {
    let (disk, file) = with_log(b"a");
    let gate = disk.hold(|kind, path| kind == Kind::Read && path == at("log"));
    let reader = background({
        let file = file.clone();
        move || read(&file)
    });
    assert!(gate.wait_for(1, LIMIT));
    assert!(!gate.wait_for(2, Duration::from_millis(5)));
    // Other operations pass.
    file.sync().unwrap();
    drop(gate);
    assert_eq!(
        reader.join(&crate::Scenario::new(), "the reader", LIMIT),
        b"a"
    );
    assert_eq!(read(&file), b"a");
}

#[test]
fn operations_fail_as_they_are_told_to() {
    let (disk, file) = with_log(b"");
    disk.fail(1, ErrorKind::TimedOut, |kind, _| kind == Kind::Write);
    file.write_all_at(b"a", 0).unwrap();
    assert_eq!(
        kind_of(file.write_all_at(b"b", 1)),
        Some(ErrorKind::TimedOut)
    );
    file.write_all_at(b"c", 1).unwrap();
    assert_eq!((read(&file), disk.failures()), (b"ac".to_vec(), 1));
    disk.fail_always(ErrorKind::Other, |kind, _| kind == Kind::Sync);
    for _ in 0..2 {
        assert_eq!(kind_of(file.sync()), Some(ErrorKind::Other));
    }
    assert_eq!(disk.image(Crash::PowerFailure)[&at("log")], b"");
    disk.heal();
    file.sync().unwrap();
    assert_eq!(disk.failures(), 3);
}

#[test]
fn a_full_disk_takes_what_fits() {
    let (disk, file) = with_log(b"abc");
    disk.set_capacity(Some(5));
    assert_eq!(
        kind_of(file.write_all_at(b"defg", 3)),
        Some(ErrorKind::StorageFull)
    );
    assert_eq!((read(&file), disk.used()), (b"abcde".to_vec(), 5));
    file.write_all_at(b"E", 4).unwrap();
    assert_eq!(kind_of(file.set_len(6)), Some(ErrorKind::StorageFull));
    let other = disk.create(&at("other")).unwrap();
    assert_eq!(
        kind_of(other.write_all_at(b"x", 0)),
        Some(ErrorKind::StorageFull)
    );
    file.set_len(4).unwrap();
    other.write_all_at(b"x", 0).unwrap();
    disk.set_capacity(None);
    file.write_all_at(&[0; 100], 4).unwrap();
}

#[test]
fn the_power_goes_after_so_many_changes() {
    let (disk, file) = with_log(b"");
    disk.lose_power_after(2);
    file.write_all_at(b"ab", 0).unwrap();
    assert_eq!(read(&file), b"ab");
    file.sync().unwrap();
    assert!(!disk.has_lost_power());
    assert!(file.write_all_at(b"cdef", 2).is_err());
    assert!(disk.has_lost_power());
    assert!(file.len().is_err() && disk.open(&at("log")).is_err());
    assert!(file.write_all_at(b"gh", 2).is_err());
    // The write that was at work has got half of its way.
    assert_eq!(disk.image(Crash::Kill)[&at("log")], b"abcd");
    assert_eq!(disk.image(Crash::PowerFailure)[&at("log")], b"ab");
}

#[test]
fn a_lock_belongs_to_one_holder() {
    let disk = disk();
    let lock = disk.lock(&at("LOCK")).unwrap();
    assert!(lock.is_some());
    assert!(disk.lock(&at("LOCK")).unwrap().is_none());
    assert_eq!(disk.list(Path::new("/db")).unwrap(), ["LOCK"]);
    drop(lock);
    assert!(disk.lock(&at("LOCK")).unwrap().is_some());
    // The lock of a process that died is gone with it.
    let held = disk.lock(&at("LOCK")).unwrap();
    let next = SimDisk::with(&disk.image(Crash::Kill));
    assert!(next.lock(&at("LOCK")).unwrap().is_some());
    drop(held);
}

#[test]
fn the_log_names_every_operation() {
    let disk = disk();
    let file = disk.create(&at("a")).unwrap();
    file.write_all_at(b"abc", 0).unwrap();
    disk.rename(&at("a"), &at("b")).unwrap();
    file.sync().unwrap();
    let _ = disk.open(&at("c"));
    let log: Vec<String> = disk.log().iter().map(ToString::to_string).collect();
    assert_eq!(
        log,
        [
            "CreateDir db",
            "Create a",
            "Write a (3 bytes)",
            "Rename a to b",
            "Sync b",
            "Open c: entity not found",
        ]
    );
}
