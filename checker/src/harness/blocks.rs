//! Joins a block of the book with the crates that blocks may use: what `checker/book-code` depends
//! on of the book itself, of the reference solutions and of the registry.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::Deserialize;
use toml::{Table, Value};

use super::blame::Blame;
use super::cargo::{BuildError, Call, Finished};
use super::freshness::{self, Made};
use super::room::{self, Layout, RoomError, Wait};
use crate::catalog::package::{self, ManifestError, Root};
use crate::catalog::source::Source;
use crate::runner::Cancel;
use crate::verdict::CompileProblem;

/// The package whose dependencies blocks may use, relative to the course. A course without it has
/// blocks that use the standard library alone.
const BOOK_CODE: &str = "checker/book-code";
/// The folders of the course whose crates blocks may use.
const OFFERED: [&str; 2] = ["book/", "solutions/"];
/// The first build compiles all that blocks may use.
const DEPENDENCIES_SECONDS: f64 = 600.0;
/// A block that takes longer to compile never ends.
const COMPILE_SECONDS: f64 = 60.0;

/// The edition of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Edition {
    /// Rust 2015.
    #[serde(rename = "2015")]
    Rust2015,
    /// Rust 2018.
    #[serde(rename = "2018")]
    Rust2018,
    /// Rust 2021.
    #[serde(rename = "2021")]
    Rust2021,
    /// Rust 2024.
    #[default]
    #[serde(rename = "2024")]
    Rust2024,
}

impl Edition {
    fn name(self) -> &'static str {
        match self {
            Edition::Rust2015 => "2015",
            Edition::Rust2018 => "2018",
            Edition::Rust2021 => "2021",
            Edition::Rust2024 => "2024",
        }
    }
}

/// What came of compiling a block.
#[derive(Debug)]
pub enum BlockBuilt {
    /// The program.
    Program(PathBuf),
    /// What the compiler says against it.
    Rejected(String),
}

/// The manifest whose dependencies this process has built already.
#[derive(Debug, Default)]
pub struct Prepared(Mutex<Option<String>>);

/// A generated package with a block's program, locked for one user at a time.
#[derive(Debug)]
pub struct BlockRoom {
    dir: PathBuf,
    build_dir: PathBuf,
    package: String,
    /// The dependencies as the manifest names them.
    dependencies: String,
    _lock: File,
}

impl BlockRoom {
    /// Lays out a block, a whole program with `fn main`.
    ///
    /// # Errors
    /// When a file cannot be written, or the course's files contradict themselves.
    pub fn prepare(
        build_dir: &Path,
        source: &Source,
        code: &str,
        edition: Edition,
        cancel: &Cancel,
    ) -> Result<BlockRoom, RoomError> {
        let name = format!("blocks-{}", room::short_hash(build_dir));
        let dir = build_dir.join("rooms").join(&name);
        let lock = room::lock(
            &dir,
            Wait {
                cancel,
                // A reader sees that the block is at work.
                tell: &mut |_| {},
            },
        )?;

        let mut layout = Layout::default();
        let dependencies = dependencies(source, &name, &mut layout)?;
        layout.add("src/lib.rs", Vec::new());
        layout.add("src/main.rs", code.as_bytes().to_vec());
        let written = dependencies.to_string();
        let manifest = manifest(&name, edition, dependencies);
        layout.add("Cargo.toml", manifest.into_bytes());
        layout.write(&dir)?;
        let is_program = |path: &str| path == "src/main.rs" || path == "Cargo.toml";
        let crates = layout.hash(|path| !is_program(path));
        freshness::renew(&dir, build_dir, Made::Room(&name), &crates)?;
        // A block is another one each time, and what it may use stays what it is.
        let program = layout.hash(is_program);
        freshness::renew(&dir, build_dir, Made::Package(&name), &program)?;
        room::refresh_lock_file(&dir, source)?;
        Ok(BlockRoom {
            dir,
            build_dir: build_dir.to_path_buf(),
            package: name,
            dependencies: written,
            _lock: lock,
        })
    }

    /// Compiles the block. What blocks may use is compiled first, once, and may take long.
    ///
    /// # Errors
    /// When cargo cannot be run or fails for reasons of its own, or the run was cancelled.
    pub fn build(&self, prepared: &Prepared, cancel: &Cancel) -> Result<BlockBuilt, BuildError> {
        self.build_dependencies(prepared, cancel)?;
        let finished = self.call(&["--bin", &self.package], COMPILE_SECONDS, cancel)?;
        if let Some(program) = finished.executable(&self.package) {
            return Ok(BlockBuilt::Program(program));
        }
        let blame = self.blame(&finished);
        if finished.timed_out {
            let why = format!("the compiler did not finish within {COMPILE_SECONDS} s\n");
            return Ok(BlockBuilt::Rejected(why));
        }
        match blame.learners() {
            Some(CompileProblem::Learner { rendered, .. }) => Ok(BlockBuilt::Rejected(rendered)),
            _ => Err(blame.machines()),
        }
    }

    /// A build that failed, of a program that stands at the top of the room.
    fn blame<'a>(&'a self, finished: &'a Finished) -> Blame<'a> {
        Blame {
            finished,
            package: &self.package,
            dir: &self.dir,
            own: "src",
        }
    }

    fn build_dependencies(
        &self,
        Prepared(known): &Prepared,
        cancel: &Cancel,
    ) -> Result<(), BuildError> {
        let is_known = |known: &Option<String>| known.as_ref() == Some(&self.dependencies);
        if known.lock().is_ok_and(|known| is_known(&known)) {
            return Ok(());
        }
        let finished = self.call(&["--lib"], DEPENDENCIES_SECONDS, cancel)?;
        let is_built = |message: &super::cargo::Message| {
            let target = message.target.as_ref();
            message.reason == "compiler-artifact"
                && target.is_some_and(|target| target.name == lib_name(&self.package))
        };
        if !finished.messages.iter().any(is_built) {
            return Err(self.blame(&finished).machines());
        }
        if let Ok(mut known) = known.lock() {
            *known = Some(self.dependencies.clone());
        }
        Ok(())
    }

    fn call(&self, target: &[&str], seconds: f64, cancel: &Cancel) -> Result<Finished, BuildError> {
        let call = Call {
            dir: &self.dir,
            build_dir: &self.build_dir,
            colored: false,
            seconds,
        };
        let arguments = ["build", "--package", &self.package].into_iter();
        let arguments: Vec<String> = arguments
            .chain(target.iter().copied())
            .map(str::to_owned)
            .collect();
        call.run(&arguments, cancel)
    }
}

/// The dependencies of a block. Crates of the course are added to the layout, at the place that
/// they have in it.
fn dependencies(source: &Source, room: &str, layout: &mut Layout) -> Result<Table, RoomError> {
    let path = format!("{BOOK_CODE}/Cargo.toml");
    if !source.contains(&path) {
        return Ok(Table::new());
    }
    let root_text = room::text(source, "Cargo.toml")?;
    let root = Root::parse(&root_text)?;
    let mut dependencies = room::resolve(source, &root, BOOK_CODE, &|_| None)?.dependencies;
    let own = table(&path, &room::text(source, &path)?)?;
    for (name, dependency) in tables(&own, "dependencies") {
        let Some(dir) = dependency.get("path").and_then(Value::as_str) else {
            continue;
        };
        let dir = joined(BOOK_CODE, dir);
        let manifest = format!("{dir}/Cargo.toml");
        if !OFFERED.iter().any(|folder| dir.starts_with(folder)) || !source.contains(&manifest) {
            continue;
        }
        let member = member(source, &root, room, &dir, layout)?;
        let mut dependency = dependency.clone();
        dependency.insert("path".into(), Value::String(dir));
        dependency.insert("package".into(), Value::String(format!("{room}-{name}")));
        dependencies.insert(member, Value::Table(dependency));
    }
    Ok(dependencies)
}

/// Adds a crate of the course to the layout, and returns the name of its library.
///
/// Like all packages of a room, it carries the room's name beside its own: cargo tells packages of
/// one target folder apart by name and place within their workspace.
fn member(
    source: &Source,
    root: &Root,
    room: &str,
    dir: &str,
    layout: &mut Layout,
) -> Result<String, RoomError> {
    let path = format!("{dir}/Cargo.toml");
    let own = table(&path, &room::text(source, &path)?)?;
    let resolved = room::resolve(source, root, dir, &|_| None)?;
    let text_of = |table: &str| own.get(table)?.get("name")?.as_str();
    let name = text_of("package").unwrap_or_default();
    let library = text_of("lib").map_or_else(|| lib_name(name), str::to_owned);
    let mut manifest = room::package(&format!("{room}-{name}"), &resolved.edition);
    let lib = Table::from_iter([("name".to_owned(), Value::String(library.clone()))]);
    manifest.insert("lib".into(), Value::Table(lib));
    manifest.insert("features".into(), Value::Table(resolved.features));
    manifest.insert("dependencies".into(), Value::Table(resolved.dependencies));
    layout.add(path, manifest.to_string().into_bytes());
    for file in source.files_below(&format!("{dir}/src")) {
        let content = source.read(&file).map_err(room::missing(&file))?;
        layout.add(file, content);
    }
    Ok(library)
}

fn manifest(room: &str, edition: Edition, dependencies: Table) -> String {
    let mut manifest = room::package(room, edition.name());
    let target = |name: String, path: &str| {
        Table::from_iter([
            ("name".to_owned(), Value::String(name)),
            ("path".to_owned(), Value::String(path.to_owned())),
        ])
    };
    // An empty library has the program's dependencies, so that they can be built alone.
    let lib = target(lib_name(room), "src/lib.rs");
    let bin = target(room.to_owned(), "src/main.rs");
    manifest.insert("lib".into(), Value::Table(lib));
    manifest.insert("bin".into(), Value::Array(vec![Value::Table(bin)]));
    manifest.insert("dependencies".into(), Value::Table(dependencies));
    let resolver = ("resolver".to_owned(), Value::String("3".to_owned()));
    manifest.insert(
        "workspace".into(),
        Value::Table(Table::from_iter([resolver])),
    );
    let dev = Table::from_iter([("debug".to_owned(), Value::Boolean(false))]);
    let profiles = Table::from_iter([("dev".to_owned(), Value::Table(dev))]);
    manifest.insert("profile".into(), Value::Table(profiles));
    manifest.to_string()
}

fn table(path: &str, text: &str) -> Result<Table, ManifestError> {
    package::parse(path, text)
}

/// The entries of a section that are tables themselves.
fn tables<'a>(manifest: &'a Table, section: &str) -> impl Iterator<Item = (&'a String, &'a Table)> {
    let section = manifest.get(section).and_then(Value::as_table);
    let entries = section.into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name, value.as_table()?)))
}

fn lib_name(package: &str) -> String {
    package.replace('-', "_")
}

/// A path relative to a folder of the course, as a path relative to the course.
fn joined(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_manifest_is_one_of_the_course() {
        assert_eq!(
            joined("checker/book-code", "../../solutions/01/lru"),
            "solutions/01/lru"
        );
        assert_eq!(
            joined("checker/book-code", "./inner"),
            "checker/book-code/inner"
        );
    }

    #[test]
    fn an_edition_is_one_of_those_that_there_are() {
        let read = |text: &str| serde_json::from_str::<Edition>(text);
        assert_eq!(read("\"2021\"").unwrap().name(), "2021");
        assert!(read("\"2024; rm -rf\"").is_err());
        assert_eq!(Edition::default().name(), "2024");
    }
}
