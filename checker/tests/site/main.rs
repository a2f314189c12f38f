//! The book: built from a small course, served, rebuilt, and closed to strangers.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod build;
mod course;
mod quiz;
mod serve;
