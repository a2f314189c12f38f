//! One hidden test in a process of its own.
//!
//! The runner starts `<binary> <test>` and writes a token to its standard input. The process
//! writes that token back as the last line of its error stream, with the outcome, and leaves. Its
//! standard input stays open as long as the runner lives.
//!
//! The process has a session of its own, and so no terminal that it could write to or type into.
//! The code under test shares its memory. So that safe code does not find the token there, it is
//! kept masked, and on Linux the process may not open its own `/proc/self/mem`, unless it runs as
//! root. `unsafe` code can find it nonetheless.

use crate::{Failure, desk, failure, json, panics};
use std::{
    collections::hash_map::RandomState,
    env,
    fs::File,
    hash::BuildHasher,
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
    system::stand_apart();
    let case = match named_case(cases) {
        Ok(case) => case,
        Err(why) => misuse(&why),
    };
    let mut stdin = match unbuffered_stdin() {
        Ok(stdin) => stdin,
        Err(error) => misuse(&format!("cannot read the standard input: {error}")),
    };
    let token = match Token::read(&mut stdin) {
        Ok(token) => token,
        Err(error) => misuse(&format!("no token on the standard input: {error}")),
    };
    if let Err(error) = watch_runner(stdin) {
        misuse(&format!("cannot start a thread: {error}"));
    }
    desk::open();
    REPORTING.store(true, Ordering::Relaxed);
    panics::install();
    let result = panic::catch_unwind(AssertUnwindSafe(case.run));
    let prior = unimplemented_outcome().or_else(fault_outcome);
    let (outcome, code) = match (prior, result) {
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
    leave(token, outcome, code)
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

/// A token that does not stand in memory as it was read.
#[derive(Debug, Clone)]
struct Token {
    masked: [u8; TOKEN_LENGTH],
    mask: [u8; TOKEN_LENGTH],
}

impl Token {
    fn read(input: &mut impl Read) -> io::Result<Self> {
        let mask = random_mask();
        let mut masked = [0; TOKEN_LENGTH];
        for (place, mask) in masked.iter_mut().zip(mask) {
            match next_byte(input)? {
                digit if digit.is_ascii_hexdigit() => *place = digit ^ mask,
                _ => return Err(not_a_token()),
            }
        }
        match next_byte(input)? {
            b'\n' => Ok(Self { masked, mask }),
            _ => Err(not_a_token()),
        }
    }

    /// The token as it was read.
    fn digits(&self) -> String {
        let bytes = self.masked.iter().zip(self.mask);
        bytes.map(|(byte, mask)| char::from(byte ^ mask)).collect()
    }
}

fn next_byte(input: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    input.read_exact(&mut byte)?;
    Ok(byte[0])
}

fn not_a_token() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a token")
}

/// Bytes that nobody knows before: the standard library seeds its hash maps with such.
fn random_mask() -> [u8; TOKEN_LENGTH] {
    let state = RandomState::new();
    let mut mask = [0; TOKEN_LENGTH];
    for (number, word) in mask.chunks_mut(8).enumerate() {
        word.copy_from_slice(&state.hash_one(number).to_le_bytes());
    }
    mask
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
        json::string(&failure::cut(panic.unimplemented().unwrap_or_default())),
        json::optional(panic.location.as_deref()),
    ))
}

/// What the machine lacks decides next: no code under test is to blame for it.
fn fault_outcome() -> Option<String> {
    let message = panics::log().fault.clone()?;
    let message = json::string(&message);
    Some(format!(r#"{{"outcome":"fault","message":{message}}}"#))
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
fn leave(token: Token, outcome: String, code: i32) -> ! {
    let write_and_exit = move || -> ! {
        // Held until the end, so that no other thread's words come after the line. The standard
        // output is flushed by `exit`, which, unlike `flush`, does not wait for whoever locked it.
        let mut stderr = io::stderr().lock();
        let line = format!("\n{} {outcome}\n", token.digits());
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

/// What the standard library does not ask of the system.
#[cfg(unix)]
#[allow(unsafe_code, reason = "there is no other way")]
mod system {
    use std::ffi::c_int;

    unsafe extern "C" {
        safe fn setsid() -> c_int;
    }

    /// Begins a session without a terminal, and keeps the memory of this process from being read
    /// through its files. Each fails without harm: for whoever starts the program by hand, and
    /// where the system knows no such thing.
    pub(super) fn stand_apart() {
        setsid();
        #[cfg(target_os = "linux")]
        hide_memory();
    }

    #[cfg(target_os = "linux")]
    fn hide_memory() {
        use std::ffi::c_ulong;

        unsafe extern "C" {
            fn prctl(option: c_int, ...) -> c_int;
        }
        const PR_SET_DUMPABLE: c_int = 4;
        const NOT_DUMPABLE: c_ulong = 0;
        // SAFETY: the option takes one number and touches no memory of this program.
        unsafe { prctl(PR_SET_DUMPABLE, NOT_DUMPABLE) };
    }
}

/// A process that has no terminal to give up.
#[cfg(windows)]
mod system {
    pub(super) fn stand_apart() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_up_to_its_line_end_and_no_further() {
        let mut input: &[u8] = b"0123456789abcdef0123456789abcdef\nrest";
        assert_eq!(
            Token::read(&mut input).unwrap().digits(),
            "0123456789abcdef0123456789abcdef"
        );
        assert_eq!(input, b"rest");
    }

    #[test]
    fn a_token_does_not_stand_in_memory_as_it_was_read() {
        let digits = "0123456789abcdef0123456789abcdef";
        let token = Token::read(&mut format!("{digits}\n").as_bytes()).unwrap();
        assert!(!format!("{token:?}").contains(&format!("{:?}", digits.as_bytes())));
        let equal = token.masked.iter().zip(digits.bytes());
        assert!(equal.filter(|(one, other)| *one == other).count() < 8);
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
            assert!(Token::read(&mut input).is_err());
        }
    }
}
