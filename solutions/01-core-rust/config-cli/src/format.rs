//! The formats of files.

use std::fmt;
use std::path::Path;

/// A format that configuration is read from and written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// [TOML](https://toml.io), a file that ends in `.toml`.
    Toml,
    /// [JSON](https://www.rfc-editor.org/rfc/rfc8259), a file that ends in `.json`.
    Json,
}

impl Format {
    /// The format that the extension of `path` tells, whatever its case: `toml` or `json`.
    /// `None` for any other extension, and without one.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        if extension.eq_ignore_ascii_case("toml") {
            Some(Self::Toml)
        } else if extension.eq_ignore_ascii_case("json") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// `TOML` or `JSON`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Toml => "TOML",
            Self::Json => "JSON",
        })
    }
}
