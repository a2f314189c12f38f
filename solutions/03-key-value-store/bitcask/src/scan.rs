//! Reading a log record by record.

use crate::{
    fs::File,
    record::{self, DecodeError, HEADER_LEN, Header, Record},
    sums::Sums,
};
use std::io;

/// How much is read at once, unless a record is longer.
const CHUNK: usize = 256 << 10;
/// How long the checksum of a record is, which does not cover itself.
const CHECKSUM_LEN: u64 = 4;

/// Walks through a log from its beginning. It allocates [`CHUNK`] or the length of the longest
/// record, whichever is more, and never more than the file has; behind damage, also what [`Sums`]
/// keeps. The time that it takes grows with the length of the log, whatever stands in it.
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
    /// The checksums behind the first damage, once they are needed.
    sums: Option<Sums<'a>>,
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
            sums: None,
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
        if self.sums.is_some()
            && let Err(reason) = self.check(offset)?
        {
            return Ok(Some(Found::Damage { offset, reason }));
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
            if Some(offset) != announced {
                self.fill(offset, HEADER_LEN)?;
            }
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
            self.fill(offset, HEADER_LEN)?;
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
        Ok(self.check(offset)?.ok())
    }

    /// Tells, behind the first damage, whether a valid record stands at `offset`, without reading all
    /// of it; and its time, or why there is none.
    fn check(&mut self, offset: u64) -> io::Result<Result<u64, DecodeError>> {
        let header = match self.header(offset)? {
            Ok(header) => header,
            Err(reason) => return Ok(Err(reason)),
        };
        let needed = header.record_len();
        if needed as u64 > self.end - offset {
            return Ok(Err(DecodeError::Incomplete { needed }));
        }
        let sums = match &mut self.sums {
            Some(sums) => sums,
            None => {
                let sums = Sums::new(self.file, self.offset, self.end)?;
                self.sums.insert(sums)
            }
        };
        let expected = sums.of(offset + CHECKSUM_LEN, offset + needed as u64)?;
        let found = header.checksum;
        Ok(if expected == found {
            Ok(header.timestamp)
        } else {
            Err(DecodeError::Checksum { expected, found })
        })
    }

    /// Where the record at `offset` would end by its header, and its time, if the header can be
    /// right.
    fn announced(&mut self, offset: u64) -> io::Result<Option<(u64, u64)>> {
        let header = self.header(offset)?.ok();
        Ok(header.map(|header| (offset + header.record_len() as u64, header.timestamp)))
    }

    /// The header at `offset`. One far away is read by itself, and leaves the buffer where it is.
    fn header(&self, offset: u64) -> io::Result<Result<Header, DecodeError>> {
        let mut apart = [0; HEADER_LEN];
        let len = (HEADER_LEN as u64).min(self.end - offset) as usize;
        let bytes = match self.buffered(offset, len) {
            Some(start) => &self.buffer[start..start + len],
            None => {
                self.file.read_exact_at(&mut apart[..len], offset)?;
                &apart[..len]
            }
        };
        Ok(Header::decode(bytes))
    }

    /// Where in the buffer so many bytes from `offset` on begin, if it holds them.
    fn buffered(&self, offset: u64, len: usize) -> Option<usize> {
        let start = usize::try_from(offset.checked_sub(self.buffered)?).ok()?;
        (start + len <= self.buffer.len()).then_some(start)
    }

    /// Sees to it that the buffer holds the record at `offset`, if there is a whole one, and returns
    /// where in the buffer it begins.
    fn load(&mut self, offset: u64) -> io::Result<usize> {
        self.fill(offset, HEADER_LEN)?;
        let len = match self.header(offset)? {
            Ok(header) if header.record_len() as u64 <= self.end - offset => header.record_len(),
            _ => HEADER_LEN,
        };
        self.fill(offset, len)
    }

    /// Sees to it that the buffer holds `wanted` bytes from `offset` on, or all there are, and returns
    /// where in the buffer they begin.
    fn fill(&mut self, offset: u64, wanted: usize) -> io::Result<usize> {
        let left = self.end - offset;
        let wanted = left.min(wanted as u64) as usize;
        if let Some(start) = self.buffered(offset, wanted) {
            return Ok(start);
        }
        let len = left.min(wanted.max(CHUNK) as u64) as usize;
        self.buffer.clear();
        self.buffer.resize(len, 0);
        self.buffered = offset;
        self.file.read_exact_at(&mut self.buffer, offset)?;
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Scan};
    use crate::{
        fs::File,
        record::{self, Record},
    };
    use std::{
        io,
        sync::atomic::{AtomicU64, Ordering},
    };

    /// A file that counts how many bytes of it are read.
    #[derive(Debug)]
    struct Counted {
        bytes: Vec<u8>,
        read: AtomicU64,
    }

    impl File for Counted {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            let rest = self.bytes.get(offset as usize..).unwrap_or_default();
            let len = rest.len().min(buf.len());
            buf[..len].copy_from_slice(&rest[..len]);
            self.read.fetch_add(len as u64, Ordering::Relaxed);
            Ok(len)
        }

        fn write_all_at(&self, _: &[u8], _: u64) -> io::Result<()> {
            Err(io::ErrorKind::ReadOnlyFilesystem.into())
        }

        fn len(&self) -> io::Result<u64> {
            Ok(self.bytes.len() as u64)
        }

        fn set_len(&self, _: u64) -> io::Result<()> {
            Err(io::ErrorKind::ReadOnlyFilesystem.into())
        }

        fn sync(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Walks over all records and all damage of a file, and asks at each damage whether it is a torn
    /// end. Returns the numbers of records and of damages, and the bytes read for each byte of the file.
    fn walked(bytes: Vec<u8>) -> (usize, usize, u64) {
        let len = bytes.len() as u64;
        let read = AtomicU64::new(0);
        let file = Counted { bytes, read };
        let mut scan = Scan::new(&file).unwrap();
        let (mut records, mut damages) = (0, 0);
        while let Some(found) = scan.next().unwrap() {
            if let Found::Record { .. } = found {
                records += 1;
                continue;
            }
            damages += 1;
            if damages == 1 {
                scan.is_torn_end(0).unwrap();
            }
            if scan.skip_damage().unwrap().is_none() {
                break;
            }
        }
        (records, damages, file.read.into_inner() / len)
    }

    /// Eight bytes that look like the end of a header, again and again.
    fn headers(value_len: u32, count: usize) -> Vec<u8> {
        let lens = [1_u32.to_le_bytes(), value_len.to_le_bytes()];
        lens.concat().repeat(count)
    }

    fn record(timestamp: u64, value: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let record = Record {
            timestamp,
            key: b"key",
            value: Some(value),
        };
        record::encode(&record, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_torn_value_of_headers_is_read_a_few_times_and_not_once_for_each() {
        let whole = record(1, &headers(1 << 17, 1 << 15));
        let torn = whole[..whole.len() - 1].to_vec();
        let (records, damages, reads) = walked(torn);
        assert_eq!((records, damages), (0, 1));
        assert!(reads < 20, "every byte was read {reads} times");
    }

    #[test]
    fn damage_before_headers_is_followed_by_the_next_record() {
        let mut damaged = record(1, &headers(1 << 17, 1 << 15));
        damaged[14] = 0xff;
        damaged.extend(record(2, b"value"));
        let (records, damages, reads) = walked(damaged);
        assert_eq!((records, damages), (1, 1));
        assert!(reads < 20, "every byte was read {reads} times");
    }

    #[test]
    fn headers_between_records_are_damages_and_are_not_read_through() {
        let header = [&[7; 12][..], &headers(1 << 17, 1)].concat();
        let pair = [&header[..], &record(1, b"value")].concat();
        let (records, damages, reads) = walked(pair.repeat(1 << 13));
        assert_eq!((records, damages), (1 << 13, 1 << 13));
        assert!(reads < 200, "every byte was read {reads} times");
    }
}
