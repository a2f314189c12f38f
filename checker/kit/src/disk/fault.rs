//! Operations, and what makes them fail.

use std::{
    fmt::{self, Debug, Display},
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Kinds of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A directory is created.
    CreateDir,
    /// The names in a directory are read.
    List,
    /// A file is created.
    Create,
    /// A file is opened.
    Open,
    /// Bytes are read.
    Read,
    /// The length of a file is asked for.
    Len,
    /// Bytes are written.
    Write,
    /// A file is cut or extended.
    SetLen,
    /// A file gets another name.
    Rename,
    /// A name is removed.
    Remove,
    /// A file is synced.
    Sync,
    /// A directory is synced.
    SyncDir,
    /// A file is locked.
    Lock,
}

impl Kind {
    /// Whether the operation changes what is on the disk, or what of it is durable.
    pub fn is_change(self) -> bool {
        match self {
            Self::Create
            | Self::Write
            | Self::SetLen
            | Self::Rename
            | Self::Remove
            | Self::Sync
            | Self::SyncDir => true,
            Self::CreateDir | Self::List | Self::Open | Self::Read | Self::Len | Self::Lock => {
                false
            }
        }
    }
}

/// An operation that was done, or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What was done.
    pub kind: Kind,
    /// To which file or directory; of a rename, the old name. The path is the one at the time.
    pub path: PathBuf,
    /// The new name, of a rename.
    pub to: Option<PathBuf>,
    /// How many bytes were to be read or written.
    pub bytes: u64,
    /// Why it failed, if it did.
    pub error: Option<ErrorKind>,
}

impl Operation {
    /// An operation before it is tried.
    pub(super) fn new(kind: Kind, path: &Path, bytes: u64) -> Self {
        Self {
            kind,
            path: path.to_owned(),
            to: None,
            bytes,
            error: None,
        }
    }
}

impl Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |path: &Path| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.display().to_string()
        };
        write!(formatter, "{:?} {}", self.kind, name(&self.path))?;
        if let Some(to) = &self.to {
            write!(formatter, " to {}", name(to))?;
        }
        if self.bytes > 0 {
            write!(formatter, " ({} bytes)", self.bytes)?;
        }
        match self.error {
            Some(error) => write!(formatter, ": {error}"),
            None => Ok(()),
        }
    }
}

pub(super) type Filter = Box<dyn Fn(Kind, &Path) -> bool + Send + Sync>;

pub(super) enum Times {
    Once { skipped: usize },
    Always,
}

/// A failure that waits for its operation.
pub(super) struct Fault {
    times: Option<Times>,
    error: ErrorKind,
    filter: Filter,
}

impl Fault {
    pub(super) fn new(
        times: Times,
        error: ErrorKind,
        filter: impl Fn(Kind, &Path) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            times: Some(times),
            error,
            filter: Box::new(filter),
        }
    }

    /// The error that this operation has to fail with.
    pub(super) fn strikes(&mut self, kind: Kind, path: &Path) -> Option<ErrorKind> {
        let times = self.times.as_mut().filter(|_| (self.filter)(kind, path))?;
        match times {
            Times::Always => Some(self.error),
            Times::Once { skipped: 0 } => {
                self.times = None;
                Some(self.error)
            }
            Times::Once { skipped } => {
                *skipped -= 1;
                None
            }
        }
    }
}

impl Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fault({})", self.error)
    }
}
