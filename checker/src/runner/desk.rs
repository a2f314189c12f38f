//! What is laid out for one test: a folder for its temporary files, a clock that it may read, and
//! paper on which the suite kit writes the test's steps as they are taken.
//!
//! Nothing here decides over a verdict. A test that spoils its clock waits longer, until its
//! deadline; one that scribbles on the paper is shown its own words.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use walkdir::WalkDir;

/// The variable that names the folder to the suite kit.
pub(super) const DESK: &str = "CHECKER_DESK";
/// The variables that name a folder for temporary files.
#[cfg(unix)]
pub(super) const TEMPORARY: &[&str] = &["TMPDIR"];
#[cfg(windows)]
pub(super) const TEMPORARY: &[&str] = &["TMP", "TEMP"];

const CLOCK: &str = "clock";
const STEPS: &str = "steps";
/// The folder for temporary files.
const FILES: &str = "files";
/// More files than this are not added up.
const COUNTED_FILES: usize = 10_000;

/// The folder of one test, which is removed with this value.
#[derive(Debug)]
pub(super) struct Desk {
    folder: Option<tempfile::TempDir>,
    path: PathBuf,
}

impl Desk {
    /// # Errors
    /// When the folder for temporary files cannot be written to, which the error names.
    pub(super) fn new() -> io::Result<Desk> {
        Desk::below(&env::temp_dir())
    }

    fn below(parent: &Path) -> io::Result<Desk> {
        let lay_out = || {
            let folder = tempfile::Builder::new()
                .prefix("checker-")
                .tempdir_in(parent)?;
            fs::create_dir(folder.path().join(FILES))?;
            File::create(folder.path().join(STEPS))?;
            File::create(folder.path().join(CLOCK))?;
            Ok(folder)
        };
        let folder = lay_out().map_err(|error: io::Error| {
            let parent = parent.display();
            let why = format!("cannot make a folder for temporary files in {parent}: {error}");
            io::Error::new(error.kind(), why)
        })?;
        Ok(Desk {
            path: folder.path().to_owned(),
            folder: Some(folder),
        })
    }

    /// The folder as a whole.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder for the test's temporary files.
    pub(super) fn files(&self) -> PathBuf {
        self.path.join(FILES)
    }

    /// Something to set the clock with.
    pub(super) fn clock(&self) -> io::Result<Hand> {
        let file = OpenOptions::new().write(true).open(self.path.join(CLOCK))?;
        let mut hand = Hand { file };
        hand.set(Duration::ZERO)?;
        Ok(hand)
    }

    /// The steps that were written down, for people.
    pub(super) fn steps(&self) -> Vec<String> {
        let mut bytes = Vec::new();
        let read = File::open(self.path.join(STEPS)).and_then(|file| {
            // The paper is no larger, unless somebody else writes on it.
            file.take((1 + FIRST + LAST) * PLACE as u64)
                .read_to_end(&mut bytes)
        });
        read.map_or_else(|_| Vec::new(), |_| steps(&bytes))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take()
            && folder.close().is_err()
        {
            // A test may have taken away the rights on its own folders. What cannot be removed
            // even so is left to the system.
            make_writable(&self.path);
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(unix)]
fn make_writable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(0o700));
        let entries = fs::read_dir(&folder).into_iter().flatten();
        let folders = entries.filter_map(Result::ok);
        open.extend(folders.filter_map(|entry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            is_folder.then(|| entry.path())
        }));
    }
}

#[cfg(windows)]
fn make_writable(_: &Path) {}

/// The bytes of all files in a folder and below, as far as they are counted.
pub(super) fn size(folder: &Path) -> u64 {
    let entries = WalkDir::new(folder).into_iter().take(COUNTED_FILES);
    let sizes = entries.filter_map(|entry| entry.ok()?.metadata().ok());
    sizes
        .filter(|data| data.is_file())
        .map(|data| space(&data))
        .sum()
}

/// The space that a file takes: one with holes takes less than its length.
#[cfg(unix)]
fn space(data: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;

    data.blocks() * 512
}

#[cfg(windows)]
fn space(data: &fs::Metadata) -> u64 {
    data.len()
}

/// What sets a test's clock.
#[derive(Debug)]
pub(super) struct Hand {
    file: File,
}

impl Hand {
    pub(super) fn set(&mut self, time: Duration) -> io::Result<()> {
        use std::io::Seek;

        self.file.rewind()?;
        // Always as long, so that a reader never sees a part of an older number.
        self.file
            .write_all(format!("{:020}", time.as_nanos()).as_bytes())
    }
}

/// The paper for the steps, as the suite kit fills it: the number of the first line of the present
/// story, then in places of equal size the first lines and the last ones, which overwrite each
/// other in turn.
const FIRST: u64 = 6;
const LAST: u64 = 24;
/// Bytes from one line to the next.
const PLACE: usize = 512;

/// A line: its number in the life of the process, how many steps came before it in the story, how
/// often it was repeated, and its text.
#[derive(Debug)]
struct Line {
    number: u64,
    before: u64,
    times: u64,
    text: String,
}

impl Line {
    /// `None` for a place that is empty, torn, or filled by somebody else.
    fn read(place: &[u8]) -> Option<Line> {
        let (number, rest) = hexadecimal(place, 16)?;
        let (before, rest) = hexadecimal(rest, 16)?;
        let (times, rest) = hexadecimal(rest, 8)?;
        let (length, rest) = hexadecimal(rest, 4)?;
        let text = rest.get(..usize::try_from(length).ok()?)?;
        Some(Line {
            number,
            before,
            times,
            text: String::from_utf8_lossy(text).into_owned(),
        })
    }

    fn shown(&self) -> String {
        match self.times {
            0 | 1 => self.text.clone(),
            times => format!("{} (×{times})", self.text),
        }
    }
}

fn hexadecimal(bytes: &[u8], digits: usize) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_at_checked(digits)?;
    let number = std::str::from_utf8(number).ok()?;
    Some((u64::from_str_radix(number, 16).ok()?, rest))
}

fn steps(paper: &[u8]) -> Vec<String> {
    // Nothing is written there before a second story begins.
    let start = hexadecimal(paper, 16).map_or(0, |(start, _)| start);
    let mut lines: Vec<Line> = paper
        .chunks(PLACE)
        .skip(1)
        .filter_map(Line::read)
        .filter(|line| line.number >= start)
        .collect();
    lines.sort_by_key(|line| line.number);
    lines.dedup_by_key(|line| line.number);

    let mut shown = Vec::with_capacity(lines.len() + 1);
    let mut told: u64 = 0;
    for line in &lines {
        match line.before.saturating_sub(told) {
            0 => {}
            1 => shown.push("… 1 step …".to_owned()),
            left_out => shown.push(format!("… {left_out} steps …")),
        }
        shown.push(line.shown());
        told = line.before.saturating_add(line.times);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: u64, before: u64, times: u64, text: &str) -> Vec<u8> {
        let line = format!(
            "{number:016x}{before:016x}{times:08x}{:04x}{text}",
            text.len()
        );
        let mut place = line.into_bytes();
        place.resize(PLACE, 0);
        place
    }

    fn paper(start: u64, places: &[Vec<u8>]) -> Vec<u8> {
        let mut paper = format!("{start:016x}").into_bytes();
        paper.resize(PLACE, 0);
        paper.extend(places.iter().flatten());
        paper
    }

    #[test]
    fn steps_are_read_in_their_order_with_what_is_left_out() {
        let paper = paper(
            3,
            &[
                place(3, 0, 1, "put a"),
                place(4, 1, 5, "get a"),
                place(1, 1, 1, "of an earlier story"),
                place(9, 13, 1, "get ü"),
                place(8, 12, 1, "put b"),
            ],
        );
        let expected = ["put a", "get a (×5)", "… 6 steps …", "put b", "get ü"];
        assert_eq!(steps(&paper), expected);
    }

    #[test]
    fn what_is_torn_or_forged_is_passed_over() {
        let mut torn = place(1, 1, 1, "put b");
        torn[20] = b'x';
        let long = format!("{:016x}{:016x}{:08x}ffff", 2, 2, 1).into_bytes();
        let paper = paper(0, &[place(0, 0, 1, "put a"), torn, long]);
        assert_eq!(steps(&paper), ["put a"]);
        for noise in [&b""[..], b"\xff\xff", &[b'f'; 4 * PLACE], &[0; 3 * PLACE]] {
            assert!(steps(noise).len() < 4);
        }
    }

    #[test]
    fn a_desk_is_removed_whatever_a_test_did_to_it() {
        let desk = Desk::new().unwrap();
        let path = desk.path().to_owned();
        let deep = desk.files().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("file"), "text").unwrap();
        #[cfg(unix)]
        for folder in [&deep, &desk.files()] {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o000)).unwrap();
        }
        drop(desk);
        assert!(!path.exists());
    }

    #[test]
    fn the_size_of_all_files_is_added_up() {
        let desk = Desk::new().unwrap();
        fs::create_dir(desk.files().join("sub")).unwrap();
        for name in ["one", "sub/other"] {
            fs::write(desk.files().join(name), vec![1; 1 << 20]).unwrap();
        }
        let size = size(&desk.files());
        assert!((2 << 20..3 << 20).contains(&size), "{size}");
    }

    #[test]
    fn a_folder_that_does_not_exist_is_named() {
        let error = Desk::below(Path::new("no-such-folder")).unwrap_err();
        assert!(error.to_string().contains("no-such-folder"), "{error}");
    }
}
