//! The hidden tests of the configuration tool.

#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report what they find by panicking"
)]

mod built;
mod p1_get;
mod p2_merge;
mod p3_environment;
mod p4_validation;
mod p5_provenance;
mod p6_hardening;
mod program;
mod streams;
mod tool;
mod tree;
