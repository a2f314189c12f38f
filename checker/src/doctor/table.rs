//! The diagnosis as a table.

use anstyle::Style;

use super::{Diagnosis, Row, Status};
use crate::report::terminal::palette::{BAD, CODE, DIM, GOOD, NOTE, PLAIN};
use crate::report::terminal::{Line, Look, Text, Wrap};

/// A row for each thing, what to do about those that will not do, and a line that sums them up.
#[must_use]
pub fn table(diagnosis: &Diagnosis, look: &Look) -> Text {
    let mut text = Text::default();
    let rows = &diagnosis.rows;
    let widest = rows.iter().map(|row| row.name.chars().count()).max();
    let column = 2 + widest.unwrap_or(0) + 2;
    for row in rows {
        text.append(shown(row, column, look));
    }
    text.gap();
    let lacking = |status| rows.iter().any(|row| row.status == status);
    let glyphs = look.glyphs;
    let (mark, style, sum) = if !diagnosis.ready {
        (
            glyphs.fail,
            BAD,
            "Something that is required is missing or too old.",
        )
    } else if lacking(Status::Optional) {
        let sum = "Everything that is required is here. The rest is optional.";
        (glyphs.pass, GOOD, sum)
    } else {
        (glyphs.pass, GOOD, "Everything is here.")
    };
    text.push(
        Line::new()
            .with(mark, style.bold())
            .plain(" ")
            .plain(sum)
            .hanging(2),
    );
    text
}

fn shown(row: &Row, column: usize, look: &Look) -> Text {
    let (mark, style) = mark(row.status, look);
    let line = Line::new()
        .with(mark, style.bold())
        .plain(" ")
        .plain(&row.name);
    let found = row.found.as_deref().unwrap_or("not found");
    let body = if row.status == Status::Ok { DIM } else { PLAIN };
    let mut text = Text::default();
    text.push(line.pad_to(column).with(found, body).hanging(column));
    if let Some(advice) = &row.advice {
        let line = Line::new().plain(&" ".repeat(column)).with(advice, CODE);
        text.push(line.wrapping(Wrap::Never));
    }
    text
}

fn mark(status: Status, look: &Look) -> (&'static str, Style) {
    match status {
        Status::Ok => (look.glyphs.pass, GOOD),
        Status::Missing | Status::TooOld => (look.glyphs.fail, BAD),
        Status::Optional => (look.glyphs.skip, NOTE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::glyphs::UNICODE;

    fn shown(rows: Vec<Row>, width: usize) -> String {
        let look = Look::new(width, UNICODE);
        let mut out = Vec::new();
        let text = table(&Diagnosis::of(rows), &look);
        text.write(look.width, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn names_and_findings_align_and_advice_stays_whole() {
        let rows = vec![
            Row::ok("cargo", "1.95.0"),
            Row::lacking(
                "rustfmt",
                None,
                Status::Optional,
                "rustup component add rustfmt",
            ),
            Row::lacking(
                "disk",
                Some("0.1 GiB free".to_owned()),
                Status::Missing,
                "free 2 GiB",
            ),
        ];
        assert_eq!(
            shown(rows, 100),
            "\
✓ cargo    1.95.0
○ rustfmt  not found
           rustup component add rustfmt
✗ disk     0.1 GiB free
           free 2 GiB

✗ Something that is required is missing or too old.
"
        );
    }

    #[test]
    fn a_finding_wraps_under_itself() {
        let rows = vec![Row::ok(
            "course",
            "a place whose name is longer than the terminal is wide",
        )];
        assert_eq!(
            shown(rows, 40),
            "\
✓ course  a place whose name is longer
          than the terminal is wide

✓ Everything is here.
"
        );
    }
}
