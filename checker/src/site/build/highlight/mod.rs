//! Colors the code of a finished page, so that it needs no script.
//!
//! Rust is read by rustc's own lexer; other languages by a table of their words and quotes. The
//! classes are those of highlight.js, which the stock mdbook colors with: one style sheet fits both.

mod console;
mod rust;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use super::finish::markup::split_at;

/// A part of a text with the class that it is shown in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    range: Range<usize>,
    class: &'static str,
}

const BLOCK: &str = "<code class=\"language-";
const BLOCK_END: &str = "</code>";
const HIDDEN: &str = "<span class=\"boring\">";
const HIDDEN_END: &str = "</span>";

/// Colors every block of a page whose language is known.
pub(super) fn page(html: &str) -> Cow<'_, str> {
    let mut output = String::new();
    let mut rest = html;
    while let Some((before, block)) = split_at(rest, BLOCK) {
        let parts = block
            .split_once("\">")
            .and_then(|(words, code)| Some((words, split_at(code, BLOCK_END)?)));
        let Some((words, (code, after))) = parts else {
            break;
        };
        output.push_str(before);
        output.push_str(BLOCK);
        output.push_str(words);
        output.push_str("\">");
        match colored(words, code) {
            Some(html) => output.push_str(&html),
            None => output.push_str(code),
        }
        output.push_str(BLOCK_END);
        rest = after;
    }
    if output.is_empty() {
        return Cow::Borrowed(html);
    }
    output.push_str(rest);
    Cow::Owned(output)
}

/// The words of a `class` attribute and the code, as HTML, become colored HTML.
fn colored(words: &str, code: &str) -> Option<String> {
    let language = words.split(' ').next().unwrap_or_default();
    let block = Block::parse(code)?;
    let tokens = match language {
        "rust" => rust::tokens(&block.text),
        "console" => console::tokens(&block.text),
        other => words::tokens(other, &block.text)?,
    };
    Some(block.render(&tokens))
}

/// The text of a block, with the parts that are hidden at first.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    text: String,
    hidden: Vec<Range<usize>>,
}

impl Block {
    /// Reads what mdBook writes: escaped text, and spans around hidden lines. Nothing if there is
    /// other markup.
    fn parse(html: &str) -> Option<Block> {
        let mut block = Block {
            text: String::with_capacity(html.len()),
            hidden: Vec::new(),
        };
        let mut rest = html;
        while let Some((before, after)) = rest.split_once(HIDDEN) {
            let (inside, after) = after.split_once(HIDDEN_END)?;
            block.push(before)?;
            let start = block.text.len();
            block.push(inside)?;
            block.hidden.push(start..block.text.len());
            rest = after;
        }
        block.push(rest)?;
        Some(block)
    }

    fn push(&mut self, html: &str) -> Option<()> {
        if html.contains('<') {
            return None;
        }
        let mut rest = html;
        while let Some((before, after)) = rest.split_once('&') {
            let (entity, after) = after.split_once(';')?;
            self.text.push_str(before);
            self.text.push(match entity {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "#39" | "#x27" | "apos" => '\'',
                "nbsp" => '\u{a0}',
                _ => return None,
            });
            rest = after;
        }
        self.text.push_str(rest);
        Some(())
    }

    /// HTML again. A token that reaches over the edge of a hidden part is cut there.
    fn render(&self, tokens: &[Token]) -> String {
        let mut html = String::with_capacity(self.text.len() * 2);
        let mut tokens = tokens.iter().peekable();
        let mut write = |range: Range<usize>, html: &mut String| {
            let mut at = range.start;
            while at < range.end {
                while tokens.next_if(|token| token.range.end <= at).is_some() {}
                let (end, class) = match tokens.peek() {
                    Some(token) if token.range.start <= at => (token.range.end, Some(token.class)),
                    Some(token) => (token.range.start, None),
                    None => (range.end, None),
                };
                let end = end.min(range.end);
                let text = self.text.get(at..end).unwrap_or_default();
                match class {
                    Some(class) => {
                        html.push_str("<span class=\"");
                        html.push_str(class);
                        html.push_str("\">");
                        escape(text, html);
                        html.push_str("</span>");
                    }
                    None => escape(text, html),
                }
                at = end;
            }
        };
        let mut at = 0;
        for hidden in &self.hidden {
            write(at..hidden.start, &mut html);
            html.push_str(HIDDEN);
            write(hidden.clone(), &mut html);
            html.push_str(HIDDEN_END);
            at = hidden.end;
        }
        write(at..self.text.len(), &mut html);
        html
    }
}

fn escape(text: &str, html: &mut String) {
    for char in text.chars() {
        match char {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
fn described<'a>(text: &'a str, tokens: &[Token]) -> Vec<(&'a str, &'static str)> {
    tokens
        .iter()
        .map(|token| (&text[token.range.clone()], token.class))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a reader sees of HTML.
    fn text_of(html: &str) -> String {
        let mut text = String::new();
        let mut inside = false;
        for char in html.chars() {
            match char {
                '<' => inside = true,
                '>' => inside = false,
                other if !inside => text.push(other),
                _ => {}
            }
        }
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    }

    #[test]
    fn a_block_is_colored_and_the_rest_of_the_page_stays() {
        let html = "<p>let</p><pre><code class=\"language-rust\">let x;</code></pre><p>fn</p>";
        assert_eq!(
            page(html),
            "<p>let</p><pre><code class=\"language-rust\">\
             <span class=\"hljs-keyword\">let</span> x;</code></pre><p>fn</p>"
        );
    }

    #[test]
    fn hidden_lines_stay_hidden_and_are_colored_too() {
        let html = "<code class=\"language-rust edition2024\"><span class=\"boring\">fn main() {\n\
                    </span>let s = \"&lt;a\n<span class=\"boring\">b&quot;;\n</span>}</code>";
        assert_eq!(
            page(html),
            "<code class=\"language-rust edition2024\"><span class=\"boring\">\
             <span class=\"hljs-keyword\">fn</span> <span class=\"hljs-title\">main</span>() {\n\
             </span><span class=\"hljs-keyword\">let</span> s = \
             <span class=\"hljs-string\">\"&lt;a\n</span><span class=\"boring\">\
             <span class=\"hljs-string\">b\"</span>;\n</span>}</code>"
        );
    }

    #[test]
    fn a_block_with_markup_of_its_own_and_an_unknown_language_stay_as_they_are() {
        for html in [
            "<code class=\"language-rust\">let <b>x</b>;</code>",
            "<code class=\"language-klingon\">let x;</code>",
            "<code class=\"language-text\">let x;</code>",
            "<code class=\"language-rust\">let x; and the page ends here",
        ] {
            assert_eq!(page(html), html);
        }
    }

    proptest! {
        #[test]
        fn coloring_changes_no_text(lines in proptest::collection::vec("[ -~é\t]{0,24}", 0..8)) {
            for language in ["rust", "console", "toml", "json", "python", "sql", "sh", "diff"] {
                let mut code = String::new();
                for (index, line) in lines.iter().enumerate() {
                    let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                    let line = if index % 3 == 1 {
                        format!("{HIDDEN}{line}\n{HIDDEN_END}")
                    } else {
                        format!("{line}\n")
                    };
                    code.push_str(&line);
                }
                let html = format!("{BLOCK}{language}\">{code}{BLOCK_END}");
                let colored = page(&html);
                prop_assert_eq!(text_of(&colored), text_of(&html));
                prop_assert_eq!(colored.matches(HIDDEN).count(), html.matches(HIDDEN).count());
                let opened = colored.matches("<span").count();
                prop_assert_eq!(opened, colored.matches("</span>").count());
            }
        }
    }
}
