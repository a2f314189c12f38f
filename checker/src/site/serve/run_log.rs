//! What the checks said, for pages that are open and for those that are opened meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;

use crate::report::json::StreamLine;

/// The number of a check, from 1, new with each run of the server.
pub(super) type Run = u64;

/// One line of a check, as JSON in an event of the stream.
#[derive(Debug, Serialize)]
pub(super) struct Told<'a> {
    /// The check.
    pub(super) run: Run,
    /// Its exercise.
    pub(super) exercise: &'a str,
    /// The phase that was asked for; all of them if none.
    pub(super) phase: Option<u32>,
    /// What happened.
    pub(super) line: Line<'a>,
}

/// What happens in a check: first `started`, last `report`, `cancelled` or `failed`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    /// The check was accepted.
    Started,
    /// It gave way to a newer one, or was cancelled by the learner.
    Cancelled,
    /// It could not be done.
    Failed {
        /// Why, for the learner.
        message: &'a str,
    },
    /// A line as `check --json-lines` prints it.
    #[serde(untagged)]
    Stream(StreamLine<'a>),
}

/// The lines of the present check and of the one before it, which slow readers may still miss.
#[derive(Debug, Default)]
pub(super) struct RunLog {
    /// The place of the first line that is kept.
    first: u64,
    lines: VecDeque<(Run, Arc<str>)>,
}

impl RunLog {
    /// Adds a line.
    pub(super) fn push(&mut self, told: &Told<'_>) {
        // A type that cannot be written as JSON does not compile; nothing is lost here.
        if let Ok(text) = serde_json::to_string(told) {
            self.lines.push_back((told.run, text.into()));
        }
    }

    /// Forgets what came before the check before `run`, which begins.
    pub(super) fn forget_before(&mut self, run: Run) {
        while let Some((oldest, _)) = self.lines.front()
            && oldest + 1 < run
        {
            self.lines.pop_front();
            self.first += 1;
        }
    }

    /// The place behind the last line.
    pub(super) fn end(&self) -> u64 {
        self.first + self.lines.len() as u64
    }

    /// The place of the first line of a check.
    pub(super) fn beginning_of(&self, run: Run) -> u64 {
        let before = self.lines.iter().take_while(|(other, _)| *other < run);
        self.first + before.count() as u64
    }

    /// The lines from a place on.
    pub(super) fn since(&self, place: u64) -> impl Iterator<Item = Arc<str>> {
        let skipped = usize::try_from(place.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.lines
            .iter()
            .skip(skipped)
            .map(|(_, text)| Arc::clone(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(runs: &[Run]) -> RunLog {
        let mut log = RunLog::default();
        for run in runs {
            log.forget_before(*run);
            for line in [Line::Started, Line::Cancelled] {
                log.push(&Told {
                    run: *run,
                    exercise: "counter",
                    phase: None,
                    line,
                });
            }
        }
        log
    }

    #[test]
    fn a_line_says_which_check_it_is_of() {
        let log = log(&[1]);
        let lines: Vec<Arc<str>> = log.since(0).collect();
        let expected = r#"{"run":1,"exercise":"counter","phase":null,"line":{"event":"started"}}"#;
        assert_eq!(&*lines[0], expected);
    }

    #[test]
    fn a_reader_goes_on_where_it_was() {
        let log = log(&[1, 2]);
        assert_eq!(log.end(), 4);
        assert_eq!(log.beginning_of(2), 2);
        assert_eq!(log.since(3).count(), 1);
        assert_eq!(log.since(4).count(), 0);
    }

    #[test]
    fn only_the_present_check_and_the_one_before_are_kept() {
        let log = log(&[1, 2, 3]);
        assert_eq!(log.end(), 6);
        assert_eq!(log.beginning_of(3), 4);
        // A reader who was too slow goes on with what is there.
        assert_eq!(log.since(0).count(), 4);
    }
}
