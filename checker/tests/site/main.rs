//! The book: built from a small course, served, rebuilt, and closed to strangers.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod build;
mod course;
mod door;
mod live;
mod publish;
mod quiz;
mod refusals;
mod run;
mod serve;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod whole;
mod workshop;
