//! `checker verify`: a table for authors of what holds and what does not, row by row.

use std::time::Duration;

use super::terminal::palette::{BAD, DIM, GOOD, PLAIN, STRONG};
use super::terminal::{Line, Look, Text, Wrap, count, duration};
use crate::verify::Finding;

/// A table that is written while its rows come in.
#[derive(Debug)]
pub struct Table<'a> {
    look: &'a Look,
    /// Where the details begin; `None` if they stand below the checks, on a narrow terminal.
    column: Option<usize>,
    held: usize,
    failed: usize,
}

impl<'a> Table<'a> {
    /// An empty table, whose longest check has `widest` characters.
    #[must_use]
    pub fn new(widest: usize, look: &'a Look) -> Table<'a> {
        let fits = 2 + widest + 2 + look.width / 2 <= look.width;
        Table {
            look,
            column: fits.then_some(4 + widest),
            held: 0,
            failed: 0,
        }
    }

    /// Stands above the rows of an exercise.
    #[must_use]
    pub fn heading(&self, exercise: &str) -> Text {
        let mut text = Text::default();
        if self.held + self.failed > 0 {
            text.push(Line::new());
        }
        text.push(Line::new().with(exercise, STRONG));
        text
    }

    /// One check: numbers where it holds, the evidence where it does not, and the time that it
    /// took.
    pub fn row(&mut self, finding: &Finding) -> Text {
        if finding.holds {
            self.held += 1;
        } else {
            self.failed += 1;
        }
        shown(finding, self.column, self.look)
    }

    /// Whether every check held so far.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failed == 0
    }

    /// Stands below the rows, and sums them up.
    #[must_use]
    pub fn summary(&self, took: Duration) -> Text {
        let total = count(self.held + self.failed, "check");
        let mut facts = vec![format!("{} of {total} hold", self.held)];
        match self.failed {
            0 => {}
            1 => facts.push("1 does not".to_owned()),
            failed => facts.push(format!("{failed} do not")),
        }
        facts.push(duration(millis(took)));
        let (mark, style) = mark(self.holds(), self.look);
        let line = Line::new().with(mark, style.bold()).plain(" ");
        let mut text = Text::default();
        text.push(Line::new());
        text.push(line.plain(&facts.join(&format!(" {} ", self.look.glyphs.dot))));
        text
    }
}

fn mark(holds: bool, look: &Look) -> (&'static str, anstyle::Style) {
    if holds {
        (look.glyphs.pass, GOOD)
    } else {
        (look.glyphs.fail, BAD)
    }
}

fn shown(finding: &Finding, column: Option<usize>, look: &Look) -> Text {
    let (mark, style) = mark(finding.holds, look);
    let mut text = Text::default();
    let head = Line::new()
        .with(mark, style.bold())
        .plain(" ")
        .plain(&finding.check)
        .hanging(4);
    let body = if finding.holds { DIM } else { PLAIN };
    let (indent, mut head) = match column {
        Some(column) => (column, Some(head.pad_to(column))),
        None if finding.detail.is_empty() => (4, Some(head.plain("  "))),
        None => {
            text.push(head);
            (4, None)
        }
    };
    let took = if finding.took >= Duration::from_millis(100) {
        format!("  {}", duration(millis(finding.took)))
    } else {
        String::new()
    };
    let mut lines = finding.detail.lines().peekable();
    while let Some(line) = lines.next() {
        let start = head
            .take()
            .unwrap_or_else(|| Line::new().plain(&" ".repeat(indent)));
        let behind = if lines.peek().is_none() { &took } else { "" };
        let row = start.with(line, body).with(behind, DIM).hanging(indent);
        text.push(row.wrapping(Wrap::Words));
    }
    if let Some(head) = head {
        text.push(head.with(took.trim_start(), DIM));
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

    fn finding(check: &str, holds: bool, detail: &str, millis: u64) -> Finding {
        Finding {
            check: check.to_owned(),
            holds,
            detail: detail.to_owned(),
            took: Duration::from_millis(millis),
        }
    }

    #[test]
    fn checks_results_and_details_align_at_both_widths() {
        let rows = [
            finding("the solution passes", true, "58 tests in 6 phases", 8_412),
            finding("it passes 20 times in a row", true, "", 168_000),
            finding(
                "the stub fails every test",
                true,
                "58 tests, 2 excused",
                340,
            ),
            finding(
                "every mutant is caught",
                false,
                "evict-most-recent is not caught in phase 1\nleak-on-resize does not apply: \
                 src/cache.rs has changed",
                20_000,
            ),
            finding("links resolve", true, "", 2),
        ];
        let at = |width| {
            let look = Look::new(width, UNICODE);
            let mut table = Table::new(27, &look);
            let mut text = table.heading("lru-cache");
            for finding in &rows {
                text.append(table.row(finding));
            }
            text.append(table.heading("config-cli"));
            text.append(table.summary(Duration::from_millis(196_754)));
            assert!(!table.holds());
            let mut out = Vec::new();
            text.write(look.width, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            let text = anstream::adapter::strip_str(&text).to_string();
            format!("{}\n{text}", "=".repeat(width))
        };
        insta::assert_snapshot!(format!("{}\n{}", at(100), at(50)));
    }
}
