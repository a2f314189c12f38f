//! What a file says, and how it ends.

use crate::entry::{Entry, Flaw, decode};

/// How the entries of a file end.
// ANCHOR: tail
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// With the last byte of an entry.
    Clean,
    /// With bytes that are no entry, and no entry comes after them: a crash explains it.
    Torn(Flaw),
    /// With bytes that are no entry, although entries come after them, the first at this offset:
    /// no crash explains it.
    Damaged(Flaw, usize),
}
// ANCHOR_END: tail

/// The valid entries at the beginning of the bytes, their length together, and what follows them.
// ANCHOR: scan
pub fn scan(bytes: &[u8]) -> (Vec<Entry<'_>>, usize, Tail) {
    let (mut entries, mut rest) = (Vec::new(), bytes);
    let flaw = loop {
        if rest.is_empty() {
            return (entries, bytes.len(), Tail::Clean);
        }
        match decode(rest) {
            Ok((entry, behind)) => {
                entries.push(entry);
                rest = behind;
            }
            Err(flaw) => break flaw,
        }
    };
    let end = bytes.len() - rest.len();
    let last = entries.last().map_or(0, |entry| entry.time);
    let resumed = (end + 1..bytes.len())
        .find(|offset| decode(&bytes[*offset..]).is_ok_and(|(entry, _)| entry.time > last));
    let tail = match resumed {
        Some(offset) => Tail::Damaged(flaw, offset),
        None => Tail::Torn(flaw),
    };
    (entries, end, tail)
}
// ANCHOR_END: scan
