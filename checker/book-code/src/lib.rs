//! Every Rust block of the book, compiled and run as doctests.
//!
//! The build script writes one module per chapter. In its file, each block stands on the line that
//! it has in the chapter, so that a failure reads `…/book/<chapter>.md - … (line <line>)`. Blocks
//! with `#[test]` functions are unit tests as well, since doctests would not run those.

pub mod blocks;
pub mod include;

include!(concat!(env!("OUT_DIR"), "/chapters.rs"));
