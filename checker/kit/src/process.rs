//! One hidden test in a process of its own.
//!
//! The runner starts `<binary> <test>` and writes a token to its standard input. The process
//! writes that token back as the last line of its error stream, with the outcome, and leaves. Its
//! standard input stays open as long as the runner lives.

use crate::{Failure, json, panics};
use std::{
    env,
    fs::File,
    io::{self, Read, Write},
    panic::{self, AssertUnwindSafe},
    process,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// The length of a token, in hexadecimal digits.
const TOKEN_LENGTH: usize = 32;
/// The exit code of a passed test.
const PASSED: i32 = 0;
/// The exit code of a test that did not pass, as of any Rust program that panics.
const NOT_PASSED: i32 = 101;
/// The exit code when the process was not started as the runner does.
const MISUSED: i32 = 2;

/// A hidden test.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The test's path: `p1_core::a_miss_is_none`.
    pub name: &'static str,
    /// The test's body.
    pub run: fn(),
}

/// Runs the one test that the command line names, as the runner's protocol has it.
///
/// Exits with 2 if the command line or the standard input is not what the runner gives.
pub fn main(cases: &[Case]) -> ! {
    let case = match named_case(cases) {
        Ok(case) => case,
        Err(why) => misuse(&why),
    };
    let mut stdin = match unbuffered_stdin() {
        Ok(stdin) => stdin,
        Err(error) => misuse(&format!("cannot read the standard input: {error}")),
    };
    let token = match read_token(&mut stdin) {
        Ok(token) => token,
        Err(error) => misuse(&format!("no token on the standard input: {error}")),
    };
    if let Err(error) = watch_runner(stdin) {
        misuse(&format!("cannot start a thread: {error}"));
    }
    REPORTING.store(true, Ordering::Relaxed);
    panics::install();
    let result = panic::catch_unwind(AssertUnwindSafe(case.run));
    let (outcome, code) = match (unimplemented_outcome(), result) {
        (Some(outcome), result) => {
            // Dropping the payload could run a learner's code once more.
            std::mem::forget(result);
            (outcome, NOT_PASSED)
        }
        (None, Ok(())) => ("passed".to_owned(), PASSED),
        (None, Err(payload)) => {
            let outcome = failure_of(panics::describe(&*payload)).json();
            std::mem::forget(payload);
            (outcome, NOT_PASSED)
        }
    };
    leave(format!("\n{token} {outcome}\n"), code)
}

/// Whether this process reports to the runner, which shows failures as cards.
pub(crate) fn is_reporting() -> bool {
    REPORTING.load(Ordering::Relaxed)
}

static REPORTING: AtomicBool = AtomicBool::new(false);

fn named_case(cases: &[Case]) -> Result<&Case, String> {
    let mut arguments = env::args_os().skip(1);
    let name = match (arguments.next(), arguments.next()) {
        (Some(name), None) => name,
        _ => return Err("expected one argument, the name of a test".to_owned()),
    };
    cases
        .iter()
        .find(|case| *case.name == *name)
        .ok_or_else(|| format!("there is no test named `{}`", name.display()))
}

fn misuse(why: &str) -> ! {
    let _ = writeln!(
        io::stderr(),
        "{why}; this program is started by the checker"
    );
    process::exit(MISUSED)
}

/// The standard input without the standard library's buffer, which reads ahead.
#[cfg(unix)]
fn unbuffered_stdin() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// The standard input without the standard library's buffer, which reads ahead.
#[cfg(windows)]
fn unbuffered_stdin() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}

fn read_token(input: &mut impl Read) -> io::Result<String> {
    let mut token = String::with_capacity(TOKEN_LENGTH);
    loop {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        match byte[0] {
            b'\n' if token.len() == TOKEN_LENGTH => return Ok(token),
            digit if digit.is_ascii_hexdigit() && token.len() < TOKEN_LENGTH => {
                token.push(char::from(digit));
            }
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "not a token")),
        }
    }
}

/// Ends the process, and what it started, when the standard input ends: the runner is gone.
fn watch_runner(mut stdin: File) -> io::Result<()> {
    let watch = move || {
        let mut byte = [0];
        loop {
            match stdin.read(&mut byte) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => {
                    kill_group();
                    process::abort()
                }
            }
        }
    };
    thread::Builder::new()
        .name("runner watchdog".to_owned())
        .spawn(watch)
        .map(drop)
}

/// Kills the group that the runner made for this process. The standard library cannot, but a
/// shell can. Without such a group, as when the program is started by hand, nothing happens.
#[cfg(unix)]
fn kill_group() {
    let _ = process::Command::new("/bin/sh")
        .args(["-c", r#"kill -s KILL -- "-$0""#])
        .arg(process::id().to_string())
        .stdin(process::Stdio::null())
        .stderr(process::Stdio::null())
        .status();
}

/// The job object that the process belongs to is closed with the runner, and kills all of it.
#[cfg(windows)]
fn kill_group() {}

/// A `todo!()` on any thread decides, even if the test caught it or never saw it.
fn unimplemented_outcome() -> Option<String> {
    let panic = panics::log().unimplemented.clone()?;
    Some(format!(
        r#"{{"outcome":"not_implemented","message":{},"location":{}}}"#,
        json::string(panic.unimplemented().unwrap_or_default()),
        json::optional(panic.location.as_deref()),
    ))
}

/// What to tell of the panic that ended the test.
fn failure_of(panic: panics::Panic) -> Failure {
    // Joining a thread that panicked says nothing about why: its own panic does.
    let is_echo =
        panic.message == "a scoped thread panicked" || panic.message.ends_with("Any { .. }");
    let here = thread::current().id();
    let cause = is_echo
        .then(|| {
            panics::log()
                .loud
                .iter()
                .find(|(thread, _)| *thread != here)
                .cloned()
        })
        .flatten();
    let panic = cause.map_or(panic, |(_, panic)| panic);
    Failure::recall(&panic.message).unwrap_or_else(|| Failure {
        message: panic.message,
        location: panic.location,
        ..Failure::default()
    })
}

/// Writes the last line and exits, from a new thread if there can be one: the thread that exits
/// runs the destructors of its thread-locals, and those of the test's thread may print.
fn leave(line: String, code: i32) -> ! {
    let write_and_exit = move || -> ! {
        // Held until the end, so that no other thread's words come after the line. The standard
        // output is flushed by `exit`, which, unlike `flush`, does not wait for whoever locked it.
        let mut stderr = io::stderr().lock();
        let _ = stderr.write_all(line.as_bytes());
        let _ = stderr.flush();
        process::exit(code)
    };
    let direct = write_and_exit.clone();
    match thread::Builder::new()
        .name("last line".to_owned())
        .spawn(move || write_and_exit())
    {
        Ok(_) => loop {
            thread::park();
        },
        Err(_) => direct(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_up_to_its_line_end_and_no_further() {
        let mut input: &[u8] = b"0123456789abcdef0123456789abcdef\nrest";
        assert_eq!(
            read_token(&mut input).unwrap(),
            "0123456789abcdef0123456789abcdef"
        );
        assert_eq!(input, b"rest");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for mut input in [
            &b""[..],
            b"\n",
            b"0123456789abcdef",
            b"0123456789abcdef\n",
            b"0123456789abcdef0123456789abcdef0\n",
            b"0123456789abcdef0123456789abcdeg\n",
        ] {
            assert!(read_token(&mut input).is_err(), "{}", input.escape_ascii());
        }
    }
}
