//! The runner against processes that behave in every way.
//!
//! The process is this test program itself: with the variable [`ACT`] set, [`act`] plays a part
//! and leaves, so that no compiler and no shell are needed.

use std::env;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
use super::bounded::{self, Bounds};
use super::{Cancel, Ended, Job, run, run_all};
use crate::catalog::manifest::Limits;
use crate::verdict::{Crash, Resource, Verdict};

const ACT: &str = "RUNNER_TEST_ACT";
const FILE: &str = "RUNNER_TEST_FILE";
/// Longer than any test waits.
const LONG: &str = "300";

#[test]
#[expect(
    clippy::zombie_processes,
    reason = "leaving processes behind is what some parts are about"
)]
fn act() {
    let Ok(part) = env::var(ACT) else { return };
    let mut token = String::new();
    io::stdin().read_line(&mut token).unwrap();
    // Not `eprint!`, which the test harness captures.
    let say = |words: &str| write!(io::stderr(), "\n{} {words}\n", token.trim()).unwrap();
    let pass = || -> ! {
        let mut stderr = io::stderr().lock();
        write!(stderr, "\n{} passed\n", token.trim()).unwrap();
        process::exit(0)
    };
    match part.as_str() {
        "pass" => pass(),
        "print and pass" => {
            io::stdout().write_all(b"to stdout").unwrap();
            io::stderr().write_all(b"to stderr").unwrap();
            pass()
        }
        "pass with another code" => {
            say("passed");
            process::exit(3)
        }
        "pass and go on" => {
            say("passed");
            io::stderr().write_all(b"more").unwrap();
            process::exit(0)
        }
        "fail" => {
            say(r#"{"outcome":"failed","message":"get a","expected":"1","received":"2"}"#);
            process::exit(101)
        }
        "guess a token" => {
            write!(io::stderr(), "\n{} passed\n", "0".repeat(32)).unwrap();
            process::exit(0)
        }
        "loop" => loop {
            std::hint::spin_loop();
        },
        "print for ever" => loop {
            io::stdout().write_all(&[b'x'; 4096]).unwrap();
        },
        "overflow the stack" => {
            #[expect(unconditional_recursion, reason = "the point of this part")]
            fn down(depth: u64) -> u64 {
                std::hint::black_box(down(depth + 1)) + depth
            }
            down(0);
        }
        "allocate" => {
            std::hint::black_box(vec![1_u8; 10 << 30]);
        }
        "abort" => process::abort(),
        "write a file" => {
            let mut file = File::create(env::var_os(FILE).unwrap()).unwrap();
            loop {
                file.write_all(&[0; 1 << 16]).unwrap();
            }
        }
        "start processes" => {
            for _ in 0..30 {
                sleeper().spawn().unwrap();
            }
            loop {
                thread::park();
            }
        }
        "start threads" => {
            for _ in 0..30 {
                thread::spawn(|| {
                    loop {
                        thread::park();
                    }
                });
            }
            loop {
                thread::park();
            }
        }
        "leave a child" => {
            note(sleeper().spawn().unwrap().id());
            pass()
        }
        "leave a daemon" => {
            note(daemon());
            pass()
        }
        "own a daemon" => {
            let go = PathBuf::from(env::var_os(FILE).unwrap());
            fs::write(go.with_extension("draft"), daemon()).unwrap();
            fs::rename(go.with_extension("draft"), go.with_extension("pid")).unwrap();
            while !go.exists() {
                thread::sleep(Duration::from_millis(1));
            }
            pass()
        }
        "wait for a file" => {
            let file = env::var_os(FILE).unwrap();
            while !Path::new(&file).exists() {
                thread::sleep(Duration::from_millis(1));
            }
            pass()
        }
        other => unreachable!("no such part: {other}"),
    }
}

fn sleeper() -> Command {
    let mut command = Command::new("sleep");
    command.arg(LONG);
    command
}

/// Starts a process whose parent ends at once and that has a session of its own.
fn daemon() -> String {
    let script = format!("setsid sleep {LONG} & echo $!");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut pid = String::new();
    let stdout = shell.spawn().unwrap().stdout.unwrap();
    BufReader::new(stdout).read_line(&mut pid).unwrap();
    // Until then it is a member of the test's group.
    while fs::read_to_string(format!("/proc/{}/comm", pid.trim()))
        .unwrap()
        .trim()
        != "sleep"
    {
        thread::sleep(Duration::from_millis(1));
    }
    pid.trim().to_owned()
}

/// Writes something down for the test that started this process, in one step.
fn note(what: impl Display) {
    let file = PathBuf::from(env::var_os(FILE).unwrap());
    let draft = file.with_extension("draft");
    fs::write(&draft, what.to_string()).unwrap();
    fs::rename(draft, file).unwrap();
}

/// Waits for what [`note`] writes.
#[cfg(target_os = "linux")]
fn noted(file: &Path) -> String {
    loop {
        if let Ok(text) = fs::read_to_string(file) {
            return text;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn job(part: &str) -> Job {
    Job {
        binary: env::current_exe().unwrap(),
        test: "runner::tests::act".to_owned(),
        limits: Limits {
            seconds: 60.0,
            ..Limits::default()
        },
        dir: env::current_dir().unwrap(),
        env: vec![(ACT.to_owned(), part.to_owned())],
    }
}

#[cfg(unix)]
fn job_with_file(part: &str, file: &Path) -> Job {
    let mut job = job(part);
    job.env.push((FILE.to_owned(), file.display().to_string()));
    job
}

fn end_of(part: &str) -> Ended {
    run(&job(part), &Cancel::new())
}

fn verdict_of(job: &Job) -> Verdict {
    run(job, &Cancel::new()).verdict
}

#[cfg(target_os = "linux")]
fn is_alive(pid: &str) -> bool {
    fs::exists(format!("/proc/{pid}")).unwrap()
}

#[test]
fn a_test_that_says_so_last_and_exits_with_zero_passes() {
    let ended = end_of("print and pass");
    assert_eq!(ended.verdict, Verdict::Passed);
    assert!(
        ended.output.stdout.ends_with("to stdout"),
        "{:?}",
        ended.output
    );
    assert_eq!(ended.output.stderr, "to stderr");
}

#[test]
fn a_failed_test_carries_what_it_expected_and_received() {
    let Verdict::Failed(failure) = end_of("fail").verdict else {
        panic!("it did not fail");
    };
    assert_eq!(failure.message, "get a");
    assert_eq!(failure.received.as_deref(), Some("2"));
}

#[test]
fn a_pass_needs_the_token_the_code_and_the_last_word() {
    let exited = |code| Verdict::Crashed(Crash::Exited { code: Some(code) });
    assert_eq!(end_of("guess a token").verdict, exited(0));
    assert_eq!(end_of("pass with another code").verdict, exited(3));
    assert!(matches!(
        end_of("pass and go on").verdict,
        Verdict::Failed(_)
    ));
}

#[test]
fn an_endless_loop_ends_at_its_deadline() {
    let mut job = job("loop");
    job.limits.seconds = 0.2;
    // Whatever the scale that these tests run under.
    job.env
        .push(("CHECKER_TIME_SCALE".to_owned(), "1".to_owned()));
    assert_eq!(verdict_of(&job), Verdict::TimedOut { seconds: 0.2 });
}

#[test]
fn a_deadline_is_stretched_by_the_time_scale() {
    let mut job = job("loop");
    job.limits.seconds = 0.1;
    job.env
        .push(("CHECKER_TIME_SCALE".to_owned(), "3".to_owned()));
    let Verdict::TimedOut { seconds } = verdict_of(&job) else {
        panic!("it did not time out");
    };
    assert!((seconds - 0.3).abs() < 1e-9, "{seconds}");
}

#[test]
fn a_flood_of_output_is_stopped_at_its_limit() {
    let mut job = job("print for ever");
    job.limits.output_mib = 1;
    let ended = run(&job, &Cancel::new());
    let limit = Verdict::OverLimit {
        resource: Resource::Output,
        limit: "1 MiB".to_owned(),
    };
    assert_eq!(ended.verdict, limit);
    assert!(ended.output.stdout.contains("bytes left out"));
    assert!(ended.output.stdout.len() < 40_000);
}

#[test]
fn a_stack_overflow_is_told_from_an_abort() {
    let overflow = end_of("overflow the stack").verdict;
    assert_eq!(overflow, Verdict::Crashed(Crash::StackOverflow));
    assert_eq!(end_of("abort").verdict, Verdict::Crashed(Crash::Abort));
}

#[test]
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn memory_and_files_have_limits() {
    let over = |verdict| match verdict {
        Verdict::OverLimit { resource, .. } => resource,
        other => panic!("{other:?}"),
    };
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(over(end_of("allocate").verdict), Resource::Memory);
    let file = folder.path().join("big");
    let mut job = job_with_file("write a file", &file);
    job.limits.file_mib = 1;
    assert_eq!(over(verdict_of(&job)), Resource::FileSize);
    assert_eq!(fs::metadata(file).unwrap().len(), 1 << 20);
}

#[test]
#[cfg(target_os = "linux")]
fn processes_and_threads_are_counted() {
    for part in ["start processes", "start threads"] {
        let mut job = job(part);
        job.limits.processes = 20;
        let limit = Verdict::OverLimit {
            resource: Resource::Processes,
            limit: "20 processes and threads".to_owned(),
        };
        assert_eq!(verdict_of(&job), limit, "{part}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_that_a_test_started_outlives_it() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["leave a child", "leave a daemon"] {
        let file = folder.path().join(part);
        let verdict = verdict_of(&job_with_file(part, &file));
        assert_eq!(verdict, Verdict::Passed, "{part}");
        // A daemon may have to wait for a test that runs beside this one and may own it.
        let pid = noted(&file);
        while is_alive(&pid) {
            assert_eq!(end_of("pass").verdict, Verdict::Passed);
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_stray_lives_as_long_as_a_test_that_may_own_it() {
    let folder = tempfile::tempdir().unwrap();
    let (daemon, go) = (folder.path().join("daemon"), folder.path().join("go"));
    thread::scope(|scope| {
        let owner = scope.spawn(|| verdict_of(&job_with_file("own a daemon", &go)));
        let pid = noted(&go.with_extension("pid"));
        let beside = verdict_of(&job_with_file("leave a child", &daemon));
        assert_eq!(beside, Verdict::Passed);
        assert!(is_alive(&pid), "a running test lost its daemon");
        fs::write(&go, "").unwrap();
        assert_eq!(owner.join().unwrap(), Verdict::Passed);
        while is_alive(&pid) {
            assert_eq!(end_of("pass").verdict, Verdict::Passed);
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_spared_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (go, spared) = (folder.path().join("go"), folder.path().join("spared"));
    let pid = thread::scope(|scope| {
        let test = scope.spawn(|| verdict_of(&job_with_file("wait for a file", &go)));
        // As a launcher does: it starts the program and ends.
        let script = format!("sleep {LONG} >/dev/null 2>&1 & echo $! >\"$0\"");
        let mut launcher = Command::new("sh");
        launcher.args(["-c", &script]).arg(&spared);
        assert!(super::spare(&mut launcher).status().unwrap().success());
        fs::write(&go, "").unwrap();
        assert_eq!(test.join().unwrap(), Verdict::Passed);
        noted(&spared).trim().to_owned()
    });
    assert_eq!(end_of("pass").verdict, Verdict::Passed);
    assert!(is_alive(&pid));
    assert!(
        Command::new("kill")
            .args(["-9", &pid])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn all_jobs_are_run_and_reported_on_the_calling_thread() {
    let jobs: Vec<Job> = ["pass", "fail", "pass", "guess a token", "pass"]
        .map(job)
        .into();
    let caller = thread::current().id();
    let mut passed = vec![None; jobs.len()];
    run_all(&jobs, 2, &Cancel::new(), &mut |index, ended| {
        assert_eq!(thread::current().id(), caller);
        let before = passed[index].replace(ended.verdict == Verdict::Passed);
        assert_eq!(before, None);
    });
    assert_eq!(passed, [true, false, true, false, true].map(Some));
}

#[test]
fn a_cancelled_run_kills_what_runs_and_starts_no_more() {
    let jobs: Vec<Job> = ["pass", "loop", "loop", "loop"].map(job).into();
    let cancel = Cancel::new();
    let mut reported = Vec::new();
    let mut since = None;
    run_all(&jobs, 2, &cancel, &mut |index, _| {
        reported.push(index);
        since = Some(Instant::now());
        cancel.cancel();
    });
    assert_eq!(reported, [0]);
    // Far less than the loops' deadlines.
    assert!(since.unwrap().elapsed() < Duration::from_secs(20));
    run_all(&jobs, 2, &cancel, &mut |_, _| {
        unreachable!("it is cancelled")
    });
}

#[test]
fn a_missing_binary_is_a_fault_of_the_checker() {
    let mut job = job("pass");
    job.binary = "no/such/binary".into();
    assert!(matches!(verdict_of(&job), Verdict::CheckerFault { .. }));
}

#[test]
fn many_tests_at_once_leave_each_other_alone() {
    let jobs: Vec<Job> = (0..300).map(|_| job("pass")).collect();
    let mut count = 0;
    run_all(&jobs, 8, &Cancel::new(), &mut |index, ended| {
        assert_eq!(ended.verdict, Verdict::Passed, "job {index}");
        count += 1;
    });
    assert_eq!(count, jobs.len());
}

#[cfg(unix)]
fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
#[cfg(unix)]
fn a_command_keeps_its_whole_output_and_has_no_input() {
    let script = "cat; echo out; seq 1 100000; echo err >&2; exit 3";
    let finished = bounded::run(shell(script), Bounds::default(), &Cancel::new()).unwrap();
    assert_eq!(finished.status.code(), Some(3));
    assert!(finished.stdout.starts_with(b"out\n1\n2\n"));
    assert!(finished.stdout.ends_with(b"\n100000\n"));
    assert_eq!(finished.stderr, b"err\n");
    assert!(!finished.timed_out && !finished.over_output && !finished.cancelled);
}

#[test]
#[cfg(unix)]
fn a_command_has_a_deadline_and_an_end_of_output() {
    let bounds = Bounds {
        seconds: 0.1,
        ..Bounds::default()
    };
    let slow = bounded::run(shell("echo a; exec sleep 300"), bounds, &Cancel::new()).unwrap();
    assert!(slow.timed_out);
    let bounds = Bounds {
        output_bytes: 10,
        ..Bounds::default()
    };
    let loud = bounded::run(shell("exec yes"), bounds, &Cancel::new()).unwrap();
    assert!(loud.over_output);
    assert_eq!(loud.stdout, b"y\ny\ny\ny\ny\n");
}

#[test]
#[cfg(unix)]
fn a_command_that_does_not_exist_is_an_error() {
    let command = Command::new("no-such-program-anywhere");
    let error = bounded::run(command, Bounds::default(), &Cancel::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
#[cfg(unix)]
fn a_cancelled_command_ends_at_once() {
    let cancel = Cancel::new();
    thread::scope(|scope| {
        let command =
            scope.spawn(|| bounded::run(shell("exec sleep 300"), Bounds::default(), &cancel));
        cancel.cancel();
        match command.join().unwrap() {
            Ok(finished) => assert!(finished.cancelled),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::Interrupted),
        }
    });
}
