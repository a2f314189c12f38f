//! A log-structured store in small: which parcel of a depot lies on which shelf.
//!
//! It has the parts of a real one, at a size that can be read whole: a log of records in files, a
//! directory in memory, a merge, and a disk behind a trait, so that tests can simulate one. What a
//! real store adds are bytes: a record is written whole or not at all here.

pub mod crashes;
pub mod disk;
pub mod history;
pub mod mutant;
pub mod record;
pub mod simulated;
pub mod store;
