//! The hidden tests of the LRU cache.

#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report what they find by panicking"
)]

use suite_kit::memory::CountingAllocator;

mod driven;
mod hashing;
mod model;
mod p1_core;
mod p2_lookups;
mod p3_removal;
mod p4_iteration;
mod p5_soundness;
mod p6_shared;
mod shared;
mod tracked;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;
