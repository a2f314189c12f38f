//! `.course/course.toml`: the mark of a learner's folder, and the course that it was made from.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::MARKER;
use super::disk;

/// The version of the mark. It grows with the layout of `.course`.
const FORMAT: u32 = 1;

const HEADER: &str = "# Marks this folder as a course; `checker update` keeps it.\n";

/// What the mark says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    format: u32,
    /// The version of the course.
    #[serde(with = "version_text")]
    pub version: semver::Version,
    /// A hash over the files that the course gave.
    pub content: String,
    /// When the folder was made.
    pub created: Timestamp,
    /// When it was last brought to the version of a program.
    pub updated: Timestamp,
}

/// A version as its text.
mod version_text {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(
        version: &semver::Version,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(version)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<semver::Version, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// A mark that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MarkerError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is malformed.
    #[error("{}: {message}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A later version of the program wrote it.
    #[error("{} was written by a later version of this program; update the program", .0.display())]
    Newer(PathBuf),
}

impl Marker {
    /// The mark of a folder that is being made.
    #[must_use]
    pub fn new(version: semver::Version, content: String, now: Timestamp) -> Marker {
        Marker {
            format: FORMAT,
            version,
            content,
            created: now,
            updated: now,
        }
    }

    /// The mark after the folder was brought to another version.
    #[must_use]
    pub fn brought_to(self, version: semver::Version, content: String, now: Timestamp) -> Marker {
        Marker {
            version,
            content,
            updated: now,
            ..self
        }
    }

    /// Reads the mark of the folder at `root`.
    ///
    /// # Errors
    /// When it is missing, malformed, or of a later version.
    pub fn read(root: &Path) -> Result<Marker, MarkerError> {
        let path = root.join(MARKER);
        let text = std::fs::read_to_string(&path).map_err(|source| MarkerError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let malformed = |message: String| MarkerError::Malformed {
            path: path.clone(),
            message,
        };
        let table: toml::Table = text
            .parse()
            .map_err(|e: toml::de::Error| malformed(e.to_string()))?;
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(format) if format > i64::from(FORMAT) => return Err(MarkerError::Newer(path)),
            Some(_) => {}
            None => return Err(malformed("it names no format".into())),
        }
        table
            .try_into()
            .map_err(|e: toml::de::Error| malformed(e.to_string()))
    }

    /// The text of the file.
    ///
    /// # Errors
    /// When it cannot be written as TOML.
    pub fn text(&self) -> std::io::Result<String> {
        let body = toml::to_string(self).map_err(std::io::Error::other)?;
        Ok(format!("{HEADER}{body}"))
    }

    /// Writes the mark of the folder at `root`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, root: &Path) -> std::io::Result<()> {
        disk::replace(&root.join(MARKER), self.text()?.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let root = tempfile::tempdir().unwrap();
        let version = semver::Version::new(0, 1, 0);
        let marker = Marker::new(
            version,
            "abc".into(),
            "2026-11-23T09:00:00Z".parse().unwrap(),
        );
        marker.write(root.path()).unwrap();
        assert_eq!(Marker::read(root.path()).unwrap(), marker);
    }

    #[test]
    fn a_mark_of_a_later_program_is_refused_whatever_it_says() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(MARKER);
        disk::replace(&path, b"format = 2\nversions = []\n").unwrap();
        assert!(matches!(
            Marker::read(root.path()),
            Err(MarkerError::Newer(_))
        ));
    }
}
