//! From the options and files of a command line to a configuration.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::path::Path;

use super::Failure;
use super::args::{Layers, usage_error};
use crate::config::Config;
use crate::error::{Error, Errors};
use crate::format::Format;
use crate::key::find_equals;
use crate::schema::Schema;

/// The name of the standard input among the files of a command line.
const STDIN: &str = "-";

impl Layers {
    /// Reads and merges what the command line names.
    pub(super) fn load(
        &self,
        files: &[OsString],
        env: &[(OsString, OsString)],
        stdin: &mut dyn Read,
    ) -> Result<Config, Failure> {
        if files.is_empty() && self.env.is_none() && self.set.is_empty() && self.schema.is_none() {
            let message = "nothing to read: name a FILE, or give --env, --set or --schema";
            return Err(usage_error(message).into());
        }
        if files.iter().filter(|file| *file == STDIN).count() > 1 {
            return Err(usage_error("the standard input (-) can be read once").into());
        }
        let mut builder = Config::builder();
        for file in files {
            builder = match self.format {
                Some(format) if file == STDIN => builder.text("<stdin>", read_all(stdin)?, format),
                None if file == STDIN => {
                    return Err(usage_error("the standard input (-) needs --format").into());
                }
                Some(format) => builder.file_as(file, format),
                None => builder.file(file),
            };
        }
        if let Some(prefix) = &self.env {
            builder = builder.env(prefix, env.iter().cloned());
        }
        for argument in &self.set {
            let Some(equals) = find_equals(argument) else {
                return Err(usage_error("--set needs KEY=VALUE").into());
            };
            let (key, value) = argument.split_at(equals);
            builder = builder.set(key, value.strip_prefix('=').unwrap_or_default());
        }
        let builder = match &self.schema {
            Some(path) => builder.schema(read_schema(path)?),
            None => builder.without_schema(),
        };
        Ok(builder.build()?)
    }
}

fn read_all(stdin: &mut dyn Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    match stdin.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(Error::Io {
            name: "<stdin>".to_owned(),
            source,
        }),
    }
}

/// Reads the schema in a file.
pub(super) fn read_schema(path: &Path) -> Result<Schema, Errors> {
    let format = format_of(path, None)?;
    let text = read_file(path)?;
    Schema::parse(path.display().to_string(), text, format)
}

/// The format that was given for a file, or that its name tells.
pub(super) fn format_of(path: &Path, given: Option<Format>) -> Result<Format, Error> {
    given
        .or_else(|| Format::from_path(path))
        .ok_or_else(|| Error::UnknownFormat {
            name: path.display().to_string(),
        })
}

/// Reads a file.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io {
        name: path.display().to_string(),
        source,
    })
}
