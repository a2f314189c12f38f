//! The book's files on disk, where mdBook reads them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{BuildError, io_error};
use crate::catalog::source::{Source, slashed};

/// The folder that holds `book.toml` and everything that it leads to: the checkout, or a copy of
/// the program's own files below `work_dir`.
pub(super) fn root_of(source: &Source, work_dir: &Path) -> Result<PathBuf, BuildError> {
    if let Some(root) = on_disk(source) {
        return Ok(root.to_path_buf());
    }
    let root = work_dir.join("book-source");
    write_out(source, &root)?;
    Ok(root)
}

fn on_disk(source: &Source) -> Option<&Path> {
    match source {
        Source::Disk(root) => Some(root),
        #[cfg(feature = "embed")]
        Source::Embedded => None,
    }
}

/// Writes the book and the files that its chapters include; files that nothing needs any more go.
fn write_out(source: &Source, root: &Path) -> Result<(), BuildError> {
    let mut wanted: BTreeSet<String> = source.files_below("book").into_iter().collect();
    let chapters: Vec<String> = wanted
        .iter()
        .filter(|path| path.ends_with(".md"))
        .cloned()
        .collect();
    for chapter in chapters {
        let text = source
            .read_text(&chapter)
            .map_err(io_error(Path::new(&chapter)))?;
        wanted.extend(includes(&chapter, &text).filter(|path| source.contains(path)));
    }
    wanted.insert("book.toml".to_owned());
    for path in &wanted {
        let content = source.read(path).map_err(io_error(Path::new(path)))?;
        write_if_changed(&root.join(path), &content)?;
    }
    for entry in WalkDir::new(root).into_iter().filter_map(Result::ok) {
        let relative = entry.path().strip_prefix(root).ok().and_then(slashed);
        let is_wanted = relative.is_some_and(|path| wanted.contains(&path));
        if entry.file_type().is_file() && !is_wanted {
            std::fs::remove_file(entry.path()).map_err(io_error(entry.path()))?;
        }
    }
    Ok(())
}

fn write_if_changed(path: &Path, content: &[u8]) -> Result<(), BuildError> {
    if std::fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(io_error(parent))?;
    }
    std::fs::write(path, content).map_err(io_error(path))
}

/// The files that a chapter includes, relative to the course.
fn includes<'a>(chapter: &'a str, text: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split("{{#").skip(1).filter_map(move |rest| {
        let (command, _) = rest.split_once("}}")?;
        let mut words = command.split_whitespace();
        let kind = words.next()?;
        if !matches!(kind, "include" | "rustdoc_include" | "playground") {
            return None;
        }
        let file = words.next()?.split(':').next()?;
        let mut parts: Vec<&str> = chapter.split('/').collect();
        parts.pop();
        for part in file.split('/') {
            match part {
                "." | "" => {}
                ".." => {
                    parts.pop()?;
                }
                name => parts.push(name),
            }
        }
        Some(parts.join("/"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_are_found_relative_to_the_course() {
        let text = "a {{#include ../../solutions/x/src/lib.rs:anchor}} b\n\
                    {{#rustdoc_include ./y.rs}} {{#figure z.svg}} {{#include ../../../out.rs}}";
        let found: Vec<String> = includes("book/m/c.md", text).collect();
        assert_eq!(found, ["solutions/x/src/lib.rs", "book/m/y.rs"]);
    }

    #[test]
    fn a_copy_holds_the_book_what_it_includes_and_nothing_else() {
        let course = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            write_if_changed(&course.path().join(path), text.as_bytes()).unwrap();
        };
        write("book.toml", "[book]\n");
        write("book/a.md", "{{#include ../solutions/s.rs}}");
        write("solutions/s.rs", "s");
        write("solutions/secret.rs", "t");
        let copy = tempfile::tempdir().unwrap();
        std::fs::write(copy.path().join("stale.md"), "old").unwrap();
        write_out(&Source::Disk(course.path().to_path_buf()), copy.path()).unwrap();
        let mut files: Vec<String> = WalkDir::new(copy.path())
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .filter_map(|entry| slashed(entry.path().strip_prefix(copy.path()).ok()?))
            .collect();
        files.sort_unstable();
        assert_eq!(files, ["book.toml", "book/a.md", "solutions/s.rs"]);
    }

    #[test]
    fn a_file_is_written_only_when_its_content_differs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        write_if_changed(&path, b"one").unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        file.set_modified(long_ago).unwrap();
        write_if_changed(&path, b"one").unwrap();
        assert_eq!(path.metadata().unwrap().modified().unwrap(), long_ago);
        write_if_changed(&path, b"two").unwrap();
        assert_ne!(path.metadata().unwrap().modified().unwrap(), long_ago);
    }
}
