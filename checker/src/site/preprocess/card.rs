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
    let files: Vec<String> = manifest
        .files
        .iter()
        .map(|file| format!("<code>{}</code>", escape(file)))
        .collect();
    let folder = escape(&exercise.stub_dir());
    rows.push((
        "You edit",
        format!("{}<br>in <code>{folder}</code>", files.join(", ")),
    ));
    let command = format!("<code>checker watch {}</code>", escape(exercise.id()));
    rows.push(("Check as you save", command));
    let mut card = "<dl class=\"exercise-card\">".to_owned();
    for (name, value) in rows {
        let _ = write!(card, "\n<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    card.push_str("\n</dl>");
    Ok(card)
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
        "<div class=\"phase-card\" data-phase=\"{id}/{}\">\n",
        phase.name
    );
    let mut about = Vec::new();
    if !phase.files.is_empty() {
        let files: Vec<String> = phase
            .files
            .iter()
            .map(|file| format!("<code>{}</code>", escape(file)))
            .collect();
        about.push(format!("Edit {}", files.join(", ")));
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
         <span class=\"count\">{}</span></summary>\n",
        behaviours.len()
    );
    for behaviour in &behaviours {
        let _ = writeln!(card, "- {}", behaviour.note.behaviour);
    }
    let _ = write!(
        card,
        "\n</details>\n\n```console\n$ checker check {id} --phase {number}\n```\n\n</div>"
    );
    Ok(card)
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
    fn backticks_become_code_and_markup_is_escaped() {
        assert_eq!(inline("a `b<T>` & c"), "a <code>b&lt;T&gt;</code> &amp; c");
        assert_eq!(inline("one ` only"), "one ` only");
        assert_eq!(inline(""), "");
    }
}
