//! What can be wrong with a quiz.

/// A rule that a quiz breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct QuizError {
    /// The line in the file, from 1.
    pub line: usize,
    /// The rule.
    pub fault: Fault,
}

/// A rule that a quiz breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is no TOML, or has a key that the format does not know or lacks one that it needs.
    #[error("{0}")]
    Format(String),
    /// Too few or too many questions.
    #[error("a quiz has 3 to 6 questions, and this one has {0}")]
    Questions(usize),
    /// Too few or too many answers.
    #[error("a question has 2 to 6 answers, and this one has {0}")]
    Answers(usize),
    /// A key without content.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// No answer is right.
    #[error("no answer is marked `correct = true`")]
    NoneRight,
    /// Several answers are right.
    #[error("{0} answers are right; set `multiple = true`, or mark one")]
    SeveralRight(usize),
    /// Nothing can be picked wrongly.
    #[error("every answer is right")]
    AllRight,
    /// The outcome of the program is missing, or there are two.
    #[error("a `program` needs exactly one of `prints`, `error` and `panics`")]
    Outcome,
    /// A key that only a question with a program has.
    #[error("`{0}` says something about a `program`, and there is none")]
    WithoutProgram(&'static str),
    /// The code of the compiler's error has another form.
    #[error("`{0}` is not a code of the compiler, such as E0382")]
    ErrorCode(String),
    /// The program is only a part of one.
    #[error("the program has no `fn main()`")]
    NoMain,
    /// A line of the program would not be seen.
    #[error("the book hides lines that begin with `# `: {0:?}")]
    HiddenLine(String),
    /// Markup that would vanish from the page.
    #[error("`{0}` is raw HTML; put code between backticks")]
    Html(String),
    /// An answer of another form.
    #[error("the text of an answer is a paragraph, a fenced block, or a paragraph and a block")]
    AnswerForm,
    /// A fence in an answer that holds code.
    #[error("the block of an answer holds output, so that it is marked `text`, not `{0}`")]
    AnswerBlock(String),
    /// An answer that is there twice.
    #[error("another answer has the same text")]
    Twice,
    /// The outcome of the program is several answers at once.
    #[error("a program has one outcome: with `multiple`, set `given = true` and ask for more")]
    SeveralOutcomes,
    /// The right answer leaves the outcome open.
    #[error("the right answer does not hold the outcome as code: {0:?}")]
    OutcomeMissing(String),
    /// A wrong answer says what is true.
    #[error("this answer holds the outcome, {0:?}, but is not marked as right")]
    OutcomeInWrong(String),
}
