//! A disk in memory that knows what is durable.
//!
//! What a program writes goes to the operating system first, and to the disk when it is synced, or
//! whenever the system pleases. A [`SimDisk`] keeps both: what the running program sees, and what
//! a power failure would leave. It is stricter than most real disks: nothing becomes durable
//! without a sync, and a sync makes durable what had been written when it began.
//!
//! - For each file, it keeps the bytes of the last sync and the writes since.
//! - For each directory, it keeps the entries of the last sync and the changes since. A file's name
//!   is durable when its directory was synced, not when the file was. Of several changes that were
//!   not synced, any may be durable, the last one without the first: POSIX promises no order.
//!
//! Operations can be made to fail ([`SimDisk::fail`]), to wait at a [`Gate`]
//! ([`SimDisk::hold`]), or to find that the power is gone ([`SimDisk::lose_power_after`]). At any
//! time, also while operations wait, [`SimDisk::image`] tells what the next process would find.
//!
//! ```
//! use std::path::Path;
//! use suite_kit::disk::{Crash, SimDisk};
//!
//! let disk = SimDisk::new();
//! disk.create_dir_all(Path::new("/db"))?;
//! let file = disk.create(Path::new("/db/log"))?;
//! file.write_all_at(b"written", 0)?;
//! file.sync()?;
//! // The bytes are durable, but nothing leads to them.
//! assert!(disk.image(Crash::PowerFailure).is_empty());
//! disk.sync_dir(Path::new("/db"))?;
//! assert_eq!(disk.image(Crash::PowerFailure)[Path::new("/db/log")], b"written");
//! # Ok::<(), std::io::Error>(())
//! ```

mod fault;
mod gate;
mod handle;
mod image;
mod state;

pub use fault::{Kind, Operation};
pub use gate::Gate;
pub use handle::{SimFile, SimLock};
pub use image::{Crash, Image};

use fault::{Fault, Times};
use gate::Barrier;
use state::{Change, State};
use std::{
    ffi::OsString,
    io::{self, ErrorKind},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A simulated disk. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct SimDisk {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    barriers: Mutex<Vec<Arc<Barrier>>>,
}

impl SimDisk {
    /// An empty disk with endless space.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that holds these files, all durable, and the directories that they lie in.
    pub fn with(image: &Image) -> Self {
        let disk = Self::default();
        disk.lock_state().load(image);
        disk
    }

    /// Creates a directory and its parents. They are durable on return.
    ///
    /// # Errors
    ///
    /// As all operations: if a fault was set for it, or the power is gone.
    pub fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.operate(Kind::CreateDir, dir, 0, |state| {
            state.create_dir_all(dir);
            Ok(())
        })
    }

    /// The names of the files in a directory.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such directory.
    pub fn list(&self, dir: &Path) -> io::Result<Vec<OsString>> {
        self.operate(Kind::List, dir, 0, |state| state.list(dir))
    }

    /// Creates an empty file.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if there is one, `NotFound` without its directory.
    pub fn create(&self, path: &Path) -> io::Result<SimFile> {
        let inode = self.operate(Kind::Create, path, 0, |state| state.create(path))?;
        Ok(SimFile::new(self.clone(), inode))
    }

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is none.
    pub fn open(&self, path: &Path) -> io::Result<SimFile> {
        let inode = self.operate(Kind::Open, path, 0, |state| state.find(path))?;
        Ok(SimFile::new(self.clone(), inode))
    }

    /// Gives a file another name, in place of the file that may have it. Within a directory, that
    /// is one change; between two, one in each.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such file, or no such directory to move it to.
    pub fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let rename = Operation {
            to: Some(to.to_owned()),
            ..Operation::new(Kind::Rename, from, 0)
        };
        self.operate_or(|_| {}, rename, |state| state.rename(from, to))
    }

    /// Removes the name of a file. Whoever has it open can go on using it.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is none.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        self.operate(Kind::Remove, path, 0, |state| {
            state.find(path)?;
            state.change(path, Change::Remove(path.to_owned()));
            Ok(())
        })
    }

    /// Makes the changes of a directory durable that were made before this call.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such directory.
    pub fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let before = self.lock_state().changes_of(dir);
        self.operate(Kind::SyncDir, dir, 0, |state| state.sync_dir(dir, before))
    }

    /// Locks a file, which is created if it is absent. `None` if somebody else holds the lock; it
    /// is released when it is dropped.
    ///
    /// # Errors
    ///
    /// `NotFound` without its directory.
    pub fn lock(&self, path: &Path) -> io::Result<Option<SimLock>> {
        let locked = self.operate(Kind::Lock, path, 0, |state| {
            if state.find(path).is_err() {
                state.create(path)?;
            }
            Ok(state.locks.insert(path.to_owned()))
        })?;
        Ok(locked.then(|| SimLock::new(self.clone(), path.to_owned())))
    }

    /// All operations so far, in the order in which they took effect or failed.
    pub fn log(&self) -> Vec<Operation> {
        self.lock_state().log.clone()
    }

    /// Operations for which `filter` holds wait at the gate, from now on and until it is opened.
    pub fn hold(&self, filter: impl Fn(Kind, &Path) -> bool + Send + Sync + 'static) -> Gate {
        let barrier = Arc::new(Barrier::new(filter));
        self.lock_barriers().push(Arc::clone(&barrier));
        Gate::new(barrier)
    }

    /// Of the operations for which `filter` holds, the one after the next `skipped` fails, once.
    pub fn fail(
        &self,
        skipped: usize,
        error: ErrorKind,
        filter: impl Fn(Kind, &Path) -> bool + Send + Sync + 'static,
    ) {
        let fault = Fault::new(Times::Once { skipped }, error, filter);
        self.lock_state().faults.push(fault);
    }

    /// All operations for which `filter` holds fail, from now on.
    pub fn fail_always(
        &self,
        error: ErrorKind,
        filter: impl Fn(Kind, &Path) -> bool + Send + Sync + 'static,
    ) {
        let fault = Fault::new(Times::Always, error, filter);
        self.lock_state().faults.push(fault);
    }

    /// Nothing fails any more that was told to by [`SimDisk::fail`] or [`SimDisk::fail_always`].
    pub fn heal(&self) {
        self.lock_state().faults.clear();
    }

    /// How many operations have failed because they were told to.
    pub fn failures(&self) -> usize {
        self.lock_state().failures
    }

    /// The files may have at most `bytes` together; `None` for endless space. A write beyond it
    /// writes what fits and fails with `StorageFull`.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.lock_state().capacity = bytes;
    }

    /// The bytes that all files have together.
    pub fn used(&self) -> u64 {
        self.lock_state().used()
    }

    /// The next `changes` operations that [change](Kind::is_change) the disk succeed; the one
    /// after them, and every operation from then on, fails. If it is a write, half of its bytes
    /// are written.
    pub fn lose_power_after(&self, changes: usize) {
        self.lock_state().power = Some(changes);
    }

    /// Whether an operation has found the power gone.
    pub fn has_lost_power(&self) -> bool {
        self.lock_state().is_dark
    }

    /// The changes of directories that are not durable yet, in words: those of one directory in
    /// the order in which they were made.
    pub fn unsynced_changes(&self) -> Vec<String> {
        let state = self.lock_state();
        state.unsynced_changes().map(ToString::to_string).collect()
    }

    /// What the next process would find if this happened now. Waits for nothing.
    pub fn image(&self, crash: Crash) -> Image {
        self.lock_state().image(crash)
    }

    /// Waits at the gates that are in the way, and then does `act`, unless it has to fail.
    fn operate<T>(
        &self,
        kind: Kind,
        path: &Path,
        bytes: u64,
        act: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        self.operate_or(|_| {}, Operation::new(kind, path, bytes), act)
    }

    /// Like [`SimDisk::operate`]; if the power goes at this very operation, does `dying` instead.
    fn operate_or<T>(
        &self,
        dying: impl FnOnce(&mut State),
        operation: Operation,
        act: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        let (kind, path) = (operation.kind, &*operation.path);
        let barriers = self.lock_barriers().clone();
        for barrier in barriers {
            barrier.pass(kind, path);
        }
        let mut state = self.lock_state();
        let was_dark = state.is_dark;
        let result = match state.permit(kind, path) {
            Ok(()) => act(&mut state),
            Err(error) => {
                if state.is_dark && !was_dark {
                    dying(&mut state);
                }
                Err(error)
            }
        };
        state.log.push(Operation {
            error: result.as_ref().err().map(io::Error::kind),
            ..operation
        });
        result
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        let state = &self.shared.state;
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_barriers(&self) -> MutexGuard<'_, Vec<Arc<Barrier>>> {
        let barriers = &self.shared.barriers;
        let mut barriers = barriers.lock().unwrap_or_else(PoisonError::into_inner);
        barriers.retain(|barrier| !barrier.is_open());
        barriers
    }
}

#[cfg(test)]
mod tests;
