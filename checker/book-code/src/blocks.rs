//! The code blocks of the book's chapters and quizzes.

use std::io;
use std::path::{Path, PathBuf};

use course_quiz::Quiz;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// A code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its chapter or quiz, relative to the book's folder.
    pub chapter: String,
    /// The line of its fence, from 1; of an indented block, its first line.
    pub line: usize,
    /// What stands behind the fence.
    pub info: String,
    /// The code, with the indentation of a surrounding list removed.
    pub code: String,
}

impl Block {
    /// The words behind the fence.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.info
            .split([',', ' ', '\t'])
            .filter(|label| !label.is_empty())
    }

    /// Whether the block is marked as Rust.
    pub fn is_rust(&self) -> bool {
        self.labels().next() == Some("rust")
    }

    /// Whether the block must not compile.
    pub fn must_fail(&self) -> bool {
        self.labels().any(|label| label == "compile_fail")
    }

    /// Whether the block has test functions that a doctest would leave aside.
    pub fn has_tests(&self) -> bool {
        self.is_rust() && self.code.contains("#[test]") && !self.must_fail()
    }

    /// The code with the marks of hidden lines removed.
    pub fn visible(&self) -> String {
        let lines = self.code.lines().map(|line| {
            let content = line.trim_start();
            let indent = &line[..line.len() - content.len()];
            match content {
                "#" => String::new(),
                _ if content.starts_with("##") => format!("{indent}{}", &content[1..]),
                _ => match content.strip_prefix("# ") {
                    Some(hidden) => format!("{indent}{hidden}"),
                    None => line.to_owned(),
                },
            }
        });
        lines.flat_map(|line| [line, "\n".to_owned()]).collect()
    }
}

/// The book's folder.
pub fn book_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book")
}

/// Every chapter on disk, sorted, relative to the book's folder with `/` between. The page of
/// addresses that lead nowhere is no chapter, nor is what describes the theme.
///
/// # Errors
/// When a folder of the book cannot be read.
pub fn chapters(book: &Path) -> io::Result<Vec<String>> {
    files(book, |path| {
        path.ends_with(".md")
            && !["SUMMARY.md", "404.md"].contains(&path)
            && !path.starts_with("theme/")
    })
}

/// The files below a folder that `keep` accepts, sorted, relative to the folder with `/` between.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(top: &Path, keep: impl Fn(&str) -> bool) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(top.join(&folder))? {
            let entry = entry?;
            let path = format!("{folder}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push(path + "/");
            } else if keep(&path) {
                files.push(path);
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The name of the module of a chapter or quiz.
pub fn module(chapter: &str) -> String {
    let words: Vec<&str> = chapter
        .strip_suffix(".md")
        .unwrap_or(chapter)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .collect();
    format!("book_{}", words.join("_").to_lowercase())
}

/// The code blocks of a chapter, in order.
pub fn blocks(chapter: &str, text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                open = Some(Block {
                    chapter: chapter.to_owned(),
                    line: text[..range.start].matches('\n').count() + 1,
                    info,
                    code: String::new(),
                });
            }
            Event::Text(code) => {
                if let Some(block) = &mut open {
                    block.code.push_str(&code);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// Every quiz on disk, sorted, relative to the book's folder: the TOML files in folders `quizzes`.
///
/// # Errors
/// When a folder of the book cannot be read.
pub fn quizzes(book: &Path) -> io::Result<Vec<String>> {
    files(book, |path| {
        path.ends_with(".toml") && path.rsplit('/').nth(1) == Some("quizzes")
    })
}

/// The code blocks in the prompts and reasons of a quiz, by line. One that breaks the rules of
/// quizzes has none: a test of its own reports it.
pub fn quiz_blocks(name: &str, text: &str) -> Vec<Block> {
    let Ok(quiz) = Quiz::parse(text) else {
        return Vec::new();
    };
    let mut blocks: Vec<Block> = quiz
        .texts()
        .flat_map(|markdown| {
            let mut found = blocks(name, &markdown.text);
            for block in &mut found {
                block.line += markdown.line - 1;
            }
            found
        })
        .collect();
    blocks.sort_by_key(|block| block.line);
    blocks
}
