//! The progress file: read, changed under a lock, replaced as a whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use jiff::Timestamp;

use super::Progress;
use super::file::{self, Read, VERSION};
use super::history::{self, Happening};
use crate::verdict::Report;
use crate::workspace::disk::{self, Lock};

/// The progress that is kept in a folder.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    patience: Patience,
}

/// Whether to go on waiting for another program that keeps progress. It hears for which file, and
/// for how long by now.
#[derive(Clone)]
struct Patience(Arc<Patient>);

type Patient = dyn Fn(&Path, Duration) -> bool + Send + Sync;

impl fmt::Debug for Patience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Patience")
    }
}

/// What is known, and what to tell the learner beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What is known.
    pub progress: Progress,
    /// That the file was damaged or missing, and what became of it.
    pub notice: Option<String>,
}

/// Why progress cannot be read or kept. A check's result stands nevertheless.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A symbolic link stands in the place of the file, and leads nowhere.
    #[error("{} is a symbolic link that cannot be followed: {source}", .path.display())]
    BrokenLink {
        /// The link.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is of a later version of this program, and is left alone.
    #[error(
        "{} has version {found}, but this program knows versions up to {VERSION}; update the program",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
}

/// What the file turned out to be, with the progress that it holds or that could be rebuilt.
enum Found {
    Whole(Progress),
    Missing(Progress),
    Damaged(Progress),
}

impl Store {
    /// The store in a folder, which need not exist yet.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Store {
        Store {
            folder: folder.into(),
            patience: Patience(Arc::new(|_, _| true)),
        }
    }

    /// The same store, which waits for other programs only as long as `patient` says so.
    #[must_use]
    pub fn waiting_while(
        self,
        patient: impl Fn(&Path, Duration) -> bool + Send + Sync + 'static,
    ) -> Store {
        let patience = Patience(Arc::new(patient));
        Store { patience, ..self }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("progress.json")
    }

    /// Where the progress file really is: a learner may keep it elsewhere, behind a link. A link
    /// that leads nowhere is an error, because the file is perhaps on a disk that is away.
    fn real_path(&self) -> Result<PathBuf, StoreError> {
        let path = self.path();
        let is_link = path.symlink_metadata().is_ok_and(|data| data.is_symlink());
        if !is_link {
            return Ok(path);
        }
        path.canonicalize()
            .map_err(|source| StoreError::BrokenLink { path, source })
    }

    fn history_path(&self) -> PathBuf {
        self.folder.join("history.jsonl")
    }

    /// Reads what is known; nothing is, if there is no file. A damaged file is set aside and, like
    /// a missing one, rebuilt from what is left of it and from the history.
    ///
    /// # Errors
    /// When the file cannot be read or is of a later version.
    pub fn load(&self) -> Result<Loaded, StoreError> {
        let rebuilt = match self.find()? {
            Found::Whole(progress) => {
                return Ok(Loaded {
                    progress,
                    notice: None,
                });
            }
            Found::Missing(progress) if progress == Progress::default() => {
                return Ok(Loaded {
                    progress,
                    notice: None,
                });
            }
            Found::Missing(progress) | Found::Damaged(progress) => progress,
        };
        // Under the lock, so that of two programs one mends the file and the other finds it so.
        let mended = self.change(|progress| (progress.clone(), Vec::new()));
        match mended {
            Ok((progress, notice)) => Ok(Loaded { progress, notice }),
            Err(error @ StoreError::Unwritable { .. }) => Ok(Loaded {
                progress: rebuilt,
                notice: Some(format!(
                    "{} is damaged and cannot be mended: {error}",
                    self.path().display()
                )),
            }),
            Err(error) => Err(error),
        }
    }

    /// Adds a run of the learner's code, and returns what is known with it.
    ///
    /// Programs that do this at the same time wait for each other, and no change is lost. A kill
    /// leaves the file as it was before or as it is after.
    ///
    /// # Errors
    /// When the file cannot be read or written or is of a later version; it is then as it was.
    pub fn record(&self, report: &Report) -> Result<Loaded, StoreError> {
        let change = |progress: &mut Progress| {
            let happenings = progress.record(report, Timestamp::now());
            (progress.clone(), happenings)
        };
        let (progress, notice) = self.change(change)?;
        Ok(Loaded { progress, notice })
    }

    /// Remembers that `taken` hints of a phase's ladder were shown; fewer than before change
    /// nothing. Returns what to tell the learner, if anything.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_hint(
        &self,
        exercise: &str,
        phase: &str,
        taken: usize,
    ) -> Result<Option<String>, StoreError> {
        self.happen(|progress| {
            let is_news = taken > progress.hints(exercise, phase);
            is_news.then(|| Happening::Hint {
                exercise: exercise.to_owned(),
                phase: phase.to_owned(),
                taken,
                at: Timestamp::now(),
            })
        })
    }

    /// Remembers that an exercise was put back to its beginning: its phases are not begun any
    /// more. When they first passed and the hints stay known. Returns what to tell the learner, if
    /// anything.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_reset(&self, exercise: &str) -> Result<Option<String>, StoreError> {
        self.happen(|progress| {
            let is_news = progress.exercises.contains_key(exercise);
            is_news.then(|| Happening::Reset {
                exercise: exercise.to_owned(),
                at: Timestamp::now(),
            })
        })
    }

    /// Everything that happened, from the oldest to the newest that is kept.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn history(&self) -> Result<Vec<Happening>, StoreError> {
        let path = self.history_path();
        history::read(&path).map_err(|source| StoreError::Unreadable { path, source })
    }

    fn happen(
        &self,
        what: impl FnOnce(&Progress) -> Option<Happening>,
    ) -> Result<Option<String>, StoreError> {
        let change = |progress: &mut Progress| {
            let happening = what(progress);
            if let Some(happening) = &happening {
                progress.apply(happening);
            }
            ((), happening.into_iter().collect())
        };
        Ok(self.change(change)?.1)
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut Progress) -> (T, Vec<Happening>),
    ) -> Result<(T, Option<String>), StoreError> {
        let path = self.real_path()?;
        // Beside the file itself, so that all who write it meet there.
        let lock = path.with_file_name("progress.lock");
        let patient = |waited| self.patience.0(&lock, waited);
        let _held = Lock::take_while(&lock, patient).map_err(unwritable(&lock))?;
        let (before, notice) = match self.find()? {
            Found::Whole(progress) => (progress, None),
            Found::Missing(progress) if progress == Progress::default() => (progress, None),
            Found::Missing(progress) => {
                let (path, history) = (path.display(), self.history_path());
                let history = history.display();
                let notice = format!("{path} was missing; it was rebuilt from {history}");
                (progress, Some(notice))
            }
            Found::Damaged(progress) => {
                let (path, copy) = (path.display(), self.set_aside()?);
                let copy = copy.display();
                let notice = format!("{path} was damaged; it was rebuilt, and {copy} keeps it");
                (progress, Some(notice))
            }
        };
        let mut after = before.clone();
        let (value, happenings) = change(&mut after);
        if after != before || notice.is_some() {
            file::write(&after)
                .map_err(io::Error::from)
                .and_then(|text| disk::replace(&path, text.as_bytes()))
                .map_err(unwritable(&path))?;
        }
        if !happenings.is_empty() {
            let path = self.history_path();
            history::append(&path, &happenings).map_err(unwritable(&path))?;
        }
        Ok((value, notice))
    }

    fn find(&self) -> Result<Found, StoreError> {
        let path = self.real_path()?;
        let bytes = disk::read_if_there(&path).map_err(|source| StoreError::Unreadable {
            path: path.clone(),
            source,
        })?;
        match bytes.map(|bytes| file::read(&bytes)) {
            Some(Read::Whole(progress)) => Ok(Found::Whole(progress)),
            Some(Read::Newer(found)) => Err(StoreError::Newer { path, found }),
            Some(Read::Damaged(records)) => {
                let mut progress = self.rebuilt()?;
                file::overlay(&mut progress, records);
                Ok(Found::Damaged(progress))
            }
            None => Ok(Found::Missing(self.rebuilt()?)),
        }
    }

    fn rebuilt(&self) -> Result<Progress, StoreError> {
        let mut progress = Progress::default();
        for happening in self.history()? {
            progress.apply(&happening);
        }
        Ok(progress)
    }

    /// Copies the damaged file. The original goes when it is replaced, so that a kill in between
    /// leaves a file that can be rebuilt once more.
    fn set_aside(&self) -> Result<PathBuf, StoreError> {
        let copy = disk::unused(&self.folder, "progress.damaged-", Timestamp::now(), ".json");
        std::fs::read(self.path())
            .and_then(|bytes| disk::replace(&copy, &bytes))
            .map_err(unwritable(&copy))?;
        Ok(copy)
    }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> StoreError + use<> {
    let path = path.to_path_buf();
    move |source| StoreError::Unwritable { path, source }
}
