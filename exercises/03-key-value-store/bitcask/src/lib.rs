//! # A Bitcask store
//!
//! You build a key-value store that appends every write to a log, keeps the place of every key's
//! newest record in memory, and loses nothing that it has acknowledged: not when the process is
//! killed, and not when the power fails.
//!
//! ```no_run
//! use bitcask::{Bitcask, Options};
//!
//! let store = Bitcask::open("store", Options::default())?;
//! store.put(b"ada", b"1815")?; // durable on return
//! assert_eq!(store.get(b"ada")?.as_deref(), Some(&b"1815"[..]));
//! store.close()?;
//! # Ok::<(), bitcask::Error>(())
//! ```
//!
//! ## Where to begin
//!
//! Begin with [`record::encode`] and [`record::decode`]: they need no file. Then write
//! [`Bitcask::open_with`], [`Bitcask::put`] and [`Bitcask::get`] for a single file. Together
//! they are phase 1. Every body that you have to write is a `todo!` that names its phase, and the comment above it
//! is the contract that the hidden tests verify.
//!
//! | phase | you write | file |
//! |---|---|---|
//! | 1 Records | the format of a record; a store in one file; `kv set`, `get`, `rm`, `list`, `pipe` | `record.rs`, `store.rs`, `main.rs` |
//! | 2 Recovery | opening what a crash has left; `kv check` | `store.rs`, `main.rs` |
//! | 3 Files | rotation, one opener at a time, syncs; `kv stats` | `store.rs`, `main.rs` |
//! | 4 Merge | `merge`, `merge_files`; `kv merge` | `store.rs`, `main.rs` |
//! | 5 Hint files | the format of a hint; opening without reading values | `hint.rs`, `store.rs` |
//! | 6 Concurrency | group commit, readers that wait for nobody | `store.rs` |
//!
//! `error.rs`, `fs.rs`, `options.rs` and `stats.rs` are complete.
//!
//! ## What is yours to choose
//!
//! The signatures and the documented behavior are fixed, and so is the disk format, which the
//! chapter documents to the byte. Everything private is yours: the table of keys, the locks, what
//! is buffered, more files and modules. These crates are declared as dependencies, and none of them
//! has to be used:
//!
//! - `crc32fast` computes the CRC-32 of the format.
//! - `clap` parses arguments, and reads `KV_DIR` with `#[arg(env = "KV_DIR")]`.
//! - `thiserror` derives the traits of errors.
//!
//! ## What holds throughout
//!
//! - All input and output goes through [`fs`]: a call of `std::fs` past it is not seen by the disk
//!   that the hidden tests put underneath.
//! - Nothing panics, whatever the directory holds, and no length is believed before it was compared
//!   with the file.
//! - A `get` returns a value that was put under its key, or `None`, or an error. Never anything
//!   else.

#![deny(missing_docs)]

mod error;
pub mod fs;
pub mod hint;
mod options;
pub mod record;
mod stats;
mod store;

pub use error::{Damage, Error, Result};
pub use options::{Options, Sync};
pub use stats::Stats;
pub use store::{Bitcask, Iter};

/// The greatest length of a key in bytes.
pub const MAX_KEY_LEN: usize = 65_535;
/// The greatest length of a value in bytes: 64 MiB.
pub const MAX_VALUE_LEN: usize = 64 << 20;
