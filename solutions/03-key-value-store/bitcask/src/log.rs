//! An open data or merged file, and a record's place in it.

use crate::{
    error::{Damage, Error, Result},
    fs::File,
    record::{self, DecodeError, HEADER_LEN},
};
use std::{
    io::{self, ErrorKind},
    path::PathBuf,
    sync::Arc,
};

/// A data or merged file. It stays readable, also after its removal, for as long as somebody has
/// it.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) id: u64,
    pub(crate) path: PathBuf,
    pub(crate) file: Arc<dyn File>,
}

impl Log {
    pub(crate) fn io_error(&self, source: io::Error) -> Error {
        Error::Io {
            path: self.path.clone(),
            source,
        }
    }

    pub(crate) fn corrupt(&self, offset: u64, reason: impl Into<Damage>) -> Error {
        Error::Corrupt {
            path: self.path.clone(),
            offset,
            reason: reason.into(),
        }
    }
}

/// Where a record stands, and which one it is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) log: Arc<Log>,
    pub(crate) offset: u64,
    /// The length of the record in bytes.
    pub(crate) len: u32,
    pub(crate) timestamp: u64,
}

impl Place {
    /// Whether both are the same bytes of the same file.
    pub(crate) fn is(&self, log: &Arc<Log>, offset: u64) -> bool {
        Arc::ptr_eq(&self.log, log) && self.offset == offset
    }

    /// The value of the record, which must be that of this key: one read.
    pub(crate) fn read(&self, key: &[u8]) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.len as usize];
        match self.log.file.read_exact_at(&mut bytes, self.offset) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                let needed = self.len as usize;
                return Err(self.corrupt(DecodeError::Incomplete { needed }));
            }
            Err(error) => return Err(self.log.io_error(error)),
        }
        let (record, len) = record::decode(&bytes).map_err(|reason| self.corrupt(reason))?;
        let is_expected =
            len == bytes.len() && record.key == key && record.timestamp == self.timestamp;
        if record.value.is_none() || !is_expected {
            return Err(self.corrupt(Damage::OtherRecord));
        }
        bytes.drain(..HEADER_LEN + key.len());
        Ok(bytes)
    }

    fn corrupt(&self, reason: impl Into<Damage>) -> Error {
        self.log.corrupt(self.offset, reason)
    }
}
