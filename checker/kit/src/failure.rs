//! A failed expectation: what is shown to the learner.

use crate::json;
use std::{
    cell::Cell,
    collections::VecDeque,
    fmt::Write,
    panic,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// As many failures are kept as may be under way at once on all threads of one test.
const KEPT: usize = 64;

/// Bytes of a message or a value that are told.
const TEXT_BYTES: usize = 16 << 10;
/// Bytes of a step that are told.
const STEP_BYTES: usize = 2 << 10;

/// A failed expectation with its evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failure {
    /// What was looked at, in a few words.
    pub message: String,
    /// What should have been seen.
    pub expected: Option<String>,
    /// What was seen.
    pub received: Option<String>,
    /// What had been done before, oldest first.
    pub steps: Vec<String>,
    /// The seed that repeats a randomized test.
    pub seed: Option<u64>,
    /// `file:line:column` of the expectation.
    pub location: Option<String>,
}

impl Failure {
    /// Panics with this failure's text, after putting the failure itself aside for the checker.
    #[track_caller]
    pub fn raise(self) -> ! {
        let card = self.card();
        let mut aside = aside();
        if aside.len() == KEPT {
            aside.pop_front();
        }
        aside.push_back((card.clone(), self));
        drop(aside);
        RAISING.set(true);
        panic::panic_any(card)
    }

    /// The failure as text: what plain `cargo test` shows.
    pub fn card(&self) -> String {
        let mut card = self.message.clone();
        let mut line = |name: &str, text: &str| {
            let _ = write!(card, "\n  {name}: {}", text.replace('\n', "\n            "));
        };
        if let Some(expected) = &self.expected {
            line("expected", expected);
        }
        if let Some(received) = &self.received {
            line("received", received);
        }
        if let Some(seed) = self.seed {
            line("seed", &format!("{seed} (set CHECKER_SEED to try another)"));
        }
        if !self.steps.is_empty() {
            card.push_str("\n  steps:");
            for step in &self.steps {
                let _ = write!(card, "\n    {step}");
            }
        }
        card
    }

    /// The failure as the one line of JSON that the runner reads. Long texts are cut, so that the
    /// line is never longer than what the runner keeps.
    pub(crate) fn json(&self) -> String {
        let cut_if_any = |text: &Option<String>| text.as_deref().map(cut);
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|step| cut_to(step, STEP_BYTES))
            .collect();
        format!(
            r#"{{"outcome":"failed","message":{},"expected":{},"received":{},"steps":{},"seed":{},"location":{}}}"#,
            json::string(&cut(&self.message)),
            json::optional(cut_if_any(&self.expected).as_deref()),
            json::optional(cut_if_any(&self.received).as_deref()),
            json::array(&steps),
            self.seed
                .map_or_else(|| "null".to_owned(), |seed| seed.to_string()),
            json::optional(self.location.as_deref()),
        )
    }

    /// The failure that panicked with this text, if one did.
    pub(crate) fn recall(card: &str) -> Option<Self> {
        aside()
            .iter()
            .rev()
            .find(|(text, _)| text == card)
            .map(|(_, failure)| failure.clone())
    }
}

/// A text that is not too long to be told.
pub(crate) fn cut(text: &str) -> String {
    cut_to(text, TEXT_BYTES)
}

fn cut_to(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let start = &text[..text.floor_char_boundary(bytes)];
    format!("{start}… ({} more bytes)", text.len() - start.len())
}

/// Whether this thread's panic, under way right now, is a [`Failure`]. Asking resets it.
pub(crate) fn is_raising() -> bool {
    RAISING
        .try_with(|raising| raising.replace(false))
        .unwrap_or(false)
}

thread_local! {
    static RAISING: Cell<bool> = const { Cell::new(false) };
}

fn aside() -> MutexGuard<'static, VecDeque<(String, Failure)>> {
    static ASIDE: Mutex<VecDeque<(String, Failure)>> = Mutex::new(VecDeque::new());
    ASIDE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> Failure {
        Failure {
            message: "get a".to_owned(),
            expected: Some("Some(1)".to_owned()),
            received: Some("None".to_owned()),
            steps: vec!["put a=1".to_owned(), "put \"b\"=2".to_owned()],
            seed: Some(7),
            location: Some("p1_core.rs:1:2".to_owned()),
        }
    }

    #[test]
    fn a_card_shows_expected_received_seed_and_steps() {
        assert_eq!(
            failure().card(),
            "get a\n  expected: Some(1)\n  received: None\n  seed: 7 (set CHECKER_SEED to try another)\n  \
             steps:\n    put a=1\n    put \"b\"=2"
        );
    }

    #[test]
    fn the_json_is_one_line_with_every_field() {
        assert_eq!(
            failure().json(),
            r#"{"outcome":"failed","message":"get a","expected":"Some(1)","received":"None","steps":["put a=1","put \"b\"=2"],"seed":7,"location":"p1_core.rs:1:2"}"#
        );
        assert_eq!(
            Failure::default().json(),
            r#"{"outcome":"failed","message":"","expected":null,"received":null,"steps":[],"seed":null,"location":null}"#
        );
    }

    #[test]
    fn a_long_text_is_cut_where_a_character_ends() {
        let text = "日".repeat(TEXT_BYTES);
        let told = cut(&text);
        assert!(told.len() < TEXT_BYTES + 50, "{}", told.len());
        assert!(
            told.ends_with("日… (32769 more bytes)"),
            "{}",
            &told[told.len() - 40..]
        );
        let failure = Failure {
            message: text,
            steps: vec!["\u{1}".repeat(10_000); 40],
            ..Failure::default()
        };
        assert!(failure.json().len() < 600_000);
    }

    #[test]
    fn a_raised_failure_is_recalled_by_its_text() {
        let caught = crate::panics::catch(|| failure().raise()).unwrap_err();
        assert_eq!(Failure::recall(&caught.message), Some(failure()));
        assert_eq!(Failure::recall("something else"), None);
    }
}
