//! The book's prose in a terminal: hints and design notes.

use anstyle::Style;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::program;
use super::terminal::palette::{CODE, DIM, PLAIN, STRONG};
use super::terminal::{Line, Look, Span, Text, Wrap};

/// The columns that code is indented by.
const CODE_INDENT: usize = 4;
/// The columns that a quotation is indented by.
const QUOTE_INDENT: usize = 2;
/// The columns between those of a table.
const CELL_GAP: usize = 2;

/// Markdown as a terminal shows it.
///
/// Prose wraps, code stays as it is without the lines that the book hides, and the addresses of
/// links stand below everything, whole, so that they can be followed. Links within the book keep
/// their words only.
#[must_use]
pub fn markdown(source: &str, look: &Look) -> Text {
    let mut writer = Writer::new(look);
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    for event in Parser::new_ext(source, options) {
        writer.take(event);
    }
    writer.finish()
}

struct Writer<'a> {
    look: &'a Look,
    text: Text,
    /// The pieces of the line under way.
    spans: Vec<Span>,
    /// The styles of prose, the innermost last.
    styles: Vec<Style>,
    /// What each block around the line adds to its indent.
    indents: Vec<usize>,
    /// What stands before the first line of an item.
    marker: String,
    /// The next number of each list around; bullets have none.
    lists: Vec<Option<u64>>,
    /// The code block under way: whether the book hides lines of it, and its text.
    code: Option<(bool, String)>,
    /// The rows of the table under way, cell by cell.
    table: Vec<Vec<Vec<Span>>>,
    /// The address of the link under way.
    link: String,
    /// The addresses so far.
    addresses: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(look: &'a Look) -> Writer<'a> {
        Writer {
            look,
            text: Text::default(),
            spans: Vec::new(),
            styles: Vec::new(),
            indents: Vec::new(),
            marker: String::new(),
            lists: Vec::new(),
            code: None,
            table: Vec::new(),
            link: String::new(),
            addresses: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(words) => match &mut self.code {
                Some((_, code)) => code.push_str(&words),
                None => self.say(&words, self.style()),
            },
            Event::Code(code) => {
                let code = program::addressed(&format!("`{code}`"), self.look.program);
                self.say(&code, CODE);
            }
            Event::SoftBreak => self.say(" ", self.style()),
            Event::HardBreak => self.end_line(),
            Event::Rule => {
                self.text.gap();
                self.say(&self.look.glyphs.rule.repeat(CODE_INDENT), DIM);
                self.end_block();
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                self.say(&without_tags(&html), self.style());
            }
            // None of these is switched on.
            Event::FootnoteReference(_)
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.text.gap();
                self.styles.push(self.style().bold());
            }
            Tag::Strong => self.styles.push(self.style().bold()),
            Tag::Emphasis => self.styles.push(self.style().italic()),
            Tag::Link { dest_url, .. } => self.link = dest_url.into_string(),
            Tag::CodeBlock(kind) => {
                self.end_line();
                self.text.gap();
                let hides = matches!(&kind, CodeBlockKind::Fenced(info) if is_rust(info));
                self.code = Some((hides, String::new()));
            }
            Tag::List(first) => {
                // Of a list within an item, which has no paragraph around its words.
                self.end_line();
                self.lists.push(first);
            }
            Tag::Item => {
                self.marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number += 1;
                        marker
                    }
                    _ => "- ".to_owned(),
                };
                self.indents.push(self.marker.len());
            }
            Tag::BlockQuote(_) => self.indents.push(QUOTE_INDENT),
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_block(),
            TagEnd::Heading(_) => {
                self.styles.pop();
                self.end_block();
            }
            TagEnd::Strong | TagEnd::Emphasis => {
                self.styles.pop();
            }
            TagEnd::Link => self.end_link(),
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::Item => {
                self.end_line();
                // An empty item leaves nothing behind.
                self.marker.clear();
                self.indents.pop();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.text.gap();
                }
            }
            TagEnd::BlockQuote(_) => {
                self.indents.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.spans);
                if let Some(row) = self.table.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or(PLAIN)
    }

    fn say(&mut self, words: &str, style: Style) {
        if !words.is_empty() {
            self.spans.push(Span::new(words, style));
        }
    }

    /// An empty line under the indent, which begins with the marker of an item just begun.
    fn indented(&mut self) -> Line {
        let indent = self.indents.iter().sum();
        let marker = std::mem::take(&mut self.marker);
        let before = " ".repeat(indent - marker.len());
        let mut line = Line::new().hanging(indent);
        if indent > 0 {
            line = line.plain(&before).with(&marker, DIM);
        }
        line
    }

    fn end_line(&mut self) {
        if self.spans.is_empty() {
            return;
        }
        let mut line = self.indented();
        line.spans.append(&mut self.spans);
        self.text.push(line);
    }

    fn end_block(&mut self) {
        self.end_line();
        self.text.gap();
    }

    fn end_link(&mut self) {
        let address = std::mem::take(&mut self.link);
        if !address.starts_with("https://") && !address.starts_with("http://") {
            return;
        }
        let known = self.addresses.iter().position(|other| *other == address);
        let index = known.unwrap_or_else(|| {
            self.addresses.push(address);
            self.addresses.len() - 1
        });
        // A space that does not break keeps the number with its words.
        self.say(&format!("\u{a0}[{}]", index + 1), DIM);
    }

    fn end_code(&mut self) {
        let Some((hides, code)) = self.code.take() else {
            return;
        };
        let mut text = Text::default();
        for line in code.lines() {
            let shown = if hides {
                shown(line)
            } else {
                Some(line.to_owned())
            };
            let Some(shown) = shown else { continue };
            if shown.trim().is_empty() {
                text.gap();
                continue;
            }
            let line = self.indented().plain(&" ".repeat(CODE_INDENT));
            let hang = line.width();
            let line = line.with(&shown, CODE).hanging(hang);
            text.push(line.wrapping(Wrap::Never));
        }
        text.trim_end();
        self.text.append(text);
        self.text.gap();
    }

    fn end_table(&mut self) {
        let rows = std::mem::take(&mut self.table);
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |cell: &[Span]| {
            Line {
                spans: cell.to_vec(),
                ..Line::new()
            }
            .width()
        };
        let widest = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| width(cell)).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        self.text.gap();
        for (index, row) in rows.into_iter().enumerate() {
            let mut line = self.indented();
            let mut column = line.width();
            for (mut cell, width) in row.into_iter().zip(&widths) {
                if column > line.width() {
                    line = line.pad_to(column);
                }
                line.hang = column;
                if index == 0 {
                    cell.iter_mut().for_each(|span| span.style = STRONG);
                }
                line.spans.append(&mut cell);
                column += width + CELL_GAP;
            }
            self.text.push(line);
        }
        self.text.gap();
    }

    fn finish(mut self) -> Text {
        self.end_block();
        for (index, address) in self.addresses.iter().enumerate() {
            let line = Line::new().with(&format!("[{}] ", index + 1), DIM);
            self.text.push(line.plain(address).wrapping(Wrap::Never));
        }
        self.text.trim_end();
        self.text
    }
}

fn is_rust(info: &str) -> bool {
    info.split([',', ' ']).next() == Some("rust")
}

/// A line of Rust as the book shows it; `None` if the book hides it.
fn shown(line: &str) -> Option<String> {
    let code = line.trim_start();
    let indent = &line[..line.len() - code.len()];
    match code.strip_prefix('#') {
        Some(rest) if rest.starts_with('#') => Some(format!("{indent}{rest}")),
        Some(rest) if !rest.starts_with(['!', '[']) => None,
        _ => Some(line.to_owned()),
    }
}

/// The words of a piece of HTML.
fn without_tags(html: &str) -> String {
    let mut words = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            '\n' => words.push(' '),
            c if !in_tag => words.push(c),
            _ => {}
        }
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::glyphs::{ASCII, UNICODE};

    const HINT: &str = r#"
Let one `Vec` own all *nodes*. What is a **link** then? See [the arena](#an-arena) and
[hashbrown](https://docs.rs/hashbrown), whose table is asked by hash. `checker solution lru-cache`
shows how.

```rust,no_run
# use x::Y;
#[derive(Debug)]
fn unlink(&mut self, at: usize) -> usize {

#     hidden();
    self.nodes[at].prev; // a line that is wider than the narrow terminal
}
# }
```

### Steps {#steps}

1. Take the node out of the list, from whatever place it has there, and mend its neighbors.
2. Link it at the head:
   - first its own links,
   - then those of the old head, as [the crate](https://docs.rs/hashbrown) does.

> An index is a pointer
> that can be checked.

| operation | time |
|-----------|------|
| `get` | constant, as long as the hasher spreads the keys over the whole table |
| `resize` | linear |

```text
# kept
```

<details><summary>One word</summary></details>
"#;

    fn plain(source: &str, look: &Look) -> String {
        let mut out = Vec::new();
        markdown(source, look).write(look.width, &mut out).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn prose_wraps_and_code_and_addresses_stay_whole() {
        let at = |width| {
            let look = Look::new(width, UNICODE);
            format!("{}\n{}", "=".repeat(width), plain(HINT, &look))
        };
        insta::assert_snapshot!(format!("{}\n{}", at(100), at(50)));
    }

    #[test]
    fn words_code_and_emphasis_have_styles_of_their_own() {
        let text = markdown("a **b *c*** `d`", &Look::new(80, ASCII));
        let expected = [
            Span::new("a ", PLAIN),
            Span::new("b ", PLAIN.bold()),
            Span::new("c", PLAIN.bold().italic()),
            Span::new(" ", PLAIN),
            Span::new("`d`", CODE),
        ];
        assert_eq!(text.lines[0].spans, expected);
    }

    #[test]
    fn commands_are_those_that_work_for_the_reader() {
        let look = Look {
            program: program::ALIAS,
            ..Look::new(80, ASCII)
        };
        let text = plain("`checker hint` and `checker.toml`", &look);
        assert_eq!(text, "`cargo checker hint` and `checker.toml`\n");
    }

    #[test]
    fn lines_of_rust_are_hidden_as_the_book_hides_them() {
        assert_eq!(shown("# use x;"), None);
        assert_eq!(shown("    #"), None);
        assert_eq!(shown("#hidden"), None);
        for kept in ["#[test]", "  #![no_std]", "a # b", ""] {
            assert_eq!(shown(kept).as_deref(), Some(kept));
        }
        assert_eq!(shown("  ## 1").as_deref(), Some("  # 1"));
    }

    #[test]
    fn no_markdown_panics() {
        let pieces = [
            "- ",
            "1. ",
            "> ",
            "| a |\n|---|\n",
            "```rust\n",
            "\n",
            "\n\n",
            "# ",
            "**",
            "*",
            "`",
            "[a](b)",
            "<b>",
            "    ",
            "x",
            "---\n",
        ];
        let look = Look::new(40, ASCII);
        proptest::proptest!(|(picks in proptest::collection::vec(0..pieces.len(), 0..24))| {
            let source: String = picks.iter().map(|pick| pieces[*pick]).collect();
            let _ = plain(&source, &look);
        });
    }
}
