//! Writing a whole configuration.

mod json;
mod toml;

pub(crate) use self::toml::{inline, write_name};

use crate::error::Error;
use crate::format::Format;
use crate::key::KeyPath;
use crate::notation::{Secrets, explained};
use crate::value::{Node, Table};

/// The text of a configuration in a format.
pub(crate) fn dump(root: &Table, format: Format, secrets: Secrets) -> Result<String, Error> {
    match format {
        Format::Toml => toml::write(root, secrets),
        Format::Json => json::write(root, secrets),
    }
}

/// Says that `format` has no way to write a value.
fn not_representable(path: &KeyPath, format: Format, node: &Node) -> Error {
    Error::NotRepresentable {
        key: path.to_string(),
        format,
        value: explained(node),
    }
}
