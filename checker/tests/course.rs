//! The course itself: every exercise is complete, every package passes, the book's code runs.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests report by panicking"
)]

use std::process::Command;

use checker::check::Checker;
use checker::runner::Cancel;
use checker::verify::{Effort, verify_all};
use checker::workspace::Workspace;

fn workspace() -> Workspace {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap();
    Workspace::at(root).expect("the checkout that holds this test")
}

/// Runs the outer cargo on this checkout and shows what it printed if it fails.
fn cargo(arguments: &[&str]) {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(workspace().root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo {} failed:\n{}\n{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

#[test]
fn every_exercise_is_complete() {
    let checker = Checker::open(workspace()).unwrap();
    let effort = Effort {
        repeat: 2,
        stress: false,
        timed: false,
        mutant: None,
    };
    let exercises = checker.catalog.exercises();
    assert!(!exercises.is_empty());
    let cores = checker::runner::default_workers();
    let verified = verify_all(&checker, exercises, &effort, cores, &Cancel::new()).unwrap();
    let wrong: Vec<String> = verified
        .into_iter()
        .flat_map(|(exercise, findings)| {
            let wrong = findings.into_iter().filter(|finding| !finding.holds);
            wrong.map(|f| format!("{}: {}\n{}", exercise.id(), f.check, f.detail))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Solutions, the book's crates and what the checker is made of. Suites are proved above, and
/// `.ci/run` holds them to the compiler's recorded words; stubs pass nothing, the checker is what
/// runs here, and the book's code has a test of its own.
#[test]
fn every_other_package_passes_its_own_tests() {
    let checker = Checker::open(workspace()).unwrap();
    let mut apart = vec!["checker".to_owned(), "book-code".to_owned()];
    for exercise in checker.catalog.exercises() {
        apart.push(exercise.id().to_owned());
        apart.push(format!("{}-suite", exercise.id()));
    }
    let mut arguments = vec!["test", "--quiet", "--locked", "--workspace"];
    for package in &apart {
        arguments.extend(["--exclude", package]);
    }
    cargo(&arguments);
}

#[test]
fn every_block_of_the_book_compiles_and_runs() {
    cargo(&["test", "--quiet", "--locked", "--package", "book-code"]);
}
