//! Joins a suite with a crate and builds one binary from both.
//!
//! ```text
//! room/
//!   Cargo.toml            the harness: one test binary, its own workspace
//!   Cargo.lock            the course's
//!   suite/main.rs         the suite's root and the table of its tests
//!   suite/p1_….rs         the phases, lines kept
//!   exercises/…           the crate under test, with a manifest of the course
//!   cases/src/bin/….rs    programs that must not compile
//!   miri/src/bin/….rs     programs that run under Miri, where it is installed
//! ```
//! The crate stands at the same relative path as in the learner's folder, so that rustc's
//! messages and panics name the learner's own files.

pub mod benches;
mod blame;
pub mod blocks;
pub mod build;
pub mod cargo;
pub mod cases;
mod configuration;
pub mod durations;
mod freshness;
pub mod interface;
mod linker;
pub mod miri;
pub mod room;

pub use self::build::{Build, Built};
pub use self::cargo::BuildError;
pub use self::room::{Room, RoomError, Wait};
