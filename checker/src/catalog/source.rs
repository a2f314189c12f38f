//! Where the course's own files come from: a checkout, or the copy inside the binary.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// The course's files, addressed by paths relative to the repository's root with `/` between.
#[derive(Debug, Clone)]
pub enum Source {
    /// A checkout of the course on disk.
    Disk(PathBuf),
    /// The copy that the binary carries.
    #[cfg(feature = "embed")]
    Embedded,
}

#[cfg(feature = "embed")]
mod embedded {
    use include_dir::{Dir, include_dir};

    pub(super) static ROOTS: [(&str, &Dir<'static>); 5] = [
        ("book", &BOOK),
        ("exercises", &EXERCISES),
        ("solutions", &SOLUTIONS),
        ("checker/kit", &KIT),
        ("checker/suites", &SUITES),
    ];
    pub(super) static FILES: [(&str, &str); 4] = [
        ("Cargo.toml", include_str!("../../../Cargo.toml")),
        ("Cargo.lock", include_str!("../../../Cargo.lock")),
        ("book.toml", include_str!("../../../book.toml")),
        (
            "checker/book-code/Cargo.toml",
            include_str!("../../book-code/Cargo.toml"),
        ),
    ];

    static BOOK: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../book");
    static EXERCISES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../exercises");
    static SOLUTIONS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../solutions");
    static KIT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/kit");
    static SUITES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/suites");
}

impl Source {
    /// The course that this program carries: its own copy, or the checkout it was built from.
    #[must_use]
    pub fn built_in() -> Source {
        #[cfg(feature = "embed")]
        {
            Source::Embedded
        }
        #[cfg(not(feature = "embed"))]
        {
            let package = Path::new(env!("CARGO_MANIFEST_DIR"));
            Source::Disk(package.parent().unwrap_or(package).to_path_buf())
        }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self {
            Source::Disk(root) => std::fs::read(root.join(path)),
            #[cfg(feature = "embed")]
            Source::Embedded => embedded_bytes(path)
                .map(<[u8]>::to_vec)
                .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, path.to_owned())),
        }
    }

    /// Reads one file as UTF-8 text.
    ///
    /// # Errors
    /// When there is no such file, or it is not UTF-8.
    pub fn read_text(&self, path: &str) -> io::Result<String> {
        String::from_utf8(self.read(path)?).map_err(|error| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{path} is not UTF-8: {error}"),
            )
        })
    }

    /// Whether the file is there.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        match self {
            Source::Disk(root) => root.join(path).is_file(),
            #[cfg(feature = "embed")]
            Source::Embedded => embedded_bytes(path).is_some(),
        }
    }

    /// Every file below a folder, sorted, as paths relative to the course's root. Build output and
    /// hidden files are left out. A folder that does not exist is empty.
    #[must_use]
    pub fn files_below(&self, folder: &str) -> Vec<String> {
        let mut files = match self {
            Source::Disk(root) => WalkDir::new(root.join(folder))
                .into_iter()
                .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry.path()))
                .filter_map(Result::ok)
                .filter(|entry| entry.file_type().is_file())
                .filter_map(|entry| slashed(entry.path().strip_prefix(root).ok()?))
                .collect::<Vec<_>>(),
            #[cfg(feature = "embed")]
            Source::Embedded => embedded_files(folder),
        };
        files.sort_unstable();
        files
    }
}

/// Folders and files that never belong to the course: build output and hidden ones.
fn is_left_out(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name == "target" || name.starts_with('.'))
}

/// A relative path with `/` between its parts, or nothing if it is not UTF-8.
#[must_use]
pub fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

#[cfg(feature = "embed")]
fn embedded_bytes(path: &str) -> Option<&'static [u8]> {
    if let Some((_, text)) = embedded::FILES.iter().find(|(name, _)| *name == path) {
        return Some(text.as_bytes());
    }
    embedded::ROOTS.iter().find_map(|(root, dir)| {
        let rest = path.strip_prefix(root)?.strip_prefix('/')?;
        Some(dir.get_file(rest)?.contents())
    })
}

#[cfg(feature = "embed")]
fn embedded_files(folder: &str) -> Vec<String> {
    fn collect(root: &str, dir: &include_dir::Dir<'static>, files: &mut Vec<String>) {
        for file in dir.files() {
            if let Some(path) = slashed(file.path()) {
                files.push(format!("{root}/{path}"));
            }
        }
        for inner in dir.dirs() {
            if !is_left_out(inner.path()) {
                collect(root, inner, files);
            }
        }
    }
    let mut files = Vec::new();
    for (root, dir) in &embedded::ROOTS {
        collect(root, dir, &mut files);
    }
    let prefix = format!("{}/", folder.trim_end_matches('/'));
    files.retain(|file| file.starts_with(&prefix) && !is_left_out(Path::new(file.as_str())));
    files
}
