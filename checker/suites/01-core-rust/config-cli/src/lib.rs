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
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod syscalls;
mod tool;
mod tree;
