//! Tells what this machine has of what the course needs, and how to get the rest.

mod machine;
mod table;
mod tools;

use std::path::Path;

use semver::Version;
use serde::Serialize;
use toml::{Table, Value};

pub use self::table::table;

use crate::catalog::source::Source;
use crate::runner::Cancel;
use crate::workspace::Workspace;

/// The version of the JSON; it changes when a field changes its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// What was found on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// [`SCHEMA_VERSION`].
    pub schema: u32,
    /// Whether everything is there that is required.
    pub ready: bool,
    /// One row for each thing that was looked for.
    pub rows: Vec<Row>,
}

/// One thing that was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it is, such as `cargo`.
    pub name: String,
    /// What was found: a version, a place, or why it does not work.
    pub found: Option<String>,
    /// Whether it will do.
    pub status: Status,
    /// What to do where it will not: a command to type, or a sentence.
    pub advice: Option<String>,
}

/// Whether a thing will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is there.
    Ok,
    /// It is required, and is not there or does not work.
    Missing,
    /// It is required, and is older than the course asks for.
    TooOld,
    /// It is not there, and most of the course goes without it.
    Optional,
}

impl Row {
    fn ok(name: &str, found: impl Into<String>) -> Row {
        Row {
            name: name.to_owned(),
            found: Some(found.into()),
            status: Status::Ok,
            advice: None,
        }
    }

    fn lacking(
        name: &str,
        found: Option<String>,
        status: Status,
        advice: impl Into<String>,
    ) -> Row {
        Row {
            name: name.to_owned(),
            found,
            status,
            advice: Some(advice.into()),
        }
    }
}

impl Diagnosis {
    fn of(rows: Vec<Row>) -> Diagnosis {
        let stops = |row: &Row| matches!(row.status, Status::Missing | Status::TooOld);
        Diagnosis {
            schema: SCHEMA_VERSION,
            ready: !rows.iter().any(stops),
            rows,
        }
    }
}

/// Looks at this machine. `workspace` is the course that is to be worked in, if there is one;
/// `here` is the folder to judge without one.
///
/// Starts some ten programs, each for 20 seconds at most. Whatever fails is a row.
#[must_use]
pub fn diagnose(workspace: Option<&Workspace>, here: &Path, cancel: &Cancel) -> Diagnosis {
    let source = workspace.map_or_else(Source::built_in, Workspace::source);
    let minimum = source
        .read_text("Cargo.toml")
        .ok()
        .and_then(|text| minimum(&text));
    let mut rows = tools::rows(minimum.as_ref(), cancel);
    rows.extend(machine::rows(workspace, here));
    Diagnosis::of(rows)
}

/// The oldest Rust that the course's packages build with.
fn minimum(manifest: &str) -> Option<Version> {
    let table: Table = manifest.parse().ok()?;
    let package = table.get("workspace")?.get("package")?;
    version(package.get("rust-version").and_then(Value::as_str)?)
}

/// Reads a version with two or three numbers. What follows them, such as `-nightly`, is left out:
/// a nightly of a release knows what the release does, as far as the course goes.
fn version(text: &str) -> Option<Version> {
    let numbers = text.split(['-', '+']).next()?;
    let mut numbers = numbers.split('.').map(str::parse);
    let major = numbers.next()?.ok()?;
    let minor = numbers.next()?.ok()?;
    let patch = numbers.next().unwrap_or(Ok(0)).ok()?;
    Some(Version::new(major, minor, patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_two_or_three_numbers_and_without_their_channel() {
        assert_eq!(version("1.95"), Some(Version::new(1, 95, 0)));
        assert_eq!(version("1.95.2"), Some(Version::new(1, 95, 2)));
        assert_eq!(version("1.97.0-nightly"), Some(Version::new(1, 97, 0)));
        assert_eq!(version("stable"), None);
    }

    #[test]
    fn the_minimum_is_what_the_packages_inherit() {
        let manifest = "[workspace.package]\nrust-version = \"1.90\"\n";
        assert_eq!(minimum(manifest), Some(Version::new(1, 90, 0)));
        assert_eq!(minimum("[workspace]\n"), None);
    }

    #[test]
    fn only_what_is_required_keeps_a_machine_from_being_ready() {
        let row = |status| Row::lacking("x", None, status, "install it");
        let ready = |status| Diagnosis::of(vec![Row::ok("y", "1"), row(status)]).ready;
        assert!(ready(Status::Optional));
        assert!(!ready(Status::Missing));
        assert!(!ready(Status::TooOld));
    }
}
