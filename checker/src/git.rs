//! What git knows of the course's files.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Git could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no program `git`.
    #[error("git cannot be started: {0}")]
    NoGit(io::Error),
    /// It refuses.
    #[error("git {command} failed: {message}")]
    Failed {
        /// What it was asked.
        command: String,
        /// What it said.
        message: String,
    },
}

/// The repository that holds a checkout.
#[derive(Debug)]
pub(crate) struct Git {
    root: PathBuf,
}

impl Git {
    /// The repository of a folder.
    pub(crate) fn at(root: &Path) -> Git {
        Git {
            root: root.to_path_buf(),
        }
    }

    /// The files below a folder in a commit: paths relative to the folder, and contents.
    pub(crate) fn files(
        &self,
        commit: &str,
        folder: &str,
    ) -> Result<Vec<(String, Vec<u8>)>, GitError> {
        let place = format!("{folder}/src");
        let listed = self.run(&["ls-tree", "-r", "-z", "--name-only", commit, "--", &place])?;
        let names = listed
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty());
        let mut files = Vec::new();
        for name in names {
            let name = String::from_utf8_lossy(name).into_owned();
            let content = self.run(&["show", &format!("{commit}:./{name}")])?;
            let relative = name.strip_prefix(folder).unwrap_or(&name);
            files.push((relative.trim_start_matches('/').to_owned(), content));
        }
        Ok(files)
    }

    /// The commits that changed something below a folder, the last one first.
    pub(crate) fn commits(&self, folder: &str) -> Result<Vec<String>, GitError> {
        let log = self.run(&["log", "--format=%H", "--", folder])?;
        let log = String::from_utf8_lossy(&log);
        Ok(log.lines().map(str::to_owned).collect())
    }

    /// The files below the folder that differ from a commit, in the tree or in later commits.
    pub(crate) fn changed_since(&self, commit: &str) -> Result<Vec<String>, GitError> {
        let arguments = ["diff", "--relative", "--name-only", "-z", commit, "--"];
        let listed = self.run(&arguments)?;
        let names = listed
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty());
        Ok(names
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect())
    }

    /// Puts files back to what the last commit has, in the tree and in the index.
    pub(crate) fn restore(&self, files: &[String]) -> Result<(), GitError> {
        let mut arguments = vec!["restore", "--source=HEAD", "--staged", "--worktree", "--"];
        arguments.extend(files.iter().map(String::as_str));
        self.run(&arguments).map(drop)
    }

    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .output()
            .map_err(GitError::NoGit)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(GitError::Failed {
            command: arguments.first().copied().unwrap_or_default().to_owned(),
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }
}
