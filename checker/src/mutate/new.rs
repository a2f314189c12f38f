//! A mutant of what was changed in the working tree.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::catalog::Exercise;
use crate::catalog::patch::{Patch, PatchError};
use crate::check::{CheckError, Checker, Request, Subject};
use crate::git::{Git, GitError};
use crate::runner::Cancel;
use crate::verdict::{CompileProblem, PhaseReport, Report, TestReport, Verdict};
use crate::workspace::snapshot::Snapshot;
use crate::workspace::{Kind, disk};

/// A mutant that was written.
#[derive(Debug)]
pub struct Created {
    /// Its patch, relative to the course.
    pub path: PathBuf,
    /// The phase that catches it.
    pub phase: u32,
    /// The test that catches it.
    pub test: String,
    /// Other tests of the phase that fail.
    pub others: Vec<String>,
    /// The files that were put back, relative to the course.
    pub restored: Vec<String>,
}

/// No mutant was made; the working tree is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// A learner's folder has no solution.
    #[error("mutants are made in a checkout of the course")]
    NotACheckout,
    /// The name is no file name that one would like.
    #[error("`{0}` is no name for a mutant: use small letters, digits and hyphens")]
    Name(String),
    /// The name is taken.
    #[error("there is a mutant {} already", .0.display())]
    Exists(PathBuf),
    /// Nothing was changed.
    #[error("{0}/src is as in the last commit: make the mistake there first")]
    NoChange(String),
    /// A patch changes files, and neither makes nor removes them.
    #[error(
        "{0} is in the last commit or in the tree only, or is no text: a mutant changes files that are there"
    )]
    Files(String),
    /// The mistake is none that a program can have.
    #[error("the changed solution does not compile:\n{0}")]
    DoesNotCompile(String),
    /// No test fails.
    #[error("no test catches this: the suite lacks one, or nothing is wrong")]
    Survives,
    /// The test that should tell them apart fails on the solution of the last commit, too.
    #[error("{0} fails without the change, too")]
    FailsBefore(String),
    /// Git could not be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The suite could not be run.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The patch could not be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Takes what the working tree has otherwise than the last commit as a mutant: finds the first
/// phase with a test that catches it, writes the patch, and puts the solution back.
///
/// # Errors
/// When nothing was changed, nothing catches it, or it cannot be written. The tree is then as it
/// was.
pub fn new(
    checker: &Checker,
    exercise: &Exercise,
    name: &str,
    mistake: &str,
    cancel: &Cancel,
) -> Result<Created, NewError> {
    let path = refuse(checker, exercise, name)?;
    let root = checker.workspace.root();
    let git = Git::at(root);
    let solution = exercise.solution_dir();
    let before = git.files("HEAD", &solution)?;
    let after = checker.snapshot(exercise, &Subject::Solution)?.files;
    let mut patch = match Patch::between(Vec::new(), &before, &after) {
        Ok(patch) => patch,
        Err(PatchError::NoFile(file)) => return Err(NewError::Files(file)),
        Err(_) => return Err(NewError::NoChange(solution)),
    };

    let run = |label, sources: &[(String, Vec<u8>)], phase, test| {
        let request = Request {
            subject: Subject::Changed {
                label,
                sources: Snapshot::of(sources.to_vec()),
            },
            phase,
            test,
            ..Request::of(exercise.id())
        };
        checker.check(&request, cancel, &mut |_| {})
    };
    let (phase, tests) = failing(run("mutant", &after, None, None)?)?;
    let Some((test, others)) = tests.split_first() else {
        return Err(NewError::Survives);
    };
    let original = run("original", &before, Some(phase), Some(test.clone()))?;
    if !failing(original)?.1.is_empty() {
        return Err(NewError::FailsBefore(test.clone()));
    }

    patch.header = vec![
        mistake.trim().to_owned(),
        format!("phase: {phase}"),
        format!("test: {test}"),
    ];
    let written = root.join(&path);
    disk::replace(&written, patch.text().as_bytes()).map_err(|source| NewError::Write {
        path: written,
        source,
    })?;
    // What was saved meanwhile stands in no patch, and stays.
    let is_in_the_patch = |(file, taken): &&(String, Vec<u8>)| {
        fs::read(root.join(&solution).join(file)).is_ok_and(|now| now == *taken)
            && before.iter().all(|old| old.0 != *file || old.1 != *taken)
    };
    let restored: Vec<String> = after
        .iter()
        .filter(is_in_the_patch)
        .map(|(file, _)| format!("{solution}/{file}"))
        .collect();
    git.restore(&restored)?;
    Ok(Created {
        path,
        phase,
        test: test.clone(),
        others: others.to_vec(),
        restored,
    })
}

/// The patch's path, relative to the course, if there may be one.
fn refuse(checker: &Checker, exercise: &Exercise, name: &str) -> Result<PathBuf, NewError> {
    if checker.workspace.kind() != Kind::Checkout {
        return Err(NewError::NotACheckout);
    }
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(is_plain) {
        return Err(NewError::Name(name.to_owned()));
    }
    let path = Path::new(&exercise.suite_dir()).join(format!("mutants/{name}.patch"));
    if checker.workspace.root().join(&path).exists() {
        return Err(NewError::Exists(path));
    }
    Ok(path)
}

/// The first phase in which a test fails, and its failing tests, those first that tell most.
fn failing(report: Report) -> Result<(u32, Vec<String>), NewError> {
    let problem = report
        .phases
        .iter()
        .find_map(|phase| phase.problem.as_ref());
    match problem {
        Some(CompileProblem::Learner { rendered, .. }) => {
            return Err(NewError::DoesNotCompile(rendered.clone()));
        }
        Some(CompileProblem::Interface { messages, .. }) => {
            return Err(NewError::DoesNotCompile(messages.join("\n")));
        }
        None => {}
    }
    let fails = |test: &&TestReport| !test.verdict.is_harmless();
    let has_failures = |phase: &&PhaseReport| phase.tests.iter().any(|test| fails(&test));
    let Some(phase) = report.phases.iter().find(has_failures) else {
        return Ok((0, Vec::new()));
    };
    let mut tests: Vec<&TestReport> = phase.tests.iter().filter(fails).collect();
    tests.sort_by_key(|test| match test.verdict {
        Verdict::Failed(_) | Verdict::WronglyCompiled(_) => 0,
        Verdict::Crashed(_) | Verdict::OverLimit { .. } => 1,
        _ => 2,
    });
    let names = tests.iter().map(|test| test.name.clone()).collect();
    Ok((phase.number, names))
}
