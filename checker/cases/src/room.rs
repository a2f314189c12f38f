//! Compiles the programs of a folder, each alone, and reads the errors that come.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;
use toml::{Table, Value};

use crate::record::Errors;

/// The variables by which a person or an outer cargo would change what is compiled.
const INHERITED: [&str; 4] = [
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
];

/// Programs about which nothing is known.
#[derive(Debug)]
pub enum CaseError {
    /// A file or folder cannot be read or written.
    File(PathBuf, io::Error),
    /// Cargo failed; what it said.
    Cargo(String),
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CaseError::File(path, error) => write!(f, "{}: {error}", path.display()),
            CaseError::Cargo(said) => write!(f, "cargo: {said}"),
        }
    }
}

impl std::error::Error for CaseError {}

/// The errors that each program in a folder of a package gives, by the program's name.
///
/// # Errors
///
/// When the programs cannot be read, or cargo cannot compile what they use.
pub fn received(package: &Path, folder: &str) -> Result<BTreeMap<String, Errors>, CaseError> {
    let package = at(package, package.canonicalize())?;
    let programs = programs(&package.join(folder))?;
    let output = cargo(
        &package,
        &["metadata", "--no-deps", "--format-version", "1"],
    )?;
    let metadata: Json = serde_json::from_slice(&output.stdout).map_err(|_| said(&output))?;
    let own = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|own| {
            own["manifest_path"].as_str().map(Path::new) == Some(&package.join("Cargo.toml"))
        })
        .ok_or_else(|| CaseError::Cargo(format!("no package in {}", package.display())))?;
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let target = PathBuf::from(text(&metadata["target_directory"])).join("tests/cases");
    // Folders of one package, and packages, may be judged at the same time.
    let name = format!(
        "{}-{}",
        text(&own["name"]),
        folder.replace(['/', '\\'], "-")
    );
    let room = target.join("rooms").join(&name);
    let manifest = manifest(&name, own, &package, &programs);
    write(&room.join("Cargo.toml"), &manifest.to_string())?;
    let lock = PathBuf::from(text(&metadata["workspace_root"])).join("Cargo.lock");
    write(
        &room.join("Cargo.lock"),
        &at(&lock, fs::read_to_string(&lock))?,
    )?;

    let target = target.display().to_string();
    let output = cargo(
        &room,
        &[
            "check",
            "--bins",
            "--keep-going",
            "--message-format=json",
            "--target-dir",
            &target,
        ],
    )?;
    let (mut errors, mut accepted) = (BTreeMap::<String, Errors>::new(), Vec::new());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Json>(line) else {
            continue;
        };
        let name = text(&message["target"]["name"]);
        if !programs.contains_key(&name) {
            continue;
        }
        if message["reason"] == "compiler-artifact" {
            accepted.push(name);
        } else if let Some(error) = error(&message["message"]) {
            errors.entry(name).or_default().insert(error);
        }
    }
    // Without a word about a program, what it uses could not be compiled.
    let is_judged = |name: &String| errors.contains_key(name) || accepted.contains(name);
    if !programs.keys().all(is_judged) {
        return Err(said(&output));
    }
    let judged = programs.into_keys();
    Ok(judged
        .map(|name| (name.clone(), errors.remove(&name).unwrap_or_default()))
        .collect())
}

/// An error in the compiler's JSON: where it is and its code. Closing remarks are nowhere.
fn error(diagnostic: &Json) -> Option<(usize, String)> {
    if diagnostic["level"] != "error" {
        return None;
    }
    let mut spans = diagnostic["spans"].as_array()?.iter();
    let line = spans.find(|span| span["is_primary"] == true)?["line_start"].as_u64()?;
    let code = diagnostic["code"]["code"].as_str().unwrap_or_default();
    Some((usize::try_from(line).ok()?, code.to_owned()))
}

/// The programs in a folder by name.
fn programs(folder: &Path) -> Result<BTreeMap<String, PathBuf>, CaseError> {
    let mut programs = BTreeMap::new();
    for entry in at(folder, fs::read_dir(folder))? {
        let path = at(folder, entry)?.path();
        if path.extension().is_some_and(|ending| ending == "rs")
            && let Some(name) = path.file_stem()
        {
            programs.insert(name.to_string_lossy().into_owned(), path);
        }
    }
    Ok(programs)
}

/// A package whose programs are these, with all that they may use: the package under test, if it
/// is a library, and what it depends on.
fn manifest(name: &str, own: &Json, package: &Path, programs: &BTreeMap<String, PathBuf>) -> Table {
    let string = |text: &str| Value::String(text.to_owned());
    let mut dependencies = Table::new();
    for dependency in own["dependencies"].as_array().into_iter().flatten() {
        if dependency["kind"].is_null() {
            let known = dependency["rename"]
                .as_str()
                .or(dependency["name"].as_str());
            let known = known.unwrap_or_default().to_owned();
            dependencies.insert(known, Value::Table(described(dependency)));
        }
    }
    let mut targets = own["targets"].as_array().into_iter().flatten();
    if targets.any(|target| {
        target["kind"]
            .as_array()
            .is_some_and(|kinds| kinds.contains(&"lib".into()))
    }) {
        let path = Table::from_iter([("path".to_owned(), string(&package.display().to_string()))]);
        let known = own["name"].as_str().unwrap_or_default();
        dependencies.insert(known.to_owned(), Value::Table(path));
    }
    let bins = programs.iter().map(|(name, path)| {
        Value::Table(Table::from_iter([
            ("name".to_owned(), string(name)),
            ("path".to_owned(), string(&path.display().to_string())),
        ]))
    });
    let described = [
        ("name", string(name)),
        ("version", string("0.0.0")),
        ("edition", string(own["edition"].as_str().unwrap_or("2024"))),
        ("publish", Value::Boolean(false)),
    ];
    let described = described.map(|(key, value)| (key.to_owned(), value));
    Table::from_iter([
        (
            "package".to_owned(),
            Value::Table(Table::from_iter(described)),
        ),
        ("dependencies".to_owned(), Value::Table(dependencies)),
        ("bin".to_owned(), Value::Array(bins.collect())),
        ("workspace".to_owned(), Value::Table(Table::new())),
    ])
}

/// A dependency as `cargo metadata` describes it, as a manifest does.
fn described(dependency: &Json) -> Table {
    let mut table = Table::new();
    let mut put = |key: &str, value: &Json| {
        if let Some(text) = value.as_str() {
            table.insert(key.to_owned(), Value::String(text.to_owned()));
        }
    };
    put("package", &dependency["name"]);
    put("path", &dependency["path"]);
    if dependency["path"].is_null() {
        put("version", &dependency["req"]);
    }
    let features = dependency["features"].as_array().into_iter().flatten();
    let features = features.filter_map(Json::as_str);
    let features = features.map(|feature| Value::String(feature.to_owned()));
    table.insert("features".to_owned(), Value::Array(features.collect()));
    let has_defaults = dependency["uses_default_features"] != false;
    table.insert("default-features".to_owned(), Value::Boolean(has_defaults));
    table
}

fn cargo(dir: &Path, arguments: &[&str]) -> Result<Output, CaseError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    for variable in INHERITED {
        // Where this package builds is where the package under test does.
        if arguments.first() == Some(&"check") || variable != "CARGO_TARGET_DIR" {
            command.env_remove(variable);
        }
    }
    let output = command.args(arguments).current_dir(dir).output();
    at(Path::new(&cargo), output)
}

fn said(output: &Output) -> CaseError {
    CaseError::Cargo(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

fn write(path: &Path, text: &str) -> Result<(), CaseError> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    at(folder, fs::create_dir_all(folder))?;
    at(path, fs::write(path, text))
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, CaseError> {
    result.map_err(|error| CaseError::File(path.to_path_buf(), error))
}
