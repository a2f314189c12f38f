//! The course itself: every exercise is complete, every package passes, the book's code runs.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "tests report by panicking"
)]

use std::process::Command;

use checker::catalog::Exercise;
use checker::check::Checker;
use checker::runner::Cancel;
use checker::verify::{Effort, verify};
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
    let wrong: Vec<String> = exercises
        .iter()
        .flat_map(|exercise| {
            let findings =
                verify(&checker, exercise, &effort, &Cancel::new(), &mut |_| {}).unwrap();
            let wrong = findings.into_iter().filter(|finding| !finding.holds);
            let id = exercise.id();
            wrong.map(move |f| format!("{id}: {}\n{}", f.check, f.detail))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_other_package_passes_its_own_tests() {
    let checker = Checker::open(workspace()).unwrap();
    // The stubs pass nothing, the checker is what runs here, and the book has a test of its own.
    let mut apart = vec!["checker", "book-code"];
    apart.extend(checker.catalog.exercises().iter().map(Exercise::id));
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
