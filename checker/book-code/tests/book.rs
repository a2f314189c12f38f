//! The rules that every block of the book keeps, and the proof that none is forgotten.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeSet;
use std::path::Path;

use book_code::blocks::{self, Block};
use book_code::include;
use pulldown_cmark::{Event, Parser, Tag};

fn chapter(name: &str) -> String {
    std::fs::read_to_string(blocks::book_dir().join(name)).unwrap()
}

/// Where each block stands that breaks a rule.
fn offenders(breaks: impl Fn(&Block) -> bool) -> Vec<String> {
    book_code::all_blocks()
        .unwrap()
        .iter()
        .filter(|block| breaks(block))
        .map(|block| format!("book/{}:{}: ```{}", block.chapter, block.line, block.info))
        .collect()
}

fn looks_like_rust(code: &str) -> bool {
    let marks = [
        "fn ",
        "let ",
        "impl ",
        "use std::",
        "pub ",
        "struct ",
        "enum ",
        "trait ",
    ];
    let counts = |line: &str| {
        let line = line.trim_start_matches("# ").trim_start();
        marks.iter().any(|mark| line.starts_with(mark)) && line.ends_with([';', '{', '}', ','])
    };
    code.lines().any(counts)
}

#[test]
fn every_chapter_of_the_summary_has_a_module_and_no_chapter_is_outside_of_it() {
    let summary = chapter("SUMMARY.md");
    let linked: BTreeSet<String> = Parser::new(&summary)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) if !dest_url.is_empty() => {
                Some(dest_url.trim_start_matches("./").to_owned())
            }
            _ => None,
        })
        .collect();
    let modules: BTreeSet<String> = book_code::CHAPTERS
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(!linked.is_empty());
    assert_eq!(linked, modules);
}

#[test]
fn every_rust_block_is_a_doctest_on_its_own_line() {
    let generated = Path::new(env!("OUT_DIR")).join("book");
    let mut count = 0;
    for block in book_code::all_blocks()
        .unwrap()
        .iter()
        .filter(|block| block.is_rust())
    {
        let file = std::fs::read_to_string(generated.join(&block.chapter)).unwrap();
        let item = file.lines().nth(block.line - 1).unwrap();
        let written = chapter(&block.chapter);
        let fence = written.lines().nth(block.line - 1).unwrap();
        assert!(item.starts_with("#[doc = \"```"), "{item}");
        assert!(fence.contains(&format!("```{}", block.info)), "{fence}");
        count += 1;
    }
    assert!(count > 0, "the book has no Rust blocks");
}

#[test]
fn no_block_is_ignored() {
    let found = offenders(|block| block.labels().any(|label| label.starts_with("ignore")));
    assert!(
        found.is_empty(),
        "use `no_run` or `compile_fail`: {found:#?}"
    );
}

#[test]
fn every_block_of_rust_is_marked_as_rust() {
    let found = offenders(|block| {
        let first = block.labels().next().unwrap_or_default();
        let misspelled = first.eq_ignore_ascii_case("rust") || first == "rs";
        let marked_late = block.labels().skip(1).any(|label| label == "rust");
        let unlabeled = (first.is_empty() || first == "text") && looks_like_rust(&block.code);
        (misspelled && !block.is_rust()) || marked_late || unlabeled
    });
    assert!(found.is_empty(), "write ```rust: {found:#?}");
}

#[test]
fn only_blocks_that_must_not_compile_name_an_error_code() {
    let is_code = |label: &str| {
        label.len() == 5 && label.starts_with('E') && label[1..].bytes().all(|b| b.is_ascii_digit())
    };
    let found = offenders(|block| !block.must_fail() && block.labels().any(is_code));
    assert!(found.is_empty(), "add `compile_fail`: {found:#?}");
}

#[test]
fn blocks_are_found_with_their_lines_in_lists_quotes_and_hints() {
    let text = "- one\n\n  ```rust\n  fn a() {}\n  ```\n\n> ```rust,no_run\n> b();\n> ```\n\n\
                ::: hint level=1 title=\"t\"\n```rust\nc();\n```\n:::\n";
    let found = blocks::blocks("c.md", text);
    let found: Vec<_> = found
        .iter()
        .map(|block| (block.line, block.info.as_str(), block.code.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (3, "rust", "fn a() {}\n"),
            (7, "rust,no_run", "b();\n"),
            (12, "rust", "c();\n"),
        ]
    );
}

#[test]
fn unmarked_rust_is_recognized_and_output_is_not() {
    assert!(looks_like_rust("let x = 1;\n"));
    assert!(looks_like_rust("# use std::mem;\nfn main() {\n"));
    assert!(!looks_like_rust(
        "use of moved value: `x`\nlet there be light\n"
    ));
}

#[test]
fn the_marks_of_hidden_lines_are_removed() {
    let block = Block {
        chapter: String::new(),
        line: 1,
        info: "rust".into(),
        code: "# use a::B;\n#\n    # let x = 1;\n#[test]\n##[derive]\nlet y = \"# z\";\n".into(),
    };
    let expected = "use a::B;\n\n    let x = 1;\n#[test]\n#[derive]\nlet y = \"# z\";\n";
    assert_eq!(block.visible(), expected);
}

#[test]
fn includes_are_expanded_by_anchor_by_line_and_with_the_rest_hidden() {
    let dir = tempfile::tempdir().unwrap();
    let text = "one\n// ANCHOR: a\ntwo\n// ANCHOR_END: a\nthree\n";
    std::fs::write(dir.path().join("f.rs"), text).unwrap();
    let code = |line: &str| include::expand(line, dir.path()).map(|expanded| expanded.code);
    assert_eq!(code("x\n{{#include f.rs:a}}\ny").unwrap(), "x\ntwo\ny\n");
    assert_eq!(code("{{#include f.rs:5}}").unwrap(), "three\n");
    assert_eq!(code("{{#include f.rs:3:}}").unwrap(), "two\nthree\n");
    assert_eq!(
        code("{{#rustdoc_include f.rs:a}}").unwrap(),
        "# one\ntwo\n# three\n"
    );
    assert!(code("{{#include f.rs:b}}").is_err());
    assert!(code("{{#include g.rs}}").unwrap_err().starts_with("g.rs: "));
}

#[test]
fn a_block_of_nothing_but_regions_of_a_package_is_a_listing() {
    let dir = tempfile::tempdir().unwrap();
    let region = "// ANCHOR: a\nlet a = 1;\n// ANCHOR_END: a\n";
    std::fs::write(dir.path().join("a.rs"), region).unwrap();
    std::fs::create_dir_all(dir.path().join("pack/src")).unwrap();
    std::fs::write(dir.path().join("pack/src/a.rs"), region).unwrap();
    std::fs::write(dir.path().join("pack/Cargo.toml"), "[package]\n").unwrap();
    let is_listing = |code: &str| include::expand(code, dir.path()).unwrap().is_listing;
    assert!(is_listing("{{#include pack/src/a.rs:a}}\n"));
    assert!(is_listing(
        "{{#include pack/src/a.rs:a}}\n\n{{#include pack/src/a.rs:2}}\n"
    ));
    for code in [
        "{{#include a.rs:a}}",
        "{{#include pack/src/a.rs}}",
        "{{#rustdoc_include pack/src/a.rs:a}}",
        "{{#include pack/src/a.rs:a}}\nlet b = 2;",
        "let b = 2;",
        "",
    ] {
        assert!(!is_listing(code), "{code}");
    }
}
