//! From the end of a process to a verdict.

use serde::Deserialize;

use super::process::Exit;
use crate::catalog::manifest::Limits;
use crate::verdict::{Crash, Failure, FaultOrigin, Resource, Verdict};

/// The exit code of a test that passed.
const PASSED: i32 = 0;

/// What the suite kit writes about a test that did not pass.
#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum Told {
    Failed {
        #[serde(flatten)]
        failure: Failure,
        #[serde(default)]
        steps: Vec<String>,
    },
    NotImplemented {
        message: String,
        location: Option<String>,
    },
    /// The machine lacks something.
    Fault { message: String },
}

/// The verdict on a test whose process ended by itself, with the steps that it told.
pub(super) fn judge(
    exit: Exit,
    stderr: &[u8],
    token: &str,
    limits: &Limits,
) -> (Verdict, Option<Vec<String>>) {
    let mut told_steps = None;
    let verdict = match last_words(stderr, token) {
        // Whoever writes after the last line still runs, and could have written the line too: a
        // pass needs both the last word and a clean exit. For a failure this does not matter,
        // since nothing is gained by forging one.
        Some(words) if words.text == b"passed" => match exit {
            Exit::Code(PASSED) if words.is_last => Verdict::Passed,
            Exit::Code(PASSED) => Verdict::Failed(Failure {
                message: "the test finished, but something went on writing to the error stream"
                    .to_owned(),
                expected: Some("nothing that was started by the test runs on after it".to_owned()),
                ..Failure::default()
            }),
            other => unfinished(other, stderr, limits),
        },
        Some(words) => match serde_json::from_slice(words.text) {
            Ok(Told::Failed { failure, steps }) => {
                told_steps = Some(steps);
                Verdict::Failed(failure)
            }
            Ok(Told::NotImplemented { message, location }) => {
                Verdict::NotImplemented { message, location }
            }
            Ok(Told::Fault { message }) => Verdict::CheckerFault {
                message,
                origin: FaultOrigin::Machine,
            },
            Err(error) => Verdict::CheckerFault {
                message: format!("cannot read what the suite kit wrote: {error}"),
                origin: FaultOrigin::Checker,
            },
        },
        None => unfinished(exit, stderr, limits),
    };
    (verdict, told_steps)
}

/// The verdict on a test that passed a limit.
pub(super) fn over(resource: Resource, limits: &Limits) -> Verdict {
    let limit = match resource {
        Resource::Memory => format!("{} MiB", limits.memory_mib),
        Resource::Output => format!("{} MiB", limits.output_mib),
        Resource::FileSize => format!("{} MiB", limits.file_mib),
        Resource::Files => format!("{} MiB", super::total_file_mib(limits.file_mib)),
        Resource::Processes => format!("{} processes and threads", limits.processes),
    };
    Verdict::OverLimit { resource, limit }
}

/// How many bytes at the end of the error stream are the runner's own line and what came after.
pub(super) fn own_bytes(stderr: &[u8], token: &str) -> usize {
    match last_words(stderr, token) {
        Some(words) if words.is_last => stderr.len() - words.start,
        _ => 0,
    }
}

/// The line that begins with the token.
struct Words<'a> {
    /// Where its line feed before the token stands.
    start: usize,
    /// What follows the token.
    text: &'a [u8],
    /// Whether nothing comes after it.
    is_last: bool,
}

fn last_words<'a>(stderr: &'a [u8], token: &str) -> Option<Words<'a>> {
    let mark = format!("\n{token} ");
    let start = stderr
        .windows(mark.len())
        .rposition(|window| window == mark.as_bytes())?;
    let line = &stderr[start + mark.len()..];
    let end = line.iter().position(|byte| *byte == b'\n')?;
    Some(Words {
        start,
        text: &line[..end],
        is_last: end + 1 == line.len(),
    })
}

/// The verdict on a process that ended before its test did.
fn unfinished(exit: Exit, stderr: &[u8], limits: &Limits) -> Verdict {
    let says = |text: &str| {
        stderr
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    let crash = match exit {
        Exit::FileSize => return over(Resource::FileSize, limits),
        Exit::StackOverflow => Crash::StackOverflow,
        Exit::Abort | Exit::Segfault(_) if says("has overflowed its stack") => Crash::StackOverflow,
        Exit::Abort if says("memory allocation of ") => return over(Resource::Memory, limits),
        Exit::Abort => Crash::Abort,
        Exit::Segfault(number) | Exit::Signal(number) => Crash::Signal { number },
        Exit::Code(code) => Crash::Exited { code: Some(code) },
        Exit::Unknown => Crash::Exited { code: None },
    };
    Verdict::Crashed(crash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn verdict(exit: Exit, stderr: &str) -> Verdict {
        judged(exit, stderr).0
    }

    fn judged(exit: Exit, stderr: &str) -> (Verdict, Option<Vec<String>>) {
        judge(
            exit,
            stderr.replace("TOKEN", TOKEN).as_bytes(),
            TOKEN,
            &Limits::default(),
        )
    }

    #[test]
    fn a_test_passes_with_code_zero_and_the_token_as_last_line() {
        assert_eq!(verdict(Exit::Code(0), "\nTOKEN passed\n"), Verdict::Passed);
        assert_eq!(
            verdict(Exit::Code(0), "noise\nTOKEN passed\n"),
            Verdict::Passed
        );
    }

    #[test]
    fn a_test_does_not_pass_without_the_token() {
        for stderr in [
            "",
            "passed\n",
            "\n0123 passed\n",
            "test result: ok. 1 passed",
            "TOKEN",
        ] {
            let exited = Verdict::Crashed(Crash::Exited { code: Some(0) });
            assert_eq!(verdict(Exit::Code(0), stderr), exited, "{stderr}");
        }
    }

    #[test]
    fn a_test_does_not_pass_with_another_exit_code() {
        let exited = |code| Verdict::Crashed(Crash::Exited { code: Some(code) });
        assert_eq!(verdict(Exit::Code(1), "\nTOKEN passed\n"), exited(1));
        let aborted = Verdict::Crashed(Crash::Abort);
        assert_eq!(verdict(Exit::Abort, "\nTOKEN passed\n"), aborted);
    }

    #[test]
    fn a_test_does_not_pass_if_something_writes_after_the_last_line() {
        let late = verdict(Exit::Code(0), "\nTOKEN passed\nlate");
        assert!(matches!(late, Verdict::Failed(_)), "{late:?}");
    }

    #[test]
    fn a_failure_is_read_with_its_evidence() {
        let said = r#"{"outcome":"failed","message":"get a","expected":"1","received":null,"steps":["put a"],"seed":7,"location":"p1.rs:1:2"}"#;
        let expected = Verdict::Failed(Failure {
            message: "get a".to_owned(),
            expected: Some("1".to_owned()),
            received: None,
            seed: Some(7),
            location: Some("p1.rs:1:2".to_owned()),
        });
        assert_eq!(
            judged(Exit::Code(101), &format!("\nTOKEN {said}\n")),
            (expected, Some(vec!["put a".to_owned()]))
        );
    }

    #[test]
    fn what_the_machine_lacks_is_no_fault_of_the_learner() {
        let said = r#"{"outcome":"fault","message":"no room"}"#;
        let expected = Verdict::CheckerFault {
            message: "no room".to_owned(),
            origin: FaultOrigin::Machine,
        };
        let verdict = verdict(Exit::Code(101), &format!("\nTOKEN {said}\n"));
        assert_eq!(verdict, expected);
    }

    #[test]
    fn a_failure_counts_even_if_it_is_not_the_last_line_or_the_code_is_zero() {
        let said = r#"{"outcome":"failed","message":"m"}"#;
        for (code, late) in [(101, "late"), (0, "")] {
            let failed = verdict(Exit::Code(code), &format!("\nTOKEN {said}\n{late}"));
            assert!(matches!(failed, Verdict::Failed(_)), "{failed:?}");
        }
    }

    #[test]
    fn a_reached_todo_is_not_implemented() {
        let said = r#"{"outcome":"not_implemented","message":"phase 2: x","location":null}"#;
        let expected = Verdict::NotImplemented {
            message: "phase 2: x".to_owned(),
            location: None,
        };
        assert_eq!(
            verdict(Exit::Code(101), &format!("\nTOKEN {said}\n")),
            expected
        );
    }

    #[test]
    fn words_that_cannot_be_read_are_a_fault_of_the_checker() {
        let fault = verdict(Exit::Code(101), "\nTOKEN {\"outcome\":\n");
        assert!(matches!(fault, Verdict::CheckerFault { .. }), "{fault:?}");
    }

    #[test]
    fn aborts_tell_their_causes_apart() {
        let overflow = "\nthread 'main' (1) has overflowed its stack\n";
        let stack = Verdict::Crashed(Crash::StackOverflow);
        assert_eq!(verdict(Exit::Abort, overflow), stack);
        assert_eq!(verdict(Exit::Segfault(11), overflow), stack);
        let memory = verdict(Exit::Abort, "memory allocation of 10 bytes failed\n");
        assert_eq!(memory, over(Resource::Memory, &Limits::default()));
        assert_eq!(verdict(Exit::Abort, ""), Verdict::Crashed(Crash::Abort));
        let signal = Verdict::Crashed(Crash::Signal { number: 11 });
        assert_eq!(verdict(Exit::Segfault(11), ""), signal);
        let file = over(Resource::FileSize, &Limits::default());
        assert_eq!(verdict(Exit::FileSize, ""), file);
    }

    #[test]
    fn only_the_runners_own_line_is_hidden() {
        let bytes = |stderr: &str| own_bytes(stderr.replace("TOKEN", TOKEN).as_bytes(), TOKEN);
        assert_eq!(bytes("mine\n\nTOKEN passed\n"), 41);
        assert_eq!(bytes("mine\n\nTOKEN passed\nlate"), 0);
        assert_eq!(bytes("mine\n"), 0);
    }
}
