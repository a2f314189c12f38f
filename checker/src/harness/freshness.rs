//! Sees to it that what cargo calls fresh was made of what stands in the room.
//!
//! Cargo compares times. After a clock was set back, or a folder was copied or restored with times
//! of its own, it takes an earlier build for the present one. A room therefore remembers the hash
//! of what its builds are made of. When the hash changes, cargo's memory of these builds is
//! removed before it is asked for another; incremental compilation, which compares contents, goes
//! on as before.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::room::{RoomError, write_if_changed};

/// The ending of the files that hold a hash.
const ENDING: &str = "made-of";

/// From a target folder to cargo's memory: `miri/<target>/debug/.fingerprint`.
const DEEPEST: usize = 4;

/// Folders of a target folder that hold no builds, or none of rooms.
const PASSED_OVER: [&str; 6] = [
    "rooms",
    "kit",
    "deps",
    "incremental",
    "examples",
    "criterion",
];

/// What was made of the inputs in question.
#[derive(Debug, Clone, Copy)]
pub(super) enum Made<'a> {
    /// Every package whose name begins with a room's.
    Room(&'a str),
    /// One package.
    Package(&'a str),
}

impl Made<'_> {
    /// Whether a package is meant.
    fn covers(self, package: &str) -> bool {
        match self {
            Made::Room(room) => {
                let rest = package.strip_prefix(room);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }
            Made::Package(name) => package == name,
        }
    }

    fn name(&self) -> &str {
        match self {
            Made::Room(name) | Made::Package(name) => name,
        }
    }
}

/// Whether a file at the top of a room is one of these memories.
pub(super) fn is_memory(name: &Path) -> bool {
    name.extension().is_some_and(|ending| ending == ENDING)
}

/// Makes cargo build again what was made of other inputs than those with this hash.
///
/// What is interrupted here is done again the next time: the hash is written last.
pub(super) fn renew(
    room: &Path,
    build_dir: &Path,
    made: Made<'_>,
    hash: &str,
) -> Result<(), RoomError> {
    let memory = room.join(format!("{}.{ENDING}", made.name()));
    if fs::read(&memory).is_ok_and(|known| known == hash.as_bytes()) {
        return Ok(());
    }
    for folder in memories_of_cargo(build_dir, made) {
        match fs::remove_dir_all(&folder) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(RoomError::Write {
                    path: folder,
                    source,
                });
            }
            _ => {}
        }
    }
    write_if_changed(&memory, hash.as_bytes())
}

/// The folders by which cargo knows builds of these packages, in every profile and for every
/// target.
fn memories_of_cargo(build_dir: &Path, made: Made<'_>) -> Vec<PathBuf> {
    let holders = WalkDir::new(build_dir)
        .max_depth(DEEPEST)
        .into_iter()
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let above = entry.path().parent().and_then(Path::file_name);
            let is_below_a_holder =
                above.is_some_and(|above| above == ".fingerprint" || above == "build");
            entry.file_type().is_dir()
                && !is_below_a_holder
                && !PASSED_OVER.contains(&name.as_ref())
        })
        .filter_map(Result::ok);
    let mut found = Vec::new();
    for holder in holders {
        // `.fingerprint/<package>-<hash>`, or `build/<package>/<hash>` in cargo's newer layout.
        let is_hashed = match holder.file_name().to_str() {
            Some(".fingerprint") => true,
            Some("build") => false,
            _ => continue,
        };
        for entry in fs::read_dir(holder.path()).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let package = if is_hashed {
                name.rsplit_once('-').map(|(package, _)| package)
            } else {
                Some(name.as_ref())
            };
            if package.is_some_and(|package| made.covers(package)) {
                found.push(entry.path());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "lru-cache-learner-1a2b3c4d";

    /// A target folder with what cargo keeps there, and a room.
    fn target() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        for path in [
            "debug/.fingerprint/lru-cache-learner-1a2b3c4d-0123456789abcdef",
            "debug/.fingerprint/lru-cache-learner-1a2b3c4d-suite-0123456789abcdef",
            "debug/.fingerprint/lru-cache-learner-99999999-0123456789abcdef",
            "debug/.fingerprint/hashbrown-0123456789abcdef",
            "release/.fingerprint/lru-cache-learner-1a2b3c4d-0123456789abcdef",
            "miri/x86_64-unknown-linux-gnu/debug/.fingerprint/lru-cache-learner-1a2b3c4d-miri-0123",
            "debug/build/lru-cache-learner-1a2b3c4d-suite/0123456789abcdef",
            "debug/build/hashbrown/0123456789abcdef",
            "rooms/lru-cache-learner-1a2b3c4d",
        ] {
            fs::create_dir_all(dir.path().join(path)).unwrap();
        }
        let room = dir.path().join("rooms").join(ROOM);
        (dir, room)
    }

    /// The folders that are forgotten, relative to the target folder.
    fn forgotten(made: Made<'_>) -> Vec<String> {
        let (dir, _) = target();
        let mut found: Vec<String> = memories_of_cargo(dir.path(), made)
            .iter()
            .map(|path| {
                let path = path.strip_prefix(dir.path()).unwrap();
                path.to_string_lossy().replace('\\', "/")
            })
            .collect();
        found.sort();
        found
    }

    #[test]
    fn all_that_was_made_of_a_room_is_forgotten_in_every_profile_and_layout() {
        assert_eq!(
            forgotten(Made::Room(ROOM)),
            [
                "debug/.fingerprint/lru-cache-learner-1a2b3c4d-0123456789abcdef",
                "debug/.fingerprint/lru-cache-learner-1a2b3c4d-suite-0123456789abcdef",
                "debug/build/lru-cache-learner-1a2b3c4d-suite",
                "miri/x86_64-unknown-linux-gnu/debug/.fingerprint/lru-cache-learner-1a2b3c4d-miri-0123",
                "release/.fingerprint/lru-cache-learner-1a2b3c4d-0123456789abcdef",
            ]
        );
    }

    #[test]
    fn one_package_is_forgotten_alone() {
        assert_eq!(
            forgotten(Made::Package(ROOM)),
            [
                "debug/.fingerprint/lru-cache-learner-1a2b3c4d-0123456789abcdef",
                "release/.fingerprint/lru-cache-learner-1a2b3c4d-0123456789abcdef",
            ]
        );
    }

    #[test]
    fn builds_of_the_same_inputs_are_kept() {
        let (dir, room) = target();
        let build = dir
            .path()
            .join("debug/.fingerprint/lru-cache-learner-1a2b3c4d-0123");
        let built = |hash: &str| {
            fs::create_dir_all(&build).unwrap();
            renew(&room, dir.path(), Made::Room(ROOM), hash).unwrap();
            build.exists()
        };
        assert!(!built("one"));
        assert!(built("one"));
        assert!(!built("two"));
        assert!(!built("one"));
    }
}
