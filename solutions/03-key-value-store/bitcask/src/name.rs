//! The names of the files in a directory.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// The file that is locked while the store is open.
pub(crate) const LOCK: &str = "LOCK";

/// What a file with the number of a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A log, written by `put` and `delete`.
    Data,
    /// A log, written by a merge.
    Merged,
    /// The index of the log with the same id.
    Hint,
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Merged => "merged",
            Self::Hint => "hint",
        }
    }
}

/// The path of a file.
pub(crate) fn path(dir: &Path, id: u64, kind: Kind) -> PathBuf {
    dir.join(name(id, kind))
}

/// The path of a file while it is being written.
pub(crate) fn temporary_path(dir: &Path, id: u64, kind: Kind) -> PathBuf {
    dir.join(format!("{}.tmp", name(id, kind)))
}

fn name(id: u64, kind: Kind) -> String {
    format!("{id:010}.{}", kind.extension())
}

/// What a name says, if it is exactly one that a store gives.
pub(crate) fn parse(file_name: &OsStr) -> Option<(u64, Kind)> {
    let file_name = file_name.to_str()?;
    let (digits, extension) = file_name.split_once('.')?;
    let kind = [Kind::Data, Kind::Merged, Kind::Hint]
        .into_iter()
        .find(|kind| kind.extension() == extension)?;
    let id = digits.parse().ok().filter(|id| *id > 0)?;
    (name(id, kind) == file_name).then_some((id, kind))
}

/// Whether a file is what an interrupted writer has left.
pub(crate) fn is_temporary(file_name: &OsStr) -> bool {
    file_name.as_encoded_bytes().ends_with(b".tmp")
}

#[cfg(test)]
mod tests {
    use super::{Kind, parse, path};
    use std::{ffi::OsStr, path::Path};

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for id in [1, 42, 9_999_999_999, 10_000_000_000, u64::MAX] {
            for kind in [Kind::Data, Kind::Merged, Kind::Hint] {
                let path = path(Path::new("store"), id, kind);
                assert_eq!(path.file_name().and_then(parse), Some((id, kind)));
            }
        }
    }

    #[test]
    fn other_names_are_of_others() {
        for name in [
            "LOCK",
            "1.data",
            "0000000000.data",
            "00000000001.data",
            "+000000001.data",
            "0000000001.data.tmp",
            "0000000001.log",
            "0000000001",
            "99999999999999999999999.data",
        ] {
            assert_eq!(parse(OsStr::new(name)), None, "{name}");
        }
    }
}
