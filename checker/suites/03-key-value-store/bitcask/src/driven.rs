//! A store that is driven on a simulated disk, and beside it what it should hold.

use crate::{
    format::{newest, records},
    history::Dice,
    simulated::Simulated,
};
use bitcask::{Bitcask, Options};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use suite_kit::{Scenario, text::escaped};

/// More than anything takes, unless it waits for ever.
pub(crate) const LIMIT: Duration = Duration::from_secs(4);
/// How long others are given to do what they may do while something is held. A right store passes
/// however long this is.
pub(crate) const GRACE: Duration = Duration::from_millis(50);
/// With files of this size, every record has a file of its own.
pub(crate) const TINY: u64 = 1;

/// Keys and their values.
pub(crate) type Contents = BTreeMap<Vec<u8>, Vec<u8>>;
/// The files of a directory by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Options for files of a small size, and synced writes.
pub(crate) fn small(max_file_size: u64) -> Options {
    Options {
        max_file_size,
        ..Options::default()
    }
}

/// The data and merged files among `files`.
pub(crate) fn data_files(files: &Files) -> BTreeMap<&String, &Vec<u8>> {
    files
        .iter()
        .filter(|(name, _)| name.ends_with(".data") || name.ends_with(".merged"))
        .collect()
}

/// The id in the name of a data or merged file.
pub(crate) fn id_of_name(name: &str) -> u64 {
    let digits = name.split('.').next().unwrap_or(name);
    digits.parse().unwrap_or(u64::MAX)
}

/// The name of the hint of a data or merged file.
pub(crate) fn hint_name_of(name: &str) -> String {
    format!("{}.hint", name.split('.').next().unwrap_or(name))
}

/// What files mean, as the suite's own reader has it.
pub(crate) fn contents_in(files: &Files) -> Contents {
    let newest = newest(data_files(files).into_values()).into_iter();
    newest
        .filter_map(|(key, record)| Some((key, record.value?)))
        .collect()
}

/// The first records of a file, in words.
fn told(file: &[u8]) -> String {
    const SHOWN: usize = 6;
    let (records, _) = records(file);
    let mut words: Vec<String> = records
        .iter()
        .take(SHOWN)
        .map(|(_, record)| {
            let act = record.value.as_ref().map_or("delete", |_| "put");
            format!("{act} {} at {}", escaped(&record.key), record.timestamp)
        })
        .collect();
    if let Some(more @ 1..) = records.len().checked_sub(SHOWN) {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

/// A scenario that begins with these files, and the keys in them.
fn story_of(files: &Files) -> (Arc<Scenario>, BTreeSet<Vec<u8>>) {
    let scenario = Arc::new(Scenario::new());
    for (name, bytes) in data_files(files) {
        scenario.step(format!("there is {name}: {}", told(bytes)));
    }
    let newest = newest(data_files(files).into_values());
    (scenario, newest.into_keys().collect())
}

/// Keys and values as text.
pub(crate) fn texts(contents: &Contents) -> BTreeMap<String, String> {
    let text = |bytes: &Vec<u8>| escaped(bytes);
    let both = |(key, value)| (text(key), text(value));
    contents.iter().map(both).collect()
}

/// What a `get` returned, with the value as text.
pub(crate) fn value_text(received: &bitcask::Result<Option<Vec<u8>>>) -> String {
    match received {
        Ok(Some(value)) => format!("\"{}\"", escaped(value)),
        other => format!("{other:?}"),
    }
}

/// Fails unless `get` returns this value.
#[track_caller]
pub(crate) fn expect_get(scenario: &Scenario, store: &Bitcask, key: &str, expected: &str) {
    let received = store.get(key.as_bytes());
    scenario.expect(
        matches!(&received, Ok(Some(received)) if received == expected.as_bytes()),
        format_args!("get({key}) returns \"{}\"", expected.escape_debug()),
        value_text(&received),
    );
}

/// What an iterator over the store returns; fails if it returns an error, or a key twice.
#[track_caller]
pub(crate) fn contents_of(scenario: &Scenario, store: &Bitcask) -> Contents {
    let iter = match store.iter() {
        Ok(iter) => iter,
        Err(error) => scenario.fail("an iterator", error),
    };
    let mut found = Contents::new();
    for item in iter {
        match item {
            Ok((key, value)) => {
                let name = escaped(&key);
                if found.insert(key, value).is_some() {
                    scenario.fail("every key once", format_args!("{name} twice"));
                }
            }
            Err(error) => scenario.fail("a key and its value", error),
        }
    }
    found
}

/// A store on a simulated disk.
pub(crate) struct Driven {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) disk: Simulated,
    pub(crate) store: Bitcask,
    options: Options,
    contents: Contents,
    /// Keys that were there once, and must not come back.
    known: BTreeSet<Vec<u8>>,
}

impl Driven {
    /// A new store on an empty disk.
    #[track_caller]
    pub(crate) fn new(options: Options) -> Self {
        Self::on(&Files::new(), options)
    }

    /// A store whose directory has these files, and holds what they say.
    #[track_caller]
    pub(crate) fn on(files: &Files, options: Options) -> Self {
        let (scenario, known) = story_of(files);
        let (disk, contents) = (Simulated::with(files), contents_in(files));
        Self::opened(scenario, disk, options, contents, known)
    }

    /// Like [`on`](Self::on), on a disk that `ail` makes fail until the store is open; `None` if it does
    /// not open then.
    #[track_caller]
    pub(crate) fn on_ailing(
        what: &str,
        files: &Files,
        options: Options,
        ail: impl FnOnce(&Simulated),
    ) -> Option<Self> {
        let (scenario, known) = story_of(files);
        scenario.step(format!("{what}; open"));
        let disk = Simulated::with(files);
        ail(&disk);
        let store = disk.open(options.clone()).ok()?;
        disk.heal();
        Some(Self {
            scenario,
            disk,
            store,
            options,
            contents: contents_in(files),
            known,
        })
    }

    /// A store whose directory was damaged: it has these files, and should hold what `meaning` says.
    #[track_caller]
    pub(crate) fn damaged(what: &str, files: &Files, meaning: &Files) -> Self {
        let (scenario, known) = story_of(files);
        scenario.step(what);
        let (disk, contents) = (Simulated::with(files), contents_in(meaning));
        Self::opened(scenario, disk, Options::default(), contents, known)
    }

    #[track_caller]
    fn opened(
        scenario: Arc<Scenario>,
        disk: Simulated,
        options: Options,
        contents: Contents,
        known: BTreeSet<Vec<u8>>,
    ) -> Self {
        scenario.step(format!(
            "open with max_file_size {} and {:?}",
            options.max_file_size, options.sync
        ));
        let store = match disk.open(options.clone()) {
            Ok(store) => store,
            Err(error) => scenario.fail("the store opens", error),
        };
        Self {
            scenario,
            disk,
            store,
            options,
            contents,
            known,
        }
    }

    /// What the store should hold.
    pub(crate) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// From now on, the store should hold this value of the key, or none.
    pub(crate) fn assume(&mut self, key: &str, value: Option<&str>) {
        self.known.insert(key.into());
        match value {
            Some(value) => self.contents.insert(key.into(), value.into()),
            None => self.contents.remove(key.as_bytes()),
        };
    }

    /// A write that nobody was told of may have happened: if it did, this is the key's value.
    pub(crate) fn allow(&mut self, key: &str, value: &str) {
        if matches!(self.store.get(key.as_bytes()), Ok(Some(found)) if found == value.as_bytes()) {
            self.assume(key, Some(value));
        }
    }

    #[track_caller]
    pub(crate) fn put(&mut self, key: &str, value: impl AsRef<[u8]>) {
        let value = value.as_ref();
        self.scenario.step(if value.len() > 20 {
            format!("put {key} = {} bytes", value.len())
        } else {
            format!("put {key} = {}", escaped(value))
        });
        self.succeeds("put", self.store.put(key.as_bytes(), value));
        self.known.insert(key.into());
        self.contents.insert(key.into(), value.to_vec());
    }

    #[track_caller]
    pub(crate) fn delete(&mut self, key: &str) {
        self.scenario.step(format!("delete {key}"));
        let existed = self.succeeds("delete", self.store.delete(key.as_bytes()));
        let expected = self.contents.remove(key.as_bytes()).is_some();
        self.scenario
            .expect_eq("whether the key was there", existed, expected);
    }

    #[track_caller]
    pub(crate) fn merge(&self) {
        self.scenario.step("merge");
        self.succeeds("merge", self.store.merge());
    }

    #[track_caller]
    pub(crate) fn merge_files(&self, ids: &[u64]) {
        self.scenario.step(format!("merge_files({ids:?})"));
        self.succeeds("merge_files", self.store.merge_files(ids));
    }

    #[track_caller]
    pub(crate) fn sync(&self) {
        self.scenario.step("sync");
        self.succeeds("sync", self.store.sync());
    }

    #[track_caller]
    pub(crate) fn sealed_files(&self) -> Vec<u64> {
        self.succeeds("sealed_files", self.store.sealed_files())
    }

    #[track_caller]
    fn succeeds<T>(&self, what: &str, result: bitcask::Result<T>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => self
                .scenario
                .fail(format_args!("{what} succeeds"), format_args!("{error:?}")),
        }
    }

    /// Puts and deletes that look random, on 20 keys.
    #[track_caller]
    pub(crate) fn churn(&mut self, seed: u64, writes: usize) {
        let mut dice = Dice::new(seed);
        for _ in 0..writes {
            let key = format!("key {}", dice.below(20));
            if dice.below(4) == 0 {
                self.delete(&key);
            } else {
                let value = vec![b'a' + dice.below(26) as u8; dice.below(60) as usize];
                self.put(&key, value);
            }
        }
    }

    /// The files as they are now: what a process that is killed leaves.
    pub(crate) fn files(&self) -> Files {
        self.disk.files()
    }

    /// The id of the file with the newest record of the key.
    #[track_caller]
    pub(crate) fn id_of(&self, key: &str) -> u64 {
        let files = self.files();
        let newest = data_files(&files)
            .into_iter()
            .flat_map(|(name, bytes)| {
                let id = id_of_name(name);
                let records = records(bytes).0.into_iter();
                records.map(move |(_, record)| (record, id))
            })
            .filter(|(record, _)| record.key == key.as_bytes())
            .max_by_key(|(record, _)| record.timestamp);
        match newest {
            Some((_, id)) => id,
            None => self.scenario.fail(
                format_args!("a record of {key} in some file"),
                format_args!("none in {:?}", files.keys()),
            ),
        }
    }

    /// Fails unless the store holds what it should hold, by every way to ask.
    #[track_caller]
    pub(crate) fn expect_contents(&self) {
        let name = |key: &[u8]| escaped(key);
        for key in &self.known {
            let expected = self.contents.get(key);
            let received = self.store.get(key);
            match (&received, expected) {
                (Ok(None), None) => {}
                (Ok(Some(received)), Some(expected)) => {
                    let what = format_args!("get({})", name(key));
                    self.scenario.expect_bytes(what, received, expected);
                }
                _ => self.scenario.fail(
                    match expected {
                        Some(value) => {
                            format!("get({}) returns \"{}\"", name(key), escaped(value))
                        }
                        None => format!("get({}) finds nothing: it was deleted", name(key)),
                    },
                    value_text(&received),
                ),
            }
            let contains = self.store.contains(key);
            self.scenario.expect(
                matches!(contains, Ok(contains) if contains == expected.is_some()),
                format_args!("contains({}) agrees with get", name(key)),
                format_args!("{contains:?}"),
            );
        }
        let found = contents_of(&self.scenario, &self.store);
        let names = |contents: &Contents| contents.keys().map(|key| name(key)).collect::<Vec<_>>();
        self.scenario.expect_eq(
            "the keys that iter() returns",
            names(&found),
            names(&self.contents),
        );
        self.scenario.expect(
            found == self.contents,
            "iter() returns the values that get returns",
            "other values",
        );
        self.scenario
            .expect_eq("len()", self.store.len(), self.contents.len());
    }

    /// Fails unless the data and merged files have exactly one record for each key, and the
    /// statistics agree.
    #[track_caller]
    pub(crate) fn expect_live_only(&self) {
        let files = self.files();
        let mut found = Vec::new();
        for (name, bytes) in data_files(&files) {
            let (records, end) = records(bytes);
            self.scenario.expect(
                end == bytes.len() as u64,
                format_args!("{name} has valid records only"),
                format_args!("{} of {} bytes are valid", end, bytes.len()),
            );
            for (_, record) in records {
                let key = escaped(&record.key);
                match record.value {
                    Some(_) => found.push(key.to_string()),
                    None => found.push(format!("{key} (tombstone)")),
                }
            }
        }
        found.sort_unstable();
        let mut expected: Vec<String> = self.contents.keys().map(escaped).collect();
        expected.sort_unstable();
        self.scenario
            .expect_eq("the keys of all records in all files", found, expected);
        let live: u64 = data_files(&files)
            .values()
            .map(|bytes| bytes.len() as u64)
            .sum();
        let stats = self.store.stats();
        self.scenario.expect_eq(
            "keys, live_bytes and total_bytes in stats()",
            (stats.keys, stats.live_bytes, stats.total_bytes),
            (self.contents.len(), live, live),
        );
    }

    /// The process is killed, and another opens what it has left.
    #[track_caller]
    pub(crate) fn killed(self) -> Self {
        self.scenario.step("the process is killed");
        let disk = self.disk.after_kill();
        Self::opened(self.scenario, disk, self.options, self.contents, self.known)
    }

    /// What another process would find if this one were killed now.
    #[track_caller]
    pub(crate) fn killed_copy(&self) -> Self {
        self.scenario.step("a copy of the files is opened");
        self.opened_on(self.disk.after_kill())
    }

    /// As [`killed_copy`](Self::killed_copy), after a write of `key` that was not acknowledged: it may
    /// have any of these values.
    #[track_caller]
    pub(crate) fn killed_copy_of_unknown(&self, key: &str, values: &[&str]) -> Self {
        let mut copy = self.killed_copy();
        let found = copy.store.get(key.as_bytes());
        let value = match &found {
            Ok(Some(found)) => values.iter().find(|value| value.as_bytes() == found),
            _ => None,
        };
        let Some(value) = value else {
            let expected = format_args!("get({key}) returns one of {values:?}");
            copy.scenario.fail(expected, format_args!("{found:?}"))
        };
        copy.assume(key, Some(value));
        copy.expect_contents();
        copy
    }

    /// The power fails, or has failed, and the store is opened on what the disk has kept: nothing
    /// but what was synced, or, with a seed, some of the rest.
    #[track_caller]
    pub(crate) fn after_power_failure(&self, seed: Option<u64>) -> Self {
        self.scenario.step(match seed {
            None => "the power fails; of what was not synced, the disk has kept nothing".to_owned(),
            Some(seed) => {
                format!("the power fails; the disk has kept a part of what was not synced ({seed})")
            }
        });
        self.opened_on(self.disk.after_power_failure(seed))
    }

    /// The power fails, or has failed, twice for each change of the directory that was not synced: the
    /// store is opened on what was synced and that one change, and on what was synced and all changes
    /// but that one.
    #[track_caller]
    pub(crate) fn after_power_failures_around_each(&self) -> impl Iterator<Item = Self> {
        let changes = self.disk.unsynced_changes().into_iter().enumerate();
        let crashes = changes.flat_map(|(index, change)| {
            let [keeping, losing] = self.disk.after_power_failures_around(index);
            [(keeping, "kept", change.clone()), (losing, "lost", change)]
        });
        crashes.map(|(disk, what, change)| {
            self.scenario.step(format!(
                "the power fails; of the changes of the directory that were not synced, the disk \
                 has {what} one: {change}"
            ));
            self.opened_on(disk)
        })
    }

    /// The store, opened on another disk.
    #[track_caller]
    fn opened_on(&self, disk: Simulated) -> Self {
        let (contents, known) = (self.contents.clone(), self.known.clone());
        let scenario = Arc::clone(&self.scenario);
        Self::opened(scenario, disk, self.options.clone(), contents, known)
    }

    /// The store is closed and opened again.
    #[track_caller]
    pub(crate) fn reopened(self) -> Self {
        self.scenario.step("close");
        self.succeeds("close", self.store.clone().close());
        self.opened_again()
    }

    /// The last handle is used up by `end`, then the power fails, and the store is opened on what
    /// was synced.
    #[track_caller]
    pub(crate) fn dark_after(self, end: impl FnOnce(Bitcask)) -> Self {
        end(self.store);
        self.scenario
            .step("the power fails; of what was not synced, the disk has kept nothing");
        let disk = self.disk.after_power_failure(None);
        Self::opened(self.scenario, disk, self.options, self.contents, self.known)
    }

    /// All handles are dropped, and the store is opened again.
    #[track_caller]
    pub(crate) fn opened_again(self) -> Self {
        let Self {
            scenario,
            disk,
            store,
            options,
            contents,
            known,
        } = self;
        scenario.step("drop the handle");
        drop(store);
        Self::opened(scenario, disk, options, contents, known)
    }
}
