//! What the quizzes say about programs is what the programs do.
//!
//! All programs that compile are compiled as one, each in a module, and run one by one. What does
//! not do there what its question says is compiled alone, and that decides: a program that can
//! only stand alone is merely slower.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::compiler::{EXTERNS, Externs, compile, complaints, error_codes, messages_of, rustc};
use book_code::blocks;
use course_quiz::{Outcome, Quiz};

/// A program and what its question says of it.
struct Case {
    /// The quiz and the question, for people.
    name: String,
    /// The program.
    code: String,
    /// What is said to come of it.
    outcome: Outcome,
}

fn quizzes() -> Vec<(String, String)> {
    let book = blocks::book_dir();
    let read = |name: String| {
        let text = std::fs::read_to_string(book.join(&name)).unwrap();
        (name, text)
    };
    blocks::quizzes(&book)
        .unwrap()
        .into_iter()
        .map(read)
        .collect()
}

/// The programs of a quiz; none, if it breaks the rules.
fn cases(name: &str, text: &str) -> Vec<Case> {
    let questions = Quiz::parse(text).map_or_else(|_| Vec::new(), |quiz| quiz.questions);
    let case = |(number, question): (usize, course_quiz::Question)| {
        let program = question.program?;
        Some(Case {
            name: format!("{name}:{}: question {number}", question.line),
            code: program.code.text,
            outcome: program.outcome,
        })
    };
    (1..).zip(questions).filter_map(case).collect()
}

/// Compiles a program, or lists its errors.
fn build(program: &str, file: &Path, externs: &Externs) -> Result<(), Vec<String>> {
    let mut compiler = rustc(externs);
    // A lint that only warns says nothing about what the program does.
    compiler.args(["-Awarnings", "-o"]).arg(file);
    let output = compile(compiler, program);
    if output.status.success() {
        Ok(())
    } else {
        Err(messages_of(&output))
    }
}

/// One program that runs the case whose number it is given.
fn joined(cases: &[Case], folder: &Path) -> String {
    let mut program = String::new();
    let mut arms = String::new();
    for (number, case) in cases.iter().enumerate() {
        let file = folder.join(format!("case_{number}.rs"));
        std::fs::write(&file, &case.code).unwrap();
        let _ = writeln!(
            program,
            "mod case_{number} {{\n    include!({file:?});\n    pub fn run() -> \
             ::std::process::ExitCode {{ ::std::process::Termination::report(main()) }}\n}}"
        );
        let _ = writeln!(arms, "        Some(\"{number}\") => case_{number}::run(),");
    }
    let _ = writeln!(
        program,
        "fn main() -> std::process::ExitCode {{\n    match std::env::args().nth(1).as_deref() {{\n\
         {arms}        _ => std::process::ExitCode::from(64),\n    }}\n}}"
    );
    program
}

/// What is wrong with what a program did, if anything is.
fn fault_of_run(mut program: Command, outcome: &Outcome) -> Option<String> {
    let output = program
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    match outcome {
        Outcome::Prints(text) if output.status.success() => {
            (stdout != *text).then(|| format!("it prints {stdout:?}, not {text:?}"))
        }
        Outcome::Panics(message) if output.status.code() == Some(101) => {
            let found = panics(&stderr);
            let is_there = found.iter().any(|found| found == message.trim());
            (!is_there).then(|| format!("it panics with {found:?}, not {message:?}"))
        }
        _ => Some(format!(
            "it ends with {}, and writes {stderr:?}",
            output.status
        )),
    }
}

/// The messages of the panics that an error stream tells of.
fn panics(stderr: &str) -> Vec<String> {
    stderr
        .split("\nthread ")
        .filter_map(|report| {
            let (_, report) = report.split_once("panicked at ")?;
            let (_place, rest) = report.split_once('\n')?;
            let message = rest.split("\nnote: run with `RUST_BACKTRACE").next()?;
            Some(message.trim().to_owned())
        })
        .collect()
}

/// What is wrong with a program that is compiled alone.
fn fault_alone(case: &Case, externs: &Externs) -> Option<String> {
    let fault = match &case.outcome {
        Outcome::Error(code) => {
            let found = error_codes(&case.code, externs);
            let is_right = found.len() == 1 && found.contains(code);
            (!is_right).then(|| match found.is_empty() {
                true => "it compiles".to_owned(),
                false => format!("the compiler's codes are {found:?}"),
            })
        }
        outcome => {
            let folder = tempfile::tempdir().unwrap();
            let file = folder
                .path()
                .join("program")
                .with_extension(std::env::consts::EXE_EXTENSION);
            match build(&case.code, &file, externs) {
                Ok(()) => fault_of_run(Command::new(file), outcome),
                Err(errors) => Some(format!("it does not compile: {errors:?}")),
            }
        }
    };
    fault.map(|fault| format!("{}: {fault}", case.name))
}

/// Every question whose program does something else than it says.
fn faults(cases: Vec<Case>, externs: &Externs) -> Vec<String> {
    let (rejected, run): (Vec<Case>, Vec<Case>) = cases
        .into_iter()
        .partition(|case| matches!(case.outcome, Outcome::Error(_)));
    let folder = tempfile::tempdir().unwrap();
    let file = folder
        .path()
        .join("programs")
        .with_extension(std::env::consts::EXE_EXTENSION);
    let is_built = build(&joined(&run, folder.path()), &file, externs).is_ok();
    let mut faults = complaints(&rejected, |case| fault_alone(case, externs));
    let numbered: Vec<(usize, &Case)> = run.iter().enumerate().collect();
    faults.extend(complaints(&numbered, |(number, case)| {
        let mut program = Command::new(&file);
        program.arg(number.to_string());
        let is_right = is_built && fault_of_run(program, &case.outcome).is_none();
        if is_right {
            None
        } else {
            fault_alone(case, externs)
        }
    }));
    faults
}

/// The quiz that the guide for contributors shows.
fn example() -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../CONTRIBUTING.md");
    let text = std::fs::read_to_string(guide).unwrap();
    let found = blocks::blocks("CONTRIBUTING.md", &text);
    let quiz = found
        .iter()
        .find(|block| block.code.starts_with("[[question]]"));
    quiz.unwrap().code.clone()
}

#[test]
fn every_quiz_keeps_the_rules() {
    let broken: Vec<String> = quizzes()
        .iter()
        .filter_map(|(name, text)| Some((name, Quiz::parse(text).err()?)))
        .flat_map(|(name, errors)| {
            let told = |error: &course_quiz::QuizError| {
                format!("book/{name}:{}: {}", error.line, error.fault)
            };
            errors.iter().map(told).collect::<Vec<_>>()
        })
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_program_does_what_its_question_says() {
    let cases = quizzes()
        .iter()
        .flat_map(|(name, text)| cases(&format!("book/{name}"), text))
        .collect();
    let faults = faults(cases, &EXTERNS);
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_quiz_is_shown_by_exactly_one_line_of_a_chapter() {
    let book = blocks::book_dir();
    let mut shown: Vec<String> = blocks::chapters(&book)
        .unwrap()
        .iter()
        .flat_map(|chapter| {
            let text = std::fs::read_to_string(book.join(chapter)).unwrap();
            let folder = chapter.rsplit_once('/').map_or("", |(folder, _)| folder);
            let file = |line: &str| {
                let path = line
                    .trim_end()
                    .strip_prefix("{{#quiz")?
                    .strip_suffix("}}")?;
                let path = format!("{folder}/{}", path.trim());
                Some(path.trim_start_matches('/').to_owned())
            };
            text.lines().filter_map(file).collect::<Vec<_>>()
        })
        .collect();
    shown.sort_unstable();
    assert_eq!(shown, book_code::QUIZZES);
}

#[test]
fn the_example_of_the_guide_is_a_quiz_whose_programs_do_what_it_says() {
    let text = example();
    assert_eq!(Quiz::parse(&text).unwrap().questions.len(), 3);
    let cases = cases("CONTRIBUTING.md", &text);
    assert_eq!(cases.len(), 2);
    assert_eq!(faults(cases, &EXTERNS), Vec::<String>::new());
    let blocks = blocks::quiz_blocks("CONTRIBUTING.md", &text);
    let rust: Vec<_> = blocks.iter().filter(|block| block.is_rust()).collect();
    assert_eq!(rust.len(), 1);
    assert_eq!(
        text.lines().nth(rust[0].line - 1),
        Some("```rust,compile_fail,E0382")
    );
}

#[test]
fn a_question_that_says_something_false_is_named_with_its_quiz_and_line() {
    let case = |name: &str, code: &str, outcome: Outcome| Case {
        name: name.into(),
        code: code.into(),
        outcome,
    };
    let prints = |text: &str| Outcome::Prints(text.into());
    let panics = |text: &str| Outcome::Panics(text.into());
    let one = "fn main() { println!(\"1\") }";
    let bang = "fn main() { panic!(\"one\\ntwo\") }";
    let found = faults(
        vec![
            case("right", one, prints("1\n")),
            case("no line break", one, prints("1")),
            case("a panic", bang, panics("one\ntwo")),
            case("another panic", bang, panics("one")),
            case("no panic", one, panics("one")),
            case("panic, not print", bang, prints("1\n")),
            case("compiles", one, Outcome::Error("E0382".into())),
            case(
                "other code",
                "fn main() { x }",
                Outcome::Error("E0382".into()),
            ),
            case("lint", "fn main() { let x = [1][1]; }", panics("out")),
        ],
        &Externs::new(),
    );
    let named: Vec<&str> = found
        .iter()
        .filter_map(|fault| fault.split(':').next())
        .collect();
    assert_eq!(
        named,
        [
            "compiles",
            "other code",
            "no line break",
            "another panic",
            "no panic",
            "panic, not print",
            "lint"
        ],
        "{found:#?}"
    );
}

#[test]
fn programs_that_cannot_be_joined_are_run_alone() {
    let program = "#![allow(dead_code)]\nfn one() -> u8 { 1 }\nfn main() -> Result<(), u8> { \
                   print!(\"{}\", crate::one()); Ok(()) }";
    let case = || Case {
        name: "alone".into(),
        code: program.into(),
        outcome: Outcome::Prints("1".into()),
    };
    assert_eq!(
        faults(vec![case(), case()], &Externs::new()),
        Vec::<String>::new()
    );
}
