//! The rules, checked on the way from the file to a [`Quiz`].

use crate::file::{File, RawAnswer, RawQuestion};
use crate::markdown::{self, Form};
use crate::{Answer, Fault, Outcome, Program, Question, Quiz, QuizError, Text};

const QUESTIONS: std::ops::RangeInclusive<usize> = 3..=6;
const ANSWERS: std::ops::RangeInclusive<usize> = 2..=6;

/// The rules broken so far.
#[derive(Default)]
struct Faults(Vec<QuizError>);

impl Faults {
    fn add(&mut self, line: usize, fault: Fault) {
        self.0.push(QuizError { line, fault });
    }

    /// What every piece of prose keeps.
    fn prose(&mut self, key: &'static str, text: &Text) {
        if text.text.trim().is_empty() {
            self.add(text.line, Fault::Empty(key));
        }
        if let Some(html) = markdown::html(&text.text) {
            self.add(text.line, Fault::Html(html));
        }
    }
}

/// A quiz, or every rule that it breaks.
pub(crate) fn quiz(file: File) -> Result<Quiz, Vec<QuizError>> {
    let mut faults = Faults::default();
    let count = file.questions.len();
    if !QUESTIONS.contains(&count) {
        faults.add(1, Fault::Questions(count));
    }
    let questions = file
        .questions
        .into_iter()
        .map(|raw| question(raw, &mut faults))
        .collect();
    if faults.0.is_empty() {
        return Ok(Quiz { questions });
    }
    faults.0.sort_by_key(|error| error.line);
    Err(faults.0)
}

fn question(raw: RawQuestion, faults: &mut Faults) -> Question {
    faults.prose("prompt", &raw.prompt);
    let count = raw.answers.len();
    if !ANSWERS.contains(&count) {
        faults.add(raw.line, Fault::Answers(count));
    }
    let right = raw.answers.iter().filter(|answer| answer.correct).count();
    if right == 0 {
        faults.add(raw.line, Fault::NoneRight);
    } else if right > 1 && !raw.multiple {
        faults.add(raw.line, Fault::SeveralRight(right));
    } else if right == count {
        faults.add(raw.line, Fault::AllRight);
    }
    let (prints, error, panics) = (raw.prints, raw.error, raw.panics);
    let program = match raw.program {
        Some(code) => program(raw.line, code, [prints, error, panics], raw.given, faults),
        None => {
            let stray = [
                ("prints", prints.is_some()),
                ("error", error.is_some()),
                ("panics", panics.is_some()),
                ("given", raw.given),
            ];
            for (key, _) in stray.into_iter().filter(|(_, is_there)| *is_there) {
                faults.add(raw.line, Fault::WithoutProgram(key));
            }
            None
        }
    };
    if let Some(program) = program.as_ref().filter(|program| !program.given) {
        if raw.multiple {
            faults.add(raw.line, Fault::SeveralOutcomes);
        } else {
            stated(program.outcome.words(), &raw.answers, faults);
        }
    }
    let mut answers: Vec<Answer> = Vec::with_capacity(count);
    for raw in raw.answers {
        let line = raw.text.line;
        let answer = answer(raw, faults);
        let is_same =
            |other: &Answer| (&other.label, &other.output) == (&answer.label, &answer.output);
        if answers.iter().any(is_same) {
            faults.add(line, Fault::Twice);
        }
        answers.push(answer);
    }
    Question {
        line: raw.line,
        prompt: raw.prompt,
        multiple: raw.multiple,
        program,
        answers,
    }
}

fn program(
    line: usize,
    code: Text,
    [prints, error, panics]: [Option<String>; 3],
    given: bool,
    faults: &mut Faults,
) -> Option<Program> {
    if !code.text.contains("fn main()") {
        faults.add(code.line, Fault::NoMain);
    }
    for (number, hidden) in (code.line..).zip(code.text.lines()) {
        let words = hidden.trim_start();
        if words == "#" || words.starts_with("# ") {
            faults.add(number, Fault::HiddenLine(hidden.to_owned()));
        }
    }
    let outcome = match (prints, error, panics) {
        (Some(prints), None, None) => Outcome::Prints(prints),
        (None, Some(error), None) => Outcome::Error(error),
        (None, None, Some(panics)) => Outcome::Panics(panics),
        _ => {
            faults.add(line, Fault::Outcome);
            return None;
        }
    };
    match &outcome {
        Outcome::Prints(text) if text.trim().is_empty() => {
            faults.add(line, Fault::Empty("prints"));
        }
        Outcome::Panics(text) if text.trim().is_empty() => {
            faults.add(line, Fault::Empty("panics"));
        }
        Outcome::Error(code) if !is_error_code(code) => {
            faults.add(line, Fault::ErrorCode(code.clone()));
        }
        _ => {}
    }
    Some(Program {
        code,
        outcome,
        given,
    })
}

fn is_error_code(code: &str) -> bool {
    code.strip_prefix('E')
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The right answer, and no other, holds the outcome.
fn stated(outcome: &str, answers: &[RawAnswer], faults: &mut Faults) {
    let words = markdown::one_line(outcome);
    for answer in answers {
        match (
            answer.correct,
            markdown::holds_as_code(&answer.text.text, outcome),
        ) {
            (true, false) => faults.add(answer.text.line, Fault::OutcomeMissing(words.clone())),
            (false, true) => faults.add(answer.text.line, Fault::OutcomeInWrong(words.clone())),
            _ => {}
        }
    }
}

fn answer(raw: RawAnswer, faults: &mut Faults) -> Answer {
    faults.prose("text", &raw.text);
    faults.prose("why", &raw.why);
    let (label, output) = match markdown::form(&raw.text.text) {
        Form::Fits { label, output } => (label, output),
        Form::Marked(info) => {
            faults.add(raw.text.line, Fault::AnswerBlock(info));
            Default::default()
        }
        Form::Other => {
            if !raw.text.text.trim().is_empty() {
                faults.add(raw.text.line, Fault::AnswerForm);
            }
            Default::default()
        }
    };
    Answer {
        line: raw.line,
        label,
        output,
        correct: raw.correct,
        why: raw.why,
    }
}

impl Outcome {
    /// What an answer must hold to state this outcome.
    fn words(&self) -> &str {
        match self {
            Outcome::Prints(text) | Outcome::Error(text) | Outcome::Panics(text) => text,
        }
    }
}
