//! A test's story: the steps taken, and expectations that carry them as evidence.

use crate::{
    Failure,
    steps::{self, Steps},
    text,
};
use std::{
    fmt::{Debug, Display, Write},
    panic::Location,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Longer values are cut.
const SHOWN_CHARACTERS: usize = 2_000;
/// Bytes shown before and after the first difference.
const SHOWN_BYTES: usize = 16;

/// What a test has done so far, on all of its threads.
#[derive(Debug)]
pub struct Scenario {
    steps: Mutex<Steps>,
    seed: Option<u64>,
}

impl Scenario {
    /// A scenario without steps.
    pub fn new() -> Self {
        Self::seeded(None)
    }

    /// A scenario that a seed repeats.
    pub fn with_seed(seed: u64) -> Self {
        Self::seeded(Some(seed))
    }

    fn seeded(seed: Option<u64>) -> Self {
        steps::begin();
        Self {
            steps: Mutex::default(),
            seed,
        }
    }

    /// Notes a step. The first and the last steps are shown when the test does not pass, however
    /// it ends.
    pub fn step(&self, step: impl Into<String>) {
        let step = step.into();
        steps::write(&step);
        self.lock().take(&step);
    }

    /// Fails unless `received` equals `expected`; `what` names the thing compared.
    #[track_caller]
    pub fn expect_eq<R, E>(&self, what: impl Display, received: R, expected: E)
    where
        R: Debug + PartialEq<E>,
        E: Debug,
    {
        if received != expected {
            self.raise(what.to_string(), shown(&expected), shown(&received));
        }
    }

    /// Fails unless `condition` holds; the texts say what was expected and what was seen instead.
    #[track_caller]
    pub fn expect(&self, condition: bool, expected: impl Display, received: impl Display) {
        if !condition {
            self.fail(expected, received);
        }
    }

    /// Fails unless the bytes are equal, and points at the first difference.
    #[track_caller]
    pub fn expect_bytes(&self, what: impl Display, received: &[u8], expected: &[u8]) {
        if received == expected {
            return;
        }
        let at = received
            .iter()
            .zip(expected)
            .take_while(|(one, other)| one == other)
            .count();
        self.raise(
            format!("{what}: the first difference is at byte {at}"),
            bytes_around(expected, at),
            bytes_around(received, at),
        );
    }

    /// Fails with what was expected and what was seen instead.
    #[track_caller]
    pub fn fail(&self, expected: impl Display, received: impl Display) -> ! {
        let message = match self.lock().latest() {
            Some(step) => format!("after the last step, {step}"),
            None => "an expectation does not hold".to_owned(),
        };
        self.raise(message, expected.to_string(), received.to_string())
    }

    /// A failure that carries this scenario's steps and seed.
    pub(crate) fn failure(&self, message: String) -> Failure {
        Failure {
            message,
            steps: self.lock().shown(),
            seed: self.seed,
            ..Failure::default()
        }
    }

    #[track_caller]
    fn raise(&self, message: String, expected: String, received: String) -> ! {
        Failure {
            expected: Some(expected),
            received: Some(received),
            location: Some(Location::caller().to_string()),
            ..self.failure(message)
        }
        .raise()
    }

    fn lock(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scenario {
    fn drop(&mut self) {
        steps::end();
    }
}

/// `value` as its `Debug` shows it, cut where it gets long.
fn shown(value: &impl Debug) -> String {
    let mut text = format!("{value:?}");
    if let Some((cut, _)) = text.char_indices().nth(SHOWN_CHARACTERS) {
        let more = text[cut..].chars().count();
        text.truncate(cut);
        let _ = write!(text, "… ({more} more characters)");
    }
    text
}

/// The bytes around `at`, with what is before and after in words.
fn bytes_around(bytes: &[u8], at: usize) -> String {
    let at = text::start_of_character(bytes, at);
    let start = text::start_of_character(bytes, at.saturating_sub(SHOWN_BYTES));
    let end = text::start_of_character(bytes, bytes.len().min(at + SHOWN_BYTES));
    let before = if start > 0 { "…" } else { "" };
    let after = if end < bytes.len() { "…" } else { "" };
    let (same, rest) = bytes[start..end.max(at)].split_at(at - start);
    format!(
        "\"{before}{} >>> {}{after}\" ({} bytes)",
        text::escaped(same),
        text::escaped(rest),
        bytes.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panics::catch;

    fn failure(body: impl FnOnce()) -> Failure {
        let caught = catch(body).unwrap_err();
        Failure::recall(&caught.message).unwrap()
    }

    #[test]
    fn equal_values_and_true_conditions_pass() {
        let scenario = Scenario::new();
        scenario.expect_eq("a number", 1, 1);
        scenario.expect(true, "never", "shown");
        scenario.expect_bytes("nothing", b"", b"");
    }

    #[test]
    fn a_failed_comparison_carries_both_values_the_steps_and_its_place() {
        let scenario = Scenario::with_seed(3);
        scenario.step("put a=1");
        let line = line!() + 1;
        let failure = failure(|| scenario.expect_eq("get a", None, Some(1)));
        assert_eq!(failure.message, "get a");
        assert_eq!(failure.expected.as_deref(), Some("Some(1)"));
        assert_eq!(failure.received.as_deref(), Some("None"));
        assert_eq!(failure.steps, ["put a=1"]);
        assert_eq!(failure.seed, Some(3));
        let location = failure.location.unwrap();
        assert!(
            location.contains(&format!("scenario.rs:{line}:")),
            "{location}"
        );
    }

    #[test]
    fn a_failure_names_the_last_step() {
        let scenario = Scenario::new();
        scenario.step("put a");
        scenario.step("get a");
        let failure = failure(|| scenario.fail("more", "less"));
        assert_eq!(failure.message, "after the last step, get a");
        assert_eq!(failure.steps, ["put a", "get a"]);
    }

    #[test]
    fn long_values_are_cut() {
        let failure = failure(|| Scenario::new().expect_eq("text", "x".repeat(5_000), ""));
        let received = failure.received.unwrap();
        assert!(
            received.ends_with("x… (3002 more characters)"),
            "{received}"
        );
    }

    #[test]
    fn bytes_point_at_the_first_difference() {
        let failure = failure(|| Scenario::new().expect_bytes("reply", b"+OK\r\n", b"+OK\n"));
        assert_eq!(failure.message, "reply: the first difference is at byte 3");
        assert_eq!(
            failure.expected.as_deref(),
            Some(r#""+OK >>> \n" (4 bytes)"#)
        );
        assert_eq!(
            failure.received.as_deref(),
            Some(r#""+OK >>> \r\n" (5 bytes)"#)
        );
    }

    #[test]
    fn bytes_far_from_the_difference_are_left_out() {
        let mut received = vec![b'.'; 100];
        let expected = received.clone();
        received[50] = b'!';
        let failure = failure(|| Scenario::new().expect_bytes("frame", &received, &expected));
        assert_eq!(
            failure.received.as_deref(),
            Some(r#""…................ >>> !...............…" (100 bytes)"#)
        );
    }

    #[test]
    fn bytes_that_are_text_are_shown_as_text() {
        let failure = failure(|| {
            let (received, expected) = ("ein Käse".as_bytes(), "ein Köse".as_bytes());
            Scenario::new().expect_bytes("name", received, expected);
        });
        assert_eq!(failure.message, "name: the first difference is at byte 6");
        assert_eq!(
            failure.received.as_deref(),
            Some(r#""ein K >>> äse" (9 bytes)"#)
        );
    }

    #[test]
    fn bytes_that_end_early_differ_at_their_end() {
        let failure = failure(|| Scenario::new().expect_bytes("reply", b"ab", b"abc"));
        assert_eq!(failure.message, "reply: the first difference is at byte 2");
    }
}
