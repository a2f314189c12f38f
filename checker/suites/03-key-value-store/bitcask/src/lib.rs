//! The hidden tests of the Bitcask store.

#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report what they find by panicking"
)]

mod crash;
mod driven;
mod format;
mod history;
mod p4_merge;
mod p5_hints;
mod p6_concurrency;
mod simulated;
