//! What the hidden suites share.
//!
//! A suite's tests drive a learner's code through its public face, note what they did in a
//! [`Scenario`], and fail with the evidence. The same tests run under plain `cargo test` and, one
//! process each, under the checker ([`process::main`]).

#![deny(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support reports what it finds by panicking"
)]

mod desk;
mod failure;
mod json;
mod steps;

pub mod disk;
pub mod drops;
pub mod environment;
pub mod linear;
pub mod lines;
pub mod memory;
pub mod panics;
pub mod process;
#[cfg(feature = "property")]
pub mod property;
pub mod scenario;
pub mod server;
pub mod temp;
pub mod text;
pub mod threads;
pub mod time;

pub use failure::Failure;
pub use scenario::Scenario;
