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
    };
    let exercises = checker.catalog.exercises();
    assert!(!exercises.is_empty());
    let wrong: Vec<String> = exercises
        .iter()
        .flat_map(|exercise| {
            let findings = verify(&checker, exercise, effort, &Cancel::new(), &mut |_| {}).unwrap();
            let wrong = findings.into_iter().filter(|finding| !finding.holds);
            let id = exercise.id();
            wrong.map(move |f| format!("{id}: {}\n{}", f.check, f.detail))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_kit_the_suites_and_the_solutions_pass_their_own_tests() {
    let checker = Checker::open(workspace()).unwrap();
    let of = |exercise: &Exercise| {
        let id = exercise.id();
        [format!("{id}-suite"), format!("{id}-solution")]
    };
    let packages: Vec<String> = checker.catalog.exercises().iter().flat_map(of).collect();
    let mut arguments = vec!["test", "--quiet", "--locked", "--package", "suite-kit"];
    for package in &packages {
        arguments.extend(["--package", package]);
    }
    cargo(&arguments);
}

#[test]
fn every_block_of_the_book_compiles_and_runs() {
    cargo(&["test", "--quiet", "--locked", "--package", "book-code"]);
}
