//! What the checker's verdicts are worth: learners who break a course in every way, each through
//! the whole checker, with nothing left behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests report what they find by panicking"
)]

mod course;
mod learner;
mod machine;
#[path = "../support/mod.rs"]
mod support;

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use checker::verdict::{CompileProblem, PhaseStatus, Verdict};

use crate::course::{Course, Start, course};
use crate::learner::verify;
use crate::support::fixtures;

const ADDITION: &str = "p1_core::an_addition_returns_the_new_value";

#[test]
fn the_reference_solution_passes() {
    let course = course();
    course.enter(Start::Solution, None);
    let report = course.check(None).unwrap();
    assert!(report.passed(), "{report:#?}");
    assert!(report.notices.is_empty(), "{:?}", report.notices);
}

#[test]
fn the_stub_is_not_implemented() {
    let course = course();
    course.enter(Start::Stub, None);
    let report = course.check(None).unwrap();
    for phase in &report.phases {
        assert_eq!(phase.status, PhaseStatus::NotImplemented, "{phase:#?}");
    }
}

#[test]
fn a_wrong_value_fails() {
    verify("wrong-value");
}

#[test]
fn an_endless_loop_times_out() {
    verify("endless-loop");
}

#[test]
fn an_endless_loop_that_prints_is_stopped() {
    verify("endless-output");
}

#[test]
fn a_deadlock_times_out() {
    verify("deadlock");
}

#[test]
fn waiting_for_input_times_out() {
    verify("reads-input");
}

#[test]
fn an_exit_with_code_zero_is_no_pass() {
    verify("exit-zero");
}

#[test]
fn an_exit_in_another_thread_is_no_pass() {
    verify("exit-zero-in-a-thread");
}

#[test]
fn an_exit_in_a_panic_hook_is_no_pass() {
    verify("exit-in-a-panic-hook");
}

#[test]
fn a_panic_hook_that_prints_success_is_no_pass() {
    verify("success-in-a-panic-hook");
}

#[test]
fn faked_output_and_a_guessed_token_are_no_pass() {
    verify("faked-output");
}

#[test]
fn a_caught_todo_is_not_implemented() {
    verify("caught-todo");
}

#[test]
fn an_abort_is_told_as_such() {
    verify("abort");
}

#[test]
fn a_panic_in_drop_while_panicking_is_an_abort() {
    verify("panic-in-drop");
}

#[test]
fn a_stack_overflow_is_told_as_such() {
    verify("stack-overflow");
}

#[test]
fn ten_gigabytes_at_once_are_over_the_limit() {
    verify("ten-gigabytes");
}

#[test]
fn ten_gigabytes_in_pieces_are_over_the_limit() {
    verify("ten-gigabytes-in-pieces");
}

#[test]
fn one_gigabyte_of_output_is_over_the_limit() {
    verify("one-gigabyte-of-output");
}

#[test]
#[cfg(unix)]
fn a_huge_file_is_over_the_limit() {
    verify("huge-file");
}

#[test]
#[cfg(unix)]
fn a_process_storm_is_over_the_limit() {
    verify("process-storm");
}

#[test]
#[cfg(target_os = "linux")]
fn a_thread_storm_is_over_the_limit() {
    verify("thread-storm");
}

#[test]
#[cfg(target_os = "linux")]
fn a_storm_of_daemons_is_over_the_limit() {
    verify("daemon-storm");
}

#[test]
#[cfg(unix)]
fn a_process_that_kills_itself_is_no_pass() {
    verify("killed");
}

#[test]
#[cfg(target_os = "linux")]
fn a_daemon_is_not_left_behind() {
    verify("daemon");
}

#[test]
#[cfg(unix)]
fn a_child_is_not_left_behind() {
    verify("child-left-behind");
}

#[test]
#[cfg(unix)]
fn children_are_killed_with_a_test_that_times_out() {
    verify("waits-with-children");
}

#[test]
fn threads_that_run_on_keep_nothing_from_ending() {
    verify("threads-left-behind");
}

#[test]
fn an_edited_manifest_changes_nothing() {
    verify("edited-manifest");
}

#[test]
fn a_build_script_is_not_run() {
    verify("build-script");
    let course = course();
    let mut files = walkdir::WalkDir::new(course.root())
        .into_iter()
        .filter_map(Result::ok);
    let escaped = files.find(|file| file.file_name() == "escaped-by-build-script");
    assert!(escaped.is_none(), "{escaped:?}");
}

#[test]
fn what_does_not_compile_is_shown_with_its_error() {
    verify("compile-error");
}

/// The tests themselves still compile then, and an earlier program is at hand.
#[test]
fn a_program_that_does_not_compile_is_not_tested() {
    const PING: &str = "p3_server::a_ping_is_answered";
    let course = course();
    course.begin("ticker", Start::Solution);
    let report = course.check_of("ticker", Some(PING)).unwrap();
    assert!(
        report.phases.iter().all(|phase| phase.problem.is_none()),
        "{report:#?}"
    );
    let main = course.crate_of("ticker").join("src/main.rs");
    let mut source = fs::read_to_string(&main).unwrap();
    source.push_str("\nfn not_ready_yet() -> u32 {}\n");
    fs::write(&main, source).unwrap();
    for _ in 0..2 {
        let report = course.check_of("ticker", Some(PING)).unwrap();
        for phase in &report.phases {
            assert!(
                matches!(&phase.problem, Some(CompileProblem::Learner { rendered, .. })
                    if rendered.contains("not_ready_yet")),
                "{phase:#?}"
            );
            assert!(phase.tests.is_empty(), "{phase:#?}");
        }
    }
    course.begin("ticker", Start::Stub);
}

#[test]
fn a_symbol_that_the_program_has_already_is_told_as_such() {
    verify("duplicate-symbol");
}

#[test]
fn a_library_that_does_not_exist_is_told_as_such() {
    verify("missing-library");
}

#[test]
#[cfg(unix)]
fn a_build_that_would_fill_the_disk_is_stopped() {
    verify("huge-static");
}

#[test]
fn a_source_that_is_not_utf8_does_not_compile() {
    verify("invalid-utf8");
}

#[test]
fn an_endless_macro_does_not_compile() {
    verify("endless-macro");
}

#[test]
#[cfg(target_os = "linux")]
fn a_macro_that_takes_all_memory_is_stopped() {
    verify("greedy-macro");
}

#[test]
fn an_endless_constant_is_stopped() {
    verify("endless-constant");
}

#[test]
fn a_phase_whose_interface_is_missing_does_not_hide_the_others() {
    verify("interface-changed");
}

#[test]
fn an_interface_that_the_suites_shared_code_misses_is_told_of_every_phase() {
    verify("shared-code-unmet");
}

#[test]
fn every_learner_of_the_fixtures_is_verified() {
    let tests = include_str!("main.rs");
    for entry in fs::read_dir(fixtures("learners")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            let call = format!("verify(\"{name}\")");
            assert!(tests.contains(&call), "no test verifies `{name}`");
        }
    }
}

#[test]
fn an_older_file_that_is_moved_into_place_is_checked() {
    let course = course();
    course.enter(Start::Solution, None);
    assert_eq!(verdict_of_the_addition(&course), Verdict::Passed);
    let year = Duration::from_secs(365 * 24 * 3_600);

    course.enter(Start::Stub, Some("wrong-value"));
    set_age(&course.learner().join("src/lib.rs"), year);
    let wrong = verdict_of_the_addition(&course);
    assert!(matches!(wrong, Verdict::Failed(_)), "{wrong:?}");

    course.enter(Start::Solution, None);
    set_age(&course.learner().join("src/lib.rs"), 2 * year);
    assert_eq!(verdict_of_the_addition(&course), Verdict::Passed);
}

fn verdict_of_the_addition(course: &Course) -> Verdict {
    let mut report = course.check(Some(ADDITION)).unwrap();
    report.phases.remove(0).tests.remove(0).verdict
}

fn set_age(path: &Path, age: Duration) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn a_missing_folder_of_sources_says_how_to_restore_it() {
    let course = course();
    course.enter(Start::Stub, None);
    fs::remove_dir_all(course.learner().join("src")).unwrap();
    let error = course.check(None).unwrap_err().to_string();
    assert!(error.contains("checker reset counter"), "{error}");
}

#[test]
fn a_missing_file_is_named() {
    let course = course();
    course.enter(Start::Stub, None);
    fs::remove_file(course.learner().join("src/lib.rs")).unwrap();
    let message = match course.check(None) {
        Ok(report) => {
            assert!(!report.has_checker_fault(), "{report:#?}");
            serde_json::to_string(&report).unwrap()
        }
        Err(error) => error.to_string(),
    };
    assert!(message.contains("lib.rs"), "{message}");
}

#[test]
#[cfg(unix)]
fn a_link_out_of_the_folder_is_refused() {
    let course = course();
    course.enter(Start::Solution, None);
    let link = course.learner().join("src/elsewhere.rs");
    std::os::unix::fs::symlink(course.root().join("Cargo.toml"), &link).unwrap();
    let error = course.check(None).unwrap_err().to_string();
    assert!(error.contains("elsewhere.rs is a symbolic link"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_is_checked_all_the_same() {
    use std::os::unix::fs::PermissionsExt;

    let course = course();
    course.enter(Start::Solution, None);
    let set = |mode| {
        for folder in ["src", ""] {
            let path = course.learner().join(folder);
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set(0o555);
    let report = course.check(Some(ADDITION));
    set(0o755);
    assert!(report.unwrap().passed());
}

/// A checker that ends in the middle of its work.
#[cfg(target_os = "linux")]
mod a_checker_that {
    use std::process::{Child, Command, ExitStatus, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use crate::course::{Course, Start, course};

    /// Longer than a build of everything takes on a slow machine.
    const PATIENCE: Duration = Duration::from_secs(120);

    #[test]
    fn is_killed_leaves_no_test_behind() {
        let course = course();
        let mut checker = at_work(&course, "waits-with-children", &["sleep", "sleep", "sleep"]);
        checker.kill().unwrap();
        checker.wait().unwrap();
        await_silence(&course);
    }

    #[test]
    fn is_killed_leaves_no_compiler_behind() {
        let course = course();
        let mut checker = at_work(&course, "endless-constant", &["rustc"]);
        checker.kill().unwrap();
        checker.wait().unwrap();
        await_silence(&course);
    }

    #[test]
    fn is_interrupted_leaves_nothing_and_says_so_by_its_exit_code() {
        let course = course();
        for (learner, busy) in [
            ("waits-with-children", &["sleep", "sleep", "sleep"] as &[_]),
            ("endless-constant", &["rustc"]),
        ] {
            let checker = at_work(&course, learner, busy);
            let status = interrupt(checker);
            assert_eq!(status.code(), Some(130), "{learner}: {status}");
            assert_eq!(course.survivors(), [] as [&str; 0], "{learner}");
        }
    }

    /// A checker of this learner, once these processes run.
    fn at_work(course: &Course, learner: &str, busy: &[&str]) -> Child {
        course.enter(Start::Stub, Some(learner));
        let mut checker = course
            .program(Some("p1_core::an_addition_ends"), 1_000.0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let running = course.survivors();
            let count = |name: &str| running.iter().filter(|other| *other == name).count();
            let wanted = |name: &str| busy.iter().filter(|other| **other == name).count();
            if busy.iter().all(|name| count(name) >= wanted(name)) {
                return checker;
            }
            let ended = checker.try_wait().unwrap();
            assert!(ended.is_none(), "{learner}: the checker ended: {ended:?}");
            assert!(Instant::now() < deadline, "{learner}: only {running:?} run");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn interrupt(mut checker: Child) -> ExitStatus {
        let pid = checker.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
        assert!(sent.success());
        checker.wait().unwrap()
    }

    /// Waits until nothing is left; who was killed may need a moment to end.
    fn await_silence(course: &Course) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let running = course.survivors();
            if running.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {running:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}
