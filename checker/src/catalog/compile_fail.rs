//! Programs that must not compile, and the errors that they must give.

use super::note::Note;
use super::program::{ProgramError, comment};

/// One program that the compiler must reject.
#[derive(Debug, Clone, PartialEq)]
pub struct CompileFail {
    /// The file's name without its ending.
    pub name: String,
    /// What its `//!` comment says.
    pub note: Note,
    /// The phase that it belongs to, from 1.
    pub phase: u32,
    /// The errors that must come, and no others.
    pub errors: Vec<ExpectedError>,
    /// The program.
    pub source: String,
}

/// An error that the compiler must give.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedError {
    /// The line, from 1.
    pub line: usize,
    /// The code, such as `E0499`.
    pub code: String,
}

/// A compile-fail case that cannot be understood. These are faults of the course.
#[derive(Debug, thiserror::Error)]
pub enum CompileFailError {
    /// The comment is unusable.
    #[error(transparent)]
    Comment(#[from] ProgramError),
    /// Nothing is expected to fail.
    #[error("no line is marked with `//~ E….`")]
    NoError,
}

impl CompileFail {
    /// Reads a case: its `//!` comment and the `//~ CODE` marks at the ends of lines.
    ///
    /// # Errors
    /// When the comment or the marks are missing.
    pub fn parse(name: &str, source: &str) -> Result<CompileFail, CompileFailError> {
        let (note, phase) = comment(source)?;
        let errors: Vec<ExpectedError> = source
            .lines()
            .enumerate()
            .filter_map(|(index, line)| {
                let (_, mark) = line.split_once("//~")?;
                Some((index + 1, mark))
            })
            .flat_map(|(line, mark)| {
                mark.split_whitespace().map(move |code| ExpectedError {
                    line,
                    code: code.to_owned(),
                })
            })
            .collect();
        if errors.is_empty() {
            return Err(CompileFailError::NoError);
        }
        Ok(CompileFail {
            name: name.to_owned(),
            note,
            phase,
            errors,
            source: source.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_names_its_phase_and_the_line_of_each_error() {
        let case = CompileFail::parse(
            "held",
            "//! Held.\n//!\n//! phase: 5\nfn main() {\n    x(); //~ E0499\n}\n",
        )
        .unwrap();
        assert_eq!(case.phase, 5);
        let expected = ExpectedError {
            line: 5,
            code: "E0499".into(),
        };
        assert_eq!(case.errors, [expected]);
    }

    #[test]
    fn a_case_that_expects_nothing_is_an_error_of_the_course() {
        let error = CompileFail::parse("x", "//! B.\n//!\n//! phase: 1\nfn main() {}\n");
        assert!(matches!(error, Err(CompileFailError::NoError)));
    }
}
