//! Turns the book's chapters and quizzes into modules whose documentation holds their Rust blocks.

#![allow(unreachable_pub, reason = "the modules are public in the library")]

#[path = "src/blocks.rs"]
mod blocks;
#[path = "src/include.rs"]
mod include;

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use blocks::Block;

fn main() -> Result<(), Box<dyn Error>> {
    let book = blocks::book_dir();
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", book.display());
    println!("cargo:rerun-if-changed=src/blocks.rs");
    println!("cargo:rerun-if-changed=src/include.rs");
    let chapters = blocks::chapters(&book)?;
    let quizzes = blocks::quizzes(&book)?;
    let mut modules = String::new();
    for file in &chapters {
        let text = std::fs::read_to_string(book.join(file))?;
        module(&mut modules, file, blocks::blocks(file, &text), &out)?;
    }
    for file in &quizzes {
        let text = std::fs::read_to_string(book.join(file))?;
        module(&mut modules, file, blocks::quiz_blocks(file, &text), &out)?;
    }
    writeln!(modules, "/// The chapters, relative to the book's folder.")?;
    writeln!(modules, "pub const CHAPTERS: &[&str] = &{chapters:?};")?;
    writeln!(modules, "/// The quizzes, relative to the book's folder.")?;
    writeln!(modules, "pub const QUIZZES: &[&str] = &{quizzes:?};")?;
    write(&out.join("chapters.rs"), &modules)?;
    Ok(())
}

/// Declares the module of a chapter or quiz and writes its file, in which each Rust block stands
/// on its own line of the source.
fn module(
    modules: &mut String,
    source: &str,
    blocks: Vec<Block>,
    out: &Path,
) -> Result<(), Box<dyn Error>> {
    let folder = blocks::book_dir()
        .join(source)
        .parent()
        .map(PathBuf::from)
        .unwrap_or_default();
    let mut generated = Vec::new();
    for mut block in blocks {
        if !block.is_rust() {
            continue;
        }
        let line = block.line;
        if generated.len() >= line {
            return Err(format!("book/{source}:{line}: two blocks begin on this line").into());
        }
        let expanded = include::expand(&block.code, &folder)
            .map_err(|error| format!("book/{source}:{line}: {error}"))?;
        for file in expanded.files {
            println!("cargo:rerun-if-changed={}", file.display());
        }
        block.code = expanded.code;
        if expanded.is_listing {
            // It names what stands around it, and is compiled and tested there.
            "text".clone_into(&mut block.info);
        }
        generated.resize(line - 1, String::new());
        generated.push(item(&block, out)?);
    }
    let file = out.join("book").join(source);
    write(&file, &(generated.join("\n") + "\n"))?;
    let documentation = format!("The blocks of `book/{source}`.");
    writeln!(modules, "#[doc = {documentation:?}]")?;
    writeln!(
        modules,
        "#[path = {file:?}]\npub mod {};",
        blocks::module(source)
    )?;
    Ok(())
}

/// A module on one line, whose documentation is the block.
fn item(block: &Block, out: &Path) -> Result<String, Box<dyn Error>> {
    let fence = if block.code.contains("```") {
        "````"
    } else {
        "```"
    };
    let doc = format!("{fence}{}\n{}{fence}", block.info, block.code);
    let line = block.line;
    let mut item = format!("#[doc = {doc:?}] pub mod line_{line} {{}}");
    if block.has_tests() {
        let file = out
            .join("tests")
            .join(&block.chapter)
            .join(format!("line_{line}.rs"));
        write(&file, &block.visible())?;
        write!(
            item,
            " #[cfg(test)] mod tests_of_line_{line} {{ include!({file:?}); }}"
        )?;
    }
    Ok(item)
}

fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text)
}
