//! `checker verify`: a table for authors of what holds and what does not.

use std::time::Duration;

use super::terminal::palette::{BAD, DIM, GOOD, NOTE, PLAIN, STRONG};
use super::terminal::{Line, Look, Text, Wrap, count, duration};

/// What was verified of one exercise.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// The exercise's id.
    pub exercise: String,
    /// One row for each check, in order.
    pub rows: Vec<Row>,
}

/// One check of an exercise.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What is checked, in a few words, such as `the solution passes`.
    pub check: String,
    /// Whether it holds.
    pub result: Outcome,
    /// Numbers where it holds, the evidence where it does not; may have several lines.
    pub detail: String,
    /// How long it took.
    pub took: Duration,
}

/// Whether a check holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It does not hold.
    Fails,
    /// It could not be tried; the detail says why.
    NotRun,
}

impl Verification {
    /// Whether nothing failed and nothing was left out.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.result == Outcome::Holds)
    }
}

/// The tables, and a line that sums them up.
#[must_use]
pub fn table(verifications: &[Verification], look: &Look) -> Text {
    let mut text = Text::default();
    let rows = || verifications.iter().flat_map(|one| &one.rows);
    let widest = rows()
        .map(|row| row.check.chars().count())
        .max()
        .unwrap_or(0);
    // A narrow terminal gets the detail below the check instead of beside it.
    let beside = 2 + widest + 2 + look.width / 2 <= look.width;
    for verification in verifications {
        text.gap();
        text.push(Line::new().with(&verification.exercise, STRONG));
        for row in &verification.rows {
            text.append(shown(row, beside.then_some(4 + widest), look));
        }
    }
    text.gap();
    let failed = rows().filter(|row| row.result == Outcome::Fails).count();
    let left = rows().filter(|row| row.result == Outcome::NotRun).count();
    let total = rows().count();
    let took: Duration = rows().map(|row| row.took).sum();
    let held = format!(
        "{} of {} hold",
        total - failed - left,
        count(total, "check")
    );
    let mut facts = vec![held];
    if failed > 0 {
        facts.push(format!(
            "{} not",
            if failed == 1 {
                "1 does".into()
            } else {
                format!("{failed} do")
            }
        ));
    }
    if left > 0 {
        facts.push(format!("{left} not run"));
    }
    facts.push(duration(millis(took)));
    let (mark, style) = match (failed, left) {
        (0, 0) => (look.glyphs.pass, GOOD),
        (0, _) => (look.glyphs.skip, NOTE),
        _ => (look.glyphs.fail, BAD),
    };
    let line = Line::new().with(mark, style.bold()).plain(" ");
    text.push(line.plain(&facts.join(&format!(" {} ", look.glyphs.dot))));
    text
}

fn shown(row: &Row, column: Option<usize>, look: &Look) -> Text {
    let (mark, style) = match row.result {
        Outcome::Holds => (look.glyphs.pass, GOOD),
        Outcome::Fails => (look.glyphs.fail, BAD),
        Outcome::NotRun => (look.glyphs.skip, NOTE),
    };
    let mut text = Text::default();
    let head = Line::new()
        .with(mark, style.bold())
        .plain(" ")
        .plain(&row.check)
        .hanging(4);
    let body = if row.result == Outcome::Holds {
        DIM
    } else {
        PLAIN
    };
    let (indent, mut head) = match column {
        Some(column) => (column, Some(head.pad_to(column))),
        None => {
            text.push(head);
            (4, None)
        }
    };
    let mut lines = row.detail.lines().peekable();
    while let Some(line) = lines.next() {
        let took = match lines.peek() {
            None if row.took >= Duration::from_millis(100) => {
                format!("  {}", duration(millis(row.took)))
            }
            _ => String::new(),
        };
        let start = head
            .take()
            .unwrap_or_else(|| Line::new().plain(&" ".repeat(indent)));
        let row = start.with(line, body).with(&took, DIM).hanging(indent);
        text.push(row.wrapping(Wrap::Words));
    }
    if let Some(head) = head {
        text.push(head);
    }
    text
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::glyphs::UNICODE;

    fn row(check: &str, result: Outcome, detail: &str, took: u64) -> Row {
        Row {
            check: check.to_owned(),
            result,
            detail: detail.to_owned(),
            took: Duration::from_millis(took),
        }
    }

    #[test]
    fn checks_results_and_details_align_at_both_widths() {
        let verification = Verification {
            exercise: "lru-cache".to_owned(),
            rows: vec![
                row(
                    "the solution passes",
                    Outcome::Holds,
                    "58 tests in 6 phases, 20 times",
                    8_412,
                ),
                row(
                    "the stub fails every test",
                    Outcome::Holds,
                    "58 tests, 2 excused",
                    340,
                ),
                row(
                    "every mutant is caught",
                    Outcome::Fails,
                    "evict-most-recent is not caught in phase 1\nleak-on-resize does not apply: \
                     src/cache.rs has changed",
                    20_000,
                ),
                row("links resolve", Outcome::Holds, "", 2),
                row(
                    "Miri finds nothing",
                    Outcome::NotRun,
                    "Miri is not installed",
                    0,
                ),
            ],
        };
        assert!(!verification.holds());
        let at = |width| {
            let look = Look::new(width, UNICODE);
            let mut out = Vec::new();
            let text = table(std::slice::from_ref(&verification), &look);
            text.write(look.width, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            let text = anstream::adapter::strip_str(&text).to_string();
            format!("{}\n{text}", "=".repeat(width))
        };
        insta::assert_snapshot!(format!("{}\n{}", at(100), at(50)));
    }
}
