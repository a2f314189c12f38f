//! The hidden tests of the Bitcask store.

#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report what they find by panicking"
)]

use suite_kit::memory::CountingAllocator;

mod crash;
mod driven;
mod format;
mod history;
mod p1_records;
mod p2_recovery;
mod p3_files;
mod p4_merge;
mod p5_hints;
mod p6_concurrency;
mod program;
mod python;
mod simulated;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;
