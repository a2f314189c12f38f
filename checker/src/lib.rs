//! The checker of *Systems in Rust*: it verifies exercises, serves the book and keeps progress.
//!
//! Each stage is a module that knows only the stages before it; `README.md` names them in order.

pub mod catalog;
pub mod verdict;
