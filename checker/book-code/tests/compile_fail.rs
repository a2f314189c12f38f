//! What the book says not to compile fails for the reason that the book gives.
//!
//! On a stable toolchain rustdoc checks only that a `compile_fail` block does not compile. Here
//! the codes are compared: a block `compile_fail,E0499` gives E0499 and no other; a block without
//! a code gives only errors that have none.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use book_code::blocks::{self, Block};
use book_code::include;
use serde_json::Value;

/// The compiler's arguments that make a dependency of this package known to a block.
type Externs = Vec<String>;

fn cargo(arguments: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo {arguments:?}");
    serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The dependencies of this package, as cargo has built them.
static EXTERNS: LazyLock<Externs> = LazyLock::new(externs);

fn externs() -> Externs {
    let metadata = cargo(&["metadata", "--format-version", "1"]).remove(0);
    let node = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|node| text(node, "id").contains("book-code"))
        .unwrap();
    let artifacts = cargo(&[
        "check",
        "--package",
        "book-code",
        "--lib",
        "--message-format",
        "json",
    ]);
    let mut externs = Externs::new();
    for dependency in node["deps"].as_array().unwrap() {
        let is_normal = dependency["dep_kinds"]
            .as_array()
            .unwrap()
            .iter()
            .any(|kind| kind["kind"].is_null());
        if !is_normal {
            continue;
        }
        let artifact = artifacts.iter().find(|artifact| {
            text(artifact, "reason") == "compiler-artifact"
                && artifact["package_id"] == dependency["pkg"]
                && artifact["target"]["kind"] != serde_json::json!(["custom-build"])
        });
        let files = artifact.unwrap()["filenames"].as_array().unwrap();
        let file = files
            .iter()
            .filter_map(Value::as_str)
            .find(|file| file.ends_with(".rmeta"));
        let file = PathBuf::from(file.unwrap());
        let folder = file.parent().unwrap().display();
        externs.push(format!(
            "--extern={}={}",
            text(dependency, "name"),
            file.display()
        ));
        externs.push(format!("-Ldependency={folder}"));
    }
    externs
}

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

/// The codes of the errors that a program gives; an error without a code gives an empty one.
fn error_codes(program: &str, externs: &Externs) -> BTreeSet<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let out = tempfile::tempdir().unwrap();
    let mut compiler = Command::new(rustc)
        .args([
            "--edition=2024",
            "--crate-type=bin",
            "--emit=metadata",
            "--error-format=json",
        ])
        .arg("--out-dir")
        .arg(out.path())
        .args(externs)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    compiler
        .stdin
        .take()
        .unwrap()
        .write_all(program.as_bytes())
        .unwrap();
    let output = compiler.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stderr)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| text(message, "level") == "error")
        // The last message only counts the others.
        .filter(|message| !text(message, "message").starts_with("aborting due to"))
        .map(|message| text(&message["code"], "code").to_owned())
        .collect()
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
    let book = blocks::book_dir();
    let blocks: Vec<Block> = blocks::chapters(&book)
        .unwrap()
        .iter()
        .flat_map(|name| {
            let chapter = std::fs::read_to_string(book.join(name)).unwrap();
            blocks::blocks(name, &chapter)
        })
        .filter(|block| block.is_rust() && block.must_fail())
        .collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let work = blocks
            .chunks(blocks.len().div_ceil(workers).max(1))
            .map(|part| {
                scope.spawn(|| {
                    let check = |block: &Block| {
                        let (found, expected) = (
                            error_codes(&program(block), &EXTERNS),
                            expected_codes(block),
                        );
                        (found != expected).then(|| {
                            let (chapter, line) = (&block.chapter, block.line);
                            format!("book/{chapter}:{line}: expected {expected:?}, found {found:?}")
                        })
                    };
                    part.iter().filter_map(check).collect::<Vec<_>>()
                })
            });
        let work: Vec<_> = work.collect();
        work.into_iter()
            .flat_map(|part| part.join().unwrap())
            .collect()
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
