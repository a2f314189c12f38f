//! Every Rust block of the book, compiled and run as doctests.
//!
//! The build script writes one module per chapter and quiz. In its file, each block stands on the
//! line that it has there, so that a failure reads `…/book/<chapter>.md - … (line <line>)`. Blocks
//! with `#[test]` functions are unit tests as well, since doctests would not run those.

pub mod blocks;
pub mod include;

include!(concat!(env!("OUT_DIR"), "/chapters.rs"));

/// The code blocks of all chapters and quizzes.
///
/// # Errors
/// When a file of the book cannot be read.
pub fn all_blocks() -> std::io::Result<Vec<blocks::Block>> {
    let book = blocks::book_dir();
    let mut all = Vec::new();
    for chapter in CHAPTERS {
        let text = std::fs::read_to_string(book.join(chapter))?;
        all.extend(blocks::blocks(chapter, &text));
    }
    for quiz in QUIZZES {
        let text = std::fs::read_to_string(book.join(quiz))?;
        all.extend(blocks::quiz_blocks(quiz, &text));
    }
    Ok(all)
}
