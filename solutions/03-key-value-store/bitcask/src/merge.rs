//! Merging: copying what is alive out of sealed files, and removing the files.
//!
//! A stop after any step leaves a directory that means the same as before:
//!
//! 1. The copies are written under temporary names, and synced.
//! 2. They get their names; the directory is synced. A record now stands in two files, which means
//!    the same as once.
//! 3. What makes records dead is made durable, where writes are not synced one by one.
//! 4. The key directory follows, except for keys that were written meanwhile.
//! 5. The inputs are removed; the directory is synced.
//! 6. Only then the tombstones go that kept records in the inputs dead.

use crate::{
    error::{Error, Result},
    load::io_error,
    name::{self, Kind},
    options::Sync,
    output::{Finished, Output},
    record::{self, Record},
    scan::{Found, Scan},
    shared::Shared,
    writer::Sealed,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io::ErrorKind,
    sync::Arc,
};

/// What is merged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Inputs<'a> {
    /// All logs; the active one is sealed first.
    All,
    /// The sealed logs with these ids.
    Some(&'a [u64]),
}

/// What the inputs hold of a key that is not live.
#[derive(Debug, Default)]
struct Dead {
    /// The time of the newest tombstone.
    tombstone: Option<u64>,
    /// Whether there is a record with a value.
    has_value: bool,
}

type DeadKeys = HashMap<Box<[u8]>, Dead>;

impl Shared {
    pub(crate) fn merge(&self, which: Inputs<'_>) -> Result<()> {
        let _merging = self.merging();
        let inputs = self.inputs(which)?;
        if inputs.is_empty() {
            return Ok(());
        }
        let mut output = Output::new(self);
        let mut dead_keys = DeadKeys::new();
        for input in &inputs {
            self.copy_live(input, &mut output, &mut dead_keys)?;
        }
        // A full merge leaves no older record of a deleted key: its tombstone is needed until the
        // last of them is gone. A partial one cannot know what the other files hold.
        let mut last_tombstones = Output::new(self);
        match which {
            Inputs::All => {
                write_tombstones(&dead_keys, |dead| dead.has_value, &mut last_tombstones)?
            }
            Inputs::Some(_) => write_tombstones(&dead_keys, |_| true, &mut output)?,
        }
        drop(dead_keys);
        let (output, last_tombstones) = (output.finish()?, last_tombstones.finish()?);
        let removed_last: Vec<u64> = last_tombstones.iter().map(|file| file.id).collect();
        self.publish(output, last_tombstones)?;
        self.remove(inputs.iter().map(|input| input.log.id).collect())?;
        self.remove(removed_last)
    }

    /// The logs to be merged, all of them sealed.
    fn inputs(&self, which: Inputs<'_>) -> Result<Vec<Sealed>> {
        let mut writer = self.writer();
        writer.check_writable()?;
        let ids = match which {
            Inputs::Some(ids) => ids.iter().copied().collect::<BTreeSet<_>>(),
            Inputs::All => {
                while writer.is_syncing {
                    writer = self.wait_for_sync(writer);
                    writer.check_writable()?;
                }
                if writer.active.as_ref().is_some_and(|active| active.len > 0) {
                    self.seal_active(&mut writer)?;
                }
                // An empty log may be there to hold the greatest id.
                let greatest = writer.greatest_log(|_| false);
                let sealed = writer.sealed.iter();
                sealed
                    .filter(|(id, sealed)| sealed.len > 0 || **id != greatest)
                    .map(|(id, _)| *id)
                    .collect()
            }
        };
        ids.into_iter()
            .map(|id| {
                let sealed = writer.sealed.get(&id).cloned();
                sealed.ok_or(Error::UnknownFile { id })
            })
            .collect()
    }

    /// Copies the records of a log that readers are sent to, and notes the keys that are not live.
    fn copy_live(
        &self,
        input: &Sealed,
        output: &mut Output<'_>,
        dead_keys: &mut DeadKeys,
    ) -> Result<()> {
        let log = &input.log;
        let io_error = |source| log.io_error(source);
        let mut scan = Scan::new(&*log.file).map_err(io_error)?;
        while let Some(found) = scan.next().map_err(io_error)? {
            self.check_not_closing()?;
            let (offset, record, bytes) = match found {
                Found::Record {
                    offset,
                    record,
                    bytes,
                } => (offset, record, bytes),
                Found::Damage { offset, reason } => return Err(log.corrupt(offset, reason)),
            };
            let newest = self
                .directory()?
                .get(record.key)
                .map(|place| place.is(log, offset));
            match newest {
                Some(true) => output.append(&record, bytes, Some((Arc::clone(log), offset)))?,
                // Dead, and kept so by the newer record, which is copied or stays.
                Some(false) => {}
                None => note_dead(dead_keys, &record),
            }
        }
        Ok(())
    }

    /// Steps 2 to 4.
    fn publish(&self, output: Vec<Finished<'_>>, tombstones: Vec<Finished<'_>>) -> Result<()> {
        let mut moves = Vec::new();
        for file in output.into_iter().chain(tombstones) {
            moves.extend(file.publish(self)?);
        }
        self.sync_dir()?;
        if self.options.sync == Sync::Never {
            self.sync()?;
        }
        self.directory_mut().apply(moves);
        Ok(())
    }

    /// Removes logs, durably. The log with the greatest id has to stay, so that no id is given twice:
    /// if it is among these, a new one is begun.
    fn remove(&self, ids: Vec<u64>) -> Result<()> {
        let Some(greatest) = ids.iter().copied().max() else {
            return Ok(());
        };
        let gone: HashSet<u64> = ids.iter().copied().collect();
        let mut writer = self.writer();
        while writer.greatest_log(|id| gone.contains(&id)) < greatest {
            writer.check_writable()?;
            if writer.is_syncing {
                writer = self.wait_for_sync(writer);
                continue;
            }
            self.begin_log(&mut writer)?;
        }
        drop(writer);
        for id in ids {
            self.remove_log(id)?;
        }
        self.sync_dir()
    }

    fn remove_log(&self, id: u64) -> Result<()> {
        let sealed = self.writer().sealed.get(&id).cloned();
        let Some(Sealed { log, .. }) = sealed else {
            return Ok(());
        };
        let hint = name::path(&self.dir, id, Kind::Hint);
        for path in [&hint, &log.path] {
            match self.fs.remove(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(io_error(path, error));
                }
                _ => {}
            }
        }
        self.writer().sealed.remove(&id);
        Ok(())
    }
}

fn note_dead(dead_keys: &mut DeadKeys, record: &Record<'_>) {
    let dead = match dead_keys.get_mut(record.key) {
        Some(dead) => dead,
        None => dead_keys.entry(record.key.into()).or_default(),
    };
    match record.value {
        Some(_) => dead.has_value = true,
        None => dead.tombstone = dead.tombstone.max(Some(record.timestamp)),
    }
}

/// Writes the newest tombstones of those keys for which `is_needed`.
fn write_tombstones(
    dead_keys: &DeadKeys,
    is_needed: impl Fn(&Dead) -> bool,
    output: &mut Output<'_>,
) -> Result<()> {
    let mut bytes = Vec::new();
    for (key, dead) in dead_keys.iter().filter(|(_, dead)| is_needed(dead)) {
        if let Some(timestamp) = dead.tombstone {
            let tombstone = Record {
                timestamp,
                key,
                value: None,
            };
            bytes.clear();
            record::encode(&tombstone, &mut bytes)?;
            output.append(&tombstone, &bytes, None)?;
        }
    }
    Ok(())
}
