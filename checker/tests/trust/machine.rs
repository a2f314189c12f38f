//! A machine that is at fault, or is arranged in another way: no verdict on the learner comes of
//! it, and no recorded pass is lost or won.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use checker::verdict::{CompileProblem, Verdict};
use serde_json::Value;

use crate::ADDITION;
use crate::course::{Course, EXERCISE, Start, course};
use crate::verdict_of_the_addition;

/// Sets the time of all that was built, and of all that it was built from.
fn set_times(course: &Course, time: SystemTime) {
    for entry in walkdir::WalkDir::new(course.root().join("target")) {
        let entry = entry.unwrap();
        // A folder is opened in another way, and cargo does not look at its time.
        if entry.file_type().is_file() {
            let file = fs::File::options().write(true).open(entry.path()).unwrap();
            file.set_modified(time).unwrap();
        }
    }
}

/// What each phase's progress says, as machines read it.
fn states(course: &Course) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_checker"))
        .arg("--course")
        .arg(course.root())
        .args(["progress", "--json"])
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let exercises = document["exercises"].as_array().unwrap();
    let counter = exercises.iter().find(|e| e["id"] == EXERCISE).unwrap();
    let phases = counter["phases"].as_array().unwrap();
    let state = |phase: &Value| phase["state"].as_str().unwrap().to_owned();
    phases.iter().map(state).collect()
}

/// Has the solution passed, then checks it on a machine that `break_it` arranges: the program must
/// refuse, and progress stay as it is.
fn refused(course: &Course, break_it: impl Fn(&mut Command)) -> String {
    course.enter(Start::Solution, None);
    let passed = course.program(None, 6.0).output().unwrap();
    assert_eq!(passed.status.code(), Some(0), "{}", shown(&passed));
    assert_eq!(states(course), ["passed", "passed"]);
    let mut program = course.program(None, 6.0);
    break_it(&mut program);
    let output = program.output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    assert_eq!(states(course), ["passed", "passed"]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(words.lines().count(), 1, "{words}");
    words
}

fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}

/// Writes a configuration of cargo for the course, and removes it at the end.
struct Configured<'a>(&'a Course);

impl Configured<'_> {
    fn with<'a>(course: &'a Course, text: &str) -> Configured<'a> {
        let folder = course.root().join(".cargo");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), text).unwrap();
        Configured(course)
    }
}

impl Drop for Configured<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.0.root().join(".cargo"));
    }
}

#[test]
fn a_clock_that_was_set_back_hides_no_edit() {
    let course = course();
    course.enter(Start::Solution, None);
    assert_eq!(verdict_of_the_addition(&course), Verdict::Passed);
    let tomorrow = SystemTime::now() + Duration::from_secs(24 * 3_600);
    set_times(&course, tomorrow);

    course.enter(Start::Solution, Some("wrong-value"));
    let wrong = verdict_of_the_addition(&course);
    assert!(matches!(wrong, Verdict::Failed(_)), "{wrong:?}");
    course.enter(Start::Solution, None);
    assert_eq!(verdict_of_the_addition(&course), Verdict::Passed);

    set_times(&course, tomorrow);
    course.enter(Start::Solution, Some("interface-changed"));
    let report = course.check(Some(ADDITION)).unwrap();
    assert!(report.phases.iter().any(|phase| phase.problem.is_some()));
    set_times(&course, SystemTime::now());
}

/// The hidden tests and the programs that must not compile change with the course.
#[test]
fn a_clock_that_was_set_back_hides_no_newer_suite() {
    let course = course();
    course.enter(Start::Solution, None);
    let report = course.check(None).unwrap();
    assert!(report.passed(), "{report:#?}");
    let tomorrow = SystemTime::now() + Duration::from_secs(24 * 3_600);
    for (file, before, after) in [
        ("src/p1_core.rs", "counter.add(3), 3)", "counter.add(3), 4)"),
        ("src/filled.rs", "counter.add(limit)", "panic!(\"{limit}\")"),
        (
            "compile_fail/the_value_is_private.rs",
            "counter.value = 2;",
            "counter.add(2);",
        ),
    ] {
        set_times(&course, tomorrow);
        let path = course.suite().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(before), "{file}: {text}");
        fs::write(&path, text.replace(before, after)).unwrap();
        let report = course.check(None).unwrap();
        fs::write(&path, &text).unwrap();
        assert!(!report.passed(), "{file}: {report:#?}");
        assert!(!report.has_checker_fault(), "{file}: {report:#?}");
    }
    assert!(course.check(None).unwrap().passed());
    set_times(&course, SystemTime::now());
}

#[test]
fn a_target_of_another_machine_is_not_built_for() {
    let course = course();
    let _configured = Configured::with(&course, "build.target = \"wasm32-unknown-unknown\"\n");
    course.enter(Start::Solution, None);
    let report = course.check(None).unwrap();
    assert!(report.passed(), "{report:#?}");
}

#[test]
fn crates_that_a_configuration_replaces_are_refused_by_the_name_of_the_file() {
    let course = course();
    for text in [
        "[patch.crates-io]\nproptest = { path = \"elsewhere\" }\n",
        "paths = [\"elsewhere\"]\n",
    ] {
        let error = {
            let _configured = Configured::with(&course, text);
            course.enter(Start::Solution, None);
            course.check(None).unwrap_err().to_string()
        };
        assert!(error.contains("config.toml sets"), "{error}");
    }
}

#[test]
fn a_folder_for_temporary_files_that_is_missing_is_named() {
    let course = course();
    let nowhere = course.root().join("nowhere");
    let words = refused(&course, |program| {
        for variable in ["TMPDIR", "TMP", "TEMP"] {
            program.env(variable, &nowhere);
        }
    });
    assert!(words.contains("nowhere"), "{words}");
}

#[test]
fn a_seed_that_is_no_number_is_named() {
    let course = course();
    let words = refused(&course, |program| {
        program.env("CHECKER_SEED", "abc");
    });
    assert!(words.contains("CHECKER_SEED"), "{words}");
}

/// A cargo on a machine to which nothing was downloaded yet. Where the network is there, it is the
/// real one once the network may be used.
#[cfg(unix)]
fn cargo_without_crates(folder: &Path, has_network: bool) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;

    let path = folder.join("cargo");
    let online = if has_network {
        format!("exec {} \"$@\"", env!("CARGO"))
    } else {
        "echo 'error: failed to get `a` as a dependency\n\nCaused by:\n  could not resolve host: \
         index' >&2; exit 101"
            .to_owned()
    };
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' --offline '*)\n  echo 'error: no matching package named \
         `a` found\nAs a reminder, you are using offline mode (--offline)' >&2; exit 101;;\nesac\n\
         {online}\n"
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[cfg(unix)]
#[test]
fn crates_that_are_missing_are_downloaded() {
    let course = course();
    let folder = tempfile::tempdir().unwrap();
    course.enter(Start::Solution, None);
    let output = course
        .program(None, 6.0)
        .env("CARGO", cargo_without_crates(folder.path(), true))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
}

#[cfg(unix)]
#[test]
fn crates_that_cannot_be_downloaded_are_told_with_the_reason_and_what_to_do() {
    let course = course();
    let folder = tempfile::tempdir().unwrap();
    let cargo = cargo_without_crates(folder.path(), false);
    let words = refused(&course, |program| {
        program.env("CARGO", &cargo);
    });
    for part in ["could not resolve host", "connect to the network"] {
        assert!(words.contains(part), "{part:?} is not in {words}");
    }
}

#[test]
fn control_characters_of_a_linker_reach_no_terminal() {
    let course = course();
    course.enter(Start::Solution, Some("missing-library"));
    let lib = course.learner().join("src/lib.rs");
    let text = fs::read_to_string(&lib).unwrap();
    let colored = text.replace("no_such_library", "\\u{1b}[31mno_such_library");
    assert_ne!(text, colored);
    fs::write(&lib, colored).unwrap();
    let report = course.check(Some(ADDITION)).unwrap();
    for phase in &report.phases {
        let Some(CompileProblem::Learner { rendered, .. }) = &phase.problem else {
            panic!("{phase:#?}");
        };
        assert!(rendered.contains("cannot be linked"), "{rendered}");
        assert!(!rendered.contains('\u{1b}'), "{rendered:?}");
    }
}
