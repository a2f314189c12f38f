//! The learner's code beside the reference.

use std::collections::BTreeMap;

use super::EngineError;
use crate::catalog::Exercise;
use crate::check::{Checker, Subject};
use crate::report::overview::Mark;
use crate::report::solution::{Comparison, Pair};
use crate::site::chapter::ChapterGuide;

/// Compares the learner's code with the reference. Unless `anyway`, every phase must be passed.
///
/// # Errors
/// When phases are open, or either version or the chapter cannot be read.
pub fn compare(
    checker: &Checker,
    exercise: &Exercise,
    marks: &[Mark],
    anyway: bool,
) -> Result<Comparison, EngineError> {
    let open = marks.iter().filter(|mark| !mark.is_done()).count();
    if open > 0 && !anyway {
        return Err(EngineError::NotPassed {
            exercise: exercise.id().to_owned(),
            open,
            of: marks.len(),
        });
    }
    let own = checker.snapshot(exercise, &Subject::Learner)?.files;
    let reference = checker.snapshot(exercise, &Subject::Solution)?.files;
    let guide = ChapterGuide::load(checker.catalog.source(), exercise)?;
    Ok(Comparison {
        title: exercise.manifest.title.clone(),
        files: side_by_side(&own, &reference),
        note: guide.after_you_pass,
    })
}

/// The texts of each file, the learner's and the reference's; empty where one lacks it.
fn side_by_side(own: &[(String, Vec<u8>)], reference: &[(String, Vec<u8>)]) -> Vec<Pair> {
    let mut files: BTreeMap<&str, (String, String)> = BTreeMap::new();
    let text = |content: &[u8]| String::from_utf8_lossy(content).into_owned();
    for (name, content) in own {
        files.entry(name).or_default().0 = text(content);
    }
    for (name, content) in reference {
        files.entry(name).or_default().1 = text(content);
    }
    let pairs = files.into_iter().map(|(name, (yours, theirs))| Pair {
        name: name.to_owned(),
        yours,
        theirs,
    });
    pairs.collect()
}
