//! A disk in memory that knows what is durable.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::disk::Disk;
use crate::record::Record;

// ANCHOR: simulated
/// A disk whose operations can fail, and whose power can be cut.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    contents: BTreeMap<u32, Content>,
    /// The files that can be seen.
    names: BTreeSet<u32>,
    /// Those that would be there after a power cut.
    durable_names: BTreeSet<u32>,
    /// What happened to names since they were synced last.
    changes: Vec<Change>,
    /// The operations so far that change something.
    operations: usize,
    /// Every later operation fails, once this many were made.
    power: Option<usize>,
    /// Fails one operation.
    fault: Option<(usize, io::ErrorKind)>,
}

#[derive(Clone, Debug, Default)]
struct Content {
    records: Vec<Record>,
    synced: usize,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Create(u32),
    Remove(u32),
}
// ANCHOR_END: simulated

impl Simulated {
    /// The number of operations so far that change something.
    pub fn operations(&self) -> usize {
        self.operations
    }

    /// Cuts the power after this many more operations: all later ones fail.
    #[must_use]
    pub fn with_power_for(mut self, operations: usize) -> Self {
        self.power = Some(self.operations + operations);
        self
    }

    /// Lets the operation after this many more ones fail, once.
    #[must_use]
    pub fn with_fault_after(mut self, operations: usize, kind: io::ErrorKind) -> Self {
        self.fault = Some((self.operations + operations, kind));
        self
    }

    /// The disk as the next process finds it when this one was killed.
    // ANCHOR: after_kill
    pub fn after_kill(&self) -> Self {
        let mut image = self.clone();
        image.power = None;
        image.fault = None;
        image
    }
    // ANCHOR_END: after_kill

    /// Every disk that may be found when the power comes back.
    // ANCHOR: after_power_cut
    pub fn after_power_cut(&self) -> Vec<Self> {
        let mut images = Vec::new();
        for kept in 0..=self.changes.len() {
            let mut names = self.durable_names.clone();
            for change in &self.changes[..kept] {
                change.apply(&mut names);
            }
            let mut partial = vec![Self::default()];
            for name in names {
                let content = &self.contents[&name];
                partial = partial
                    .iter()
                    .flat_map(|image| content.lengths().map(|len| image.with(name, content, len)))
                    .collect();
            }
            images.append(&mut partial);
        }
        images
    }
    // ANCHOR_END: after_power_cut

    fn with(&self, name: u32, content: &Content, len: usize) -> Self {
        let mut image = self.clone();
        let records = content.records[..len].to_vec();
        let synced = len;
        image.contents.insert(name, Content { records, synced });
        image.names.insert(name);
        image.durable_names.insert(name);
        image
    }

    /// Counts an operation, and fails it if it has to fail.
    fn operation(&mut self) -> io::Result<()> {
        let number = self.operations;
        if self.power.is_some_and(|power| number >= power) {
            return Err(io::Error::other("the power is cut"));
        }
        self.operations += 1;
        match self.fault {
            Some((fault, kind)) if fault == number => Err(kind.into()),
            _ => Ok(()),
        }
    }

    fn content(&mut self, file: u32) -> io::Result<&mut Content> {
        let visible = self.names.contains(&file);
        let content = self.contents.get_mut(&file).filter(|_| visible);
        content.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Content {
    /// How many of its records a power cut may leave.
    fn lengths(&self) -> std::ops::RangeInclusive<usize> {
        self.synced..=self.records.len()
    }
}

impl Change {
    fn apply(self, names: &mut BTreeSet<u32>) {
        match self {
            Self::Create(file) => names.insert(file),
            Self::Remove(file) => names.remove(&file),
        };
    }

    fn is_of(self, name: u32) -> bool {
        let (Self::Create(file) | Self::Remove(file)) = self;
        file == name
    }
}

impl Disk for Simulated {
    fn files(&self) -> Vec<u32> {
        self.names.iter().copied().collect()
    }

    fn create(&mut self, file: u32) -> io::Result<()> {
        self.operation()?;
        if self.changes.iter().any(|change| change.is_of(file)) || !self.names.insert(file) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.contents.insert(file, Content::default());
        self.changes.push(Change::Create(file));
        Ok(())
    }

    fn append(&mut self, file: u32, record: Record) -> io::Result<usize> {
        self.operation()?;
        let records = &mut self.content(file)?.records;
        records.push(record);
        Ok(records.len() - 1)
    }

    fn read(&self, file: u32, at: usize) -> io::Result<Option<Record>> {
        let content = self.contents.get(&file).ok_or(io::ErrorKind::NotFound)?;
        Ok(content.records.get(at).copied())
    }

    fn sync(&mut self, file: u32) -> io::Result<()> {
        self.operation()?;
        let content = self.content(file)?;
        content.synced = content.records.len();
        Ok(())
    }

    fn remove(&mut self, file: u32) -> io::Result<()> {
        self.operation()?;
        if !self.names.remove(&file) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.changes.push(Change::Remove(file));
        Ok(())
    }

    fn sync_names(&mut self) -> io::Result<()> {
        self.operation()?;
        self.durable_names.clone_from(&self.names);
        self.changes.clear();
        Ok(())
    }
}
