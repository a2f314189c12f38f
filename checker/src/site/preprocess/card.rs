//! The cards that exercise pages carry: an exercise's facts, and what each phase verifies.

use std::fmt::Write;

use super::super::directive::Facts;
use super::PageFault;
use crate::catalog::manifest::Phase;
use crate::catalog::{Catalog, Exercise};

/// The card for an `exercise` block: of the exercise, or of the phase that its id names.
/// `chapter` is the page's file, relative to the book.
pub(super) fn exercise_or_phase(
    catalog: &Catalog,
    chapter: &str,
    facts: &Facts,
) -> Result<String, PageFault> {
    let unknown = || PageFault::UnknownExercise(facts.id.clone());
    let (id, phase) = match facts.id.split_once('/') {
        Some((id, phase)) => (id, Some(phase)),
        None => (facts.id.as_str(), None),
    };
    let exercise = catalog.find(id).map_err(|_| unknown())?;
    match phase {
        None => exercise_card(catalog, chapter, exercise, facts),
        Some(name) => {
            let numbered = (1..).zip(&exercise.manifest.phases);
            let (number, phase) = numbered
                .into_iter()
                .find(|(_, phase)| phase.name == name)
                .ok_or_else(unknown)?;
            phase_card(catalog, exercise, number, phase, facts)
        }
    }
}

fn exercise_card(
    catalog: &Catalog,
    chapter: &str,
    exercise: &Exercise,
    facts: &Facts,
) -> Result<String, PageFault> {
    let manifest = &exercise.manifest;
    let label = manifest.difficulty.label();
    if facts
        .difficulty
        .is_some_and(|stated| stated.to_string() != label)
    {
        return Err(PageFault::Contradiction {
            key: "difficulty",
            manifest: label.to_owned(),
        });
    }
    if facts.minutes.is_some() {
        return Err(PageFault::Contradiction {
            key: "time",
            manifest: format!("{} hours", manifest.hours),
        });
    }
    let mut rows = vec![
        ("Difficulty", capitalized(label)),
        ("Time", format!("{} hours", escape(&manifest.hours))),
        ("Phases", manifest.phases.len().to_string()),
    ];
    if !manifest.requires.is_empty() {
        let up = "../".repeat(chapter.matches('/').count());
        let links: Result<Vec<String>, PageFault> = manifest
            .requires
            .iter()
            .map(|id| {
                let required = catalog
                    .find(id)
                    .map_err(|_| PageFault::UnknownExercise(id.clone()))?;
                let title = escape(&required.manifest.title);
                Ok(format!("<a href=\"{up}{}\">{title}</a>", required.page()))
            })
            .collect();
        rows.push(("Builds on", links?.join(", ")));
    }
    let folder = escape(&exercise.stub_dir());
    let files = edit_files(&manifest.files);
    rows.push(("You edit", format!("{files}<br>in <code>{folder}</code>")));
    let command = format!("<code>checker watch {}</code>", escape(exercise.id()));
    rows.push(("Check as you save", command));
    let mut card = format!(
        "<section class=\"exercise-card\" data-exercise=\"{}\">\n<dl>",
        escape(exercise.id())
    );
    for (name, value) in rows {
        let _ = write!(card, "\n<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    card.push_str("\n</dl>\n</section>");
    Ok(card)
}

/// The files to edit, each marked so that a live page can open it in the learner's editor.
fn edit_files(files: &[String]) -> String {
    let marked: Vec<String> = files
        .iter()
        .map(|file| {
            let file = escape(file);
            format!("<span class=\"edit-file\" data-file=\"{file}\"><code>{file}</code></span>")
        })
        .collect();
    marked.join(", ")
}

fn phase_card(
    catalog: &Catalog,
    exercise: &Exercise,
    number: u32,
    phase: &Phase,
    facts: &Facts,
) -> Result<String, PageFault> {
    let behaviours = exercise.behaviours(catalog.source(), number)?;
    let id = exercise.id();
    let mut card = format!(
        "<section class=\"phase-card\" data-exercise=\"{id}\" data-phase=\"{}\" \
         data-number=\"{number}\">\n",
        escape(&phase.name)
    );
    let mut about = Vec::new();
    if !phase.files.is_empty() {
        about.push(format!("Edit {}", edit_files(&phase.files)));
    }
    if let Some(minutes) = facts.minutes {
        about.push(format!("about {minutes} minutes"));
    }
    if !about.is_empty() {
        let _ = writeln!(card, "<p class=\"phase-about\">{}</p>", about.join(" · "));
    }
    let _ = writeln!(
        card,
        "<details class=\"behaviours\" open>\n<summary>What the hidden suite verifies \
         <span class=\"count\">{}</span></summary>\n<ul>",
        behaviours.len()
    );
    for behaviour in &behaviours {
        let _ = writeln!(
            card,
            "<li data-test=\"{}\">{}</li>",
            escape(&behaviour.test),
            sentence(&behaviour.note.behaviour)
        );
    }
    let _ = write!(
        card,
        "</ul>\n</details>\n\n```console\n$ checker check {id} --phase {number}\n```\n\n</section>"
    );
    Ok(card)
}

/// A sentence in Markdown as HTML, without a paragraph around it.
fn sentence(markdown: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(markdown));
    let html = html.trim();
    html.strip_prefix("<p>")
        .and_then(|html| html.strip_suffix("</p>"))
        .unwrap_or(html)
        .replace('\n', " ")
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Text for HTML content and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A line of text for HTML, with what stands between backticks as code.
pub(super) fn inline(text: &str) -> String {
    let mut html = String::new();
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    for (index, part) in parts.into_iter().enumerate() {
        match (index % 2 == 1, index == last) {
            (true, false) => {
                let _ = write!(html, "<code>{}</code>", escape(part));
            }
            // A backtick without a partner stands for itself.
            (true, true) => {
                let _ = write!(html, "`{}", escape(part));
            }
            (false, _) => html.push_str(&escape(part)),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_rendered_within_its_line() {
        assert_eq!(
            sentence("A *full* cache\ndrops `K<V>`."),
            "A <em>full</em> cache drops <code>K&lt;V&gt;</code>."
        );
    }

    #[test]
    fn files_to_edit_are_marked() {
        assert_eq!(
            edit_files(&["src/a.rs".to_owned(), "src/b.rs".to_owned()]),
            "<span class=\"edit-file\" data-file=\"src/a.rs\"><code>src/a.rs</code></span>, \
             <span class=\"edit-file\" data-file=\"src/b.rs\"><code>src/b.rs</code></span>"
        );
    }

    #[test]
    fn backticks_become_code_and_markup_is_escaped() {
        assert_eq!(inline("a `b<T>` & c"), "a <code>b&lt;T&gt;</code> &amp; c");
        assert_eq!(inline("one ` only"), "one ` only");
        assert_eq!(inline(""), "");
    }
}
