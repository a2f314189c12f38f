//! What the book says not to compile fails for the reason that the book gives.
//!
//! On a stable toolchain rustdoc checks only that a `compile_fail` block does not compile. Here
//! the codes are compared: a block `compile_fail,E0499` gives E0499 and no other; a block without
//! a code gives only errors that have none.

use std::collections::BTreeSet;

use crate::compiler::{EXTERNS, Externs, complaints, error_codes};
use book_code::blocks::{self, Block};
use book_code::include;

/// The program that rustdoc makes of a block.
fn program(block: &Block) -> String {
    let folder = blocks::book_dir().join(&block.chapter);
    let expanded = include::expand(&block.code, folder.parent().unwrap()).unwrap();
    let block = Block {
        code: expanded.code,
        ..block.clone()
    };
    let code = block.visible();
    if code.contains("fn main()") {
        return code;
    }
    let (attributes, rest): (Vec<&str>, Vec<&str>) =
        code.lines().partition(|line| line.starts_with("#!["));
    format!(
        "{}\nfn main() {{\n{}\n}}\n",
        attributes.join("\n"),
        rest.join("\n")
    )
}

fn expected_codes(block: &Block) -> BTreeSet<String> {
    let codes: BTreeSet<String> = block
        .labels()
        .filter(|label| label.len() == 5 && label.starts_with('E'))
        .map(str::to_owned)
        .collect();
    if codes.is_empty() {
        BTreeSet::from([String::new()])
    } else {
        codes
    }
}

fn block(info: &str, code: &str) -> Block {
    Block {
        chapter: "welcome.md".into(),
        line: 1,
        info: info.into(),
        code: code.into(),
    }
}

#[test]
fn every_block_that_must_not_compile_gives_exactly_the_errors_that_it_names() {
    let blocks: Vec<Block> = book_code::all_blocks()
        .unwrap()
        .into_iter()
        .filter(|block| block.is_rust() && block.must_fail())
        .collect();
    let wrong = complaints(&blocks, |block| {
        let found = error_codes(&program(block), &EXTERNS);
        let expected = expected_codes(block);
        (found != expected).then(|| {
            let (chapter, line) = (&block.chapter, block.line);
            format!("book/{chapter}:{line}: expected {expected:?}, found {found:?}")
        })
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_compilers_codes_are_read_from_a_real_error() {
    let twice = block(
        "rust,compile_fail,E0499",
        "let mut x = 1;\n# let a = &mut x;\nlet b = &mut x;\n*a = *b;\n",
    );
    assert_eq!(
        error_codes(&program(&twice), &Externs::new()),
        expected_codes(&twice)
    );
    let fine = block("rust,compile_fail", "let x = 1;\n");
    assert!(error_codes(&program(&fine), &Externs::new()).is_empty());
    let syntax = block("rust,compile_fail", "let = ;\n");
    assert_eq!(
        error_codes(&program(&syntax), &Externs::new()),
        expected_codes(&syntax)
    );
}

#[test]
fn a_block_may_use_the_exercises_crates() {
    let uses = block(
        "rust,compile_fail,E0432",
        "use lru_cache::{LruCache, NoSuchThing};\n",
    );
    assert_eq!(
        error_codes(&program(&uses), &EXTERNS),
        expected_codes(&uses)
    );
}
