//! The stores, each as it comes, but for what is said of its durability.

use std::fs::File;
use std::path::Path;

use fjall::{KeyspaceCreateOptions, PersistMode};
use redb::{ReadableDatabase, TableDefinition};

/// What is true of a put that has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As little as the store can be asked for.
    Least,
    /// It survives a power failure.
    Synced,
}

/// A store of byte strings that threads share.
pub(crate) trait Store: Sized + Sync {
    /// Opens the store in a folder, or creates it.
    fn open(folder: &Path, durability: Durability) -> Self;

    /// One put, on its own: what was asked for holds when it returns.
    fn put(&self, key: &[u8], value: &[u8]);

    /// Hands the newest value to `read` in the form in which the store gives it.
    fn get<R>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> R) -> Option<R>;

    /// Makes everything durable, and closes the store.
    fn close(self);
}

/// The store of this exercise. [`Durability::Least`] is a put that returns when the system has the
/// bytes.
pub(crate) type This = bitcask::Bitcask;

impl Store for This {
    fn open(folder: &Path, durability: Durability) -> Self {
        let sync = match durability {
            Durability::Least => bitcask::Sync::Never,
            Durability::Synced => bitcask::Sync::Always,
        };
        let options = bitcask::Options {
            sync,
            ..bitcask::Options::default()
        };
        Self::open(folder, options).unwrap()
    }

    fn put(&self, key: &[u8], value: &[u8]) {
        self.put(key, value).unwrap();
    }

    fn get<R>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.get(key).unwrap().map(|value| read(&value))
    }

    fn close(self) {
        self.close().unwrap();
    }
}

/// [`Durability::Least`] leaves puts in a buffer of the process. Otherwise the journal is synced
/// after each, by `fdatasync` as in the store of this exercise.
pub(crate) struct Fjall {
    pub(crate) keyspace: fjall::Keyspace,
    database: fjall::Database,
    durability: Durability,
}

impl Store for Fjall {
    fn open(folder: &Path, durability: Durability) -> Self {
        let database = fjall::Database::builder(folder).open().unwrap();
        // In both modes: a sync takes along what is in the buffer.
        let options = || KeyspaceCreateOptions::default().manual_journal_persist(true);
        let keyspace = database.keyspace("bench", options).unwrap();
        Self {
            keyspace,
            database,
            durability,
        }
    }

    fn put(&self, key: &[u8], value: &[u8]) {
        self.keyspace.insert(key, value).unwrap();
        if self.durability == Durability::Synced {
            self.database.persist(PersistMode::SyncData).unwrap();
        }
    }

    fn get<R>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let value = self.keyspace.get(key).unwrap();
        value.map(|value| read(&value))
    }

    fn close(self) {
        self.database.persist(PersistMode::SyncAll).unwrap();
    }
}

/// [`Durability::Least`] leaves puts in memory. Each put is a transaction, and so is each get,
/// which sees the newest value only then.
pub(crate) struct Redb {
    pub(crate) database: redb::Database,
    durability: redb::Durability,
}

impl Redb {
    pub(crate) const TABLE: TableDefinition<'static, &'static [u8], &'static [u8]> =
        TableDefinition::new("bench");
}

impl Store for Redb {
    fn open(folder: &Path, durability: Durability) -> Self {
        Self {
            database: redb::Database::create(folder.join("redb")).unwrap(),
            durability: match durability {
                Durability::Least => redb::Durability::None,
                Durability::Synced => redb::Durability::Immediate,
            },
        }
    }

    fn put(&self, key: &[u8], value: &[u8]) {
        let mut transaction = self.database.begin_write().unwrap();
        transaction.set_durability(self.durability).unwrap();
        let mut table = transaction.open_table(Self::TABLE).unwrap();
        table.insert(key, value).unwrap();
        drop(table);
        transaction.commit().unwrap();
    }

    fn get<R>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let transaction = self.database.begin_read().unwrap();
        let table = transaction.open_table(Self::TABLE).unwrap();
        let value = table.get(key).unwrap();
        value.map(|value| read(value.value()))
    }

    fn close(self) {
        self.database.close().unwrap();
    }
}

/// [`Durability::Least`] leaves puts in memory until a segment of 512 KiB is full, without the
/// flush that a timer would do. Otherwise the store is flushed after each.
pub(crate) struct Sled {
    database: sled::Db,
    /// The file of the database, which sled locks.
    log: File,
    durability: Durability,
}

impl Store for Sled {
    fn open(folder: &Path, durability: Durability) -> Self {
        let config = sled::Config::new().path(folder).flush_every_ms(None);
        let config = config.mode(sled::Mode::HighThroughput);
        Self {
            database: config.open().unwrap(),
            log: File::open(folder.join("db")).unwrap(),
            durability,
        }
    }

    fn put(&self, key: &[u8], value: &[u8]) {
        self.database.insert(key, value).unwrap();
        if self.durability == Durability::Synced {
            self.database.flush().unwrap();
            // Here a flush calls `sync_file_range`, which leaves the length of the file and the
            // cache of the disk as they are.
            if cfg!(target_os = "linux") {
                self.log.sync_data().unwrap();
            }
        }
    }

    fn get<R>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let value = self.database.get(key).unwrap();
        value.map(|value| read(&value))
    }

    fn close(self) {
        let Self { database, log, .. } = self;
        database.flush().unwrap();
        drop(database);
        // Threads of sled hold the file, and its lock, for a while after that: the next open would
        // fail.
        log.lock().unwrap();
    }
}
