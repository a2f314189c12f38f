//! Replacing a small file whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Gives a file new contents: after a crash it has the old ones or the new ones, and after this
/// has returned, the new ones.
///
/// The file `<path>.tmp` is overwritten on the way, so only one caller at a time may do this.
///
/// # Errors
/// Those of the file system. The file may then have either contents.
// ANCHOR: replace
pub fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let temporary = path.with_added_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    sync_dir(path)
}
// ANCHOR_END: replace

/// Makes the name of a file durable.
///
/// # Errors
/// Those of the file system.
// ANCHOR: sync_dir
#[cfg(unix)]
pub fn sync_dir(path: &Path) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    File::open(parent)?.sync_all()
}
// ANCHOR_END: sync_dir

/// Does nothing: there is no documented way to sync a directory here.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}
