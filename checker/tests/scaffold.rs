//! A new exercise is complete from its first moment, and the machine's lacks are told in time.

#![allow(
    clippy::unwrap_used,
    reason = "tests report what they find by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use checker::check::Checker;
use checker::runner::Cancel;
use checker::scaffold::{self, ScaffoldError};
use checker::site::build::build;
use checker::verify::{Effort, verify};
use checker::workspace::{Kind, MARKER, Workspace};
use serde_json::Value;
use tempfile::TempDir;
use walkdir::WalkDir;

const MODULE: &str = "03-key-value-store";
/// An id that sorts behind `suite_kit`, so that the templates may not rely on the order.
const ID: &str = "text-lines";
const SUMMARY: &str = "# Summary\n\n[Welcome](welcome.md)\n\n- [Key-value store]()\n- [Later]()\n";

/// The packages of the course that a new exercise needs, and those of exercises.
const MEMBERS: [&str; 5] = [
    "checker/cases",
    "checker/kit",
    "checker/suites/*/*",
    "exercises/*/*",
    "solutions/*/*",
];

/// What suites are written with.
const SHARED: [&str; 2] = ["checker/cases", "checker/kit"];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Writes a course without exercises: what the real one gives to each of them.
fn lay_out(root: &Path) {
    for shared in SHARED {
        for file in WalkDir::new(repository(shared)) {
            let file = file.unwrap();
            let inside = file.path().strip_prefix(repository(shared)).unwrap();
            if file.file_type().is_file() {
                let text = fs::read_to_string(file.path()).unwrap();
                write(&root.join(shared).join(inside), &text);
            }
        }
    }
    let manifest = fs::read_to_string(repository("Cargo.toml")).unwrap();
    let mut manifest: toml::Table = manifest.parse().unwrap();
    let workspace = manifest["workspace"].as_table_mut().unwrap();
    workspace.insert("members".to_owned(), MEMBERS.to_vec().into());
    workspace.remove("default-members");
    write(&root.join("Cargo.toml"), &manifest.to_string());
    fs::copy(repository("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    fs::create_dir_all(root.join("checker/suites")).unwrap();
    write(
        &root.join("book.toml"),
        "[book]\ntitle = \"Course\"\nsrc = \"book\"\n",
    );
    write(&root.join("book/SUMMARY.md"), SUMMARY);
    write(&root.join("book/welcome.md"), "# Welcome\n\nHello.\n");
}

fn empty_course() -> (TempDir, Workspace) {
    let dir = tempfile::tempdir().unwrap();
    lay_out(dir.path());
    let workspace = Workspace::at(dir.path()).unwrap();
    (dir, workspace)
}

/// A course with one new exercise, beside what earlier runs of these tests built.
fn course() -> &'static Workspace {
    static COURSE: LazyLock<Workspace> = LazyLock::new(|| {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scaffold");
        fs::create_dir_all(&root).unwrap();
        for entry in fs::read_dir(&root).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() == "target" {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                fs::remove_dir_all(entry.path()).unwrap();
            } else {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        lay_out(&root);
        let workspace = Workspace::at(&root.canonicalize().unwrap()).unwrap();
        scaffold::new(&workspace, MODULE, ID).unwrap();
        workspace
    });
    &COURSE
}

/// Every path below a folder with its text, in order.
fn files(root: &Path) -> Vec<(PathBuf, Option<String>)> {
    let entries = WalkDir::new(root).sort_by_file_name().into_iter();
    entries
        .map(|entry| entry.unwrap().into_path())
        .map(|path| (path.clone(), fs::read_to_string(path).ok()))
        .collect()
}

#[test]
fn a_new_exercise_passes_its_verification_at_once() {
    let checker = Checker::open(course().clone()).unwrap();
    let exercise = checker.catalog.find(ID).unwrap();
    let effort = Effort {
        repeat: 1,
        stress: false,
        timed: false,
        mutant: None,
    };
    let findings = verify(&checker, exercise, &effort, &Cancel::new(), &mut |_| {}).unwrap();
    let wrong: Vec<_> = findings.iter().filter(|finding| !finding.holds).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        findings
            .iter()
            .any(|finding| finding.check.contains("mutant"))
    );
}

#[test]
fn the_packages_of_a_new_exercise_pass_their_own_tests_without_warnings() {
    // A newer compiler may warn of what this one accepts.
    let flags = if course_cases::is_pinned() {
        "-Dwarnings"
    } else {
        ""
    };
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--all-targets"])
        .args(["--package", &format!("{ID}-solution")])
        .args(["--package", &format!("{ID}-suite")])
        .current_dir(course().root())
        .env("CARGO_TARGET_DIR", course().root().join("target"))
        .env("RUSTFLAGS", flags)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", shown(&output));
}

#[test]
fn a_new_exercise_is_formatted_as_rustfmt_does() {
    let sources = WalkDir::new(course().root()).into_iter();
    let sources = sources.filter_entry(|entry| entry.file_name() != "target");
    let sources: Vec<PathBuf> = sources
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .filter(|path| {
            let is_in = |shared| path.starts_with(course().root().join(shared));
            !SHARED.into_iter().any(is_in)
        })
        .collect();
    assert!(sources.len() > 5);
    let output = Command::new("rustfmt")
        .args(["--check", "--edition", "2024"])
        .args(sources)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", shown(&output));
}

#[test]
fn the_book_with_a_new_exercise_builds_without_warnings() {
    let output = tempfile::tempdir().unwrap();
    let site = output.path().join("site");
    let built = build(&course().source(), &course().build_dir(), &site).unwrap();
    assert_eq!((built.pages, built.warnings), (2, Vec::new()));
    let page = fs::read_to_string(site.join(MODULE).join(format!("{ID}.html"))).unwrap();
    assert!(page.contains("Text lines"));
    assert!(page.contains("Blank lines before the first line that says something"));
}

#[test]
fn a_new_exercise_stands_in_all_four_places_and_in_the_contents() {
    let (_dir, workspace) = empty_course();
    let created = scaffold::new(&workspace, MODULE, ID).unwrap();
    for (path, file) in [
        (&created.stub, "src/lib.rs"),
        (&created.solution, "src/lib.rs"),
        (&created.suite, "suite.toml"),
    ] {
        assert!(workspace.root().join(path).join(file).is_file(), "{path:?}");
    }
    assert!(workspace.root().join(&created.chapter).is_file());
    assert_eq!(
        fs::read_to_string(workspace.root().join(&created.summary)).unwrap(),
        SUMMARY.replace(
            "store]()\n",
            &format!("store]()\n  - [Text lines]({MODULE}/{ID}.md)\n")
        )
    );
    for (path, text) in files(workspace.root()) {
        let of_exercise = path.to_string_lossy().contains(ID);
        let left = text.is_some_and(|text| text.contains("@id@") || text.contains("@crate@"));
        assert!(
            !(of_exercise && left),
            "{} has a placeholder",
            path.display()
        );
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(
            !name.starts_with(".new-exercise"),
            "{} is left",
            path.display()
        );
    }
}

#[test]
fn what_is_there_already_is_refused_and_nothing_changes() {
    let (_dir, workspace) = empty_course();
    scaffold::new(&workspace, MODULE, ID).unwrap();
    let occupied = workspace
        .root()
        .join("solutions")
        .join(MODULE)
        .join("other");
    write(&occupied.join("notes.md"), "mine");
    let before = files(workspace.root());

    let again = scaffold::new(&workspace, "04-redis-clone", ID).unwrap_err();
    assert!(
        matches!(&again, ScaffoldError::Exists { module, .. } if module == MODULE),
        "{again}"
    );
    let in_the_way = scaffold::new(&workspace, MODULE, "other").unwrap_err();
    assert!(matches!(&in_the_way, ScaffoldError::Occupied(path) if *path == occupied));
    let bad = scaffold::new(&workspace, "3-store", "fine").unwrap_err();
    assert!(matches!(bad, ScaffoldError::Name(_)), "{bad}");
    let bad = scaffold::new(&workspace, MODULE, "../escape").unwrap_err();
    assert!(matches!(bad, ScaffoldError::Name(_)), "{bad}");

    assert!(files(workspace.root()) == before);
}

#[test]
fn a_course_without_contents_is_left_as_it_was() {
    let (_dir, workspace) = empty_course();
    fs::remove_file(workspace.root().join("book/SUMMARY.md")).unwrap();
    let before = files(workspace.root());
    let error = scaffold::new(&workspace, MODULE, ID).unwrap_err();
    assert!(error.to_string().contains("SUMMARY.md"), "{error}");
    assert!(files(workspace.root()) == before);
}

#[test]
fn a_learners_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join(MARKER), "");
    let workspace = Workspace::at(dir.path()).unwrap();
    assert_eq!(workspace.kind(), Kind::Learner);
    let error = scaffold::new(&workspace, MODULE, ID).unwrap_err();
    assert!(matches!(error, ScaffoldError::LearnersFolder(_)), "{error}");
    assert!(error.to_string().contains("learner's folder"));
}

fn checker(arguments: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_checker"));
    command.args(arguments).current_dir(dir);
    command
}

fn without_programs(mut command: Command) -> Output {
    command
        .env("PATH", "")
        .env_remove("CARGO")
        .env_remove("RUSTC");
    command.output().unwrap()
}

fn shown(output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    format!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_command_says_what_it_made_and_refuses_to_make_it_twice() {
    let (_dir, workspace) = empty_course();
    let new = || {
        checker(&["new", MODULE, ID], workspace.root())
            .output()
            .unwrap()
    };
    let first = new();
    assert_eq!(first.status.code(), Some(0), "{}", shown(&first));
    assert!(shown(&first).contains(&format!("checker verify {ID}")));
    let second = new();
    assert_eq!(second.status.code(), Some(2), "{}", shown(&second));
    assert!(shown(&second).contains("already an exercise"));
}

#[test]
fn without_cargo_a_check_says_so_in_one_line() {
    let command = checker(&["check", ID], course().root());
    let output = without_programs(command);
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors.trim_end().lines().count(), 1, "{errors}");
    assert!(errors.contains("cargo"), "{errors}");
    assert!(output.stdout.is_empty(), "{}", shown(&output));
}

#[test]
fn without_cargo_the_doctor_tells_how_to_get_it() {
    let output = without_programs(checker(&["doctor", "--json"], course().root()));
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    let diagnosis: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(diagnosis["schema"], 1);
    assert_eq!(diagnosis["ready"], false);
    let rows = diagnosis["rows"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    for name in ["cargo", "rustc"] {
        assert_eq!(row(name)["status"], "missing", "{name}");
        assert!(
            row(name)["advice"].as_str().unwrap().contains("rustup"),
            "{name}"
        );
    }
    assert_eq!(row("git")["status"], "optional");
    assert_eq!(row("writable")["status"], "ok");
}

#[test]
fn the_doctor_finds_the_tools_of_this_build_outside_of_a_course_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let json = checker(&["doctor", "--json"], dir.path()).output().unwrap();
    assert_eq!(json.status.code(), Some(0), "{}", shown(&json));
    let diagnosis: Value = serde_json::from_slice(&json.stdout).unwrap();
    let rows = diagnosis["rows"].as_array().unwrap();
    let status = |name: &str| &rows.iter().find(|row| row["name"] == name).unwrap()["status"];
    for name in ["cargo", "rustc", "linker", "loopback"] {
        assert_eq!(status(name), "ok", "{name}");
    }
    assert_eq!(status("course"), "optional");

    let table = checker(&["doctor"], dir.path()).output().unwrap();
    assert_eq!(table.status.code(), Some(0), "{}", shown(&table));
    let text = String::from_utf8(table.stdout).unwrap();
    assert!(
        text.contains("cargo") && text.contains("checker init DIR"),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}'),
        "colors where nobody sees them: {text}"
    );
}
