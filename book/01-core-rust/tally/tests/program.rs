//! The program from the outside.
#![cfg(feature = "cli")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use assert_cmd::Command as Program;
use tally::sample;

fn tally(args: &[&str], stdin: &str) -> Output {
    let mut program = Program::new(env!("CARGO_BIN_EXE_tally"));
    program
        .args(args)
        .write_stdin(stdin)
        .output()
        .expect("it runs")
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("it prints UTF-8")
}

fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).expect("it prints UTF-8")
}

const LOG: &str = r#"::1 - - [12/Mar/2026:10:15:32 +0000] "GET /a HTTP/1.1" 200 2048 "-" "-" 0.010
::1 - - [12/Mar/2026:10:15:33 +0000] "GET /b?x=1 HTTP/1.1" 404 100 "-" "-" 0.001
::2 - - [12/Mar/2026:10:15:33 +0000] "POST /b HTTP/1.1" 500 0 "-" "-" 2.500
"#;

// ANCHOR: table
#[test]
fn a_table_has_names_on_the_left_and_numbers_on_the_right() {
    let output = tally(&["path", "--metrics", "requests,bytes,p100"], LOG);
    let expected = "\
path  requests    bytes     p100
/b           2    100 B   2.50 s
/a           1  2.0 KiB  10.0 ms
";
    assert_eq!(stdout(&output), expected);
    assert_eq!(output.status.code(), Some(0));
}
// ANCHOR_END: table

#[test]
fn files_and_standard_input_are_one_log_and_the_usual_metrics_need_no_flag() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tally-program.log");
    std::fs::write(&file, LOG).expect("the directory is writable");
    let output = tally(&["class", &file.to_string_lossy(), "-"], LOG);
    let expected = "\
class  requests    bytes      p50      p99
2xx           2  4.0 KiB  10.0 ms  10.0 ms
4xx           2    200 B   1.0 ms   1.0 ms
5xx           2      0 B   2.50 s   2.50 s
";
    assert_eq!(stdout(&output), expected);
}

#[test]
fn rows_are_sorted_by_the_metric_that_is_asked_for_and_limited() {
    let output = tally(
        &[
            "path",
            "--metrics",
            "requests",
            "--sort",
            "bytes",
            "-n",
            "1",
        ],
        LOG,
    );
    assert_eq!(
        stdout(&output),
        "path  requests    bytes\n/a           1  2.0 KiB\n"
    );
}

#[test]
fn filters_work_together() {
    let args = [
        "client", "-m", "requests", "--status", "4xx", "--method", "GET", "--path", "/b",
    ];
    assert_eq!(
        stdout(&tally(&args, LOG)),
        "client  requests\n::1            1\n"
    );
}

#[cfg(feature = "json")]
#[test]
fn json_has_plain_numbers() {
    let output = tally(
        &[
            "class",
            "--format",
            "json",
            "-m",
            "bytes,p50",
            "--status",
            "500",
        ],
        LOG,
    );
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let expected = serde_json::json!({
        "by": "class",
        "metrics": ["bytes", "p50"],
        "rows": [{"name": "5xx", "values": [0, 2_500_000]}],
        "entries": 3,
        "skipped": 0,
    });
    assert_eq!(report, expected);
}

// ANCHOR: bad-lines
#[test]
fn bad_lines_are_skipped_and_told_or_stop_the_program() {
    let log = format!("{LOG}what is this\n");
    let skipped = tally(&["method", "-m", "requests"], &log);
    assert_eq!(
        stdout(&skipped),
        "method  requests\nGET            2\nPOST           1\n"
    );
    assert_eq!(stderr(&skipped), "tally: skipped 1 of 4 lines\n");
    assert_eq!(skipped.status.code(), Some(0));

    let stopped = tally(&["method", "--bad-lines", "stop"], &log);
    assert_eq!(stdout(&stopped), "");
    let expected = "tally: -: bad line: 4:1: client does not end: no \" - \" follows\n";
    assert_eq!(stderr(&stopped), expected);
    assert_eq!(stopped.status.code(), Some(1));
}
// ANCHOR_END: bad-lines

#[test]
fn a_missing_file_and_a_wrong_flag_have_their_own_exit_codes() {
    let missing = tally(&["path", "no/such.log"], "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(stderr(&missing).starts_with("tally: cannot open no/such.log: "));
    assert_eq!(tally(&["planet"], "").status.code(), Some(2));
    assert_eq!(
        tally(&["path", "--metrics", "p101"], "").status.code(),
        Some(2)
    );
    assert_eq!(tally(&["--help"], "").status.code(), Some(0));
}

// ANCHOR: closed-stderr
#[test]
fn a_failure_that_nobody_can_be_told_keeps_its_exit_code() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tally"))
        .args(["path", "-"])
        .args(["--bad-lines", "stop"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stderr.take());
    let mut stdin = child.stdin.take().expect("it is a pipe");
    std::io::Write::write_all(&mut stdin, b"what is this\n").expect("it reads");
    drop(stdin);
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
}
// ANCHOR_END: closed-stderr

// ANCHOR: closed-stdout
#[test]
fn a_reader_that_went_away_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tally"))
        .args(["path", "--top", "100000"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // Nobody reads: the program can only find a pipe without a reader.
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("it is a pipe");
    std::io::copy(&mut sample::log(1, 5_000).as_bytes(), &mut stdin).expect("it reads");
    drop(stdin);
    let mut errors = String::new();
    let mut stderr = child.stderr.take().expect("it is a pipe");
    stderr.read_to_string(&mut errors).expect("it prints UTF-8");
    let status = child.wait().expect("it ends");
    assert_eq!((status.code(), &errors[..]), (Some(0), ""));
}
// ANCHOR_END: closed-stdout
