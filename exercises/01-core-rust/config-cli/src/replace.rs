//! Replacing a file in one step: phase 6.

use std::io;
use std::path::Path;

/// Replaces what the file at `path` holds by `contents`, so that whoever opens it at any moment,
/// and whoever looks after a crash at any moment, finds all of the old contents or all of the
/// new ones.
///
/// The new contents are written to a new file in the same folder, synced to the disk, given the
/// permissions of the old file, and renamed over it; then the folder is synced. A symbolic link
/// is followed: it stays, and the file that it leads to is replaced. Whoever has the old file
/// open keeps reading the old contents.
///
/// Before it has the permissions of the old file, nobody but its owner can read the new one. The
/// owner is that of the old file if the process may give files away, and otherwise its own user.
/// Several calls at once do not disturb each other: no two use the same new file, and the last
/// one's contents stay. The name of the old file may be as long as the system allows.
///
/// The new file is removed if anything fails. After a kill it may stay behind.
///
/// # Errors
/// When `path` does not lead to a regular file, or any step fails. The old contents are there
/// then, unless it was the last step: if the folder cannot be synced, the new ones are there, and
/// a power failure may bring back the old ones.
pub fn replace_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    _ = (path, contents);
    todo!("phase 6: write a new file beside the old one and rename it")
}
