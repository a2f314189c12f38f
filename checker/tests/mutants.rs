//! Mutants are made of what an author changed, and carried over a solution that changes.

#![allow(
    clippy::unwrap_used,
    reason = "tests report what they find by panicking"
)]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use checker::catalog::patch::Patch;
use checker::check::{Checker, Prepared, Request, Subject};
use checker::runner::Cancel;
use checker::workspace::Workspace;
use checker::workspace::snapshot::Snapshot;
use tempfile::TempDir;

use support::lay_out;

const SOLUTION: &str = "solutions/00-fixtures/counter/src/lib.rs";
const SATURATES: &str = "self.value.saturating_add(amount).min(self.limit)";

/// The miniature course in a git repository of its own.
struct Checkout(TempDir);

/// What a command printed, and its exit code.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    words: String,
}

impl Checkout {
    fn new() -> Checkout {
        let checkout = Checkout(tempfile::tempdir().unwrap());
        lay_out(checkout.0.path());
        checkout.git(&["init", "--quiet"]);
        checkout.commit();
        checkout
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn git(&self, arguments: &[&str]) -> String {
        let identity = [
            "-c",
            "user.name=An author",
            "-c",
            "user.email=author@example.org",
        ];
        let output = Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "A state of the course"]);
    }

    fn solution(&self) -> String {
        fs::read_to_string(self.path(SOLUTION)).unwrap()
    }

    fn edit(&self, from: &str, to: &str) {
        let text = self.solution();
        assert!(text.contains(from), "{from:?} is not in {text}");
        fs::write(self.path(SOLUTION), text.replacen(from, to, 1)).unwrap();
    }

    fn patch(&self, name: &str) -> PathBuf {
        let folder = "checker/suites/00-fixtures/counter/mutants";
        self.path(&format!("{folder}/{name}.patch"))
    }

    /// Runs the program with this on its standard input.
    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let builds = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
        let mut child = Command::new(env!("CARGO_BIN_EXE_checker"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("CARGO_TARGET_DIR", builds)
            .env_remove("CHECKER_PROGRAM")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that refuses its arguments reads nothing.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        Ran {
            code: output.status.code(),
            words: text.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }
}

impl Ran {
    /// Fails unless the run ended with this code and said all of this.
    fn says(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in parts {
            assert!(self.words.contains(part), "{part:?} is not in {self:?}");
        }
    }
}

#[test]
fn a_change_becomes_a_mutant_and_the_solution_is_as_before() {
    let checkout = Checkout::new();
    let before = checkout.solution();
    checkout.edit("self.value = self", "self.value += self");
    // Also what was staged is put back: the next commit must not hold the mistake.
    checkout.git(&["add", "--all"]);
    let ran = checkout.run(
        &["mutant", "new", "counter", "adds-twice"],
        "An addition counts twice.\n",
    );
    ran.says(0, &["phase 1 p1_core::an_addition_returns_the_new_value"]);
    assert_eq!(checkout.solution(), before);
    let patch = fs::read_to_string(checkout.patch("adds-twice")).unwrap();
    let header = "# An addition counts twice.\n# phase: 1\n\
                  # test: p1_core::an_addition_returns_the_new_value\n--- a/src/lib.rs\n";
    assert!(patch.starts_with(header), "{patch}");
    let status = checkout.git(&["status", "--porcelain"]);
    assert_eq!(
        status,
        "?? checker/suites/00-fixtures/counter/mutants/adds-twice.patch\n"
    );
    let ran = checkout.run(&["verify", "counter", "--mutant", "adds-twice"], "");
    ran.says(0, &["✓ mutant adds-twice is caught in phase 1"]);
}

#[test]
fn a_change_that_no_test_catches_stays_in_the_tree_and_makes_no_mutant() {
    let checkout = Checkout::new();
    checkout.edit(
        SATURATES,
        "self.limit.min(self.value.saturating_add(amount))",
    );
    let changed = checkout.solution();
    let ran = checkout.run(&["mutant", "new", "counter", "the-same"], "Nothing.\n");
    ran.says(1, &["no test catches this"]);
    assert_eq!(checkout.solution(), changed);
    assert!(!checkout.patch("the-same").exists());
}

#[test]
fn what_cannot_become_a_mutant_is_refused_and_nothing_is_touched() {
    let checkout = Checkout::new();
    let new = |name, input| checkout.run(&["mutant", "new", "counter", name], input);
    new("no-change", "None.\n").says(2, &["make the mistake there first"]);
    new("../elsewhere", "One.\n").says(2, &["no name for a mutant"]);
    new("wraps_around", "One.\n").says(2, &["already"]);
    new("no-sentence", "\n").says(2, &["needs a sentence"]);
    checkout.edit(SATURATES, "self.value.wrapped(amount)");
    let changed = checkout.solution();
    new("no-code", "One.\n").says(2, &["does not compile", "wrapped"]);
    fs::write(
        checkout.path("solutions/00-fixtures/counter/src/more.rs"),
        "",
    )
    .unwrap();
    new("a-file-more", "One.\n").says(2, &["src/more.rs is in the last commit or in the tree"]);
    assert_eq!(checkout.solution(), changed);
    assert!(!checkout.patch("no-code").exists());
}

/// Writes a mutant of the ticker's bus, of which phase 2 has the tests.
fn mutate_the_bus(checkout: &Checkout, name: &str, from: &str, to: &str) {
    let path = checkout.path("solutions/00-fixtures/ticker/src/bus.rs");
    let before = fs::read_to_string(path).unwrap();
    assert!(before.contains(from), "{from:?} is not in {before}");
    let files = |text: String| vec![("src/bus.rs".to_owned(), text.into_bytes())];
    let after = files(before.replacen(from, to, 1));
    let header = vec!["A mistake.".to_owned(), "phase: 2".to_owned()];
    let patch = Patch::between(header, &files(before), &after).unwrap();
    let folder = checkout.path("checker/suites/00-fixtures/ticker/mutants");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.patch")), patch.text()).unwrap();
}

/// The compiler tells the error of one at a place that is in no mutant's body.
#[test]
fn a_mutant_that_spoils_the_common_build_is_found_and_the_others_are_proved_together() {
    let checkout = Checkout::new();
    let published = "state.published += 1;";
    mutate_the_bus(&checkout, "bus-1", published, "state.published += 2;");
    mutate_the_bus(&checkout, "bus-2", published, "");
    mutate_the_bus(
        &checkout,
        "bus-3",
        "self.next = oldest;",
        "self.next = oldest + 1;",
    );
    // The future can then not be sent to another thread, which a test does.
    let holds = "let state = shared.lock();\n            changed.await;\n            drop(state);";
    mutate_the_bus(&checkout, "bus-4", "changed.await;", holds);
    let ran = checkout.run(&["verify", "ticker", "--mutant", "bus-"], "");
    ran.says(
        1,
        &[
            "✓ mutants share a build that is right while none is chosen 2 in one build",
            "✓ mutant bus-1 is caught in phase 2",
            "✓ mutant bus-2 is caught in phase 2",
            "✓ mutant bus-3 is caught in phase 2",
            "✗ mutant bus-4 is caught in phase 2 its tests do not compile: `std::sync::MutexGuard",
        ],
    );
}

#[test]
fn what_is_built_of_one_crate_leaves_the_programs_of_another_alone() {
    let checkout = Checkout::new();
    let checker = Checker::open(Workspace::at(checkout.0.path()).unwrap()).unwrap();
    let exercise = checker.catalog.find("ticker").unwrap();
    let cancel = Cancel::new();
    let prepare = |subject| {
        let request = Request {
            subject,
            ..Request::of("ticker")
        };
        checker.prepare(&request, &cancel, &mut |_| {}).unwrap()
    };
    let right = prepare(Subject::Solution);
    let mut files = checker
        .snapshot(exercise, &Subject::Solution)
        .unwrap()
        .files;
    for (_, content) in files.iter_mut().filter(|(path, _)| path == "src/main.rs") {
        *content = b"fn main() {}\n".to_vec();
    }
    let wrong = prepare(Subject::Changed {
        label: "mutant",
        sources: Snapshot::of(files),
    });
    let passes = |prepared: &Prepared| {
        let report = prepared.run(&cancel, &mut |_| {}).unwrap();
        let mut tests = report.phases.iter().flat_map(|phase| &phase.tests);
        tests.all(|test| test.verdict.is_harmless())
    };
    assert!(passes(&right));
    assert!(!passes(&wrong));
    assert!(passes(&right));
}

#[test]
fn a_patch_is_carried_over_a_solution_that_has_changed() {
    let checkout = Checkout::new();
    // The context of a patch, in a commit, and in the tree only.
    checkout.edit("impl Counter {\n", "impl Counter {\n    // Counts.\n");
    checkout.commit();
    checkout.edit(
        "/// A counter at zero.",
        "/// A counter that begins at zero.",
    );
    let ran = checkout.run(&["mutant", "refresh", "counter"], "");
    let carried = "carried over from";
    ran.says(0, &[carried, "has_no_limit.patch", "2 fit, 1 carried over"]);
    let patch = fs::read_to_string(checkout.patch("has_no_limit")).unwrap();
    assert!(patch.starts_with("# A counter forgets its limit.\n# phase: 1\n"));
    assert!(patch.contains("begins at zero"), "{patch}");
    let ran = checkout.run(&["verify", "counter", "--mutant", "has_no_limit"], "");
    ran.says(0, &["✓ mutant has_no_limit is caught in phase 1"]);
}

#[test]
fn a_patch_that_touches_what_has_changed_is_left_to_a_person() {
    let checkout = Checkout::new();
    let before = fs::read(checkout.patch("wraps_around")).unwrap();
    checkout.edit(
        SATURATES,
        "self.limit.min(self.value.saturating_add(amount))",
    );
    let ran = checkout.run(&["mutant", "refresh", "counter"], "");
    ran.says(
        1,
        &[
            "conflict with src/lib.rs since",
            "wraps_around.patch",
            "<<<<<<< ours self.value = self.limit.min(",
            "self.value.wrapping_add(amount)",
            ">>>>>>> theirs",
            "1 fit, 0 carried over, 2 for you to write anew",
        ],
    );
    assert_eq!(fs::read(checkout.patch("wraps_around")).unwrap(), before);
}
