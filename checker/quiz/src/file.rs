//! The file as it is written.

use serde::Deserialize;
use toml::Spanned;

use crate::{Fault, QuizError, Text};

/// A quiz before its rules are checked.
pub(crate) struct File {
    pub(crate) questions: Vec<RawQuestion>,
}

/// A question before its rules are checked.
pub(crate) struct RawQuestion {
    pub(crate) line: usize,
    pub(crate) prompt: Text,
    pub(crate) multiple: bool,
    pub(crate) given: bool,
    pub(crate) program: Option<Text>,
    pub(crate) prints: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) panics: Option<String>,
    pub(crate) answers: Vec<RawAnswer>,
}

/// An answer before its rules are checked.
pub(crate) struct RawAnswer {
    pub(crate) line: usize,
    pub(crate) text: Text,
    pub(crate) correct: bool,
    pub(crate) why: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    question: Vec<Spanned<Question>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    prompt: Spanned<String>,
    #[serde(default)]
    multiple: bool,
    #[serde(default)]
    given: bool,
    program: Option<Spanned<String>>,
    prints: Option<String>,
    error: Option<String>,
    panics: Option<String>,
    #[serde(default)]
    answer: Vec<Spanned<Answer>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    text: Spanned<String>,
    #[serde(default)]
    correct: bool,
    why: Spanned<String>,
}

/// Reads the file, or names the first mistake.
pub(crate) fn read(source: &str) -> Result<File, QuizError> {
    let document: Document = toml::from_str(source).map_err(|error| QuizError {
        line: line_at(source, error.span().map_or(0, |span| span.start)),
        fault: Fault::Format(error.message().to_owned()),
    })?;
    let questions = document
        .question
        .into_iter()
        .map(|question| raw_question(source, question));
    Ok(File {
        questions: questions.collect(),
    })
}

fn raw_question(source: &str, question: Spanned<Question>) -> RawQuestion {
    let line = line_at(source, question.span().start);
    let question = question.into_inner();
    RawQuestion {
        line,
        prompt: text(source, question.prompt),
        multiple: question.multiple,
        given: question.given,
        program: question.program.map(|program| text(source, program)),
        prints: question.prints,
        error: question.error,
        panics: question.panics,
        answers: question
            .answer
            .into_iter()
            .map(|answer| raw_answer(source, answer))
            .collect(),
    }
}

fn raw_answer(source: &str, answer: Spanned<Answer>) -> RawAnswer {
    let line = line_at(source, answer.span().start);
    let answer = answer.into_inner();
    RawAnswer {
        line,
        text: text(source, answer.text),
        correct: answer.correct,
        why: text(source, answer.why),
    }
}

/// A string and the line of its first character: the next one, if a line break follows its opening
/// quotes.
fn text(source: &str, string: Spanned<String>) -> Text {
    let start = string.span().start;
    let quoted = source.get(start..).unwrap_or_default();
    let content = quoted.trim_start_matches(['"', '\'']);
    let is_below = content.starts_with('\n') || content.starts_with("\r\n");
    Text {
        line: line_at(source, start) + usize::from(is_below),
        text: string.into_inner(),
    }
}

fn line_at(source: &str, offset: usize) -> usize {
    source
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
