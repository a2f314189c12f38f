//! What the disk holds, and how it fails.

use super::{
    fault::{Fault, Kind, Operation},
    image::{Crash, Image, Luck},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fmt::{self, Display},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// Names and the numbers of their files.
type Entries = BTreeMap<PathBuf, usize>;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) inodes: Vec<Inode>,
    entries: Entries,
    directories: BTreeMap<PathBuf, Directory>,
    pub(super) locks: BTreeSet<PathBuf>,
    pub(super) log: Vec<Operation>,
    pub(super) faults: Vec<Fault>,
    pub(super) failures: usize,
    pub(super) capacity: Option<u64>,
    /// How many more changes there is power for.
    pub(super) power: Option<usize>,
    pub(super) is_dark: bool,
}

/// The contents of a file.
#[derive(Debug, Default)]
pub(super) struct Inode {
    /// What a running program reads.
    pub(super) present: Vec<u8>,
    /// What was there when the last successful sync began.
    durable: Vec<u8>,
    /// How the one became the other, in order.
    edits: Vec<Edit>,
    /// How many edits came before those.
    synced: usize,
    /// The last name.
    path: PathBuf,
}

/// A change of a file's bytes.
#[derive(Debug)]
enum Edit {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

impl Edit {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                file.resize(file.len().max(end), 0);
                file[*offset..end].copy_from_slice(bytes);
            }
            Self::SetLen(len) => file.resize(*len, 0),
        }
    }
}

#[derive(Debug, Default)]
struct Directory {
    durable: Entries,
    /// Since the durable state, in order.
    changes: Vec<Change>,
    /// How many changes came before those.
    synced: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    Insert(PathBuf, usize),
    Remove(PathBuf),
    /// Both at once: from, to.
    Rename(PathBuf, PathBuf, usize),
}

impl Change {
    fn apply(&self, entries: &mut Entries) {
        match self {
            Self::Insert(path, inode) => drop(entries.insert(path.clone(), *inode)),
            Self::Remove(path) => drop(entries.remove(path)),
            Self::Rename(from, to, inode) => {
                entries.remove(from);
                entries.insert(to.clone(), *inode);
            }
        }
    }
}

impl Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |path: &Path| path.file_name().unwrap_or_default().display().to_string();
        match self {
            Self::Insert(path, _) => write!(formatter, "Create {}", name(path)),
            Self::Remove(path) => write!(formatter, "Remove {}", name(path)),
            Self::Rename(from, to, _) => {
                write!(formatter, "Rename {} to {}", name(from), name(to))
            }
        }
    }
}

impl Inode {
    /// How many edits there were so far: what a sync covers that begins now.
    pub(super) fn begin_sync(&self) -> usize {
        self.synced + self.edits.len()
    }

    /// Makes the first `count` edits durable. Two syncs may end in another order than they began.
    pub(super) fn end_sync(&mut self, count: usize) {
        let news = count.saturating_sub(self.synced);
        for edit in self.edits.drain(..news) {
            edit.apply(&mut self.durable);
        }
        self.synced += news;
    }

    fn edit(&mut self, edit: Edit) {
        edit.apply(&mut self.present);
        self.edits.push(edit);
    }

    /// The bytes after the first `count` edits that are not durable.
    fn after(&self, count: usize) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for edit in &self.edits[..count] {
            edit.apply(&mut bytes);
        }
        bytes
    }
}

impl State {
    /// Whether an operation is to be done, or has to fail.
    pub(super) fn permit(&mut self, kind: Kind, path: &Path) -> io::Result<()> {
        if kind.is_change() && !self.is_dark {
            match &mut self.power {
                Some(0) => self.is_dark = true,
                Some(left) => *left -= 1,
                None => {}
            }
        }
        if self.is_dark {
            return Err(io::Error::other("the power is gone"));
        }
        for fault in &mut self.faults {
            if let Some(error) = fault.strikes(kind, path) {
                self.failures += 1;
                return Err(error.into());
            }
        }
        Ok(())
    }

    pub(super) fn load(&mut self, image: &Image) {
        for (path, bytes) in image {
            let inode = self.inodes.len();
            self.inodes.push(Inode {
                present: bytes.clone(),
                durable: bytes.clone(),
                path: path.clone(),
                ..Inode::default()
            });
            self.entries.insert(path.clone(), inode);
            let dir = parent_of(path);
            self.create_dir_all(dir);
            if let Some(directory) = self.directories.get_mut(dir) {
                directory.durable.insert(path.clone(), inode);
            }
        }
    }

    pub(super) fn create_dir_all(&mut self, dir: &Path) {
        for dir in dir.ancestors() {
            self.directories.entry(dir.to_owned()).or_default();
        }
    }

    pub(super) fn list(&self, dir: &Path) -> io::Result<Vec<OsString>> {
        if !self.directories.contains_key(dir) {
            return Err(ErrorKind::NotFound.into());
        }
        let names = self.entries.keys().filter(|path| parent_of(path) == dir);
        Ok(names
            .filter_map(|path| path.file_name())
            .map(ToOwned::to_owned)
            .collect())
    }

    pub(super) fn find(&self, path: &Path) -> io::Result<usize> {
        match self.entries.get(path) {
            Some(inode) => Ok(*inode),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn create(&mut self, path: &Path) -> io::Result<usize> {
        if self.entries.contains_key(path) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        if !self.directories.contains_key(parent_of(path)) {
            return Err(ErrorKind::NotFound.into());
        }
        let inode = self.inodes.len();
        self.inodes.push(Inode {
            path: path.to_owned(),
            ..Inode::default()
        });
        self.change(path, Change::Insert(path.to_owned(), inode));
        Ok(inode)
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let inode = self.find(from)?;
        if !self.directories.contains_key(parent_of(to)) {
            return Err(ErrorKind::NotFound.into());
        }
        if parent_of(from) == parent_of(to) {
            let change = Change::Rename(from.to_owned(), to.to_owned(), inode);
            self.change(to, change);
        } else {
            self.change(to, Change::Insert(to.to_owned(), inode));
            self.change(from, Change::Remove(from.to_owned()));
        }
        self.inodes[inode].path = to.to_owned();
        Ok(())
    }

    /// Changes the directory that `path` lies in.
    pub(super) fn change(&mut self, path: &Path, change: Change) {
        change.apply(&mut self.entries);
        if let Some(directory) = self.directories.get_mut(parent_of(path)) {
            directory.changes.push(change);
        }
    }

    /// How many changes a directory has seen.
    pub(super) fn changes_of(&self, dir: &Path) -> usize {
        let directory = self.directories.get(dir);
        directory.map_or(0, |directory| directory.synced + directory.changes.len())
    }

    /// Makes the first `count` changes of a directory durable.
    pub(super) fn sync_dir(&mut self, dir: &Path, count: usize) -> io::Result<()> {
        let Some(directory) = self.directories.get_mut(dir) else {
            return Err(ErrorKind::NotFound.into());
        };
        let news = count.saturating_sub(directory.synced);
        for change in directory.changes.drain(..news) {
            change.apply(&mut directory.durable);
        }
        directory.synced += news;
        Ok(())
    }

    pub(super) fn used(&self) -> u64 {
        let files: BTreeSet<usize> = self.entries.values().copied().collect();
        let len = |inode: usize| self.inodes[inode].present.len() as u64;
        files.into_iter().map(len).sum()
    }

    pub(super) fn write(&mut self, inode: usize, bytes: &[u8], offset: u64) -> io::Result<()> {
        let len = self.inodes[inode].present.len() as u64;
        let wanted = offset + bytes.len() as u64;
        let possible = self.room_for(len, wanted);
        let count = possible.saturating_sub(offset).min(bytes.len() as u64) as usize;
        if count > 0 {
            self.inodes[inode].edit(Edit::Write {
                offset: offset as usize,
                bytes: bytes[..count].to_vec(),
            });
        }
        if count < bytes.len() {
            return Err(ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    pub(super) fn set_len(&mut self, inode: usize, len: u64) -> io::Result<()> {
        let present = self.inodes[inode].present.len() as u64;
        if self.room_for(present, len) < len {
            return Err(ErrorKind::StorageFull.into());
        }
        self.inodes[inode].edit(Edit::SetLen(len as usize));
        Ok(())
    }

    /// How long a file of length `len` may get on its way to `wanted`.
    fn room_for(&self, len: u64, wanted: u64) -> u64 {
        match self.capacity {
            Some(capacity) => wanted.min(len + capacity.saturating_sub(self.used())),
            None => wanted,
        }
    }

    /// The name of a file now, or its last one.
    pub(super) fn path_of(&self, inode: usize) -> PathBuf {
        self.inodes[inode].path.clone()
    }

    pub(super) fn image(&self, crash: Crash) -> Image {
        match crash {
            Crash::Kill => self.files(&self.entries, |inode| inode.present.clone()),
            Crash::PowerFailure => self.with_changes(|_| false),
            Crash::PowerFailureWith { seed } => {
                let mut luck = Luck::new(seed);
                let mut entries = Entries::new();
                for directory in self.directories.values() {
                    let mut kept = directory.durable.clone();
                    for change in luck.some(&directory.changes) {
                        change.apply(&mut kept);
                    }
                    entries.extend(kept);
                }
                self.files(&entries, |inode| {
                    let edits = luck.mostly_all(inode.edits.len());
                    luck.part(&inode.durable, &inode.after(edits))
                })
            }
            Crash::PowerFailureKeeping { change } => self.with_changes(|one| one == change),
            Crash::PowerFailureLosing { change } => self.with_changes(|one| one != change),
        }
    }

    /// What was synced, and those of the unsynced changes of directories for whose index `is_kept`.
    fn with_changes(&self, is_kept: impl Fn(usize) -> bool) -> Image {
        let durable = |directory: &Directory| directory.durable.clone();
        let mut entries = self.directories.values().flat_map(durable).collect();
        for (index, change) in self.unsynced_changes().enumerate() {
            if is_kept(index) {
                change.apply(&mut entries);
            }
        }
        self.files(&entries, |inode| inode.durable.clone())
    }

    /// The changes of all directories that are not durable.
    pub(super) fn unsynced_changes(&self) -> impl Iterator<Item = &Change> {
        let directories = self.directories.values();
        directories.flat_map(|directory| &directory.changes)
    }

    fn files(&self, entries: &Entries, mut bytes: impl FnMut(&Inode) -> Vec<u8>) -> Image {
        let file = |(path, inode): (&PathBuf, &usize)| (path.clone(), bytes(&self.inodes[*inode]));
        entries.iter().map(file).collect()
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
