//! The compiler, called on programs of the book with the crates that the book may use.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

/// The compiler's arguments that make a dependency of this package known to a program.
pub(crate) type Externs = Vec<String>;

/// Calls cargo as a person does: on a new machine, it downloads what is missing.
fn cargo(arguments: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
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
pub(crate) static EXTERNS: LazyLock<Externs> = LazyLock::new(externs);

fn externs() -> Externs {
    // Of this platform: the packages of others would be downloaded for nothing.
    let metadata = [
        "metadata",
        "--format-version",
        "1",
        "--filter-platform",
        "host-tuple",
    ];
    let metadata = cargo(&metadata).remove(0);
    let node = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|node| text(node, "id").contains("book-code"))
        .unwrap();
    // The same command as the one that runs this test, so that nothing is built again.
    let artifacts = cargo(&[
        "test",
        "--no-run",
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
        let mut files = artifacts
            .iter()
            .filter(|artifact| {
                text(artifact, "reason") == "compiler-artifact"
                    && artifact["package_id"] == dependency["pkg"]
            })
            .filter_map(|artifact| artifact["filenames"].as_array())
            .flatten()
            .filter_map(Value::as_str);
        let file = Path::new(files.find(|file| file.ends_with(".rlib")).unwrap());
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

/// The compiler, asked to read a program of edition 2024 from its standard input.
pub(crate) fn rustc(externs: &Externs) -> Command {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut compiler = Command::new(rustc);
    compiler
        .args(["--edition=2024", "--crate-type=bin", "--error-format=json"])
        .args(externs)
        .arg("-");
    compiler
}

/// Runs a compiler on a program.
pub(crate) fn compile(mut compiler: Command, program: &str) -> Output {
    let mut compiler = compiler
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = compiler.stdin.take().unwrap();
    input.write_all(program.as_bytes()).unwrap();
    drop(input);
    compiler.wait_with_output().unwrap()
}

/// The codes of the errors that a program gives; an error without a code gives an empty one.
pub(crate) fn error_codes(program: &str, externs: &Externs) -> BTreeSet<String> {
    let out = tempfile::tempdir().unwrap();
    let mut compiler = rustc(externs);
    compiler
        .arg("--emit=metadata")
        .arg("--out-dir")
        .arg(out.path());
    codes_of(&compile(compiler, program))
}

/// The codes of the errors that a compiler has written.
fn codes_of(output: &Output) -> BTreeSet<String> {
    let code = |error: &Value| text(&error["code"], "code").to_owned();
    errors(output).iter().map(code).collect()
}

/// The errors that a compiler has written, a line for each.
pub(crate) fn messages_of(output: &Output) -> Vec<String> {
    let message = |error: &Value| {
        let (code, message) = (text(&error["code"], "code"), text(error, "message"));
        format!("{code} {message}").trim_start().to_owned()
    };
    errors(output).iter().map(message).collect()
}

fn errors(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stderr)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| text(message, "level") == "error")
        // The last message only counts the others.
        .filter(|message| !text(message, "message").starts_with("aborting due to"))
        .collect()
}

/// What `check` has against each item, with all processors at work.
pub(crate) fn complaints<T: Sync>(
    items: &[T],
    check: impl Fn(&T) -> Option<String> + Sync,
) -> Vec<String> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let work: Vec<_> = items
            .chunks(items.len().div_ceil(workers).max(1))
            .map(|part| scope.spawn(|| part.iter().filter_map(&check).collect::<Vec<_>>()))
            .collect();
        work.into_iter()
            .flat_map(|part| part.join().unwrap())
            .collect()
    })
}
