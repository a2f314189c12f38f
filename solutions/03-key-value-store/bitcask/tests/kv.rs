//! The program `kv`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use assert_cmd::Command;
use std::{fs, io::Write as _, process::Stdio};
use tempfile::TempDir;

fn kv(dir: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("kv").unwrap();
    command
        .current_dir(dir.path())
        .env_remove("KV_DIR")
        .args(arguments);
    command
}

#[test]
fn values_are_kept_from_process_to_process() {
    let dir = TempDir::new().unwrap();
    kv(&dir, &["set", "ada", "1815"])
        .assert()
        .success()
        .stdout("")
        .stderr("");
    kv(&dir, &["set", "-x", "--sync"]).assert().success();
    kv(&dir, &["get", "ada"])
        .assert()
        .success()
        .stdout("1815\n");
    kv(&dir, &["get", "-x"])
        .assert()
        .success()
        .stdout("--sync\n");
    kv(&dir, &["list"]).assert().success().stdout("-x\nada\n");
    kv(&dir, &["rm", "ada"]).assert().success().stdout("");
    kv(&dir, &["get", "ada"])
        .assert()
        .code(1)
        .stdout("")
        .stderr("kv: ada: not found\n");
    kv(&dir, &["rm", "ada"])
        .assert()
        .code(1)
        .stderr("kv: ada: not found\n");
    kv(&dir, &["set", "", "v"])
        .assert()
        .code(2)
        .stderr("kv: the key is empty\n");
    kv(&dir, &["set", "k"]).assert().code(2);
    assert!(dir.path().join(".kv/0000000001.data").exists());
    let elsewhere = kv(&dir, &["list"]).env("KV_DIR", "other").assert();
    elsewhere.success().stdout("");
}

#[test]
fn stats_and_merge() {
    let dir = TempDir::new().unwrap();
    for value in ["1", "2", "3"] {
        kv(&dir, &["--max-file-size", "1", "set", "ada", value])
            .assert()
            .success();
    }
    kv(&dir, &["stats"]).assert().success().stdout(
        "keys         1\nfiles        3\nlive bytes   24\n\
         total bytes  72 (a merge would free 48)\n",
    );
    kv(&dir, &["merge"]).assert().success().stdout("");
    kv(&dir, &["stats"]).assert().success().stdout(
        "keys         1\nfiles        1\nlive bytes   24\n\
         total bytes  24 (a merge would free 0)\n",
    );
    kv(&dir, &["get", "ada"]).assert().success().stdout("3\n");
}

#[test]
fn a_pipe_is_answered_line_by_line() {
    let dir = TempDir::new().unwrap();
    let mut pipe = kv(&dir, &["pipe"]);
    pipe.write_stdin("set a b c\nget a\nget x\nrm a\nrm a\nget a b\nset a\n\nset  v\nget a");
    pipe.assert().success().stdout(
        "ok\n= b c\nabsent\nok\nabsent\n\
         error: a line is set KEY VALUE, get KEY or rm KEY\n\
         error: a line is set KEY VALUE, get KEY or rm KEY\n\
         error: a line is set KEY VALUE, get KEY or rm KEY\n\
         error: the key is empty\nabsent\n",
    );
    kv(&dir, &["set", "two", "lines\nhere"]).assert().success();
    let mut pipe = kv(&dir, &["pipe"]);
    pipe.write_stdin("get two\n")
        .assert()
        .success()
        .stdout("error: the value has a line feed: use kv get\n");
}

#[test]
fn a_line_without_an_end_is_refused() {
    let dir = TempDir::new().unwrap();
    let mut line = b"set k ".to_vec();
    line.resize(80 << 20, b'v');
    line.extend(b"\nset k v\n");
    let mut pipe = kv(&dir, &["pipe"]);
    pipe.write_stdin(line)
        .assert()
        .success()
        .stdout("error: the line is too long\nok\n");
}

#[test]
fn two_processes_do_not_meet() {
    let dir = TempDir::new().unwrap();
    let program = assert_cmd::cargo::cargo_bin("kv");
    let mut first = std::process::Command::new(program)
        .arg("pipe")
        .current_dir(dir.path())
        .env_remove("KV_DIR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = first.stdin.take().unwrap();
    let mut output = std::io::BufReader::new(first.stdout.take().unwrap());
    input.write_all(b"set a 1\n").unwrap();
    let mut answer = String::new();
    std::io::BufRead::read_line(&mut output, &mut answer).unwrap();
    assert_eq!(answer, "ok\n");
    for arguments in [&["get", "a"][..], &["check"]] {
        kv(&dir, arguments)
            .assert()
            .code(2)
            .stderr("kv: .kv: the store is open elsewhere\n");
    }
    first.kill().unwrap();
    first.wait().unwrap();
    kv(&dir, &["get", "a"]).assert().success().stdout("1\n");
}

#[test]
fn check_explains_and_saves() {
    let dir = TempDir::new().unwrap();
    for (key, value) in [("ada", "1815"), ("bob", "1"), ("cat", "manx")] {
        kv(&dir, &["set", key, value]).assert().success();
    }
    kv(&dir, &["check"])
        .assert()
        .success()
        .stdout(".kv/0000000001.data: sound, 3 valid records in 78 bytes\n3 keys can be read\n");
    let path = dir.path().join(".kv/0000000001.data");
    let mut bytes = fs::read(&path).unwrap();
    bytes[14] = 1;
    fs::write(&path, &bytes).unwrap();
    let told = ".kv/0000000001.data: DAMAGED, 2 valid records in 78 bytes\n  \
                at offset 0: a key cannot have 65539 bytes; the next valid record is at offset 27\n\
                2 keys can be read\n";
    kv(&dir, &["check"])
        .assert()
        .code(2)
        .stdout(told)
        .stderr("kv: the store is damaged\n");
    let saving = kv(&dir, &["check", "--salvage", "saved"]).assert();
    saving
        .code(2)
        .stdout(format!("{told}2 keys saved to saved\n"));
    kv(&dir, &["--dir", "saved", "list"])
        .assert()
        .success()
        .stdout("bob\ncat\n");
    let again = kv(&dir, &["check", "--salvage", "saved"]).assert();
    again
        .code(2)
        .stdout("")
        .stderr("kv: saved: not empty; what can be read is saved to a new directory\n");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    let opened = kv(&dir, &["get", "bob"]).assert();
    opened.code(2).stderr(
        "kv: .kv/0000000001.data: damaged at offset 0: a key cannot have 65539 bytes\n\
             kv: kv check tells what can be saved\n",
    );
}
