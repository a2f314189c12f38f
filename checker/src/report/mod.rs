//! What people and machines see of a check.
//!
//! Everything is made from plain data and is written to any `io::Write`, so that each form can be
//! tested without a terminal.

pub mod hint;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod overview;
pub mod program;
pub mod show;
pub mod solution;
pub mod terminal;
pub mod verify;
