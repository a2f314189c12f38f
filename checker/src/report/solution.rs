//! `checker solution`: the learner's code beside the reference, and what was chosen there.

use similar::{ChangeTag, TextDiff};

use super::markdown::markdown;
use super::terminal::palette::{BAD, DIM, GOOD, PLAIN, STRONG};
use super::terminal::{Line, Look, Text, Wrap};

/// Lines around a change that are shown, too.
const CONTEXT: usize = 3;

/// Two versions of an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The exercise's title.
    pub title: String,
    /// The files of either version, in order.
    pub files: Vec<Pair>,
    /// What the chapter tells those who passed, in Markdown.
    pub note: Option<String>,
}

/// A file in two versions; empty in the one that lacks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Its path within the crate.
    pub name: String,
    /// The learner's text.
    pub yours: String,
    /// The reference's text.
    pub theirs: String,
}

/// The view.
#[must_use]
pub fn solution(comparison: &Comparison, look: &Look) -> Text {
    let mut text = Text::default();
    let line = Line::new().with(&comparison.title, STRONG);
    let line = line.plain(": from your code (").with("-", BAD);
    let line = line.plain(") to the reference (").with("+", GOOD);
    text.push(line.plain(")"));
    for pair in &comparison.files {
        text.gap();
        difference(pair, look, &mut text);
    }
    if let Some(note) = &comparison.note {
        text.gap();
        text.append(markdown(note, look));
    }
    text
}

fn difference(pair: &Pair, look: &Look, text: &mut Text) {
    let line = Line::new().with(&pair.name, STRONG);
    let remark = if pair.yours == pair.theirs {
        "  the same in both"
    } else if pair.yours.is_empty() {
        "  only in the reference"
    } else if pair.theirs.is_empty() {
        "  only in your code"
    } else {
        ""
    };
    text.push(line.with(remark, DIM));
    let difference = TextDiff::from_lines(&pair.yours, &pair.theirs);
    for (index, group) in difference.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            text.push(Line::new().with(&format!("  {}", look.glyphs.ellipsis), DIM));
        }
        let changes = group.iter().flat_map(|part| difference.iter_changes(part));
        for change in changes {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("- ", BAD),
                ChangeTag::Insert => ("+ ", GOOD),
                ChangeTag::Equal => ("  ", PLAIN),
            };
            let code = change.value().trim_end_matches(['\n', '\r']);
            let line = Line::new().with(sign, style).with(code, style);
            text.push(line.wrapping(Wrap::Never));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::glyphs::UNICODE;

    #[test]
    fn each_file_shows_what_differs_and_the_note_comes_last() {
        let pair = |name: &str, yours: &str, theirs: &str| Pair {
            name: name.to_owned(),
            yours: yours.to_owned(),
            theirs: theirs.to_owned(),
        };
        let lines: Vec<String> = (1..=20).map(|number| format!("line {number}")).collect();
        let changed = lines.join("\n").replace("line 2\n", "two\n") + "\n";
        let before = lines.join("\n").replace("line 19", "nineteen") + "\n";
        let comparison = Comparison {
            title: "An LRU cache".to_owned(),
            files: vec![
                pair("src/cache.rs", &before, &changed),
                pair("src/lib.rs", "mod cache;\n", "mod cache;\n"),
                pair("src/mine.rs", "fn mine() {}\r\n", ""),
                pair("src/raw.rs", "", "fn raw() {}\n"),
            ],
            note: Some("## After you pass\n\nAn *arena* without holes.".to_owned()),
        };
        let look = Look::new(60, UNICODE);
        let mut out = Vec::new();
        let text = solution(&comparison, &look);
        text.write(look.width, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string());
    }
}
