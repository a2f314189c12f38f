//! The protocol between the runner and a test process, seen from the runner's side.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Runs a case of the fixture as the runner does: its standard input stays open until it ends.
fn run(case: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_suite-kit-fixture"))
        .arg(case)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(format!("{TOKEN}\nmore\n").as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    output
}

/// What the process wrote to its error stream: the learner's part, and the last line's outcome.
fn split(output: &Output) -> (String, Option<String>) {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    let line = stderr
        .strip_suffix('\n')
        .and_then(|text| text.rsplit_once('\n'));
    match line {
        Some((before, line)) if line.starts_with(TOKEN) => {
            (before.to_owned(), Some(line[TOKEN.len() + 1..].to_owned()))
        }
        _ => (stderr, None),
    }
}

#[track_caller]
fn expect_passed(case: &str) -> Output {
    let output = run(case);
    let (_, outcome) = split(&output);
    assert_eq!(outcome.as_deref(), Some("passed"), "{output:?}");
    assert_eq!(output.status.code(), Some(0));
    output
}

/// Runs a case that must not pass; returns what it showed and its outcome without the places,
/// which are lines of the fixture.
#[track_caller]
fn expect_not_passed(case: &str) -> (String, String) {
    let output = run(case);
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let (shown, outcome) = split(&output);
    let outcome = outcome.unwrap();
    let (body, location) = outcome.rsplit_once(r#","location":"#).unwrap();
    assert!(
        location == "null}" || location.contains("fixture/main.rs:") || location.contains('\\'),
        "{location}"
    );
    (shown, body.to_owned())
}

#[test]
fn a_test_that_returns_has_passed() {
    let output = expect_passed("passes");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim_end(),
        "hello from the test"
    );
    assert_eq!(split(&output).0, "");
}

#[test]
fn output_without_a_line_end_is_not_lost() {
    let output = expect_passed("leaves_half_a_line");
    assert_eq!(output.stdout, b"half a line");
}

#[test]
fn a_failed_expectation_is_reported_with_its_evidence_and_not_printed_as_well() {
    let (shown, outcome) = expect_not_passed("fails_an_expectation");
    assert_eq!(
        outcome,
        r#"{"outcome":"failed","message":"get a","expected":"Some(1)","received":"Some(2)","steps":["put a=1"],"seed":7"#
    );
    assert_eq!(shown, "");
}

#[test]
fn a_panic_is_printed_as_rust_does_and_reported_with_its_message() {
    let (shown, outcome) = expect_not_passed("panics");
    assert_eq!(
        outcome,
        r#"{"outcome":"failed","message":"line one\nline \"two\"","expected":null,"received":null,"steps":[],"seed":null"#
    );
    assert!(shown.contains("panicked at"), "{shown}");
    assert!(shown.contains("line one\nline \"two\""), "{shown}");
}

#[test]
fn a_panic_without_text_is_a_failure() {
    let (_, outcome) = expect_not_passed("panics_without_text");
    assert!(
        outcome.contains("a panic whose value is not a string"),
        "{outcome}"
    );
}

#[test]
fn a_todo_is_not_implemented_wherever_it_is_reached() {
    for (case, message) in [
        ("reaches_a_todo", "phase 2: look-ups"),
        ("reaches_a_todo_on_a_thread", "phase 6: shared"),
        ("catches_a_todo", "not yet implemented"),
    ] {
        let (_, outcome) = expect_not_passed(case);
        assert_eq!(
            outcome,
            format!(r#"{{"outcome":"not_implemented","message":"{message}""#)
        );
    }
}

#[test]
fn a_failure_on_a_thread_is_reported_as_if_it_were_the_tests_own() {
    let (_, outcome) = expect_not_passed("fails_on_a_thread");
    assert!(
        outcome.contains(r#""message":"the index","expected":"1","received":"2""#),
        "{outcome}"
    );
    assert!(outcome.contains(r#""steps":["thread 2"]"#), "{outcome}");
    let (_, outcome) = expect_not_passed("panics_on_a_scoped_thread");
    assert!(outcome.contains(r#""message":"the cause""#), "{outcome}");
}

#[test]
fn a_hook_of_the_learner_changes_nothing() {
    let (shown, outcome) = expect_not_passed("has_its_own_hook");
    assert!(
        outcome.contains(r#""message":"get a","expected":"Some(1)""#),
        "{outcome}"
    );
    assert!(shown.contains("0123 passed"), "{shown}");
}

#[test]
fn nothing_comes_after_the_last_line() {
    for case in ["prints_when_its_thread_ends", "keeps_printing"] {
        expect_passed(case);
    }
}

#[test]
fn a_locked_standard_output_holds_nobody_up() {
    expect_passed("holds_the_standard_output");
}

#[test]
fn an_exit_in_the_test_leaves_no_token() {
    let output = run("exits");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(split(&output).1, None);
}

#[test]
fn a_test_has_a_session_of_its_own_and_no_terminal() {
    expect_passed("has_a_session_and_no_terminal");
}

#[test]
fn the_token_does_not_stand_in_memory() {
    expect_passed("finds_its_token");
}

#[test]
fn a_long_message_is_cut_and_reported() {
    let (_, outcome) = expect_not_passed("panics_with_a_long_message");
    assert!(outcome.len() < 20_000, "{}", outcome.len());
    assert!(outcome.contains("long long") && outcome.contains("more bytes"));
}

/// The runner's own tests read what is written here.
#[test]
fn steps_are_written_down_as_they_are_taken() {
    let desk = std::env::temp_dir().join(format!("suite-kit-desk-{}", std::process::id()));
    std::fs::create_dir_all(&desk).unwrap();
    let paper = desk.join("steps");
    std::fs::write(&paper, "").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_suite-kit-fixture"))
        .arg("takes_steps_and_aborts")
        .env("CHECKER_DESK", &desk)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{TOKEN}\n").as_bytes()).unwrap();
    assert!(!child.wait().unwrap().success());
    let written = std::fs::read(&paper).unwrap();
    std::fs::remove_dir_all(&desk).unwrap();

    // The earlier scenario's line has the number 0, so that this story begins with 1.
    assert_eq!(&written[..16], b"0000000000000001");
    let line = |place: usize| {
        let line = &written[512 * place..];
        let length = usize::from_str_radix(std::str::from_utf8(&line[40..44]).unwrap(), 16);
        String::from_utf8(line[..44 + length.unwrap()].to_vec()).unwrap()
    };
    assert_eq!(
        line(1),
        "00000000000000010000000000000000000000010006step 0"
    );
    let same = (1..=30).map(line).find(|line| line.ends_with("the same"));
    assert_eq!(
        same.unwrap(),
        "00000000000000650000000000000064000000030008the same"
    );
    assert_eq!(written.len() / 512, 30, "it grows no further");
}

#[test]
fn a_process_that_was_not_started_by_the_runner_says_so() {
    for arguments in [&[][..], &["no_such_test"], &["passes", "more"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_suite-kit-fixture"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("started by the checker"));
    }
    let output = Command::new(env!("CARGO_BIN_EXE_suite-kit-fixture"))
        .arg("passes")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn the_process_ends_with_the_runner() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_suite-kit-fixture"))
        .arg("never_ends")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{TOKEN}\n").as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    assert_eq!(split(&output).1, None);
}
