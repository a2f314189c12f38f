//! The steps of a test: the first few and the last, with repeated ones folded into one line.
//!
//! Each step is also written down at once where the runner reads it (see [`desk`](crate::desk)):
//! after a crash, a time-out or a kill nobody else can tell how far the test came.

use crate::desk;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Lines of the beginning that are kept.
const FIRST: usize = 6;
/// Lines of the end that are kept.
const LAST: usize = 24;
/// Bytes of a line that are kept.
const LINE_BYTES: usize = 464;

/// Steps in the order in which they were taken.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    first: Vec<Line>,
    last: VecDeque<Line>,
    taken: u64,
}

/// A step, and how often it was taken in a row.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    times: u64,
    /// Steps taken before.
    before: u64,
}

impl Steps {
    pub(crate) fn take(&mut self, step: &str) {
        let before = self.taken;
        self.taken += 1;
        let latest = self.last.back_mut().or(self.first.last_mut());
        if let Some(line) = latest.filter(|line| line.text == step) {
            line.times += 1;
            return;
        }
        let line = Line {
            text: step.to_owned(),
            times: 1,
            before,
        };
        if self.first.len() < FIRST {
            self.first.push(line);
            return;
        }
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    /// The latest step.
    pub(crate) fn latest(&self) -> Option<&str> {
        let line = self.last.back().or(self.first.last())?;
        Some(&line.text)
    }

    /// The lines to show.
    pub(crate) fn shown(&self) -> Vec<String> {
        let end_of_first = self.first.last().map_or(0, |line| line.before + line.times);
        let left_out = self
            .last
            .front()
            .map_or(0, |line| line.before - end_of_first);
        let note = match left_out {
            0 => None,
            1 => Some("… 1 step …".to_owned()),
            many => Some(format!("… {many} steps …")),
        };
        let first = self.first.iter().map(Line::shown);
        first
            .chain(note)
            .chain(self.last.iter().map(Line::shown))
            .collect()
    }
}

impl Line {
    fn shown(&self) -> String {
        match self.times {
            1 => self.text.clone(),
            times => format!("{} (×{times})", self.text),
        }
    }
}

/// What is written down for the runner. Lines have numbers; the paper has a place for the first
/// ones and a ring for the last. Each line says all that is needed to read it alone:
///
/// ```text
/// the first number of the present story, 16 hexadecimal digits
/// for each line, LINE_BYTES + 48 bytes after the one before:
///   number, steps before, times: 16, 16 and 8 digits; length: 4 digits; the text
/// ```
#[derive(Debug)]
struct Written {
    /// Scenarios that are told right now.
    told: usize,
    /// The number of the story's first line.
    start: u64,
    /// The number of the next line.
    next: u64,
    /// Steps of the story so far.
    taken: u64,
    /// The latest line's text, and how often it was taken.
    latest: Option<(String, u64)>,
}

/// Bytes before a line's text.
const HEADER: usize = 16 + 16 + 8 + 4;
/// Bytes from one line to the next.
const PLACE: usize = 512;
const _: () = assert!(HEADER + LINE_BYTES <= PLACE);

fn written() -> MutexGuard<'static, Written> {
    static WRITTEN: Mutex<Written> = Mutex::new(Written {
        told: 0,
        start: 0,
        next: 0,
        taken: 0,
        latest: None,
    });
    WRITTEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A scenario begins. If it is the only one, so does the story: what the scenarios before it did
/// no longer matters.
pub(crate) fn begin() {
    if !desk::has_paper() {
        return;
    }
    let mut written = written();
    written.told += 1;
    if written.told == 1 && written.taken > 0 {
        written.start = written.next;
        written.taken = 0;
        written.latest = None;
        desk::write_steps(format!("{:016x}", written.start).as_bytes(), 0);
    }
}

/// A scenario ends.
pub(crate) fn end() {
    if desk::has_paper() {
        let mut written = written();
        written.told = written.told.saturating_sub(1);
    }
}

/// Writes a step down.
pub(crate) fn write(step: &str) {
    if !desk::has_paper() {
        return;
    }
    let mut written = written();
    let step = &step[..step.floor_char_boundary(LINE_BYTES)];
    let times = match &mut written.latest {
        Some((text, times)) if text == step => {
            *times += 1;
            *times
        }
        _ => {
            written.latest = Some((step.to_owned(), 1));
            written.next += 1;
            1
        }
    };
    written.taken += 1;
    let number = written.next - 1;
    let before = written.taken - times;
    let line = format!(
        "{number:016x}{before:016x}{times:08x}{:04x}{step}",
        step.len()
    );
    desk::write_steps(line.as_bytes(), place_of(number - written.start));
}

/// Where the line with this index of a story stands.
fn place_of(index: u64) -> u64 {
    let (first, last) = (FIRST as u64, LAST as u64);
    let place = if index < first {
        index
    } else {
        first + (index - first) % last
    };
    (1 + place) * PLACE as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(taken: impl IntoIterator<Item = String>) -> Steps {
        let mut steps = Steps::default();
        for step in taken {
            steps.take(&step);
        }
        steps
    }

    #[test]
    fn a_step_that_is_repeated_is_one_line() {
        let taken = ["get a", "get b", "get b", "get b", "get a"];
        let steps = steps(taken.map(str::to_owned));
        assert_eq!(steps.shown(), ["get a", "get b (×3)", "get a"]);
        assert_eq!(steps.latest(), Some("get a"));
    }

    #[test]
    fn the_first_and_the_last_steps_are_kept_and_the_others_counted() {
        let shown = steps((1..=1_000).map(|step| format!("step {step}"))).shown();
        assert_eq!(shown.len(), FIRST + 1 + LAST);
        assert_eq!(shown[0], "step 1");
        assert_eq!(shown[FIRST - 1], "step 6");
        assert_eq!(shown[FIRST], "… 970 steps …");
        assert_eq!(shown[FIRST + 1], "step 977");
        assert_eq!(shown.last().unwrap(), "step 1000");
    }

    #[test]
    fn repeated_steps_between_are_counted_one_by_one() {
        let taken = (0..40).flat_map(|step| [format!("{step}"), format!("{step}")]);
        let shown = steps(taken).shown();
        assert_eq!(shown[FIRST], "… 20 steps …");
        assert_eq!(shown[FIRST + 1], "16 (×2)");
    }

    #[test]
    fn nothing_is_left_out_of_what_has_room() {
        let all: Vec<String> = (0..FIRST + LAST).map(|step| step.to_string()).collect();
        assert_eq!(steps(all.clone()).shown(), all);
    }
}
