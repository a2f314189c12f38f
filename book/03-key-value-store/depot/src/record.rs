//! What a log consists of.

// ANCHOR: record
/// One event in the life of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Greater than the time of every record that was written before.
    pub time: u64,
    /// The number on the parcel: the key.
    pub parcel: u32,
    /// Where it was put: the value. `None` is a tombstone: it was handed out.
    pub shelf: Option<u16>,
}
// ANCHOR_END: record
