//! The checker of *Systems in Rust*: it verifies exercises, serves the book and keeps progress.
//!
//! Each stage is a module that knows only the stages before it; `README.md` names them in order.

pub mod bench;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod commands;
pub mod doctor;
pub mod engine;
pub mod git;
pub mod harness;
pub mod mutate;
pub mod playground;
pub mod progress;
pub mod report;
pub mod runner;
pub mod scaffold;
pub mod site;
pub mod verdict;
pub mod verify;
pub mod watch;
pub mod workspace;
