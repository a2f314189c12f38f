//! # A Bitcask store
//!
//! A key-value store that appends every write to a log, keeps the place of every key's newest
//! record in memory, and loses nothing that it has acknowledged.
//!
//! ```
//! use bitcask::{Bitcask, Options};
//!
//! # let dir = tempfile::tempdir()?;
//! # let dir = dir.path().join("store");
//! let store = Bitcask::open(&dir, Options::default())?;
//! store.put(b"ada", b"1815")?; // durable on return
//! assert_eq!(store.get(b"ada")?.as_deref(), Some(&b"1815"[..]));
//! assert!(store.delete(b"ada")?);
//! assert!(store.is_empty());
//! store.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## How it is built
//!
//! | phase | module | what it does |
//! |---|---|---|
//! | 1 | [`record`] | the format of a record |
//! | 1 | `log`, `directory` | an open file, a place in it, and the place of every live key |
//! | 2 | `scan`, `load` | reading what a crash has left |
//! | 2 | `sums` | looking for records behind damage, in a time that no value can stretch |
//! | 2 | [`check`] | telling damage and what can be saved |
//! | 3 | `name`, `writer` | the active file, sealing it, and what is durable |
//! | 4 | `merge`, `output` | copying what is alive, in the order that survives a stop anywhere |
//! | 5 | [`hint`] | the format of a hint |
//! | 6 | `shared` | group commit, and what the threads share |
//!
//! All input and output goes through [`fs`].
//!
//! ## Locks
//!
//! In the order in which they are taken: *merging* (one merge at a time), *writer* (the active file,
//! and the order of writes), *directory* (the places of the keys). Only the writer's is held during
//! a call to the file system, and readers never take it.

#![deny(missing_docs)]

pub mod check;
mod directory;
mod error;
pub mod fs;
pub mod hint;
mod load;
mod log;
mod merge;
mod name;
mod options;
mod output;
pub mod record;
mod scan;
mod shared;
mod stats;
mod store;
mod sums;
mod writer;

pub use error::{Damage, Error, Result};
pub use options::{Options, Sync};
pub use stats::Stats;
pub use store::{Bitcask, Iter};

/// The greatest length of a key in bytes.
pub const MAX_KEY_LEN: usize = 65_535;
/// The greatest length of a value in bytes: 64 MiB.
pub const MAX_VALUE_LEN: usize = 64 << 20;
