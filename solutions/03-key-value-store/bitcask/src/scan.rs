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
    /// If the header of the damaged record can be right, the next record is expected where it says:
    /// a value may hold bytes that look like a record, and they are none. Otherwise every offset is
    /// tried.
    pub(crate) fn skip_damage(&mut self) -> io::Result<Option<u64>> {
        let damaged = self.offset;
        let announced = self.announced(damaged)?.map(|(end, _)| end);
        if announced == Some(self.end) {
            return Ok(None);
        }
        for offset in announced.into_iter().chain(damaged + 1..self.end) {
            if self.record_at(offset)?.is_some() {
                self.offset = offset;
                return Ok(Some(offset));
            }
        }
        Ok(None)
    }

    /// Whether the damage that [`next`](Scan::next) has found in the last data file is a torn end: it
    /// is not, if a valid record stands anywhere behind it that is newer. `newest` is the greatest time
    /// of all records before the damage, in this file and in those before it.
    ///
    /// The records of data files are in the order of their times. What is not newer was there before
    /// the damaged record was written: in its value, or in a block that the file was given.
    pub(crate) fn is_torn_end(&mut self, newest: u64) -> io::Result<bool> {
        let damaged = self.offset;
        let (end, time) = self.announced(damaged)?.unwrap_or((damaged, 0));
        if end == self.end {
            return Ok(true);
        }
        for offset in damaged + 1..self.end {
            let newest = if offset < end {
                newest.max(time)
            } else {
                newest
            };
            if self.record_at(offset)?.is_some_and(|time| time > newest) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The time of the valid record at `offset`, if there is one.
    fn record_at(&mut self, offset: u64) -> io::Result<Option<u64>> {
        if offset >= self.end {
            return Ok(None);
        }
        let start = self.load(offset)?;
        let decoded = record::decode(&self.buffer[start..]).ok();
        Ok(decoded.map(|(record, _)| record.timestamp))
    }

    /// Where the record at `offset` would end by its header, and its time, if the header can be
    /// right.
    fn announced(&mut self, offset: u64) -> io::Result<Option<(u64, u64)>> {
        let start = self.load(offset)?;
        let announced = record::announced(&self.buffer[start..]);
        Ok(announced.map(|(len, time)| (offset + len as u64, time)))
    }

    /// Sees to it that the buffer holds the record at `offset`, if there is a whole one, and returns
    /// where in the buffer it begins.
    fn load(&mut self, offset: u64) -> io::Result<usize> {
        let start = self.fill(offset, HEADER_LEN)?;
        match record::announced(&self.buffer[start..]) {
            Some((len, _)) if len as u64 <= self.end - offset => self.fill(offset, len),
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
