//! `solution`: the learner's code beside the reference.

use std::collections::BTreeMap;
use std::path::Path;

use super::overview::print;
use super::{Context, Exit, Failure};
use crate::check::Subject;
use crate::report::solution::{Comparison, Pair, solution};
use crate::report::terminal::Look;
use crate::site::chapter::ChapterGuide;

pub(super) fn run(place: Option<&Path>, id: Option<&str>, anyway: bool) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let exercise = context.exercise(id)?;
    let open = context
        .marks(exercise)
        .iter()
        .filter(|mark| !mark.is_done())
        .count();
    if open > 0 && !anyway {
        let id = exercise.id();
        return Err(Failure {
            exit: Exit::NotPassed,
            message: format!(
                "{open} of {} phases of `{id}` are open; the reference is shown once you have passed \
                 them, or with `checker solution {id} --anyway`",
                exercise.manifest.phases.len()
            ),
        });
    }
    let own = context.checker.snapshot(exercise, &Subject::Learner)?.files;
    let reference = context
        .checker
        .snapshot(exercise, &Subject::Solution)?
        .files;
    let guide = ChapterGuide::load(context.checker.catalog.source(), exercise)?;
    let comparison = Comparison {
        title: exercise.manifest.title.clone(),
        files: side_by_side(&own, &reference),
        note: guide.after_you_pass,
    };
    print(&solution(&comparison, &Look::for_stdout()))?;
    Ok(Exit::Passed)
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
