//! `checker show`: an exercise's phases and the behaviours that are verified, without test code.

use super::overview::Mark;
use super::terminal::palette::{CODE, DIM, PLAIN, STRONG};
use super::terminal::{Line, Look, Text, Wrap, count};

/// An exercise as a learner may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Show {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// What is built, in a sentence.
    pub summary: String,
    /// How hard it is.
    pub difficulty: String,
    /// The hours that it takes.
    pub hours: String,
    /// The files to edit, relative to where the command runs.
    pub files: Vec<String>,
    /// Exercises to do before.
    pub requires: Vec<String>,
    /// The chapter's page.
    pub page: String,
    /// The phases.
    pub phases: Vec<ShowPhase>,
}

/// A phase as a learner may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShowPhase {
    /// The number, from 1.
    pub number: u32,
    /// The title.
    pub title: String,
    /// What is reached.
    pub goal: String,
    /// Where it stands.
    pub mark: Mark,
    /// What the hidden tests verify.
    pub behaviours: Vec<ShowBehaviour>,
}

/// What one hidden test verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShowBehaviour {
    /// A sentence.
    pub text: String,
    /// The test's name, if it is to be shown.
    pub test: Option<String>,
}

/// The view.
#[must_use]
pub fn show(show: &Show, look: &Look) -> Text {
    let mut text = Text::default();
    let dot = format!(" {} ", look.glyphs.dot);
    let facts = [
        show.id.clone(),
        show.difficulty.clone(),
        format!("{} h", show.hours),
        count(show.phases.len(), "phase"),
    ];
    text.push(Line::new().with(&show.title, STRONG));
    text.push(Line::new().with(&facts.join(&dot), DIM));
    text.gap();
    text.push(Line::new().prose(&show.summary, PLAIN));
    text.gap();
    for (index, file) in show.files.iter().enumerate() {
        fact(if index == 0 { "edit" } else { "" }, file, &mut text);
    }
    if !show.requires.is_empty() {
        fact("after", &show.requires.join(", "), &mut text);
    }
    fact(
        "read",
        &format!("{}{dot}{}", show.page, look.command("serve")),
        &mut text,
    );
    for phase in &show.phases {
        text.gap();
        let (mark, style) = phase.mark.drawn(look);
        let line = Line::new().with(mark, style.bold()).plain(" ");
        let head = format!("Phase {}, {}", phase.number, phase.title);
        text.push(
            line.with(&head, STRONG)
                .with(&format!("{dot}{}", phase.mark.meaning()), DIM),
        );
        text.push(Line::new().plain("  ").prose(&phase.goal, PLAIN).hanging(2));
        text.gap();
        for behaviour in &phase.behaviours {
            let line = Line::new().plain("  ").with("-", DIM).plain(" ");
            text.push(line.prose(&behaviour.text, PLAIN).hanging(4));
            if let Some(test) = &behaviour.test {
                let line = Line::new().plain("    ").with(test, DIM);
                text.push(line.wrapping(Wrap::Never));
            }
        }
    }
    text.gap();
    let line = Line::new().plain("Begin with ");
    text.push(
        line.with(&look.command(&format!("watch {}", show.id)), CODE)
            .plain("."),
    );
    text
}

fn fact(label: &str, value: &str, text: &mut Text) {
    let line = Line::new().with(label, DIM).pad_to(7).plain(value);
    text.push(line.hanging(7).wrapping(Wrap::Never));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::terminal::glyphs::UNICODE;

    #[test]
    fn an_exercise_is_shown_with_its_behaviours_at_both_widths() {
        let behaviour = |text: &str, test: Option<&str>| ShowBehaviour {
            text: text.to_owned(),
            test: test.map(str::to_owned),
        };
        let lru = Show {
            id: "lru-cache".to_owned(),
            title: "An LRU cache".to_owned(),
            summary: "A bounded cache in which every operation takes constant time, then shared \
                      between threads."
                .to_owned(),
            difficulty: "intermediate".to_owned(),
            hours: "8–12".to_owned(),
            files: vec!["src/cache.rs".to_owned(), "src/iter.rs".to_owned()],
            requires: vec!["tokens".to_owned()],
            page: "01-core-rust/lru-cache.html".to_owned(),
            phases: vec![
                ShowPhase {
                    number: 1,
                    title: "Core".to_owned(),
                    goal: "Entries go in, are found again, and the oldest makes room.".to_owned(),
                    mark: Mark::Passed,
                    behaviours: vec![
                        behaviour("A miss is `None`.", Some("p1_core::a_miss_is_none")),
                        behaviour(
                            "A `put` on a full cache evicts exactly the least recently used entry.",
                            Some("p1_core::a_put_on_a_full_cache_evicts_the_least_recently_used"),
                        ),
                    ],
                },
                ShowPhase {
                    number: 2,
                    title: "Look-ups".to_owned(),
                    goal: "Keys are found through what they borrow as.".to_owned(),
                    mark: Mark::Open,
                    behaviours: vec![behaviour("A `peek` leaves the order alone.", None)],
                },
            ],
        };
        let at = |width| {
            let look = Look::new(width, UNICODE);
            let mut out = Vec::new();
            show(&lru, &look).write(look.width, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            let text = anstream::adapter::strip_str(&text).to_string();
            format!("{}\n{text}", "=".repeat(width))
        };
        insta::assert_snapshot!(format!("{}\n{}", at(100), at(50)));
    }
}
