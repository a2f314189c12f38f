//! The `::: name` blocks and the `{{#figure …}}` and `{{#quiz …}}` lines of a chapter, found with
//! their lines.
//!
//! The blocks follow the format of `mdbook-exercises`, whose parser gives them their meaning. That
//! parser reports no lines, ignores unknown names and closes a block where the next one opens, so
//! the blocks are cut out here, strictly, and handed over one at a time.

use mdbook_exercises::{
    Difficulty, Hint, Objectives, ParsedExercise, Solution, StarterCode, TestBlock, parse_exercise,
};

/// A stretch of a chapter, in whole lines.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece<'a> {
    /// Markdown, to be left as it is.
    Text(&'a str),
    /// A `::: name` block.
    Directive(Directive<'a>),
    /// A `{{#figure path}}` line.
    Figure(FigureLine<'a>),
    /// A `{{#quiz path}}` line.
    Quiz(QuizLine<'a>),
}

/// A `::: name` block as it stands in the chapter.
#[derive(Debug, Clone, PartialEq)]
pub struct Directive<'a> {
    /// The name behind the colons.
    pub name: &'a str,
    /// The opening line without its colons: the name and the attributes.
    pub head: &'a str,
    /// The line of the opening colons, from 1.
    pub line: usize,
    /// The line of the closing colons.
    pub last_line: usize,
    /// What stands between the two.
    pub body: &'a str,
}

/// A line that asks for a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureLine<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The white space before it, which places the figure in a list.
    pub indent: &'a str,
    /// The file, relative to the chapter.
    pub path: &'a str,
}

/// A line that asks for a quiz.
#[derive(Debug, Clone, PartialEq)]
pub struct QuizLine<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The file, relative to the chapter.
    pub path: &'a str,
}

/// What a block means.
#[derive(Debug)]
pub enum Meaning {
    /// The facts of an exercise or a phase.
    Exercise(Facts),
    /// A step of the hint ladder.
    Hint(Hint),
    /// What the reader will be able to do.
    Objectives(Objectives),
    /// Questions before the work.
    Discussion(Vec<String>),
    /// Code to begin with.
    Starter(StarterCode),
    /// A full solution.
    Solution(Solution),
    /// Tests to read.
    Tests(TestBlock),
    /// Questions after the work.
    Reflection(Vec<String>),
}

/// What an `exercise` block states. The manifest holds the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The exercise, and for a phase `/` and its name.
    pub id: String,
    /// How hard it is, where the block says so.
    pub difficulty: Option<Difficulty>,
    /// The minutes that it takes, where the block says so.
    pub minutes: Option<u32>,
}

/// A block that cannot be understood, and its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct DirectiveError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub fault: DirectiveFault,
}

/// What is wrong with a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectiveFault {
    /// No such block is known.
    #[error("there is no directive `{0}`")]
    Unknown(String),
    /// A block without an end.
    #[error("the directive `{0}` is never closed")]
    Unclosed(String),
    /// An end without a block.
    #[error("`:::` closes nothing")]
    Stray,
    /// A block inside a block.
    #[error("the directive `{inner}` opens inside `{outer}`; close that one first")]
    Nested {
        /// The block inside.
        inner: String,
        /// The block around it.
        outer: String,
    },
    /// An attribute that the block does not have.
    #[error("the directive `{directive}` has no attribute `{attribute}`")]
    Attribute {
        /// The block.
        directive: String,
        /// The attribute.
        attribute: String,
    },
    /// An attribute that the block needs.
    #[error("the directive `{directive}` needs `{attribute}`")]
    Missing {
        /// The block.
        directive: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// The content says nothing.
    #[error("the directive `{0}` is empty")]
    Empty(String),
    /// The parser of the format rejects the content.
    #[error("{0}")]
    Content(String),
    /// A figure line that names no file.
    #[error("a figure is written `{{{{#figure path.svg}}}}`, alone on its line")]
    Figure,
    /// A quiz line that names no file, or stands in a list.
    #[error("a quiz is written `{{{{#quiz path.toml}}}}`, flush left and alone on its line")]
    Quiz,
}

/// The attributes that each block may have.
const KNOWN: [(&str, &[&str]); 8] = [
    ("exercise", &[]),
    ("objectives", &[]),
    ("discussion", &[]),
    ("starter", &["file", "language"]),
    ("hint", &["level", "title"]),
    ("solution", &["reveal"]),
    ("tests", &["language", "mode"]),
    ("reflection", &[]),
];

/// Cuts a chapter, or a block's body, into pieces. `first_line` is the number of its first line.
/// Code fences are left alone.
///
/// # Errors
/// At the first block that is unknown, nested, or never closed.
pub fn scan(text: &str, first_line: usize) -> Result<Vec<Piece<'_>>, DirectiveError> {
    let mut pieces = Vec::new();
    let mut fence = Fence::default();
    let mut text_start = 0;
    let mut open: Option<(Directive<'_>, usize)> = None;
    let mut offset = 0;
    for (index, raw) in text.split_inclusive('\n').enumerate() {
        let line = first_line + index;
        let (start, end) = (offset, offset + raw.len());
        offset = end;
        if fence.swallows(raw) || is_indented_code(raw) {
            continue;
        }
        let trimmed = raw.trim();
        if let Some(head) = trimmed.strip_prefix(":::") {
            let head = head.trim();
            match (open.take(), head.is_empty()) {
                (None, true) => return Err(error(line, DirectiveFault::Stray)),
                (None, false) => {
                    push_text(&mut pieces, &text[text_start..start]);
                    open = Some((opened(head, line)?, end));
                }
                (Some((directive, body_start)), true) => {
                    pieces.push(Piece::Directive(Directive {
                        last_line: line,
                        body: &text[body_start..start],
                        ..directive
                    }));
                    text_start = end;
                }
                (Some((directive, _)), false) => {
                    let inner = head
                        .split_whitespace()
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    let outer = directive.name.to_owned();
                    return Err(error(line, DirectiveFault::Nested { inner, outer }));
                }
            }
        } else if open.is_none() && trimmed.starts_with("{{#figure") {
            push_text(&mut pieces, &text[text_start..start]);
            pieces.push(Piece::Figure(figure_line(raw, line)?));
            text_start = end;
        } else if open.is_none() && trimmed.starts_with("{{#quiz") {
            push_text(&mut pieces, &text[text_start..start]);
            pieces.push(Piece::Quiz(quiz_line(raw, line)?));
            text_start = end;
        }
    }
    if let Some((directive, _)) = open {
        let name = directive.name.to_owned();
        return Err(error(directive.line, DirectiveFault::Unclosed(name)));
    }
    push_text(&mut pieces, &text[text_start..]);
    Ok(pieces)
}

fn error(line: usize, fault: DirectiveFault) -> DirectiveError {
    DirectiveError { line, fault }
}

fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
}

/// A line that Markdown shows as code for its four spaces. Directives are written flush left.
fn is_indented_code(raw: &str) -> bool {
    raw.starts_with("    ") && raw.trim_start().starts_with(":::")
}

fn opened(head: &str, line: usize) -> Result<Directive<'_>, DirectiveError> {
    let name = head.split_whitespace().next().unwrap_or_default();
    let Some((_, known)) = KNOWN.iter().find(|(known, _)| *known == name) else {
        return Err(error(line, DirectiveFault::Unknown(name.to_owned())));
    };
    for attribute in attribute_names(&head[name.len()..]) {
        if !known.contains(&attribute) {
            let (directive, attribute) = (name.to_owned(), attribute.to_owned());
            return Err(error(
                line,
                DirectiveFault::Attribute {
                    directive,
                    attribute,
                },
            ));
        }
    }
    Ok(Directive {
        name,
        head,
        line,
        last_line: line,
        body: "",
    })
}

/// The names in `level=1 title="A nudge"`.
fn attribute_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        names.push(&rest[..end]);
        rest = match rest[end..].strip_prefix('=') {
            Some(value) => match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').map_or("", |(_, after)| after),
                None => value
                    .split_once(char::is_whitespace)
                    .map_or("", |(_, after)| after),
            },
            None => &rest[end..],
        }
        .trim_start();
    }
    names
}

fn figure_line(raw: &str, line: usize) -> Result<FigureLine<'_>, DirectiveError> {
    let indent = &raw[..raw.len() - raw.trim_start().len()];
    file_of(raw.trim(), "{{#figure")
        .map(|path| FigureLine { line, indent, path })
        .ok_or_else(|| error(line, DirectiveFault::Figure))
}

fn quiz_line(raw: &str, line: usize) -> Result<QuizLine<'_>, DirectiveError> {
    file_of(raw.trim_end(), "{{#quiz")
        .map(|path| QuizLine { line, path })
        .ok_or_else(|| error(line, DirectiveFault::Quiz))
}

/// The file that a line names between `opening` and `}}`.
fn file_of<'a>(line: &'a str, opening: &str) -> Option<&'a str> {
    line.strip_prefix(opening)
        .and_then(|rest| rest.strip_suffix("}}"))
        .map(str::trim)
        .filter(|path| !path.is_empty() && !path.contains(char::is_whitespace))
}

/// The code fence that a line stands in, if any.
#[derive(Default)]
struct Fence {
    open: Option<(char, usize)>,
}

impl Fence {
    /// Takes in the next line and says whether it belongs to a fence.
    fn swallows(&mut self, raw: &str) -> bool {
        let line = raw.trim();
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = mark.map_or(0, |mark| line.chars().take_while(|c| *c == mark).count());
        match (self.open, mark) {
            (Some((char, length)), _) => {
                if mark == Some(char) && run >= length && line.len() == run {
                    self.open = None;
                }
                true
            }
            (None, Some(mark)) if run >= 3 && !(mark == '`' && line[run..].contains('`')) => {
                self.open = Some((mark, run));
                true
            }
            (None, _) => false,
        }
    }
}

impl Directive<'_> {
    /// The line of the body's first line.
    #[must_use]
    pub fn body_line(&self) -> usize {
        self.line + 1
    }

    /// What the block means, as the parser of `mdbook-exercises` reads it.
    ///
    /// # Errors
    /// When the parser rejects the content, or it lacks what the block is for.
    pub fn meaning(&self) -> Result<Meaning, DirectiveError> {
        let fail = |fault| error(self.line, fault);
        // The parser wants an `exercise` block in every text, and blank lines around a body keep
        // its HTML from swallowing the closing colons.
        let document = if self.name == "exercise" {
            format!("::: exercise\n{}:::\n", self.body)
        } else {
            format!(
                "::: exercise\nid: x\n:::\n\n::: {}\n\n{}\n:::\n",
                self.head, self.body
            )
        };
        let exercise = match parse_exercise(&document) {
            Ok(ParsedExercise::Code(exercise)) => exercise,
            Ok(ParsedExercise::UseCase(_)) => {
                return Err(fail(DirectiveFault::Unknown("usecase".into())));
            }
            Err(problem) => return Err(fail(DirectiveFault::Content(problem.to_string()))),
        };
        let empty = || fail(DirectiveFault::Empty(self.name.to_owned()));
        match self.name {
            "exercise" => {
                let states = |key: &str| self.body.lines().any(|line| line.starts_with(key));
                Ok(Meaning::Exercise(Facts {
                    difficulty: states("difficulty:").then_some(exercise.metadata.difficulty),
                    minutes: exercise.metadata.time_minutes,
                    id: exercise.metadata.id,
                }))
            }
            "hint" => {
                let hint = exercise.hints.into_iter().next().ok_or_else(empty)?;
                let missing = |attribute| DirectiveFault::Missing {
                    directive: "hint".into(),
                    attribute,
                };
                if hint.title.is_none() {
                    return Err(fail(missing("title")));
                }
                if hint.content.is_empty() {
                    return Err(empty());
                }
                Ok(Meaning::Hint(hint))
            }
            "objectives" => exercise
                .objectives
                .filter(|goals| !(goals.thinking.is_empty() && goals.doing.is_empty()))
                .map(Meaning::Objectives)
                .ok_or_else(empty),
            "discussion" => exercise
                .discussion
                .map(Meaning::Discussion)
                .ok_or_else(empty),
            "starter" => exercise.starter.map(Meaning::Starter).ok_or_else(empty),
            "solution" => exercise.solution.map(Meaning::Solution).ok_or_else(empty),
            "tests" => exercise.tests.map(Meaning::Tests).ok_or_else(empty),
            "reflection" => exercise
                .reflection
                .map(Meaning::Reflection)
                .ok_or_else(empty),
            other => Err(fail(DirectiveFault::Unknown(other.to_owned()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> (usize, DirectiveFault) {
        let error = scan(text, 1).unwrap_err();
        (error.line, error.fault)
    }

    fn only_directive(text: &str) -> Directive<'_> {
        match scan(text, 1).unwrap().as_slice() {
            [Piece::Directive(directive)] => directive.clone(),
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn a_chapter_falls_into_text_directives_and_figures() {
        let text =
            "One.\n\n::: hint level=1 title=\"A nudge\"\nLook.\n:::\n{{#figure a.svg}}\nTwo.\n";
        let pieces = scan(text, 1).unwrap();
        let [
            Piece::Text(one),
            Piece::Directive(hint),
            Piece::Figure(figure),
            Piece::Text(two),
        ] = pieces.as_slice()
        else {
            unreachable!("{pieces:?}");
        };
        assert_eq!((*one, *two), ("One.\n\n", "Two.\n"));
        assert_eq!((hint.name, hint.line, hint.body), ("hint", 3, "Look.\n"));
        assert_eq!((figure.path, figure.line), ("a.svg", 6));
    }

    #[test]
    fn directives_and_figures_inside_code_fences_are_left_alone() {
        for text in [
            "```text\n::: nonsense\n{{#figure x.svg}}\n```\n",
            "~~~~\n```\n:::\n~~~\n~~~~\n",
            "- item\n\n  ```text\n  ::: hint\n  ```\n",
        ] {
            assert_eq!(scan(text, 1).unwrap(), [Piece::Text(text)]);
        }
    }

    #[test]
    fn a_fence_inside_a_hint_may_show_a_directive() {
        let text = "::: hint level=1 title=\"t\"\n```text\n:::\n```\nmore\n:::\n";
        assert_eq!(only_directive(text).body, "```text\n:::\n```\nmore\n");
    }

    #[test]
    fn an_unknown_directive_is_an_error_with_its_line() {
        let unknown = DirectiveFault::Unknown("hnit".into());
        assert_eq!(fault("text\n\n::: hnit level=1\n:::\n"), (3, unknown));
    }

    #[test]
    fn a_directive_that_is_never_closed_is_reported_where_it_opens() {
        let unclosed = DirectiveFault::Unclosed("hint".into());
        assert_eq!(fault("\n::: hint level=1\ntext\n"), (2, unclosed));
    }

    #[test]
    fn a_directive_inside_another_is_refused() {
        let (line, fault) = fault("::: hint level=1\n::: solution\n:::\n:::\n");
        assert_eq!(line, 2);
        assert!(matches!(fault, DirectiveFault::Nested { .. }));
    }

    #[test]
    fn an_end_without_a_beginning_is_refused() {
        assert_eq!(fault("text\n:::\n"), (2, DirectiveFault::Stray));
    }

    #[test]
    fn an_attribute_that_the_directive_lacks_is_refused() {
        let (_, fault) = fault("::: hint level=1 titel=\"x y\"\n:::\n");
        let DirectiveFault::Attribute { attribute, .. } = fault else {
            unreachable!("{fault:?}");
        };
        assert_eq!(attribute, "titel");
    }

    #[test]
    fn a_hint_has_its_level_title_and_content() {
        let text = "::: hint level=2 title=\"The `map`\"\nUse it.\n\n<b>\nnow\n</b>\n:::\n";
        let Meaning::Hint(hint) = only_directive(text).meaning().unwrap() else {
            unreachable!();
        };
        assert_eq!(hint.level, 2);
        assert_eq!(hint.title.as_deref(), Some("The `map`"));
        assert_eq!(hint.content, "Use it.\n\n<b>\nnow\n</b>");
    }

    #[test]
    fn a_hint_needs_a_title_and_a_numeric_level() {
        for head in ["level=1", "level=one title=\"t\"", "title=\"t\""] {
            let text = format!("::: hint {head}\ntext\n:::\n");
            assert!(only_directive(&text).meaning().is_err(), "{head}");
        }
    }

    #[test]
    fn an_exercise_states_its_id_and_only_what_is_written() {
        let Meaning::Exercise(facts) =
            only_directive("::: exercise\nid: a/b\ntime: 2 hours\n:::\n")
                .meaning()
                .unwrap()
        else {
            unreachable!();
        };
        assert_eq!(facts.id, "a/b");
        assert_eq!(facts.minutes, Some(120));
        assert_eq!(facts.difficulty, None);
    }

    #[test]
    fn a_quiz_line_names_one_file_and_stands_flush_left() {
        let pieces = scan("One.\n{{#quiz quizzes/a.toml}}  \n", 1).unwrap();
        let line = QuizLine {
            line: 2,
            path: "quizzes/a.toml",
        };
        assert_eq!(pieces, [Piece::Text("One.\n"), Piece::Quiz(line)]);
        for text in ["{{#quiz}}\n", "{{#quiz a.toml\n", "  {{#quiz a.toml}}\n"] {
            assert_eq!(fault(text), (1, DirectiveFault::Quiz));
        }
    }

    #[test]
    fn a_figure_line_must_name_one_file() {
        assert_eq!(fault("{{#figure }}\n"), (1, DirectiveFault::Figure));
        assert_eq!(fault("{{#figure a.svg\n"), (1, DirectiveFault::Figure));
    }
}
