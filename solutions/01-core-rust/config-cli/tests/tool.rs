//! The tool, run in this process with everything handed in, and as a program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report by panicking"
)]

use std::error::Error as StdError;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};

use assert_cmd::Command;
use config_cli::{Exit, Output, run};
use tempfile::TempDir;

type Outcome = Result<(), Box<dyn StdError>>;

/// What a run leaves behind.
struct Ran {
    exit: Exit,
    stdout: String,
    stderr: String,
}

fn conf_with(args: &[&str], env: &[(&str, &str)], stdin: &str) -> Ran {
    let args = std::iter::once("conf").chain(args.iter().copied());
    let env = env
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let exit = run(
        args.map(OsString::from),
        env,
        &mut stdin.as_bytes(),
        &mut stdout,
        &mut stderr,
    );
    Ran {
        exit,
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

fn conf(args: &[&str]) -> Ran {
    conf_with(args, &[], "")
}

fn file(folder: &TempDir, name: &str, text: &str) -> io::Result<String> {
    let path = folder.path().join(name);
    fs::write(&path, text)?;
    Ok(path.display().to_string())
}

#[test]
fn values_are_printed_so_that_scripts_can_use_them() {
    let text = "s = \"a\\\"b\"\ni = -9223372036854775808\nf = 1.0\nd = 1979-05-27 07:32:00.5-07:00\nl = [1, \"é\\n\", nan]\nt = { b = 1, a = [] }";
    for (key, printed) in [
        ("s", "a\"b"),
        ("i", "-9223372036854775808"),
        ("f", "1.0"),
        ("d", "1979-05-27T07:32:00.5-07:00"),
        ("l", "[1,\"é\\n\",nan]"),
        ("t", "{\"a\":[],\"b\":1}"),
    ] {
        let ran = conf_with(&["get", "--format", "toml", "-", key], &[], text);
        assert_eq!(
            (ran.exit, ran.stdout),
            (Exit::Success, format!("{printed}\n"))
        );
    }
}

#[test]
fn exit_codes_tell_what_is_missing_from_what_is_wrong() -> Outcome {
    let folder = TempDir::new()?;
    let good = file(&folder, "good.toml", "a = 1")?;
    let bad = file(&folder, "bad.toml", "a = ")?;
    for (args, exit) in [
        (vec!["get", &good, "a"], Exit::Success),
        (vec!["get", &good, "b"], Exit::Missing),
        (vec!["explain", &good, "b"], Exit::Missing),
        (vec!["get", &good, "b."], Exit::Failure),
        (vec!["get", &bad, "a"], Exit::Failure),
        (vec!["get", "nothing.toml", "a"], Exit::Failure),
        (vec!["get", &good], Exit::Failure),
        (vec!["get", "-", "a"], Exit::Failure),
        (
            vec!["get", "--format", "json", "-", "-", "a"],
            Exit::Failure,
        ),
        (vec!["get", &good, "a", "--set", "a"], Exit::Failure),
        (vec!["frobnicate"], Exit::Failure),
        (vec![], Exit::Failure),
        (vec!["--help"], Exit::Success),
        (vec!["set", "--help"], Exit::Success),
        (vec!["completions", "zsh"], Exit::Success),
    ] {
        let ran = conf(&args);
        assert_eq!(ran.exit, exit, "{args:?}");
        assert_eq!(ran.stdout.is_empty(), exit != Exit::Success, "{args:?}");
        assert_eq!(ran.stderr.is_empty(), exit == Exit::Success, "{args:?}");
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
    }
    Ok(())
}

#[test]
fn the_value_of_set_begins_behind_the_first_equals_sign_outside_of_quotes() {
    let ran = conf(&["dump", "--set", "\"a=b\".c=d=e", "--set", "x="]);
    assert_eq!(ran.stdout, "x = \"\"\n\n[\"a=b\"]\nc = \"d=e\"\n");
}

/// A terminal that keeps what it is sent.
struct Terminal(Vec<u8>);

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Terminal {
    fn is_terminal(&self) -> bool {
        true
    }
}

#[test]
fn colors_are_for_terminals_that_want_them() {
    for (args, env, colors) in [
        (vec!["conf", "get", "x.toml", "a"], None, true),
        (
            vec!["conf", "get", "x.toml", "a"],
            Some(("NO_COLOR", "1")),
            false,
        ),
        (
            vec!["conf", "get", "x.toml", "a"],
            Some(("NO_COLOR", "")),
            true,
        ),
        (
            vec!["conf", "get", "x.toml", "a"],
            Some(("TERM", "dumb")),
            false,
        ),
        (
            vec!["conf", "get", "x.toml", "a", "--color=never"],
            None,
            false,
        ),
        (
            vec!["conf", "--color", "always", "nonsense"],
            Some(("NO_COLOR", "1")),
            true,
        ),
    ] {
        let mut stderr = Terminal(Vec::new());
        let shown = format!("{args:?} {env:?}");
        run(
            args.into_iter().map(OsString::from),
            env.map(|(name, value)| (OsString::from(name), OsString::from(value))),
            &mut io::empty(),
            &mut Vec::new(),
            &mut stderr,
        );
        assert_eq!(stderr.0.contains(&0x1b), colors, "{shown}");
    }
}

/// A stream that fails in one way.
struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Broken {}

#[test]
fn a_reader_that_has_gone_is_no_error_but_a_full_disk_is() {
    for (kind, exit) in [
        (io::ErrorKind::BrokenPipe, Exit::Success),
        (io::ErrorKind::StorageFull, Exit::Failure),
    ] {
        let mut stderr = Vec::new();
        let args = ["conf", "dump", "--set", "a=1"].map(OsString::from);
        let env = std::iter::empty();
        let ended = run(args, env, &mut io::empty(), &mut Broken(kind), &mut stderr);
        assert_eq!(ended, exit);
        assert_eq!(stderr.is_empty(), exit == Exit::Success);
    }
}

#[test]
fn texts_that_nest_without_end_are_refused() {
    for (format, text) in [
        ("json", "[".repeat(10_000)),
        ("json", "{\"a\":".repeat(10_000)),
        ("toml", format!("a = {}", "[".repeat(10_000))),
        ("toml", format!("{}a = 1", "a.".repeat(10_000))),
        ("toml", format!("a = {}", "{a=".repeat(10_000))),
    ] {
        let ran = conf_with(&["dump", "--format", format, "-"], &[], &text);
        assert_eq!(ran.exit, Exit::Failure);
        assert!(ran.stderr.starts_with("<stdin>:1:"), "{}", ran.stderr);
    }
    let deep = format!("a = {}{}", "[".repeat(63), "]".repeat(63));
    let ran = conf_with(&["dump", "--format", "toml", "-"], &[], &deep);
    assert_eq!(ran.exit, Exit::Success);
}

#[test]
fn the_program_takes_its_environment_and_its_streams() -> Outcome {
    let program = || Command::new(env!("CARGO_BIN_EXE_conf"));
    program()
        .args(["get", "--env", "APP", "server.port"])
        .env("APP__SERVER__PORT", "8080")
        .assert()
        .success()
        .stdout("8080\n")
        .stderr("");
    program()
        .args(["get", "--format", "json", "-", "a"])
        .write_stdin("{\"b\": 1}")
        .assert()
        .code(1)
        .stdout("")
        .stderr("conf: a: not found\n");
    Ok(())
}

fn changed(name: &str, before: &str, args: &[&str]) -> Result<(Ran, String), io::Error> {
    let folder = TempDir::new()?;
    let path = file(&folder, name, before)?;
    let mut all = vec!["set", path.as_str()];
    all.extend(args);
    let ran = conf(&all);
    assert_eq!(
        fs::read_dir(folder.path())?.count(),
        1,
        "nothing else is left behind"
    );
    Ok((ran, fs::read_to_string(path)?))
}

#[test]
fn set_changes_one_value_and_nothing_else() -> Outcome {
    let toml = "\u{feff}# top\r\na = 1 # c\r\n\r\n# s\r\n[s.t]\r\n  x = [1,\r\n 2]\r\ni = { }\r\n";
    for (args, before, after) in [
        (vec!["a", "-5"], "a = 1 #", "a = -5 #"),
        (vec!["a", "2"], "a = 1 #", "a = 2 #"),
        (vec!["s.t.x", "[]"], "[1,\r\n 2]", "[]"),
        (vec!["s.t.x[1]", "7"], " 2]", " 7]"),
        (vec!["s.t.i.'b c'", "x"], "{ }", "{ \"b c\" = \"x\"  }"),
        (vec!["n", "x"], "# c\r\n", "# c\r\nn = \"x\"\r\n"),
        (
            vec!["s.t.y", "x"],
            "i = { }\r\n",
            "i = { }\r\ny = \"x\"\r\n",
        ),
        (
            vec!["s.u", "x"],
            "# s\r\n",
            "[s]\r\nu = \"x\"\r\n\r\n# s\r\n",
        ),
        (
            vec!["n.m", "x"],
            "i = { }\r\n",
            "i = { }\r\n\r\n[n]\r\nm = \"x\"\r\n",
        ),
    ] {
        let (ran, text) = changed("a.toml", toml, &args)?;
        assert_eq!(
            (ran.exit, ran.stderr.as_str()),
            (Exit::Success, ""),
            "{args:?}"
        );
        assert_eq!(text, toml.replacen(before, after, 1), "{args:?}");
    }
    let json = "{\n  \"a\": 1,\n  \"o\": {}\n}\n";
    for (args, before, after) in [
        (vec!["a", "2"], "1", "2"),
        (vec!["o.x.y", "2"], "{}", "{\"x\": {\"y\": \"2\"}}"),
        (vec!["n", "x"], "{}", "{},\n  \"n\": \"x\""),
    ] {
        let (ran, text) = changed("a.json", json, &args)?;
        assert_eq!(ran.exit, Exit::Success, "{args:?}");
        assert_eq!(text, json.replacen(before, after, 1), "{args:?}");
    }
    Ok(())
}

#[test]
fn what_set_cannot_do_leaves_the_file_as_it_was() -> Outcome {
    let toml = "a = 1\nl = [1]\n[s]\nb = 1\n[[q]]\nn = 1\n";
    for args in [
        vec!["a", "x"],
        vec!["a.b", "x"],
        vec!["a[0]", "x"],
        vec!["l[1]", "2"],
        vec!["s", "1"],
        vec!["q", "[]", "--type", "array"],
        vec!["q[1].n", "1"],
        vec!["n", "x", "--type", "integer"],
        vec!["a.", "x"],
    ] {
        let (ran, text) = changed("a.toml", toml, &args)?;
        assert_eq!((ran.exit, text.as_str()), (Exit::Failure, toml), "{args:?}");
        assert!(!ran.stderr.is_empty());
    }
    Ok(())
}

#[test]
fn what_goes_into_pipes_has_no_colors() -> Outcome {
    let folder = TempDir::new()?;
    let path = file(&folder, "a.toml", "a = 1\n")?;
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_conf"))
            .args(arguments)
            .env_remove("NO_COLOR")
            .env("TERM", "xterm")
            .output()
    };
    let help = run(&["--help"])?;
    let failed = run(&["get", &path, "b", "--no-such-flag"])?;
    for text in [&help.stdout, &failed.stderr] {
        assert!(
            !text.is_empty() && !text.contains(&0x1b),
            "{}",
            text.escape_ascii()
        );
    }
    Ok(())
}

#[test]
fn a_buffer_is_a_terminal_when_what_it_leads_to_is() {
    struct Terminal;
    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl Output for Terminal {
        fn is_terminal(&self) -> bool {
            true
        }
    }
    assert!(io::BufWriter::new(Terminal).is_terminal());
    assert!(!io::BufWriter::new(Vec::new()).is_terminal());
}

#[test]
fn nothing_shows_what_stands_above_a_secret() -> Outcome {
    let folder = TempDir::new()?;
    let schema =
        "[keys]\n'db.password' = {type = 'string', secret = true}\n'db.rate' = {type = 'float'}";
    let schema = file(&folder, "schema.toml", schema)?;
    let app = file(&folder, "app.toml", "db = 'hunter2'\n")?;
    let json = file(&folder, "app.json", "{}")?;
    let variable = [("APP__DB", r#"{"password":"hunter2"}"#)];
    for args in [
        &["check", &app][..],
        &["check", "--env", "APP"],
        &["check", "--set", "db=hunter2"],
        &["set", &json, "db", "hunter2"],
        &["set", &json, "db", "{password = 'hunter2', rate = nan}"],
        &["set", &json, "db.password", "--hunter2"],
        &["set", &json, "db.password", "horse", "hunter2"],
    ] {
        let ran = conf_with(&[args, &["--schema", &schema]].concat(), &variable, "");
        assert_eq!((ran.exit, ran.stdout.as_str()), (Exit::Failure, ""));
        assert!(!ran.stderr.contains("hunter2"), "{args:?}: {}", ran.stderr);
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn set_refuses_a_pipe_before_it_waits_for_a_writer() -> Outcome {
    let folder = TempDir::new()?;
    let pipe = folder.path().join("pipe.toml").display().to_string();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()?
            .success()
    );
    let ran = conf(&["set", &pipe, "a", "1"]);
    assert_eq!(ran.exit, Exit::Failure);
    assert!(
        ran.stderr.ends_with("pipe.toml: not a regular file\n"),
        "{}",
        ran.stderr
    );
    Ok(())
}

#[test]
fn a_name_makes_no_second_line_of_an_error() {
    let ran = conf(&["check", "no\n\u{1b}[31m.toml"]);
    assert!(
        ran.stderr.starts_with(r"conf: no\n\u{1b}[31m.toml: "),
        "{}",
        ran.stderr
    );
}

#[cfg(unix)]
#[test]
fn set_follows_links_and_keeps_the_mode_and_readers_of_the_old_file() -> Outcome {
    use std::io::Read as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = TempDir::new()?;
    let path = file(&folder, "a.toml", "a = 1\n")?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640))?;
    let link = folder.path().join("link.toml");
    symlink("a.toml", &link)?;
    let mut reader = fs::File::open(&path)?;
    let ran = conf(&["set", &link.display().to_string(), "a", "2"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (Exit::Success, ""));
    assert!(fs::symlink_metadata(&link)?.is_symlink());
    assert_eq!(fs::read_to_string(&path)?, "a = 2\n");
    assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o640);
    let mut old = String::new();
    reader.read_to_string(&mut old)?;
    assert_eq!(old, "a = 1\n");
    assert!(config_cli::replace_file(folder.path(), b"").is_err());
    Ok(())
}
