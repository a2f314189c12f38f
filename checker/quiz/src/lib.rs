//! The quizzes of the book: what a `quizzes/<name>.toml` says, and the rules that it keeps.
//!
//! Two programs read quizzes: the book's preprocessor, which shows them, and the tests of the
//! book's code, which compile and run what they ask about.

mod fault;
mod file;
mod lint;
mod markdown;

pub use self::fault::{Fault, QuizError};

/// A quiz that keeps the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiz {
    /// Its questions, in order.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The line in the file at which it begins, from 1.
    pub line: usize,
    /// What is asked, in Markdown.
    pub prompt: Text,
    /// Whether several answers may be picked.
    pub multiple: bool,
    /// The program that it is about.
    pub program: Option<Program>,
    /// What can be picked.
    pub answers: Vec<Answer>,
}

/// The program that a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The whole program.
    pub code: Text,
    /// What comes of it.
    pub outcome: Outcome,
    /// Whether the reader is told the outcome.
    pub given: bool,
}

/// What comes of compiling and running a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It exits with 0 and writes this to its standard output.
    Prints(String),
    /// The compiler rejects it with this code.
    Error(String),
    /// A panic with this message ends it.
    Panics(String),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The line in the file at which it begins, from 1.
    pub line: usize,
    /// Its paragraph: a line of Markdown, empty where there is only output.
    pub label: String,
    /// Its fenced block.
    pub output: Option<String>,
    /// Whether it is right.
    pub correct: bool,
    /// Why it is right, or which misconception leads to it, in Markdown.
    pub why: Text,
}

/// A text of several lines, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The line in the file at which the text begins, from 1.
    pub line: usize,
    /// The text.
    pub text: String,
}

impl Quiz {
    /// Reads a quiz.
    ///
    /// # Errors
    /// With every rule that the file breaks, in the order of its lines; with the first mistake
    /// only, if the file is not what the format allows.
    pub fn parse(text: &str) -> Result<Quiz, Vec<QuizError>> {
        let file = file::read(text).map_err(|error| vec![error])?;
        lint::quiz(file)
    }

    /// Every piece of Markdown that may hold blocks of code: the prompts and the reasons.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.questions.iter().flat_map(|question| {
            let reasons = question.answers.iter().map(|answer| &answer.why);
            std::iter::once(&question.prompt).chain(reasons)
        })
    }
}

#[cfg(test)]
mod tests;
