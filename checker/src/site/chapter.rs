//! What an exercise's chapter offers to the commands: its phases, hints, anchors and last section.

use std::collections::BTreeSet;
use std::io;

use super::directive::{self, Directive, DirectiveError, DirectiveFault, Meaning, Piece};
use super::heading::{self, Heading};
use crate::catalog::source::Source;
use crate::catalog::{CatalogError, Exercise};

/// The id of the section that is for after an exercise is passed.
pub const AFTER_YOU_PASS: &str = "after-you-pass";

/// An exercise's chapter, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChapterGuide {
    /// The file, relative to the course.
    pub path: String,
    /// The exercise that its first block names, and that block's line.
    pub exercise: Option<(String, usize)>,
    /// The phases, in the order of the chapter.
    pub phases: Vec<PhaseGuide>,
    /// The Markdown of the section `After you pass`.
    pub after_you_pass: Option<String>,
    /// Every id that a link into the chapter can name.
    pub anchors: Vec<String>,
}

/// A phase's section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseGuide {
    /// The id of its exercise.
    pub exercise: String,
    /// Its name, such as `core`.
    pub name: String,
    /// The id of its section.
    pub anchor: String,
    /// The line of its block.
    pub line: usize,
    /// Its hints, from the nudge to nearly the code.
    pub hints: Vec<Hint>,
}

/// A step of a phase's hint ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Its place on the ladder, from 1.
    pub level: u8,
    /// What it is about, in Markdown.
    pub title: String,
    /// What it says, in Markdown.
    pub content: String,
}

/// A chapter that cannot be used, where, and why.
#[derive(Debug, thiserror::Error)]
#[error("{chapter}:{line}: {fault}")]
pub struct ChapterError {
    /// The file, relative to the course.
    pub chapter: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: ChapterFault,
}

/// What is wrong with a chapter.
#[derive(Debug, thiserror::Error)]
pub enum ChapterFault {
    /// It cannot be read.
    #[error("the chapter cannot be read: {0}")]
    Unreadable(io::Error),
    /// One of its blocks is malformed.
    #[error("{0}")]
    Directive(DirectiveFault),
    /// A section has two `exercise` blocks.
    #[error("this section already has an `exercise` block; give each phase a section of its own")]
    SecondBlock,
    /// The chapter has two blocks for the whole exercise.
    #[error("the chapter names its exercise twice")]
    SecondExercise,
    /// A hint that belongs to no phase.
    #[error("this hint stands outside the section of a phase")]
    LooseHint,
    /// Levels that are no ladder.
    #[error("the hints of a phase have the levels 1, 2, 3 and so on; found {0:?}")]
    Ladder(Vec<u8>),
    /// No block names the exercise.
    #[error("no `exercise` block has the id `{0}`")]
    NoExercise(String),
    /// The block names another exercise.
    #[error("the block's id is `{found}`, but the manifest's `{expected}`")]
    WrongExercise {
        /// The id in the chapter.
        found: String,
        /// The id in the manifest.
        expected: String,
    },
    /// A phase of the manifest has no block.
    #[error("phase {number} has no block: write `::: exercise` with `id: {id}` in its section")]
    NoPhase {
        /// Its number.
        number: usize,
        /// The id to write.
        id: String,
    },
    /// The manifest has no such phase.
    #[error("the manifest has no phase `{0}`")]
    UnknownPhase(String),
    /// A phase's section has another id than the manifest says.
    #[error("the section's id is `{found}`, but the manifest says `{expected}`")]
    WrongSection {
        /// The id in the chapter.
        found: String,
        /// The id in the manifest.
        expected: String,
    },
    /// The phases stand in another order.
    #[error("the phases stand in another order than in the manifest: {0:?}")]
    Order(Vec<String>),
    /// A phase without hints.
    #[error("the phase has no hints")]
    NoHints,
    /// A test points at a section that is not there.
    #[error("the test `{test}` points at `#{anchor}`, which the chapter lacks")]
    NoAnchor {
        /// The test.
        test: String,
        /// The anchor.
        anchor: String,
    },
    /// Nothing is said for after a pass.
    #[error("the chapter has no section `## After you pass {{#after-you-pass}}`")]
    NoAfterYouPass,
}

impl ChapterGuide {
    /// Reads the chapter of an exercise.
    ///
    /// # Errors
    /// When the file is missing or malformed; the error names the line.
    pub fn load(source: &Source, exercise: &Exercise) -> Result<ChapterGuide, ChapterError> {
        let path = exercise.chapter();
        let text = source.read_text(&path).map_err(|error| ChapterError {
            chapter: path.clone(),
            line: 1,
            fault: ChapterFault::Unreadable(error),
        })?;
        ChapterGuide::parse(&path, &text)
    }

    /// Takes apart a chapter's text. `path` is its name in errors.
    ///
    /// # Errors
    /// When a block is malformed, out of place, or the hints of a phase are no ladder.
    pub fn parse(path: &str, text: &str) -> Result<ChapterGuide, ChapterError> {
        let at = |line, fault| ChapterError {
            chapter: path.to_owned(),
            line,
            fault,
        };
        let of_directive =
            |error: DirectiveError| at(error.line, ChapterFault::Directive(error.fault));
        let pieces = directive::scan(text, 1).map_err(of_directive)?;
        let found = heading::anchors(&heading::without_directives(text, &pieces));
        let directives: Vec<&Directive<'_>> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Directive(directive) => Some(directive),
                _ => None,
            })
            .collect();
        let sections = sections(&found.headings, &directives);
        let mut guide = ChapterGuide {
            path: path.to_owned(),
            exercise: None,
            phases: Vec::new(),
            after_you_pass: after_you_pass(text, &found.headings),
            anchors: found.ids,
        };
        for directive in directives {
            let section = sections
                .iter()
                .rev()
                .find(|section| section.line < directive.line);
            let anchor = section.map(|section| section.id.as_str());
            let line = directive.line;
            let open = guide.phases.last_mut();
            let here = open.filter(|phase| Some(phase.anchor.as_str()) == anchor);
            match directive.meaning().map_err(of_directive)? {
                Meaning::Exercise(facts) => match facts.id.split_once('/') {
                    _ if here.is_some() => return Err(at(line, ChapterFault::SecondBlock)),
                    Some((exercise, name)) => guide.phases.push(PhaseGuide {
                        exercise: exercise.to_owned(),
                        name: name.to_owned(),
                        anchor: anchor.unwrap_or_default().to_owned(),
                        line,
                        hints: Vec::new(),
                    }),
                    None if guide.exercise.is_some() => {
                        return Err(at(line, ChapterFault::SecondExercise));
                    }
                    None => guide.exercise = Some((facts.id, line)),
                },
                Meaning::Hint(hint) => match here {
                    Some(phase) => phase.hints.push(Hint {
                        level: hint.level,
                        title: hint.title.unwrap_or_default(),
                        content: hint.content,
                    }),
                    None => return Err(at(line, ChapterFault::LooseHint)),
                },
                _ => {}
            }
        }
        for phase in &guide.phases {
            let levels: Vec<u8> = phase.hints.iter().map(|hint| hint.level).collect();
            if !levels.iter().copied().eq((1..).take(levels.len())) {
                return Err(at(phase.line, ChapterFault::Ladder(levels)));
            }
        }
        Ok(guide)
    }

    /// The phase of this number, from 1.
    #[must_use]
    pub fn phase(&self, exercise: &Exercise, number: u32) -> Option<&PhaseGuide> {
        let index = (number as usize).checked_sub(1)?;
        let name = &exercise.manifest.phases.get(index)?.name;
        self.phases.iter().find(|phase| phase.name == *name)
    }

    /// Everything in which the chapter and the exercise's manifest and tests disagree.
    ///
    /// # Errors
    /// When the suite itself is malformed.
    pub fn faults(
        &self,
        exercise: &Exercise,
        source: &Source,
    ) -> Result<Vec<ChapterError>, CatalogError> {
        let mut faults = Vec::new();
        let mut report = |line, fault| {
            faults.push(ChapterError {
                chapter: self.path.clone(),
                line,
                fault,
            });
        };
        let id = exercise.id();
        match &self.exercise {
            None => report(1, ChapterFault::NoExercise(id.to_owned())),
            Some((found, line)) if found != id => {
                let (found, expected) = (found.clone(), id.to_owned());
                report(*line, ChapterFault::WrongExercise { found, expected });
            }
            Some(_) => {}
        }
        let phases = &exercise.manifest.phases;
        for found in &self.phases {
            let full = format!("{}/{}", found.exercise, found.name);
            match phases.iter().find(|phase| phase.name == found.name) {
                Some(phase) if found.exercise == id => {
                    if phase.section != found.anchor {
                        let (found_id, expected) = (found.anchor.clone(), phase.section.clone());
                        let fault = ChapterFault::WrongSection {
                            found: found_id,
                            expected,
                        };
                        report(found.line, fault);
                    }
                    if found.hints.is_empty() {
                        report(found.line, ChapterFault::NoHints);
                    }
                }
                _ => report(found.line, ChapterFault::UnknownPhase(full)),
            }
        }
        for (index, phase) in phases.iter().enumerate() {
            if !self.phases.iter().any(|found| found.name == phase.name) {
                let (number, id) = (index + 1, format!("{id}/{}", phase.name));
                report(1, ChapterFault::NoPhase { number, id });
            }
        }
        let order: Vec<&str> = self
            .phases
            .iter()
            .map(|phase| phase.name.as_str())
            .collect();
        let expected = phases.iter().map(|phase| phase.name.as_str());
        if order.len() == phases.len()
            && order.iter().copied().collect::<BTreeSet<_>>() == expected.clone().collect()
            && !order.iter().copied().eq(expected)
        {
            let order = order.into_iter().map(str::to_owned).collect();
            report(1, ChapterFault::Order(order));
        }
        for number in exercise.phase_numbers() {
            for behaviour in exercise.behaviours(source, number)? {
                if let Some(anchor) = behaviour.note.section
                    && !self.anchors.contains(&anchor)
                {
                    let test = behaviour.test;
                    report(1, ChapterFault::NoAnchor { test, anchor });
                }
            }
        }
        if self.after_you_pass.is_none() {
            report(1, ChapterFault::NoAfterYouPass);
        }
        Ok(faults)
    }
}

/// The headings that begin a section: titles and sections, outside the bodies of directives.
fn sections<'a>(headings: &'a [Heading], directives: &[&Directive<'_>]) -> Vec<&'a Heading> {
    let inside = |line| {
        directives
            .iter()
            .any(|directive| (directive.line..=directive.last_line).contains(&line))
    };
    headings
        .iter()
        .filter(|heading| heading.level <= 2 && !inside(heading.line))
        .collect()
}

fn after_you_pass(text: &str, headings: &[Heading]) -> Option<String> {
    let index = headings
        .iter()
        .position(|heading| heading.id == AFTER_YOU_PASS)?;
    let (heading, rest) = headings.get(index..)?.split_first()?;
    let end = rest
        .iter()
        .find(|next| next.level <= heading.level)
        .map_or(usize::MAX, |next| next.line - 1);
    let section: Vec<&str> = text.lines().take(end).skip(heading.line).collect();
    Some(section.join("\n").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAPTER: &str = "\
# A cache

::: exercise
id: cache
:::

Intro.

```text
## not a heading
```

## Phase 1: Core {#phase-1-core}

::: exercise
id: cache/core
:::

### Eviction

::: hint level=1 title=\"A nudge\"
## Not a section

Look.
:::

::: hint level=2 title=\"The way\"
Go.
:::

## After you pass {#after-you-pass}

Well *done*.

### More

And on.

## Appendix
";

    fn fault(text: &str) -> (usize, String) {
        let error = ChapterGuide::parse("book/c.md", text).unwrap_err();
        (error.line, error.to_string())
    }

    #[test]
    fn a_chapter_gives_its_phases_hints_anchors_and_last_word() {
        let guide = ChapterGuide::parse("book/c.md", CHAPTER).unwrap();
        assert_eq!(guide.exercise, Some(("cache".to_owned(), 3)));
        let phase = &guide.phases[0];
        assert_eq!(
            (phase.name.as_str(), phase.anchor.as_str()),
            ("core", "phase-1-core")
        );
        let titles: Vec<_> = phase.hints.iter().map(|hint| hint.title.as_str()).collect();
        assert_eq!(titles, ["A nudge", "The way"]);
        assert_eq!(phase.hints[1].content, "Go.");
        let after = guide.after_you_pass.unwrap();
        assert_eq!(after, "Well *done*.\n\n### More\n\nAnd on.");
        for anchor in ["a-cache", "phase-1-core", "eviction", "appendix"] {
            assert!(guide.anchors.iter().any(|id| id == anchor), "{anchor}");
        }
    }

    #[test]
    fn an_error_names_the_chapter_and_the_line() {
        let (line, message) = fault("# T\n\n::: hnit\n:::\n");
        assert_eq!(line, 3);
        assert_eq!(message, "book/c.md:3: there is no directive `hnit`");
    }

    #[test]
    fn a_hint_outside_a_phase_is_refused() {
        let (line, message) = fault("# T\n\n::: hint level=1 title=\"t\"\nx\n:::\n");
        assert_eq!(line, 3);
        assert!(
            message.contains("outside the section of a phase"),
            "{message}"
        );
    }

    #[test]
    fn hints_that_skip_a_level_are_refused() {
        let text = CHAPTER.replace("level=2", "level=3");
        let (line, message) = fault(&text);
        assert_eq!(line, 15);
        assert!(message.contains("[1, 3]"), "{message}");
    }

    #[test]
    fn a_section_holds_one_phase() {
        let text = CHAPTER.replace("### Eviction\n", "::: exercise\nid: cache/other\n:::\n");
        assert_eq!(fault(&text).0, 19);
    }
}
