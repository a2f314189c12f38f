//! Turns the book's chapters into modules whose documentation holds their Rust blocks.

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
    let mut modules = String::new();
    for chapter in &chapters {
        let text = std::fs::read_to_string(book.join(chapter))?;
        let mut generated = Vec::new();
        for mut block in blocks::blocks(chapter, &text) {
            if !block.is_rust() {
                continue;
            }
            let folder = book
                .join(chapter)
                .parent()
                .map(PathBuf::from)
                .unwrap_or_default();
            let expanded = include::expand(&block.code, &folder)
                .map_err(|error| format!("book/{chapter}:{}: {error}", block.line))?;
            for file in expanded.files {
                println!("cargo:rerun-if-changed={}", file.display());
            }
            block.code = expanded.code;
            generated.resize(block.line - 1, String::new());
            generated.push(item(&block, &out)?);
        }
        let file = out.join("book").join(chapter);
        write(&file, &(generated.join("\n") + "\n"))?;
        writeln!(
            modules,
            "#[doc = {:?}]",
            format!("The blocks of `book/{chapter}`.")
        )?;
        writeln!(
            modules,
            "#[path = {file:?}]\npub mod {};",
            blocks::module(chapter)
        )?;
    }
    writeln!(modules, "/// The chapters, relative to the book's folder.")?;
    writeln!(modules, "pub const CHAPTERS: &[&str] = &{chapters:?};")?;
    write(&out.join("chapters.rs"), &modules)?;
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
