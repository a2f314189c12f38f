//! Reports in Miri's own form, cut to what is read of them.

use std::process::ExitStatus;
use std::time::Duration;

use super::*;

const OWN: &str = "exercises/00-fixtures/counter";

const DANGLING: &str = "\
error: Undefined Behavior: memory access failed: alloc271 has been freed, so this pointer is dangling
   --> /home/me/.rustup/toolchains/nightly/lib/rustlib/src/rust/library/core/src/ptr/mod.rs:1709:9
    |
1709 |         crate::intrinsics::read_via_copy(src)
    |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ Undefined Behavior occurred here
    |
    = help: this indicates a bug in the program: it performed an invalid operation, and caused Undefined Behavior
    = note: stack backtrace:
            0: std::ptr::read::<u64>
                at /home/me/.rustup/toolchains/nightly/lib/rustlib/src/rust/library/core/src/ptr/mod.rs:1709:9
            1: counter::Counter::value
                at exercises/00-fixtures/counter/src/lib.rs:31:18
            2: main
                at miri/src/bin/a_life.rs:12:5

note: some details are omitted, run with `MIRIFLAGS=-Zmiri-backtrace=full` for a verbose backtrace

error: aborting due to 1 previous error
";

const LEAK: &str = "\
error: memory leaked: alloc1203 (Rust heap, size: 4, align: 1), allocated here:
   --> /home/me/.rustup/toolchains/nightly/lib/rustlib/src/rust/library/alloc/src/alloc.rs:100:9
    |
100 |         __rust_alloc(layout.size(), layout.align())
    |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    |
    = note: inside `counter::Counter::new` at exercises/00-fixtures/counter/src/lib.rs:18:9: 18:20

note: set `MIRIFLAGS=-Zmiri-ignore-leaks` to disable this check

error: aborting due to 1 previous error
";

const UNFINISHED: &str = "\
thread 'main' (1) panicked at exercises/00-fixtures/counter/src/shared.rs:11:9:
not yet implemented: phase 2: share a counter
note: in Miri, you may have to set `MIRIFLAGS=-Zmiri-env-forward=RUST_BACKTRACE` for the environment variable to have an effect
";

/// A run that ended with this exit code and wrote this.
fn finished(code: i32, stderr: &str) -> Finished {
    Finished {
        status: exit(code),
        stdout: Vec::new(),
        stderr: stderr.as_bytes().to_vec(),
        timed_out: false,
        over_output: false,
        over_resource: None,
        cancelled: false,
        took: Duration::ZERO,
    }
}

#[cfg(unix)]
fn exit(code: i32) -> ExitStatus {
    use std::os::unix::process::ExitStatusExt;
    ExitStatus::from_raw(code << 8)
}

#[cfg(windows)]
fn exit(code: i32) -> ExitStatus {
    use std::os::windows::process::ExitStatusExt;
    ExitStatus::from_raw(code.cast_unsigned())
}

fn failure(stderr: &str) -> Failure {
    match verdict(&finished(1, stderr), OWN) {
        Verdict::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn needs(stderr: &str) -> String {
    match verdict(&finished(1, stderr), OWN) {
        Verdict::Skipped { needs } => needs,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clean_run_passes() {
    assert_eq!(verdict(&finished(0, ""), OWN), Verdict::Passed);
}

#[test]
fn undefined_behavior_fails_and_names_the_place_in_the_learners_code() {
    let failure = failure(DANGLING);
    assert_eq!(
        failure.message,
        "Undefined Behavior: memory access failed: alloc271 has been freed, so this pointer is dangling"
    );
    let place = "exercises/00-fixtures/counter/src/lib.rs:31:18";
    assert_eq!(failure.location.as_deref(), Some(place));
    assert_eq!(failure.received.as_deref(), Some(DANGLING.trim()));
}

#[test]
fn a_leak_fails() {
    let failure = failure(LEAK);
    assert_eq!(
        failure.message,
        "memory leaked: alloc1203 (Rust heap, size: 4, align: 1)"
    );
    let place = "exercises/00-fixtures/counter/src/lib.rs:18:9";
    assert_eq!(failure.location.as_deref(), Some(place));
}

#[test]
fn a_place_outside_the_learners_code_is_not_named() {
    let report =
        "error: Undefined Behavior: entering unreachable code\n  --> miri/src/bin/a.rs:3:5\n";
    assert_eq!(failure(report).location, None);
}

#[test]
fn a_place_with_the_separators_of_windows_is_named() {
    let report = "error: Undefined Behavior: entering unreachable code\n  \
                  --> exercises\\00-fixtures\\counter\\src\\lib.rs:3:5\n";
    let place = "exercises/00-fixtures/counter/src/lib.rs:3:5";
    assert_eq!(failure(report).location.as_deref(), Some(place));
}

#[test]
fn threads_left_behind_deadlocks_and_aborts_fail() {
    for said in [
        "the main thread terminated without waiting for all remaining threads",
        "deadlock: the evaluated program deadlocked",
        "the evaluated program deadlocked",
        "abnormal termination: the program aborted execution",
    ] {
        assert_eq!(failure(&format!("error: {said}\n")).message, said);
    }
}

#[test]
fn a_panic_fails_with_its_message() {
    let report = "\
thread 'main' (1) panicked at exercises/00-fixtures/counter/src/lib.rs:20:9:
expected by the program
thread 'main' (1) panicked at miri/src/bin/a_life.rs:9:5:
assertion `left == right` failed
  left: 1
 right: 2
";
    let failure = failure(report);
    assert_eq!(
        failure.message,
        "panicked: assertion `left == right` failed"
    );
}

#[test]
fn a_todo_is_not_implemented() {
    assert_eq!(
        verdict(&finished(101, UNFINISHED), OWN),
        Verdict::NotImplemented {
            message: "phase 2: share a counter".to_owned(),
            location: Some("exercises/00-fixtures/counter/src/shared.rs:11:9".to_owned()),
        }
    );
}

#[test]
fn what_miri_cannot_run_is_skipped_even_after_a_caught_panic() {
    let report = format!(
        "{UNFINISHED}error: unsupported operation: can't call foreign function `epoll_create1` on OS `linux`\n"
    );
    assert_eq!(
        needs(&report),
        "a working Miri; it said: unsupported operation: can't call foreign function \
         `epoll_create1` on OS `linux`"
    );
}

#[test]
fn a_build_that_fails_is_skipped() {
    let report = "\
error[E0658]: use of unstable library feature `x`
 --> exercises/00-fixtures/counter/src/lib.rs:1:5

error: could not compile `counter` (lib) due to 1 previous error
";
    assert_eq!(
        needs(report),
        "a working Miri; it said: error: could not compile `counter` (lib) due to 1 previous error"
    );
}

#[test]
fn a_missing_component_is_skipped_with_what_rustup_said() {
    let report = "\
error: 'cargo-miri' is not installed for the toolchain 'nightly-x86_64-unknown-linux-gnu'.
To install, run `rustup component add --toolchain nightly-x86_64-unknown-linux-gnu miri`
";
    assert!(needs(report).contains("rustup component add"));
}

#[test]
fn silence_is_skipped() {
    assert_eq!(needs(""), "a working Miri; it said: nothing");
}

#[test]
fn a_run_without_an_end_is_skipped() {
    let stopped = Finished {
        timed_out: true,
        ..finished(1, "Preparing a sysroot for Miri...\n")
    };
    assert_eq!(
        verdict(&stopped, OWN),
        Verdict::Skipped {
            needs: "more time: Miri did not come to an end".to_owned()
        }
    );
}

#[test]
fn a_missing_miri_names_the_command_that_installs_it() {
    let Verdict::Skipped { needs } = missing() else {
        panic!("missing is no skip");
    };
    assert!(needs.contains("--component miri"), "{needs}");
}

#[cfg(unix)]
#[test]
fn miri_is_asked_for_only_where_a_nightly_toolchain_has_it() {
    let home = tempfile::tempdir().unwrap();
    assert!(may_have_miri(home.path()), "no toolchains to look at");
    let bin = |toolchain: &str| home.path().join("toolchains").join(toolchain).join("bin");
    let program = format!("cargo-miri{}", std::env::consts::EXE_SUFFIX);
    for toolchain in ["stable-x", "nightly-x"] {
        std::fs::create_dir_all(bin(toolchain)).unwrap();
    }
    std::fs::write(bin("stable-x").join(&program), "").unwrap();
    assert!(!may_have_miri(home.path()));
    std::fs::write(bin("nightly-x").join(&program), "").unwrap();
    assert!(may_have_miri(home.path()));
}

#[test]
fn miri_is_installed_if_it_answers() {
    let said = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        answers(command, &Cancel::new())
    };
    assert!(said("test \"$0\" = --version"));
    assert!(!said("echo no such command >&2; exit 101"));
    let absent = Command::new("/there/is/no/such/program");
    assert!(!answers(absent, &Cancel::new()));
}
