//! The checksum of any part of a file, after one pass over it.

use crate::fs::File;
use crc32fast::Hasher;
use std::io;

/// A checksum is kept for every so many bytes.
const STEP: u64 = 1 << 10;
/// How much the pass reads at once: a multiple of [`STEP`].
const CHUNK: u64 = 256 << 10;

/// Tells the CRC-32 of any part of a file for one or two short reads, however long the part is.
///
/// What can be a record behind damage is told by its checksum alone, and a value can hold a header
/// that announces megabytes at every few of its bytes. To read them for each would take time with
/// the square of the length.
#[derive(Debug)]
pub(crate) struct Sums<'a> {
    file: &'a dyn File,
    start: u64,
    end: u64,
    /// The checksums of what stands between `start` and every [`STEP`]th byte from there on.
    marks: Vec<u32>,
    /// The pieces of the file in which the last part began and ended.
    pieces: [Piece; 2],
}

/// Some bytes of a file.
#[derive(Debug, Default)]
struct Piece {
    /// Where they begin, if they were read.
    begin: Option<u64>,
    bytes: Vec<u8>,
}

impl<'a> Sums<'a> {
    /// Reads a file from `start` to `end`.
    pub(crate) fn new(file: &'a dyn File, start: u64, end: u64) -> io::Result<Self> {
        let mut marks = Vec::new();
        let mut hasher = Hasher::new();
        let mut chunk = Vec::new();
        let mut offset = start;
        while offset < end {
            chunk.resize(CHUNK.min(end - offset) as usize, 0);
            file.read_exact_at(&mut chunk, offset)?;
            for piece in chunk.chunks(STEP as usize) {
                marks.push(hasher.clone().finalize());
                hasher.update(piece);
            }
            offset += chunk.len() as u64;
        }
        marks.push(hasher.finalize());
        Ok(Self {
            file,
            start,
            end,
            marks,
            pieces: Default::default(),
        })
    }

    /// The checksum of the bytes from one offset to a greater one, both within the pass.
    pub(crate) fn of(&mut self, from: u64, to: u64) -> io::Result<u32> {
        let (before, all) = (self.up_to(from, 0)?, self.up_to(to, 1)?);
        // The checksum of two parts is the second's, XORed with what the first's becomes when it is
        // moved over the second. The same XOR takes it out again.
        let mut sum = Hasher::new_with_initial(before);
        sum.combine(&Hasher::new_with_initial_len(all, to - from));
        Ok(sum.finalize())
    }

    /// The checksum of what stands before `offset`.
    fn up_to(&mut self, offset: u64, which: usize) -> io::Result<u32> {
        let mark = (offset - self.start) / STEP;
        let sum = self.marks[mark as usize];
        let begin = self.start + mark * STEP;
        if offset == begin {
            return Ok(sum);
        }
        let piece = &mut self.pieces[which];
        if piece.begin != Some(begin) {
            piece.begin = None;
            piece.bytes.resize(STEP.min(self.end - begin) as usize, 0);
            self.file.read_exact_at(&mut piece.bytes, begin)?;
            piece.begin = Some(begin);
        }
        let mut hasher = Hasher::new_with_initial(sum);
        hasher.update(&piece.bytes[..(offset - begin) as usize]);
        Ok(hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::{STEP, Sums};
    use crate::fs::{Disk, FileSystem};

    #[test]
    fn every_part_has_the_checksum_of_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let file = Disk.create(&dir.path().join("file")).unwrap();
        let bytes: Vec<u8> = (0..3 * STEP + 5).map(|at| (at * at / 7) as u8).collect();
        file.write_all_at(&bytes, 0).unwrap();
        for (start, end) in [(0, 3 * STEP + 5), (3, 2 * STEP + 3), (7, 8)] {
            let mut sums = Sums::new(&*file, start, end).unwrap();
            let near = [0, 1, 4, STEP - 1, STEP, STEP + 1, 2 * STEP, 3 * STEP + 2];
            let offsets = near.map(|at| start + at).into_iter().chain([end]);
            let offsets: Vec<u64> = offsets.filter(|at| *at <= end).collect();
            for from in &offsets {
                for to in offsets.iter().filter(|to| *to > from) {
                    let part = &bytes[*from as usize..*to as usize];
                    assert_eq!(
                        sums.of(*from, *to).unwrap(),
                        crc32fast::hash(part),
                        "{from}..{to}"
                    );
                }
            }
        }
    }
}
