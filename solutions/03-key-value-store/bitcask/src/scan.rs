//! Reading a log record by record.

use crate::{
    fs::File,
    record::{self, DecodeError, HEADER_LEN, Record},
};
use std::io;

/// How much is read at once, unless a record is longer.
const CHUNK: usize = 256 << 10;

/// Walks through a log from its beginning. It allocates [`CHUNK`] or the length of the longest
/// record, whichever is more, and never more than the file has.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    file: &'a dyn File,
    /// The length of the file when the scan began.
    end: u64,
    /// Where the next record begins.
    offset: u64,
    /// Bytes of the file, from `buffered` on.
    buffer: Vec<u8>,
    buffered: u64,
}

/// What stands at a place of a log.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    Record {
        offset: u64,
        record: Record<'a>,
        /// The record as it stands there.
        bytes: &'a [u8],
    },
    /// No record, for this reason. What follows, nobody knows.
    Damage { offset: u64, reason: DecodeError },
}

impl<'a> Scan<'a> {
    pub(crate) fn new(file: &'a dyn File) -> io::Result<Self> {
        Ok(Self {
            file,
            end: file.len()?,
            offset: 0,
            buffer: Vec::new(),
            buffered: 0,
        })
    }

    /// The length of the file in bytes.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// What stands behind the last record that was found; `None` at the end of the file. After a
    /// damage, this finds the same damage again.
    pub(crate) fn next(&mut self) -> io::Result<Option<Found<'_>>> {
        let offset = self.offset;
        if offset >= self.end {
            return Ok(None);
        }
        let start = self.load(offset)?;
        Ok(Some(match record::decode(&self.buffer[start..]) {
            Ok((record, len)) => {
                self.offset += len as u64;
                Found::Record {
                    offset,
                    record,
                    bytes: &self.buffer[start..start + len],
                }
            }
            Err(reason) => Found::Damage { offset, reason },
        }))
    }

    /// Goes on at the first valid record behind the damage that [`next`](Scan::next) has found, and
    /// returns its offset. `None` says that there is no such record.
    ///
    /// If the header of the damaged record can be right, and what it says leads to a valid record,
    /// that is the next one: a value may hold bytes that look like a record, and they are none.
    /// Otherwise every offset is tried.
    pub(crate) fn skip_damage(&mut self) -> io::Result<Option<u64>> {
        let damaged = self.offset;
        let start = self.load(damaged)?;
        let announced = record::announced_len(&self.buffer[start..]);
        let behind = announced.map(|len| damaged + len as u64);
        for offset in behind.into_iter().chain(damaged + 1..self.end) {
            if self.is_record(offset)? {
                self.offset = offset;
                return Ok(Some(offset));
            }
        }
        Ok(None)
    }

    fn is_record(&mut self, offset: u64) -> io::Result<bool> {
        if offset >= self.end {
            return Ok(false);
        }
        let start = self.load(offset)?;
        Ok(record::decode(&self.buffer[start..]).is_ok())
    }

    /// Sees to it that the buffer holds the record at `offset`, if there is a whole one, and returns
    /// where in the buffer it begins.
    fn load(&mut self, offset: u64) -> io::Result<usize> {
        let start = self.fill(offset, HEADER_LEN)?;
        match record::announced_len(&self.buffer[start..]) {
            Some(len) if len as u64 <= self.end - offset => self.fill(offset, len),
            _ => Ok(start),
        }
    }

    /// Sees to it that the buffer holds `wanted` bytes from `offset` on, or all there are, and returns
    /// where in the buffer they begin.
    fn fill(&mut self, offset: u64, wanted: usize) -> io::Result<usize> {
        let wanted = (wanted as u64).min(self.end - offset);
        let buffered_end = self.buffered + self.buffer.len() as u64;
        if offset >= self.buffered && offset + wanted <= buffered_end {
            return Ok((offset - self.buffered) as usize);
        }
        let len = wanted.max(CHUNK as u64).min(self.end - offset) as usize;
        self.buffer.clear();
        self.buffer.resize(len, 0);
        self.buffered = offset;
        self.file.read_exact_at(&mut self.buffer, offset)?;
        Ok(0)
    }
}
