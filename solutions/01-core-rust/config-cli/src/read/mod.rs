//! From the bytes of a file to a tree of values.

mod json;
mod number;
mod toml;

pub(crate) use self::toml::{datetime, inline_value};

use crate::error::Error;
use crate::format::Format;
use crate::key::KeyPath;
use crate::source::{Place, Sources, Text};
use crate::value::Table;

/// What is wrong with a text, and at which byte.
#[derive(Debug)]
pub(crate) struct Fault {
    offset: usize,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Syntax(String),
    Duplicate(String),
}

impl Fault {
    fn syntax(offset: usize, message: impl Into<String>) -> Self {
        Self {
            offset,
            problem: Problem::Syntax(message.into()),
        }
    }

    fn duplicate(offset: usize, name: &str) -> Self {
        Self {
            offset,
            problem: Problem::Duplicate(KeyPath::of_name(name).to_string()),
        }
    }

    pub(crate) fn into_error(self, text: &Text) -> Error {
        let origin = text.origin(self.offset);
        match self.problem {
            Problem::Syntax(message) => Error::Parse { origin, message },
            Problem::Duplicate(key) => Error::Duplicate { key, origin },
        }
    }
}

/// Reads the contents of a file, and adds it to `sources`.
pub(crate) fn read(
    name: String,
    bytes: Vec<u8>,
    format: Format,
    sources: &mut Sources,
) -> Result<Table, Error> {
    let text = decode(name, bytes)?;
    let table =
        parse(text.as_str(), format, sources.next()).map_err(|fault| fault.into_error(&text))?;
    sources.add_text(text);
    Ok(table)
}

/// Reads a text whose beginning is `start`.
pub(crate) fn parse(text: &str, format: Format, start: Place) -> Result<Table, Fault> {
    match format {
        Format::Toml => toml::parse(text, start),
        Format::Json => json::parse(text, start),
    }
}

/// The text that bytes are in UTF-8, without a byte order mark.
pub(crate) fn decode(name: String, mut bytes: Vec<u8>) -> Result<Text, Error> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Text::new(name, text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(valid);
            let before = Text::new(name, String::from_utf8_lossy(&bytes).into_owned());
            Err(Error::Parse {
                origin: before.origin(valid),
                message: "not UTF-8".to_owned(),
            })
        }
    }
}

pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
