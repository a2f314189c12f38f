//! Lays out the generated package in which a crate and its suite are built.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::cargo::Finished;
use super::freshness::{self, Made};
use crate::catalog::cases::Style;
use crate::catalog::package::{ManifestError, Resolved, Root};
use crate::catalog::source::Source;
use crate::catalog::{Catalog, CatalogError, Exercise, Suite, SuitePhase, content_hash};
use crate::runner::Cancel;
use crate::workspace::snapshot::Snapshot;

/// A room that is free after this long was not worth a word.
const PATIENCE: Duration = Duration::from_millis(300);

/// The most that is told of a command that is waited for.
const LONGEST_NAME: usize = 60;

/// The folder of a room with the learner's programs.
const PROGRAMS: &str = "programs";

/// A generated package on disk, locked for one user at a time.
#[derive(Debug)]
pub struct Room {
    dir: PathBuf,
    build_dir: PathBuf,
    learner_package: String,
    package: String,
    cases_package: String,
    miri_package: String,
    programs: Vec<String>,
    phases: Vec<SuitePhase>,
    _lock: File,
}

/// How a room that another process holds is waited for.
pub struct Wait<'a> {
    /// Ends the waiting.
    pub cancel: &'a Cancel,
    /// Hears, once, of the process that is waited for.
    pub tell: &'a mut dyn FnMut(&str),
}

/// A room that could not be laid out.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// A file could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder's name does not go through cargo and the linker.
    #[error(
        "cannot build in {}: the path {why}; move the course, or set CARGO_TARGET_DIR to a folder \
         with a plainer name",
        .path.display()
    )]
    Place {
        /// The folder.
        path: PathBuf,
        /// What is wrong with its name.
        why: &'static str,
    },
    /// The course's own files contradict themselves.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A manifest of the course is malformed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The run was interrupted while another one held the room.
    #[error("interrupted while another check of this exercise was running")]
    Interrupted,
}

fn write_error(path: &Path) -> impl FnOnce(io::Error) -> RoomError + use<'_> {
    move |source| RoomError::Write {
        path: path.to_path_buf(),
        source,
    }
}

impl Room {
    /// Lays out the room for an exercise and the crate in `snapshot`, writing only what differs
    /// from the last time. `label` keeps rooms of different crates of one exercise apart.
    ///
    /// # Errors
    /// When a file cannot be written, or the course's files contradict themselves.
    pub fn prepare(
        build_dir: &Path,
        catalog: &Catalog,
        exercise: &Exercise,
        suite: &Suite,
        label: &str,
        snapshot: &Snapshot,
        wait: Wait<'_>,
    ) -> Result<Room, RoomError> {
        let source = catalog.source();
        let name = format!("{}-{label}-{}", exercise.id(), short_hash(build_dir));
        let dir = build_dir.join("rooms").join(&name);
        let lock = lock(&dir, wait)?;

        let root = Root::parse(&text(source, "Cargo.toml")?)?;
        let kit = materialize_kit(build_dir, source, &root)?;
        let courses = courses_manifest(source, &root, exercise)?;

        let mut layout = Layout::default();
        let crate_dir = exercise.stub_dir();
        for (path, content) in &snapshot.files {
            layout.add(format!("{crate_dir}/{path}"), content.clone());
        }
        let learner = learner_manifest(&name, exercise, &courses);
        layout.add(format!("{crate_dir}/Cargo.toml"), learner.into_bytes());

        let phases = suite.phases.clone();
        let suite_dir = exercise.suite_dir();
        let suite_package = resolve(source, &root, &suite_dir, &|name| {
            (name == "suite-kit").then(|| kit.to_string_lossy().into_owned())
        })?;
        let manifest = harness_manifest(&name, exercise, &courses, suite_package);
        layout.add("Cargo.toml", manifest.into_bytes());
        for path in source.files_below(&format!("{suite_dir}/src")) {
            let local = path
                .trim_start_matches(&format!("{suite_dir}/src/"))
                .to_owned();
            if local == "lib.rs" || phases.iter().any(|p| format!("{}.rs", p.module) == local) {
                continue;
            }
            let content = source.read(&path).map_err(missing(&path))?;
            layout.add(format!("suite/{local}"), content);
        }
        for phase in &phases {
            let content = phase.source.callable.clone().into_bytes();
            layout.add(format!("suite/{}.rs", phase.module), content);
        }
        super::cases::lay_out(&mut layout, &name, exercise, &suite.cases, &courses);
        super::miri::lay_out(&mut layout, &name, exercise, &suite.programs, &courses);
        layout.write(&dir)?;
        freshness::renew(&dir, build_dir, Made::Room(&name), &layout.hash(|_| true))?;
        refresh_lock_file(&dir, source)?;

        let programs = exercise.manifest.binaries.iter();
        let programs = programs.map(|binary| binary.name.clone());
        let room = Room {
            dir,
            build_dir: build_dir.to_path_buf(),
            package: suite_package_name(&name),
            cases_package: super::cases::package_name(&name),
            miri_package: super::miri::package_name(&name),
            learner_package: name,
            programs: programs.collect(),
            phases,
            _lock: lock,
        };
        Ok(room)
    }

    /// Writes the root of the test binary: the suite's own root and the table of its tests,
    /// without the phases in `left_out`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_root(
        &self,
        source: &Source,
        exercise: &Exercise,
        left_out: &BTreeSet<u32>,
    ) -> Result<(), RoomError> {
        let mut root = text(source, &format!("{}/src/lib.rs", exercise.suite_dir()))?;
        for phase in self.phases.iter().filter(|p| left_out.contains(&p.number)) {
            let declared = format!("mod {};", phase.module);
            root = root.replace(&declared, &format!("mod {} {{}}", phase.module));
        }
        root.push_str("\nfn main() {\n    ::suite_kit::process::main(&[\n");
        for phase in self.phases.iter().filter(|p| !left_out.contains(&p.number)) {
            for test in &phase.source.tests {
                let name = format!("{}::{}", phase.module, test.name);
                let call = call(&name, &test.style);
                root.push_str(&format!(
                    "        ::suite_kit::process::Case {{ name: {name:?}, run: || {call} }},\n"
                ));
            }
        }
        root.push_str("    ]);\n}\n");
        write_if_changed(&self.dir.join("suite/main.rs"), root.as_bytes())?;
        let hash = content_hash(&[("suite/main.rs".to_owned(), root.into_bytes())]);
        let suite = Made::Package(&self.package);
        freshness::renew(&self.dir, &self.build_dir, suite, &hash)
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where cargo puts what it builds.
    #[must_use]
    pub fn build_dir(&self) -> &Path {
        &self.build_dir
    }

    /// Where a test finds the learner's programs: variables of the compiler, and their values.
    ///
    /// Cargo itself would name one path for the programs of all rooms of an exercise, and what was
    /// built last would be tested.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, PathBuf)> {
        self.programs
            .iter()
            .map(|name| (format!("CARGO_BIN_EXE_{name}"), self.program(name)))
    }

    fn program(&self, name: &str) -> PathBuf {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.dir.join(PROGRAMS).join(file)
    }

    /// Puts the programs where the tests look for them.
    ///
    /// # Errors
    /// When one was not built, or cannot be put there.
    pub(super) fn install(&self, built: &Finished) -> Result<(), RoomError> {
        for name in &self.programs {
            let path = self.program(name);
            let target = format!("{}-{name}", self.learner_package);
            let executable = built.executable(&target);
            let place = || {
                let executable = executable.ok_or(io::ErrorKind::NotFound)?;
                fs::create_dir_all(self.dir.join(PROGRAMS))?;
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                fs::hard_link(&executable, &path)
                    .or_else(|_| fs::copy(&executable, &path).map(drop))
            };
            place().map_err(write_error(&path))?;
        }
        Ok(())
    }

    /// The name of the package with the crate under test, with which the names of all packages of
    /// the room begin.
    #[must_use]
    pub fn learner_package(&self) -> &str {
        &self.learner_package
    }

    /// The generated package's name.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The name of the package with programs that must not compile.
    #[must_use]
    pub fn cases_package(&self) -> &str {
        &self.cases_package
    }

    /// The name of the package with programs for Miri.
    #[must_use]
    pub fn miri_package(&self) -> &str {
        &self.miri_package
    }

    /// The phases of the suite.
    #[must_use]
    pub fn phases(&self) -> &[SuitePhase] {
        &self.phases
    }
}

/// A call of a test function, on the runtime that it asks for.
fn call(name: &str, style: &Style) -> String {
    match style {
        Style::Plain => format!("{{ {name}(); }}"),
        Style::Tokio {
            multi_thread,
            workers,
            start_paused,
        } => {
            let flavor = if *multi_thread {
                "new_multi_thread"
            } else {
                "new_current_thread"
            };
            let workers = workers.map_or_else(String::new, |n| format!(".worker_threads({n})"));
            let paused = if *start_paused {
                ".start_paused(true)"
            } else {
                ""
            };
            format!(
                "{{ ::tokio::runtime::Builder::{flavor}(){workers}.enable_all(){paused}.build()\
                 .expect(\"a Tokio runtime\").block_on({name}()); }}"
            )
        }
    }
}

/// Files by relative path, written all at once.
#[derive(Debug, Default)]
pub(super) struct Layout {
    files: Vec<(String, Vec<u8>)>,
}

impl Layout {
    pub(super) fn add(&mut self, path: impl Into<String>, content: Vec<u8>) {
        self.files.push((path.into(), content));
    }

    /// A hash of the files whose paths are chosen.
    pub(super) fn hash(&self, chosen: impl Fn(&str) -> bool) -> String {
        content_hash(self.files.iter().filter(|(path, _)| chosen(path)))
    }

    /// Writes what differs, and removes what an earlier layout left in the same folders.
    pub(super) fn write(&self, dir: &Path) -> Result<(), RoomError> {
        let wanted: BTreeSet<PathBuf> = self.files.iter().map(|(p, _)| dir.join(p)).collect();
        let kept = |path: &Path| {
            let own = path.strip_prefix(dir).unwrap_or(path);
            wanted.contains(path)
                || own == Path::new("Cargo.lock")
                || own == Path::new(super::durations::FILE)
                || own == Path::new("course.lock")
                || own == Path::new("room.lock")
                || freshness::is_memory(own)
                || own == Path::new("suite/main.rs")
                || own.starts_with(PROGRAMS)
        };
        let present = walkdir::WalkDir::new(dir)
            .into_iter()
            .filter_map(Result::ok);
        for entry in present.filter(|entry| !entry.file_type().is_dir()) {
            if !kept(entry.path()) {
                fs::remove_file(entry.path()).map_err(write_error(entry.path()))?;
            }
        }
        for (path, content) in &self.files {
            write_if_changed(&dir.join(path), content)?;
        }
        Ok(())
    }
}

pub(super) fn write_if_changed(path: &Path, content: &[u8]) -> Result<(), RoomError> {
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(write_error(parent))?;
    }
    fs::write(path, content).map_err(write_error(path))
}

/// Waits for the room; a second check of the same exercise waits for the first.
pub(super) fn lock(dir: &Path, wait: Wait<'_>) -> Result<File, RoomError> {
    buildable(dir)?;
    fs::create_dir_all(dir).map_err(write_error(dir))?;
    let path = dir.join("room.lock");
    // What the holder wrote stays until the room is free.
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(&path).map_err(write_error(&path))?;
    let started = Instant::now();
    let mut is_told = false;
    loop {
        match file.try_lock() {
            Ok(()) => {
                let held = file
                    .set_len(0)
                    .and_then(|()| file.write_all(own_name().as_bytes()));
                return held.map(|()| file).map_err(write_error(&path));
            }
            Err(TryLockError::WouldBlock) if wait.cancel.is_cancelled() => {
                return Err(RoomError::Interrupted);
            }
            Err(TryLockError::WouldBlock) => {
                if !is_told && started.elapsed() >= PATIENCE {
                    is_told = true;
                    // Where locked files cannot be read, the holder has no name.
                    let holder = fs::read_to_string(&path).unwrap_or_default();
                    let holder = Some(holder.trim()).filter(|holder| !holder.is_empty());
                    (wait.tell)(holder.unwrap_or("another check"));
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::Error(error)) => return Err(write_error(&path)(error)),
        }
    }
}

/// This process, for whoever waits for it.
fn own_name() -> String {
    let arguments = std::env::args_os().skip(1);
    let arguments: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let line: String = arguments
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    let line: String = line.chars().take(LONGEST_NAME).collect();
    format!("process {} (checker {line})", std::process::id())
}

/// Refuses a folder whose name cargo or the linker would misread.
fn buildable(dir: &Path) -> Result<(), RoomError> {
    let refused = |why: &'static str| RoomError::Place {
        path: dir.to_path_buf(),
        why,
    };
    let Some(name) = dir.to_str() else {
        return Err(refused("is not UTF-8"));
    };
    let marks = if cfg!(windows) {
        vec![(';', "has a `;`, which separates folders in lists of them")]
    } else {
        vec![
            (':', "has a `:`, which separates folders in lists of them"),
            ('%', "has a `%`, which linkers take for a mark of their own"),
        ]
    };
    match marks.into_iter().find(|(mark, _)| name.contains(*mark)) {
        Some((_, why)) => Err(refused(why)),
        None => Ok(()),
    }
}

pub(super) fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub(super) fn missing(path: &str) -> impl FnOnce(io::Error) -> CatalogError + use<'_> {
    move |source| CatalogError::Missing {
        path: path.to_owned(),
        source,
    }
}

pub(super) fn text(source: &Source, path: &str) -> Result<String, CatalogError> {
    source.read_text(path).map_err(missing(path))
}

pub(super) fn resolve(
    source: &Source,
    root: &Root,
    dir: &str,
    local: &dyn Fn(&str) -> Option<String>,
) -> Result<Resolved, RoomError> {
    let path = format!("{dir}/Cargo.toml");
    Ok(root.resolve(&path, &text(source, &path)?, local)?)
}

/// What the crate under test may depend on: what the reference solution does. The learner's own
/// manifest has no say, and in a checkout the stub's manifest is the learner's own.
pub(super) fn courses_manifest(
    source: &Source,
    root: &Root,
    exercise: &Exercise,
) -> Result<Resolved, RoomError> {
    resolve(source, root, &exercise.solution_dir(), &|_| None)
}

/// Writes the suite kit beside the rooms, so that all of them share one build of it.
fn materialize_kit(build_dir: &Path, source: &Source, root: &Root) -> Result<PathBuf, RoomError> {
    let dir = build_dir.join("kit");
    let mut layout = Layout::default();
    for path in source.files_below("checker/kit/src") {
        let content = source.read(&path).map_err(missing(&path))?;
        layout.add(path.trim_start_matches("checker/kit/"), content);
    }
    for (path, content) in &layout.files {
        write_if_changed(&dir.join(path), content)?;
    }
    let resolved = resolve(source, root, "checker/kit", &|_| None)?;
    let mut manifest = package("suite-kit", &resolved.edition);
    // To cargo, a kit with another text is another package, whatever times its files carry.
    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        let version = format!("0.0.0+{}", layout.hash(|_| true));
        package.insert("version".into(), Value::String(version));
    }
    manifest.insert("features".into(), Value::Table(resolved.features));
    manifest.insert("dependencies".into(), Value::Table(resolved.dependencies));
    manifest.insert("workspace".into(), Value::Table(Table::new()));
    write_if_changed(&dir.join("Cargo.toml"), manifest.to_string().as_bytes())?;
    Ok(dir)
}

pub(super) fn package(name: &str, edition: &str) -> Table {
    let mut package = Table::new();
    package.insert("name".into(), Value::String(name.to_owned()));
    package.insert("version".into(), Value::String("0.0.0".to_owned()));
    package.insert("edition".into(), Value::String(edition.to_owned()));
    package.insert("publish".into(), Value::Boolean(false));
    // What a learner puts into a manifest or beside it never runs.
    package.insert("build".into(), Value::Boolean(false));
    for auto in ["autobins", "autoexamples", "autotests", "autobenches"] {
        package.insert(auto.into(), Value::Boolean(false));
    }
    Table::from_iter([("package".to_owned(), Value::Table(package))])
}

/// The crate under test by the manifest of the course, whatever the learner's own says.
///
/// Packages of a room carry the room's name: cargo tells packages of one target folder apart by
/// name and place within their workspace, and every room is laid out alike.
pub(super) fn learner_manifest(room: &str, exercise: &Exercise, courses: &Resolved) -> String {
    let mut manifest = package(room, &courses.edition);
    let mut lib = Table::new();
    lib.insert("name".into(), Value::String(exercise.crate_name()));
    lib.insert("path".into(), Value::String("src/lib.rs".to_owned()));
    manifest.insert("lib".into(), Value::Table(lib));
    manifest.insert("features".into(), Value::Table(courses.features.clone()));
    manifest.insert(
        "dependencies".into(),
        Value::Table(courses.dependencies.clone()),
    );
    manifest.to_string()
}

/// The learner's programs, which a room's own targets start; the names of the targets begin with
/// `prefix`.
pub(super) fn programs(exercise: &Exercise, prefix: &str) -> Value {
    let programs = exercise.manifest.binaries.iter().map(|binary| {
        let mut table = Table::new();
        let name = format!("{prefix}{}", binary.name);
        table.insert("name".into(), Value::String(name));
        let path = format!("{}/{}", exercise.stub_dir(), binary.path);
        table.insert("path".into(), Value::String(path));
        for kind in ["test", "bench"] {
            table.insert(kind.into(), Value::Boolean(false));
        }
        Value::Table(table)
    });
    Value::Array(programs.collect())
}

/// How the harness depends on the crate under test.
pub(super) fn subject(room: &str, exercise: &Exercise, up: &str) -> Value {
    let mut subject = Table::new();
    subject.insert("package".into(), Value::String(room.to_owned()));
    let path = format!("{up}{}", exercise.stub_dir());
    subject.insert("path".into(), Value::String(path));
    Value::Table(subject)
}

fn suite_package_name(room: &str) -> String {
    format!("{room}-suite")
}

fn harness_manifest(
    room: &str,
    exercise: &Exercise,
    courses: &Resolved,
    suite: Resolved,
) -> String {
    let mut manifest = package(&suite_package_name(room), &suite.edition);
    let mut test = Table::new();
    test.insert("name".into(), Value::String("suite".to_owned()));
    test.insert("path".into(), Value::String("suite/main.rs".to_owned()));
    test.insert("harness".into(), Value::Boolean(false));
    manifest.insert("test".into(), Value::Array(vec![Value::Table(test)]));

    let mut dependencies = suite.dependencies;
    if !exercise.manifest.binaries.is_empty() {
        // The learner's programs are built here, beside the tests that start them.
        for (name, value) in &courses.dependencies {
            dependencies.entry(name.clone()).or_insert(value.clone());
        }
        manifest.insert("bin".into(), programs(exercise, &format!("{room}-")));
    }
    dependencies.insert(exercise.crate_name(), subject(room, exercise, ""));
    manifest.insert("dependencies".into(), Value::Table(dependencies));

    let mut workspace = Table::new();
    let members = ["cases", "miri", &exercise.stub_dir()].map(|m| Value::String(m.to_owned()));
    workspace.insert("members".into(), Value::Array(members.to_vec()));
    workspace.insert("resolver".into(), Value::String("3".to_owned()));
    manifest.insert("workspace".into(), Value::Table(workspace));

    let mut dev = Table::new();
    // Backtraces are off, and places of panics need no debug information.
    dev.insert("debug".into(), Value::Boolean(false));
    dev.insert("codegen-units".into(), Value::Integer(16));
    manifest.insert(
        "profile".into(),
        Value::Table(Table::from_iter([("dev".to_owned(), Value::Table(dev))])),
    );
    manifest.to_string()
}

/// Starts from the course's lock file, so that versions are those that were tested.
pub(super) fn refresh_lock_file(dir: &Path, source: &Source) -> Result<(), RoomError> {
    let Ok(lock) = source.read("Cargo.lock") else {
        return Ok(());
    };
    let origin = dir.join("course.lock");
    if fs::read(&origin).is_ok_and(|present| present == lock) {
        return Ok(());
    }
    write_if_changed(&dir.join("Cargo.lock"), &lock)?;
    write_if_changed(&origin, &lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Locks a room that nobody holds.
    fn alone(dir: &Path) -> File {
        let wait = Wait {
            cancel: &Cancel::new(),
            tell: &mut |holder| panic!("{holder} holds it"),
        };
        lock(dir, wait).unwrap()
    }

    #[test]
    fn who_waits_hears_of_the_process_that_holds_the_room() {
        let dir = tempfile::tempdir().unwrap();
        let held = alone(dir.path());
        let cancel = Cancel::new();
        let mut heard = Vec::new();
        let waited = lock(
            dir.path(),
            Wait {
                cancel: &cancel,
                tell: &mut |holder| {
                    heard.push(holder.to_owned());
                    cancel.cancel();
                },
            },
        );
        assert!(matches!(waited, Err(RoomError::Interrupted)));
        assert_eq!(heard.len(), 1);
        if cfg!(unix) {
            let own = format!("process {} ", std::process::id());
            assert!(heard[0].starts_with(&own), "{heard:?}");
        }
        drop(held);
        alone(dir.path());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_whose_name_cannot_be_built_in_is_told_with_the_reason() {
        use std::os::unix::ffi::OsStrExt;

        let name = std::ffi::OsStr::from_bytes;
        for (path, part) in [
            (name(b"/a:b/rooms/c"), "`:`"),
            (name(b"/a%20b/rooms/c"), "`%`"),
            (name(b"/a\xffb/rooms/c"), "UTF-8"),
        ] {
            let told = buildable(Path::new(path)).unwrap_err().to_string();
            assert!(
                told.contains(part) && told.contains("CARGO_TARGET_DIR"),
                "{told}"
            );
        }
        for path in ["/a b/c", "/ä\"'#$;,=[]{}\\/c"] {
            assert!(buildable(Path::new(path)).is_ok(), "{path}");
        }
    }
}
