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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[cfg(unix)]
use super::bounded::{self, Bounds};
#[cfg(target_os = "linux")]
use super::default_workers;
use super::{Cancel, Ended, Job, run, run_all};
use crate::catalog::manifest::Limits;
use crate::verdict::{Crash, FaultOrigin, Manner, Resource, TimedOut, Verdict};

const ACT: &str = "RUNNER_TEST_ACT";
const FILE: &str = "RUNNER_TEST_FILE";
const GO: &str = "RUNNER_TEST_GO";
/// Longer than any test waits.
const LONG: &str = "300";

#[test]
#[expect(
    clippy::zombie_processes,
    reason = "leaving processes behind is what some parts are about"
)]
fn act() {
    let Ok(part) = env::var(ACT) else { return };
    // As the suite kit does.
    #[cfg(unix)]
    rustix::process::setsid().unwrap();
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
        "spin on many threads" => {
            for _ in 0..8 {
                thread::spawn(|| {
                    loop {
                        std::hint::spin_loop();
                    }
                });
            }
            loop {
                std::hint::spin_loop();
            }
        }
        "deadlock" => loop {
            thread::park();
        },
        "compute" => {
            compute();
            pass()
        }
        "compute in many programs" => {
            for _ in 0..40 {
                let mut program = Command::new(env::current_exe().unwrap());
                program
                    .args(["--exact", "runner::tests::act"])
                    .env(ACT, "compute a little");
                let mut program = program
                    .stdin(Stdio::piped())
                    .stdout(Stdio::null())
                    .spawn()
                    .unwrap();
                let _ = program.stdin.take().unwrap().write_all(b"token\n");
                assert!(program.wait().unwrap().success());
            }
            pass()
        }
        "compute a little" => {
            for _ in 0..50 {
                compute_once();
            }
            process::exit(0)
        }
        "say where temporary files are" => {
            let file = env::temp_dir().join("left behind");
            fs::write(&file, "text").unwrap();
            note(file.display());
            pass()
        }
        "fill the temporary folder" => {
            for number in 0.. {
                let file = env::temp_dir().join(number.to_string());
                fs::write(file, vec![1; 1 << 20]).unwrap();
                thread::sleep(Duration::from_millis(1));
            }
        }
        "write steps and abort" => {
            let paper = Path::new(&env::var_os("CHECKER_DESK").unwrap()).join("steps");
            let mut line = format!("{:016x}", 0).into_bytes();
            line.resize(512, 0);
            line.extend(format!("{:016x}{:016x}{:08x}{:04x}put a", 0, 0, 3, 5).into_bytes());
            fs::write(paper, line).unwrap();
            process::abort()
        }
        "wait for the clock" => {
            let clock = Path::new(&env::var_os("CHECKER_DESK").unwrap()).join("clock");
            while fs::read_to_string(&clock).unwrap().parse::<u64>().unwrap() < 200_000_000 {
                thread::sleep(Duration::from_millis(1));
            }
            pass()
        }
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
        "say its number and wait" => {
            note(process::id());
            let go = PathBuf::from(env::var_os(GO).unwrap());
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

/// Some work: on an idle machine, a fraction of a second.
fn compute() {
    for _ in 0..5_000 {
        compute_once();
    }
}

fn compute_once() {
    let mut number = std::hint::black_box(1_u64);
    for _ in 0..10_000 {
        number = std::hint::black_box(number.wrapping_mul(6_364_136_223_846_793_005));
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

/// What is told of a test that times out.
#[track_caller]
fn time_of(job: &Job) -> TimedOut {
    match verdict_of(job) {
        Verdict::TimedOut(time) => time,
        other => panic!("it did not time out: {other:?}"),
    }
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
    let time = time_of(&job);
    assert!((time.seconds - 0.2).abs() < 1e-9, "{time:?}");
    // Where nothing is measured, nobody can tell.
    #[cfg(unix)]
    assert_eq!(time.manner, Manner::Computing);
    #[cfg(target_os = "linux")]
    assert!((0.15..1.0).contains(&time.ran_seconds), "{time:?}");
}

#[test]
fn a_deadlock_ends_at_its_deadline_and_is_told_from_a_loop() {
    let mut job = job("deadlock");
    job.limits.seconds = 0.3;
    job.env
        .push(("CHECKER_TIME_SCALE".to_owned(), "1".to_owned()));
    let time = time_of(&job);
    assert_eq!(time.manner, Manner::Waiting);
    #[cfg(target_os = "linux")]
    assert!(time.ran_seconds < 0.2, "{time:?}");
}

#[test]
fn many_threads_that_spin_end_at_their_deadline_though_they_wait_for_each_other() {
    let mut job = job("spin on many threads");
    job.limits.seconds = 0.3;
    job.env
        .push(("CHECKER_TIME_SCALE".to_owned(), "1".to_owned()));
    let since = Instant::now();
    let time = time_of(&job);
    assert!((time.seconds - 0.3).abs() < 1e-9, "{time:?}");
    // The bound by the wall clock did not end it.
    assert!(since.elapsed() < Duration::from_secs(50));
}

#[test]
#[cfg(target_os = "linux")]
fn time_that_other_programs_had_does_not_count() {
    for part in ["compute", "compute in many programs"] {
        let idle = job(part);
        let took = (0..2).map(|_| {
            let since = Instant::now();
            assert_eq!(verdict_of(&idle), Verdict::Passed, "{part}");
            since.elapsed().as_secs_f64()
        });
        let took = took.fold(0.0, f64::max);
        let loops: Vec<_> = (0..8 * default_workers()).map(|_| spinner()).collect();
        let mut busy = job(part);
        // Far less than it takes now by the wall clock. What many short programs waited is an
        // estimate.
        busy.limits.seconds = took * 5.0;
        busy.env
            .push(("CHECKER_TIME_SCALE".to_owned(), "1".to_owned()));
        let since = Instant::now();
        let verdict = verdict_of(&busy);
        let took_busy = since.elapsed().as_secs_f64();
        drop(loops);
        assert_eq!(
            verdict,
            Verdict::Passed,
            "{part}: {took} s, then {took_busy} s"
        );
    }
}

/// A program that keeps a processor busy until dropped.
#[cfg(target_os = "linux")]
fn spinner() -> impl Drop {
    struct Spinner(process::Child);
    impl Drop for Spinner {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
    // In a session of its own, as Linux shares the processors among sessions first.
    let mut command = Command::new("setsid");
    command.args(["sh", "-c", "while :; do :; done"]);
    Spinner(command.spawn().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn time_in_which_a_test_is_stopped_does_not_count() {
    use rustix::process::{Pid, Signal, kill_process};

    let folder = tempfile::tempdir().unwrap();
    let (file, go) = (folder.path().join("pid"), folder.path().join("go"));
    let mut job = job_with_file("say its number and wait", &file);
    job.env.push((GO.to_owned(), go.display().to_string()));
    job.limits.seconds = 1.0;
    job.env
        .push(("CHECKER_TIME_SCALE".to_owned(), "1".to_owned()));
    thread::scope(|scope| {
        let test = scope.spawn(|| verdict_of(&job));
        let pid = Pid::from_raw(noted(&file).parse().unwrap()).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        thread::sleep(Duration::from_secs(3));
        fs::write(&go, "").unwrap();
        kill_process(pid, Signal::CONT).unwrap();
        assert_eq!(test.join().unwrap(), Verdict::Passed);
    });
}

#[test]
fn a_test_can_read_how_much_of_its_time_is_over() {
    assert_eq!(end_of("wait for the clock").verdict, Verdict::Passed);
}

#[test]
fn the_steps_of_a_test_that_aborts_are_known() {
    let ended = end_of("write steps and abort");
    assert_eq!(ended.verdict, Verdict::Crashed(Crash::Abort));
    assert_eq!(ended.steps, ["put a (×3)"]);
    assert!(end_of("pass").steps.is_empty());
}

#[test]
#[cfg(unix)]
fn temporary_files_are_removed_with_the_test() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("path");
    let job = job_with_file("say where temporary files are", &file);
    assert_eq!(verdict_of(&job), Verdict::Passed);
    let left = fs::read_to_string(&file).unwrap();
    assert!(left.ends_with("left behind"), "{left}");
    assert!(!Path::new(&left).exists());
    assert!(!Path::new(&left).parent().unwrap().exists());
}

#[test]
#[cfg(unix)]
fn temporary_files_have_a_limit_together() {
    let mut job = job("fill the temporary folder");
    job.limits.file_mib = 2;
    let limit = Verdict::OverLimit {
        resource: Resource::Files,
        limit: "8 MiB".to_owned(),
    };
    assert_eq!(verdict_of(&job), limit);
}

#[test]
fn a_deadline_is_stretched_by_the_time_scale() {
    let mut job = job("loop");
    job.limits.seconds = 0.1;
    job.env
        .push(("CHECKER_TIME_SCALE".to_owned(), "3".to_owned()));
    let seconds = time_of(&job).seconds;
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
        assert!(!is_alive(&noted(&file)), "{part}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_stray_lives_as_long_as_its_test_and_is_left_alone_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let (child, go) = (folder.path().join("child"), folder.path().join("go"));
    thread::scope(|scope| {
        let owner = scope.spawn(|| verdict_of(&job_with_file("own a daemon", &go)));
        let pid = noted(&go.with_extension("pid"));
        let beside = verdict_of(&job_with_file("leave a child", &child));
        assert_eq!(beside, Verdict::Passed);
        assert!(is_alive(&pid), "a running test lost its daemon");
        fs::write(&go, "").unwrap();
        assert_eq!(owner.join().unwrap(), Verdict::Passed);
        assert!(!is_alive(&pid), "a daemon outlived its test");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_that_the_checker_starts_for_the_user_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (go, started) = (folder.path().join("go"), folder.path().join("started"));
    let pid = thread::scope(|scope| {
        let test = scope.spawn(|| verdict_of(&job_with_file("wait for a file", &go)));
        // As an editor's launcher does: it starts the program and ends.
        let script = format!("setsid sleep {LONG} >/dev/null 2>&1 & echo $! >\"$0\"");
        let mut launcher = Command::new("sh");
        launcher.args(["-c", &script]).arg(&started);
        assert!(launcher.status().unwrap().success());
        fs::write(&go, "").unwrap();
        assert_eq!(test.join().unwrap(), Verdict::Passed);
        noted(&started).trim().to_owned()
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
fn what_is_not_wanted_any_more_is_left_out() {
    let mut jobs: Vec<Job> = ["loop", "loop", "loop", "loop", "pass"].map(job).into();
    for job in &mut jobs {
        job.limits.seconds = 0.2;
    }
    let timeouts = AtomicUsize::new(0);
    let choice = super::Choice {
        wants: &|index| index == 4 || timeouts.load(Ordering::SeqCst) < 2,
        ended: &|_, ended| {
            if matches!(ended.verdict, Verdict::TimedOut(_)) {
                timeouts.fetch_add(1, Ordering::SeqCst);
            }
        },
    };
    let mut reported = Vec::new();
    super::run_chosen(&jobs, 1, &Cancel::new(), choice, &mut |index, _| {
        reported.push(index);
    });
    assert_eq!(reported, [0, 1, 4]);
}

#[test]
fn a_missing_binary_is_a_fault_of_the_checker() {
    let mut job = job("pass");
    job.binary = "no/such/binary".into();
    assert!(matches!(
        verdict_of(&job),
        Verdict::CheckerFault {
            origin: FaultOrigin::Checker,
            ..
        }
    ));
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
