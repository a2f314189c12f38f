//! An append-only log in small: what happens at the door of a depot, one entry for each event.
//!
//! It has no keys and no index. What it has are the two things that a store is built on: bytes that
//! are still there after a crash, and a format that tells whole entries from torn ones.

pub mod clock;
pub mod crc;
pub mod entry;
pub mod log;
pub mod replace;
pub mod scan;
