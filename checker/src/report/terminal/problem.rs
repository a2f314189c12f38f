//! Why a phase could not be built.

use super::ansi;
use super::palette::{BAD, CODE, DIM, PLAIN, STRONG};
use super::{Line, Look, Text, Wrap, count};
use crate::verdict::CompileProblem;

/// The compiler's errors, or what the learner's crate lacks. `phase` names the phase in question.
#[must_use]
pub fn problem(problem: &CompileProblem, exercise: &str, phase: &str, look: &Look) -> Text {
    let mut text = Text::default();
    match problem {
        CompileProblem::Learner { rendered, errors } => {
            for line in ansi::lines(rendered) {
                text.push(line);
            }
            text.gap();
            let found = count(*errors, "error");
            let head = format!("Your code does not compile: {found}. ");
            let line = headline(look).with(&head, STRONG);
            text.push(line.plain("Begin with the first; the others often follow from it."));
        }
        CompileProblem::Interface { messages, expected } => {
            let head = format!("Your crate compiles, but {phase} cannot use it.");
            text.push(headline(look).with(&head, STRONG));
            text.gap();
            for message in messages {
                for (index, line) in ansi::lines(message).into_iter().enumerate() {
                    let mark = if index == 0 { look.glyphs.dot } else { " " };
                    let mut row = Line::new().plain("  ").with(mark, DIM).plain(" ");
                    row.spans.extend(line.spans);
                    text.push(row.hanging(4));
                }
            }
            text.gap();
            if !expected.is_empty() {
                text.push(Line::new().plain("  The tests use these declarations:"));
                text.gap();
            }
            for line in expected.iter().flat_map(|declaration| declaration.lines()) {
                let row = Line::new().plain("    ").with(line, CODE);
                text.push(row.hanging(8).wrapping(Wrap::Anywhere));
            }
            text.gap();
            let line = Line::new().plain("  ").hanging(2).prose(
                "Bodies and everything private are yours; these signatures are fixed. ",
                PLAIN,
            );
            let hint = look.command(&format!("hint {exercise}"));
            text.push(line.prose(&format!("`{hint}` helps further."), PLAIN));
        }
    }
    text
}

fn headline(look: &Look) -> Line {
    let line = Line::new().with(look.glyphs.fail, BAD.bold()).plain(" ");
    line.hanging(2)
}
