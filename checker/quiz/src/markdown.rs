//! What the rules need to know of a piece of Markdown.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// The form of an answer's text.
pub(crate) enum Form {
    /// A paragraph in one line, possibly empty, and a block.
    Fits {
        /// The paragraph.
        label: String,
        /// The block.
        output: Option<String>,
    },
    /// The block is marked with this.
    Marked(String),
    /// Anything else.
    Other,
}

/// The first piece of raw HTML.
pub(crate) fn html(text: &str) -> Option<String> {
    Parser::new(text).find_map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(html.trim().to_owned()),
        _ => None,
    })
}

/// Whether a code span or a code block says exactly `words`, however they are broken into lines.
pub(crate) fn holds_as_code(text: &str, words: &str) -> bool {
    let wanted = one_line(words);
    let mut block: Option<String> = None;
    for event in Parser::new(text) {
        match event {
            Event::Code(code) if one_line(&code) == wanted => return true,
            Event::Start(Tag::CodeBlock(_)) => block = Some(String::new()),
            Event::Text(code) => {
                if let Some(block) = &mut block {
                    block.push_str(&code);
                }
            }
            Event::End(TagEnd::CodeBlock)
                if block.take().is_some_and(|block| one_line(&block) == wanted) =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

/// The words, with one space between each two.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes an answer's text apart.
pub(crate) fn form(text: &str) -> Form {
    let (mut label, mut output) = (None, None);
    let mut depth = 0_usize;
    let mut in_block = false;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::Paragraph) if depth == 0 && label.is_none() && output.is_none() => {
                label = Some(one_line(&text[range]));
                depth += 1;
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                if depth == 0 && output.is_none() =>
            {
                if !matches!(&*info, "" | "text") {
                    return Form::Marked(info.to_string());
                }
                output = Some(String::new());
                in_block = true;
                depth += 1;
            }
            Event::Start(_) if depth == 0 => return Form::Other,
            Event::Start(_) => depth += 1,
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                in_block = in_block && depth > 0;
            }
            Event::Text(line) if in_block => {
                if let Some(output) = &mut output {
                    output.push_str(&line);
                }
            }
            Event::Rule => return Form::Other,
            _ => {}
        }
    }
    if label.is_none() && output.is_none() {
        return Form::Other;
    }
    Form::Fits {
        label: label.unwrap_or_default(),
        output,
    }
}
