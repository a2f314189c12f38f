//! Expected against received, so that the difference is seen at once.

use std::ops::Range;

use anstyle::Style;
use similar::{ChangeTag, TextDiff};
use textwrap::core::display_width;

use super::card::{GUTTER, fact, facts};
use super::palette::{BAD, DIM, GOOD, NOTE};
use super::{Line, Look, Text, Wrap, count};

/// Values this different are shown beside each other without marks: marks would be everywhere.
const ALIKE: f32 = 0.5;
/// Values shorter than this are compared at a glance, without marks.
const GLANCE: usize = 16;
/// Equal lines shown around a difference.
const CONTEXT: usize = 3;
/// Characters shown before a difference that is far inside a long value.
const LEAD: usize = 16;

/// The lines that state what was expected and what came.
pub(super) fn compare(expected: Option<&str>, received: Option<&str>, look: &Look) -> Text {
    let mut text = Text::default();
    match (expected, received) {
        (Some(expected), Some(received)) => both(expected, received, look, &mut text),
        (Some(expected), None) => text.append(facts("expected", expected, GOOD)),
        (None, Some(received)) => text.append(facts("received", received, BAD)),
        (None, None) => {}
    }
    text
}

fn both(expected: &str, received: &str, look: &Look, text: &mut Text) {
    if expected.contains('\n') || received.contains('\n') {
        let diff = TextDiff::from_lines(expected, received);
        if diff.ratio() >= ALIKE {
            changed_lines(&diff, look, text);
        } else {
            text.append(facts("expected", expected, GOOD));
            text.append(facts("received", received, BAD));
        }
        return;
    }
    let (old, new) = (tokens(expected), tokens(received));
    let diff = TextDiff::from_slices(&old, &new);
    let long = expected.chars().count().min(received.chars().count()) >= GLANCE;
    if !long || diff.ratio() < ALIKE {
        text.append(facts("expected", expected, GOOD));
        text.append(facts("received", received, BAD));
        return;
    }
    let (missing, added) = changed_ranges(&diff);
    text.push(marked("expected", expected, &missing, GOOD));
    text.push(marked("received", received, &added, BAD));
    let room = look.width.saturating_sub(GUTTER);
    let width = display_width(expected).max(display_width(received));
    if width <= room {
        text.push(carets(received, &added, &missing));
    } else {
        excerpt(expected, received, room, look, text);
    }
}

/// The words, numbers and single other characters of a value, in order.
fn tokens(value: &str) -> Vec<&str> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let length = match rest.find(|c| !word(c)) {
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// The byte ranges of the old text that are gone, and of the new text that came.
fn changed_ranges(diff: &TextDiff<'_, '_, str>) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let (mut missing, mut added) = (Vec::new(), Vec::new());
    let (mut old, mut new) = (0, 0);
    for change in diff.iter_all_changes() {
        let length = change.value().len();
        match change.tag() {
            ChangeTag::Equal => {
                old += length;
                new += length;
            }
            ChangeTag::Delete => {
                missing.push(old..old + length);
                old += length;
            }
            ChangeTag::Insert => {
                added.push(new..new + length);
                new += length;
            }
        }
    }
    (missing, added)
}

fn marked(label: &str, value: &str, ranges: &[Range<usize>], style: Style) -> Line {
    let mut line = fact(label).hanging(GUTTER).wrapping(Wrap::Anywhere);
    let mut at = 0;
    for range in ranges {
        line = line.with(&value[at..range.start], style);
        line = line.with(&value[range.clone()], style.bold().underline());
        at = range.end;
    }
    line.with(&value[at..], style)
}

/// A line under `received` that points at what differs, for eyes and terminals without color.
fn carets(received: &str, added: &[Range<usize>], missing: &[Range<usize>]) -> Line {
    let ranges: Vec<_> = if added.is_empty() {
        // Something is only missing: point at where it should have been.
        missing
            .iter()
            .take(1)
            .map(|range| range.start..range.start + 1)
            .collect()
    } else {
        added.to_vec()
    };
    let mut marks = String::new();
    for (index, c) in received.char_indices() {
        let inside = ranges.iter().any(|range| range.contains(&index));
        let width = display_width(c.encode_utf8(&mut [0; 4]));
        marks.push_str(&if inside { "^" } else { " " }.repeat(width));
    }
    if ranges.iter().all(|range| range.start >= received.len()) {
        marks.push('^');
    }
    fact("").with(marks.trim_end(), NOTE).wrapping(Wrap::Never)
}

/// The place of the first difference of two values too long to be aligned as a whole.
fn excerpt(expected: &str, received: &str, room: usize, look: &Look, text: &mut Text) {
    let pairs = expected.chars().zip(received.chars());
    let at = pairs.take_while(|(one, other)| one == other).count();
    let start = at.saturating_sub(LEAD);
    let dots = if start > 0 { look.glyphs.ellipsis } else { "" };
    let cut = |value: &str| {
        let room = room.saturating_sub(2 * look.glyphs.ellipsis.len());
        let piece: String = value.chars().skip(start).take(room).collect();
        let more = value.chars().count() > start + room;
        format!(
            "{dots}{piece}{}",
            if more { look.glyphs.ellipsis } else { "" }
        )
    };
    let lead: String = received.chars().skip(start).take(at - start).collect();
    let caret = format!(
        "{}^",
        " ".repeat(display_width(dots) + display_width(&lead))
    );
    text.push(fact("differ").plain(&format!("from character {} on", at + 1)));
    text.push(fact("").with(&cut(expected), GOOD).wrapping(Wrap::Never));
    text.push(fact("").with(&cut(received), BAD).wrapping(Wrap::Never));
    text.push(fact("").with(&caret, NOTE).wrapping(Wrap::Never));
}

fn changed_lines(diff: &TextDiff<'_, '_, str>, look: &Look, text: &mut Text) {
    let legend = fact("compared").with("- expected", GOOD).plain("   ");
    text.push(legend.with("+ received", BAD));
    let mut shown_to = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let start = group.first().map_or(0, |op| op.old_range().start);
        skipped(start - shown_to, look, text);
        for op in &group {
            for change in diff.iter_changes(op) {
                let (sign, style) = match change.tag() {
                    ChangeTag::Equal => ("  ", DIM),
                    ChangeTag::Delete => ("- ", GOOD),
                    ChangeTag::Insert => ("+ ", BAD),
                };
                let value = change.value().trim_end_matches(['\n', '\r']);
                let line = fact("").with(sign, style).with(value, style);
                text.push(line.hanging(GUTTER + 2).wrapping(Wrap::Anywhere));
            }
            shown_to = op.old_range().end;
        }
    }
    skipped(diff.old_len() - shown_to, look, text);
}

fn skipped(lines: usize, look: &Look, text: &mut Text) {
    if lines > 0 {
        let note = format!("{} {}", look.glyphs.ellipsis, count(lines, "equal line"));
        text.push(fact("").with(&note, DIM));
    }
}
