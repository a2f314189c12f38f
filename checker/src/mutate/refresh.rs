//! Patches carried over a changed solution.

use std::io;
use std::path::PathBuf;

use crate::catalog::patch::{Patch, PatchError};
use crate::catalog::{CatalogError, Exercise};
use crate::check::{CheckError, Checker, Subject};
use crate::git::{Git, GitError};
use crate::workspace::{Kind, disk};

/// A solution's files: paths from its root, and contents.
type Files = Vec<(String, Vec<u8>)>;

/// A patch, and what became of it.
#[derive(Debug)]
pub struct Refreshed {
    /// Its file, relative to the course.
    pub path: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a patch.
#[derive(Debug)]
pub enum Outcome {
    /// It fits as it is.
    Fits,
    /// It was merged with what has changed since, and written anew.
    Carried {
        /// The last commit in which it fitted.
        from: String,
    },
    /// The change and the patch touch the same lines: a person has to decide.
    Conflicts {
        /// The last commit in which it fitted.
        from: String,
        /// The file.
        file: String,
        /// The lines in conflict, between the markers of a merge.
        lines: String,
    },
    /// The solution has become what the patch makes of it: there is no mistake any more.
    Vanished,
    /// No commit has a solution that it fits.
    NeverFitted(PatchError),
}

/// Patches could not be looked at, or not be written.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// A learner's folder has no solution.
    #[error("patches are refreshed in a checkout of the course")]
    NotACheckout,
    /// A patch is malformed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The solution cannot be read.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// Git could not be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A patch could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Carries every mutant and variant of an exercise over to the solution as it is in the working
/// tree: a three-way merge from the last commit in which the patch fitted.
///
/// # Errors
/// When a patch is malformed or cannot be written, or git cannot be asked.
pub fn refresh(checker: &Checker, exercise: &Exercise) -> Result<Vec<Refreshed>, RefreshError> {
    if checker.workspace.kind() != Kind::Checkout {
        return Err(RefreshError::NotACheckout);
    }
    let source = checker.catalog.source();
    let dir = exercise.suite_dir();
    let mutants = exercise.mutants(source)?.into_iter();
    let mutants =
        mutants.map(|mutant| (format!("{dir}/mutants/{}.patch", mutant.name), mutant.patch));
    let variants = exercise.variants(source)?.into_iter();
    let variants = variants.map(|variant| {
        (
            format!("{dir}/variants/{}.patch", variant.name),
            variant.patch,
        )
    });
    let solution = checker.snapshot(exercise, &Subject::Solution)?.files;
    let mut past = Past::of(Git::at(checker.workspace.root()), exercise.solution_dir());
    let mut refreshed = Vec::new();
    for (path, patch) in mutants.chain(variants) {
        let (outcome, patch) = carry(&patch, &solution, &mut past)?;
        if let Some(patch) = patch {
            let path = checker.workspace.root().join(&path);
            disk::replace(&path, patch.text().as_bytes())
                .map_err(|source| RefreshError::Write { path, source })?;
        }
        refreshed.push(Refreshed { path, outcome });
    }
    Ok(refreshed)
}

/// What becomes of a patch, and the new one if there is one.
fn carry(
    patch: &Patch,
    solution: &Files,
    past: &mut Past,
) -> Result<(Outcome, Option<Patch>), RefreshError> {
    let misfit = match patch.apply(&mut solution.clone()) {
        Ok(()) => return Ok((Outcome::Fits, None)),
        Err(error) => error,
    };
    let Some((from, base)) = past.last_fitting(patch)? else {
        return Ok((Outcome::NeverFitted(misfit), None));
    };
    let mut theirs = base.clone();
    // It fitted a moment ago.
    if let Err(error) = patch.apply(&mut theirs) {
        return Ok((Outcome::NeverFitted(error), None));
    }
    let mut merged = solution.clone();
    for file in patch.files().unwrap_or_default() {
        let text = |files: &Files| {
            let (_, content) = files.iter().find(|(path, _)| *path == file)?;
            String::from_utf8(content.clone()).ok()
        };
        let (Some(base), Some(theirs), Some(ours)) = (text(&base), text(&theirs), text(solution))
        else {
            return Ok((Outcome::NeverFitted(PatchError::NoFile(file)), None));
        };
        match diffy::merge(&base, &ours, &theirs) {
            Ok(text) => {
                for (_, content) in merged.iter_mut().filter(|(path, _)| *path == file) {
                    *content = text.clone().into_bytes();
                }
            }
            Err(conflict) => {
                let lines = conflicts(&conflict);
                let outcome = Outcome::Conflicts { from, file, lines };
                return Ok((outcome, None));
            }
        }
    }
    match Patch::between(patch.header.clone(), solution, &merged) {
        Ok(patch) => Ok((Outcome::Carried { from }, Some(patch))),
        Err(_) => Ok((Outcome::Vanished, None)),
    }
}

/// The lines of a merge that are between its markers, the markers with them.
fn conflicts(merged: &str) -> String {
    let mut inside = false;
    let lines = merged.lines().filter(|line| {
        let begins = line.starts_with("<<<<<<<");
        let ends = line.starts_with(">>>>>>>");
        let shown = inside || begins;
        inside = (inside || begins) && !ends;
        shown
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A solution in the commits of the past, each read once.
struct Past {
    git: Git,
    folder: String,
    commits: Option<Vec<String>>,
    read: Vec<(String, Files)>,
}

impl Past {
    fn of(git: Git, folder: String) -> Past {
        Past {
            git,
            folder,
            commits: None,
            read: Vec::new(),
        }
    }

    /// The last commit whose solution a patch fits.
    fn last_fitting(&mut self, patch: &Patch) -> Result<Option<(String, Files)>, GitError> {
        for index in 0.. {
            let Some((commit, files)) = self.at(index)? else {
                return Ok(None);
            };
            if patch.apply(&mut files.clone()).is_ok() {
                return Ok(Some((commit.clone(), files.clone())));
            }
        }
        Ok(None)
    }

    /// The solution in a commit, counted from the last one that changed it.
    fn at(&mut self, index: usize) -> Result<Option<&(String, Files)>, GitError> {
        if self.commits.is_none() {
            self.commits = Some(self.git.commits(&self.folder)?);
        }
        let commits = self.commits.as_deref().unwrap_or_default();
        while self.read.len() <= index {
            let Some(commit) = commits.get(self.read.len()) else {
                return Ok(None);
            };
            let files = self.git.files(commit, &self.folder)?;
            self.read.push((commit.clone(), files));
        }
        Ok(self.read.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_merge_only_the_conflicts_are_shown() {
        let merged = "a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\nd\n";
        let shown = "<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs";
        assert_eq!(conflicts(merged), shown);
    }
}
