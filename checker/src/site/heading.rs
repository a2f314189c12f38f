//! The headings and anchors of a chapter, with the ids that mdBook gives them.

use std::collections::HashSet;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::directive::Piece;

/// A heading of a chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 for the title, 2 for a section, and so on.
    pub level: u8,
    /// Its words, without markup.
    pub text: String,
    /// The id that a link names behind `#`.
    pub id: String,
    /// Its line, from 1.
    pub line: usize,
}

/// The places of a chapter that a link can name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchors {
    /// The headings, in order.
    pub headings: Vec<Heading>,
    /// Every id: of headings, definitions and hand-written HTML.
    pub ids: Vec<String>,
}

/// Finds the headings and anchors in a chapter's text, as mdBook 0.5 computes them: an explicit
/// `{#id}` is taken as it is, any other is derived from the words and made unique by a number.
#[must_use]
pub fn anchors(text: &str) -> Anchors {
    let mut found = Anchors::default();
    let mut used = HashSet::new();
    let mut open: Option<Open> = None;
    for (event, range) in Parser::new_ext(text, mdbook_options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                open = Some(Open {
                    level: Some(level as u8),
                    id: id.map(|id| id.to_string()),
                    line: line_at(text, range.start),
                    words: String::new(),
                });
            }
            Event::Start(Tag::DefinitionListTitle) => open = Some(Open::default()),
            Event::Text(words) | Event::Code(words) => {
                if let Some(open) = &mut open {
                    open.words.push_str(&words);
                }
            }
            Event::SoftBreak => {
                if let Some(open) = &mut open {
                    open.words.push('\n');
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => found.ids.extend(html_ids(&html)),
            Event::End(TagEnd::Heading(_) | TagEnd::DefinitionListTitle) => {
                if let Some(open) = open.take() {
                    open.close(&mut found, &mut used);
                }
            }
            _ => {}
        }
    }
    found
}

/// A chapter's text with the marks of its directives blanked, and with them the bodies that are
/// not Markdown. Lines are kept.
#[must_use]
pub fn without_directives(text: &str, pieces: &[Piece<'_>]) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    for piece in pieces {
        let Piece::Directive(directive) = piece else {
            continue;
        };
        let is_data = matches!(directive.name, "exercise" | "objectives");
        for line in directive.line..=directive.last_line {
            let is_mark = line == directive.line || line == directive.last_line;
            if (is_mark || is_data)
                && let Some(slot) = lines.get_mut(line - 1)
            {
                *slot = "\n";
            }
        }
    }
    lines.concat()
}

/// mdBook's Markdown, with its defaults.
fn mdbook_options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_SMART_PUNCTUATION
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
}

/// A heading or a defined term whose words are being read.
#[derive(Default)]
struct Open {
    level: Option<u8>,
    id: Option<String>,
    line: usize,
    words: String,
}

impl Open {
    fn close(self, found: &mut Anchors, used: &mut HashSet<String>) {
        let id = self
            .id
            .unwrap_or_else(|| unique(derived(&self.words), used));
        found.ids.push(id.clone());
        if let Some(level) = self.level {
            found.headings.push(Heading {
                level,
                text: self.words,
                id,
                line: self.line,
            });
        }
    }
}

fn derived(words: &str) -> String {
    words
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|char| match char {
            _ if char.is_alphanumeric() || char == '_' || char == '-' => Some(char),
            _ if char.is_whitespace() => Some('-'),
            _ => None,
        })
        .collect()
}

fn unique(id: String, used: &mut HashSet<String>) -> String {
    let mut candidate = id.clone();
    let mut number = 0_u32;
    while !used.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{id}-{number}");
    }
    candidate
}

fn line_at(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

fn html_ids(html: &str) -> Vec<String> {
    html.split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(id, _)| id.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        anchors(text).ids
    }

    #[test]
    fn an_explicit_id_is_taken_as_it_is() {
        assert_eq!(ids("## Phase 1: Core {#phase-1-core}\n"), ["phase-1-core"]);
    }

    #[test]
    fn an_id_is_derived_from_the_words_and_made_unique() {
        let text = "# The `get` path, again\n\n## Über uns\n\n## Über uns\n\nterm\n: meaning\n";
        assert_eq!(
            ids(text),
            ["the-get-path-again", "über-uns", "über-uns-1", "term"]
        );
    }

    #[test]
    fn an_explicit_id_does_not_count_among_the_derived_ones() {
        assert_eq!(ids("# A {#b}\n\n# B\n"), ["b", "b"]);
    }

    #[test]
    fn an_id_in_hand_written_html_is_an_anchor() {
        assert_eq!(
            ids("<a id=\"here\"></a>\n\ntext <i id=\"there\">x</i>\n"),
            ["here", "there"]
        );
    }

    #[test]
    fn a_hash_inside_a_code_fence_is_no_heading() {
        assert!(anchors("```sh\n# comment\n```\n").headings.is_empty());
    }

    #[test]
    fn headings_know_their_level_and_line() {
        let found = anchors("intro\n\n### Third\n");
        let heading = &found.headings[0];
        assert_eq!((heading.level, heading.line), (3, 3));
        assert_eq!(heading.text, "Third");
    }
}
