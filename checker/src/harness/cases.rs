//! Programs that must not compile, judged by the code and the line of each error.
//!
//! The words of a message change from one compiler to the next; its code and place do not.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::blame::Blame;
use super::room::{Layout, Room, package, subject};
use crate::catalog::Exercise;
use crate::catalog::compile_fail::{CompileFail, ExpectedError};
use crate::catalog::package::Resolved;
use crate::harness::cargo::{self, BuildError};
use crate::runner::Cancel;
use crate::verdict::{CompileCase, FaultOrigin, Verdict};

/// The name of a room's package with cases.
pub(super) fn package_name(room: &str) -> String {
    format!("{room}-cases")
}

/// Adds the package of cases to a room.
pub(super) fn lay_out(
    layout: &mut Layout,
    room: &str,
    exercise: &Exercise,
    cases: &[CompileFail],
    stub: &Resolved,
) {
    let mut manifest = package(&package_name(room), &stub.edition);
    let mut dependencies = stub.dependencies.clone();
    dependencies.insert(exercise.crate_name(), subject(room, exercise, "../"));
    manifest.insert("dependencies".into(), Value::Table(dependencies));
    // A crate needs a target even if the exercise has no cases.
    let lib = Table::from_iter([("path".to_owned(), Value::String("lib.rs".to_owned()))]);
    manifest.insert("lib".into(), Value::Table(lib));
    layout.add("cases/lib.rs", Vec::new());
    let targets = cases.iter().map(|case| {
        let mut bin = Table::new();
        bin.insert("name".into(), Value::String(case.name.clone()));
        let path = format!("src/bin/{}.rs", case.name);
        bin.insert("path".into(), Value::String(path));
        Value::Table(bin)
    });
    let targets: Vec<Value> = targets.collect();
    if !targets.is_empty() {
        manifest.insert("bin".into(), Value::Array(targets));
    }
    layout.add("cases/Cargo.toml", manifest.to_string().into_bytes());
    for case in cases {
        layout.add(
            format!("cases/src/bin/{}.rs", case.name),
            case.source.clone().into_bytes(),
        );
    }
}

/// Compiles the cases against the crate in the room and judges each.
///
/// # Errors
/// When cargo cannot be run.
pub fn judge(
    room: &Room,
    cases: &[CompileFail],
    cancel: &Cancel,
) -> Result<Vec<Verdict>, BuildError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let mut arguments: Vec<String> = ["check", "--package", room.cases_package(), "--keep-going"]
        .map(str::to_owned)
        .to_vec();
    for case in cases {
        arguments.extend(["--bin".to_owned(), case.name.clone()]);
    }
    let finished = cargo::run(room, &arguments, false, cancel)?;
    let mut errors: BTreeMap<&str, BTreeSet<ExpectedError>> = BTreeMap::new();
    let mut compiled: BTreeSet<&str> = BTreeSet::new();
    for message in &finished.messages {
        let Some(target) = &message.target else {
            continue;
        };
        let Some(case) = cases.iter().find(|case| case.name == target.name) else {
            continue;
        };
        if message.reason == "compiler-artifact" {
            compiled.insert(&case.name);
        }
        let Some(diagnostic) = &message.message else {
            continue;
        };
        if diagnostic.level == "error"
            && let Some(error) = expected_error(diagnostic)
        {
            errors.entry(&case.name).or_default().insert(error);
        }
    }
    let blame = Blame {
        finished: &finished,
        package: room.learner_package(),
        dir: room.dir(),
        own: "",
    };
    Ok(cases
        .iter()
        .map(|case| {
            let received = errors.remove(case.name.as_str()).unwrap_or_default();
            if received.is_empty() && !compiled.contains(case.name.as_str()) {
                let why = blame.machines();
                let message = format!("the case `{}` could not be judged: {why}", case.name);
                let origin = match why {
                    BuildError::Machine(_) => FaultOrigin::Machine,
                    _ => FaultOrigin::Checker,
                };
                return Verdict::CheckerFault { message, origin };
            }
            verdict(case, &received)
        })
        .collect())
}

/// What a diagnostic of the compiler says of code and place; nothing for closing remarks.
fn expected_error(diagnostic: &cargo::Diagnostic) -> Option<ExpectedError> {
    let span = diagnostic.spans.iter().find(|span| span.is_primary)?;
    Some(ExpectedError {
        line: span.line_start,
        code: diagnostic
            .code
            .as_ref()
            .map_or_else(|| diagnostic.message.clone(), |code| code.code.clone()),
    })
}

fn verdict(case: &CompileFail, received: &BTreeSet<ExpectedError>) -> Verdict {
    let expected: BTreeSet<ExpectedError> = case.errors.iter().cloned().collect();
    if *received == expected {
        return Verdict::Passed;
    }
    let words = |errors: &BTreeSet<ExpectedError>| {
        errors
            .iter()
            .map(|error| format!("{} at line {}", error.code, error.line))
            .collect()
    };
    Verdict::WronglyCompiled(CompileCase {
        program: without_marks(&case.source),
        expected: words(&expected),
        received: words(received),
    })
}

/// The program as a learner should see it: without the suite's comment and marks.
fn without_marks(source: &str) -> String {
    let lines = source.lines().map(|line| {
        line.split_once("//~")
            .map_or(line, |(code, _)| code.trim_end())
    });
    lines.collect::<Vec<_>>().join("\n")
}
