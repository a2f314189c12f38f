//! Styled text that knows how to wrap, drawn alike by commands and by the full-screen program.

use std::io::{self, Write};
use std::ops::Range;

use anstyle::Style;
use textwrap::core::display_width;
use textwrap::{WordSeparator, WordSplitter};

use super::palette::{CODE, PLAIN};

/// A piece of text in one style.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The text: no line ends, no control characters.
    pub text: String,
    /// How it looks.
    pub style: Style,
}

impl Span {
    /// A span. Tabs become spaces; other control characters are left out, so that captured
    /// output cannot disturb the terminal.
    #[must_use]
    pub fn new(text: &str, style: Style) -> Span {
        let mut clean = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\t' => clean.push_str("    "),
                c if is_invisible(c) => {}
                c => clean.push(c),
            }
        }
        Span { text: clean, style }
    }
}

/// Control characters, and the marks that reorder the text around them.
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What happens to a line that is wider than the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrap {
    /// It breaks between words: prose.
    Words,
    /// It breaks anywhere: values, where each character counts.
    Anywhere,
    /// It stays whole, so that it can be copied: commands, and what rustc aligned.
    Never,
}

/// One line before wrapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its pieces, in order.
    pub spans: Vec<Span>,
    /// The columns that further rows of the same line are indented by.
    pub hang: usize,
    /// How it wraps.
    pub wrap: Wrap,
}

impl Line {
    /// An empty line that wraps between words.
    #[must_use]
    pub fn new() -> Line {
        Line {
            spans: Vec::new(),
            hang: 0,
            wrap: Wrap::Words,
        }
    }

    /// Adds a piece.
    #[must_use]
    pub fn with(mut self, text: &str, style: Style) -> Line {
        self.spans.push(Span::new(text, style));
        self
    }

    /// Adds unmarked text.
    #[must_use]
    pub fn plain(self, text: &str) -> Line {
        self.with(text, PLAIN)
    }

    /// Adds prose, in which code stands between backticks.
    #[must_use]
    pub fn prose(mut self, text: &str, style: Style) -> Line {
        let mut rest = text;
        while let Some((start, end)) = code_range(rest) {
            self.spans.push(Span::new(&rest[..start], style));
            self.spans.push(Span::new(&rest[start..end], CODE));
            rest = &rest[end..];
        }
        self.with(rest, style)
    }

    /// Sets the indent of further rows.
    #[must_use]
    pub fn hanging(mut self, columns: usize) -> Line {
        self.hang = columns;
        self
    }

    /// Sets how it wraps.
    #[must_use]
    pub fn wrapping(mut self, wrap: Wrap) -> Line {
        self.wrap = wrap;
        self
    }

    /// Its width in columns, before wrapping.
    #[must_use]
    pub fn width(&self) -> usize {
        self.spans
            .iter()
            .map(|span| display_width(&span.text))
            .sum()
    }

    /// Fills with spaces up to a column; a line that is as wide already gets one space.
    #[must_use]
    pub fn pad_to(self, column: usize) -> Line {
        let missing = column.saturating_sub(self.width()).max(1);
        self.plain(&" ".repeat(missing))
    }

    fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// The rows that it takes at this width.
    fn rows(&self, width: usize) -> Vec<Vec<Span>> {
        if self.wrap == Wrap::Never || self.width() <= width {
            return vec![self.spans.clone()];
        }
        let hang = self.hang.min(width / 2);
        let ranges = match self.wrap {
            Wrap::Words => break_between_words(&self.text(), width, hang),
            Wrap::Anywhere | Wrap::Never => break_anywhere(&self.text(), width, hang),
        };
        let rows = ranges.into_iter().enumerate();
        rows.map(|(index, range)| {
            let mut row = self.cut(range);
            if index > 0 && hang > 0 {
                row.insert(0, Span::new(&" ".repeat(hang), PLAIN));
            }
            row
        })
        .collect()
    }

    /// The pieces that cover a range of the line's text.
    fn cut(&self, range: Range<usize>) -> Vec<Span> {
        let mut start = 0;
        let mut cut = Vec::new();
        for span in &self.spans {
            let end = start + span.text.len();
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                cut.push(Span {
                    text: span.text[from - start..to - start].to_owned(),
                    style: span.style,
                });
            }
            start = end;
        }
        cut
    }
}

impl Default for Line {
    fn default() -> Self {
        Line::new()
    }
}

/// Where the first code between backticks stands, the backticks included.
fn code_range(text: &str) -> Option<(usize, usize)> {
    let start = text.find('`')?;
    let length = text[start + 1..].find('`')?;
    Some((start, start + 1 + length + 1))
}

fn break_between_words(text: &str, width: usize, hang: usize) -> Vec<Range<usize>> {
    let indent = " ".repeat(hang);
    let options = textwrap::Options::new(width)
        .subsequent_indent(&indent)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let mut at = 0;
    let mut ranges = Vec::new();
    for (index, row) in textwrap::wrap(text, options).iter().enumerate() {
        let row = if index == 0 {
            row
        } else {
            &row[hang.min(row.len())..]
        };
        // A row is a piece of the text from which only the spaces around it were taken.
        let start = at + text[at..].find(row).unwrap_or(0);
        at = start + row.len();
        ranges.push(start..at);
    }
    ranges
}

/// Breaks after a space in the last third of a row, or else wherever the row is full.
fn break_anywhere(text: &str, width: usize, hang: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    loop {
        let room = if ranges.is_empty() {
            width
        } else {
            width - hang
        };
        let rest = &text[start..];
        let Some(full) = fitting(rest, room) else {
            ranges.push(start..text.len());
            return ranges;
        };
        let space = rest[..full].rfind(' ').map(|at| at + 1);
        let length = space.filter(|at| at * 3 >= full * 2).unwrap_or(full);
        ranges.push(start..start + length);
        start += length;
    }
}

/// The length of what fits into some columns, at least one character; `None` if all of it does.
fn fitting(text: &str, columns: usize) -> Option<usize> {
    let mut used = 0;
    for (index, c) in text.char_indices() {
        used += display_width(c.encode_utf8(&mut [0; 4]));
        if used > columns && index > 0 {
            return Some(index);
        }
    }
    None
}

/// Lines of styled text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text {
    /// The lines, in order.
    pub lines: Vec<Line>,
}

impl Text {
    /// Adds a line.
    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Adds an empty line, unless the text is empty or ends with one.
    pub fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.spans.is_empty()) {
            self.lines.push(Line::new());
        }
    }

    /// Removes empty lines from the end.
    pub fn trim_end(&mut self) {
        while self.lines.last().is_some_and(|line| line.spans.is_empty()) {
            self.lines.pop();
        }
    }

    /// Adds another text's lines.
    pub fn append(&mut self, mut other: Text) {
        self.lines.append(&mut other.lines);
    }

    /// The rows at this width.
    #[must_use]
    pub fn rows(&self, width: usize) -> Vec<Vec<Span>> {
        let rows = self.lines.iter().flat_map(|line| line.rows(width));
        rows.map(without_trailing_space).collect()
    }

    /// Writes the rows, styled.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, width: usize, out: &mut dyn Write) -> io::Result<()> {
        for row in self.rows(width) {
            for span in row {
                let style = span.style;
                if style == PLAIN {
                    write!(out, "{}", span.text)?;
                } else {
                    write!(out, "{style}{}{style:#}", span.text)?;
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

fn without_trailing_space(mut row: Vec<Span>) -> Vec<Span> {
    while let Some(last) = row.last_mut() {
        let length = last.text.trim_end().len();
        last.text.truncate(length);
        if length > 0 {
            break;
        }
        row.pop();
    }
    row
}

#[cfg(test)]
mod tests {
    use super::super::palette::{BAD, GOOD};
    use super::*;

    fn rows(line: &Line, width: usize) -> Vec<String> {
        let rows = line.rows(width).into_iter();
        rows.map(|row| row.into_iter().map(|span| span.text).collect())
            .collect()
    }

    #[test]
    fn prose_breaks_between_words_under_a_hanging_indent() {
        let line = Line::new().plain("one two three four").hanging(2);
        assert_eq!(rows(&line, 9), ["one two", "  three", "  four"]);
    }

    #[test]
    fn values_break_anywhere_and_lose_no_character() {
        let line = Line::new()
            .plain("ab  cdéfgh")
            .wrapping(Wrap::Anywhere)
            .hanging(1);
        assert_eq!(rows(&line, 4), ["ab  ", " cdé", " fgh"]);
    }

    #[test]
    fn values_break_after_a_space_where_one_is_near_the_end_of_the_row() {
        let line = Line::new().plain("[1, 22, 333]").wrapping(Wrap::Anywhere);
        assert_eq!(rows(&line, 9), ["[1, 22, ", "333]"]);
    }

    #[test]
    fn commands_stay_whole() {
        let line = Line::new().plain("checker check x").wrapping(Wrap::Never);
        assert_eq!(rows(&line, 4), ["checker check x"]);
    }

    #[test]
    fn styles_survive_wrapping() {
        let line = Line::new().with("good good", GOOD).with(" bad", BAD);
        let rows = line.rows(8);
        let expected = [
            vec![Span::new("good", GOOD)],
            vec![Span::new("good", GOOD), Span::new(" bad", BAD)],
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_word_wider_than_the_terminal_is_broken() {
        let line = Line::new().plain("a::very::long::path");
        assert!(rows(&line, 8).iter().all(|row| row.len() <= 8));
    }

    #[test]
    fn escape_sequences_in_captured_text_cannot_reach_the_terminal() {
        let span = Span::new("\x1b[2Jred\x07\ttab\u{202e}", PLAIN);
        assert_eq!(span.text, "[2Jred    tab");
    }

    #[test]
    fn code_between_backticks_is_marked_and_a_lone_backtick_is_text() {
        let line = Line::new().prose("a `get` b ` c", PLAIN);
        let code: Vec<_> = line.spans.iter().filter(|s| s.style == CODE).collect();
        assert_eq!(code.len(), 1);
        assert_eq!(code[0].text, "`get`");
        assert_eq!(line.text(), "a `get` b ` c");
    }
}
