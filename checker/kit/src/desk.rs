//! What the runner lays out for a test's process: a clock to read, and paper for its steps.
//!
//! The desk is a folder that the environment variable `CHECKER_DESK` names. A file that cannot be
//! used is done without: the steps of a crash are then not shown, and waits take longer.

use std::{
    env,
    ffi::OsStr,
    fs::{File, OpenOptions},
    io,
    path::Path,
    sync::OnceLock,
    time::Duration,
};

/// The variable that names the folder.
const DESK: &str = "CHECKER_DESK";
/// The file with the time that the test had so far, in nanoseconds.
const CLOCK: &str = "clock";
/// The file for the steps.
const STEPS: &str = "steps";
/// Digits of the largest number of nanoseconds.
const CLOCK_DIGITS: usize = 20;

#[derive(Debug)]
struct Desk {
    clock: Option<File>,
    steps: Option<File>,
}

static OPEN: OnceLock<Desk> = OnceLock::new();

/// Takes the place at the desk, if this process has one.
pub(crate) fn open() {
    if let Some(folder) = env::var_os(DESK) {
        OPEN.get_or_init(|| Desk::in_folder(&folder));
    }
}

/// The time that the runner says this test has had. It moves on some twenty times a second.
pub(crate) fn clock() -> Option<Duration> {
    let mut digits = [0; CLOCK_DIGITS];
    let length = read_at(OPEN.get()?.clock.as_ref()?, &mut digits).ok()?;
    let text = std::str::from_utf8(&digits[..length]).ok()?;
    text.trim().parse().ok().map(Duration::from_nanos)
}

/// Writes onto the paper for the steps.
pub(crate) fn write_steps(bytes: &[u8], offset: u64) {
    if let Some(file) = OPEN.get().and_then(|desk| desk.steps.as_ref()) {
        // What cannot be written is missing on the card of a crash, and nowhere else.
        let _ = write_at(file, bytes, offset);
    }
}

/// Whether there is paper for the steps.
pub(crate) fn has_paper() -> bool {
    OPEN.get().is_some_and(|desk| desk.steps.is_some())
}

impl Desk {
    fn in_folder(folder: &OsStr) -> Self {
        let folder = Path::new(folder);
        Self {
            clock: File::open(folder.join(CLOCK)).ok(),
            steps: OpenOptions::new().write(true).open(folder.join(STEPS)).ok(),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, 0)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, 0)
}

#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}
