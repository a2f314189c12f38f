//! `solution`: the learner's code beside the reference.

use std::collections::BTreeMap;
use std::path::Path;

use anstream::println;
use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use super::{Context, Exit, Failure};
use crate::check::Subject;
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
                "{open} of {} phases of `{id}` are open; the reference is shown once you passed \
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
    println!(
        "From your code (-) to the reference solution (+) of {}\n",
        exercise.manifest.title
    );
    for (name, (yours, theirs)) in side_by_side(&own, &reference) {
        print_difference(&name, &yours, &theirs);
    }
    let guide = ChapterGuide::load(context.checker.catalog.source(), exercise)?;
    if let Some(note) = guide.after_you_pass {
        println!("{}", super::hint::readable(&note));
    }
    Ok(Exit::Passed)
}

/// The texts of each file, the learner's and the reference's; empty where one lacks it.
fn side_by_side(
    own: &[(String, Vec<u8>)],
    reference: &[(String, Vec<u8>)],
) -> BTreeMap<String, (String, String)> {
    let mut files: BTreeMap<String, (String, String)> = BTreeMap::new();
    let text = |content: &[u8]| String::from_utf8_lossy(content).into_owned();
    for (name, content) in own {
        files.entry(name.clone()).or_default().0 = text(content);
    }
    for (name, content) in reference {
        files.entry(name.clone()).or_default().1 = text(content);
    }
    files
}

fn print_difference(name: &str, yours: &str, theirs: &str) {
    let bold = Style::new().bold();
    if yours == theirs {
        println!("{bold}{name}{bold:#}: the same\n");
        return;
    }
    println!("{bold}{name}{bold:#}");
    let difference = TextDiff::from_lines(yours, theirs);
    for (index, group) in difference.grouped_ops(3).iter().enumerate() {
        if index > 0 {
            println!("  …");
        }
        for operation in group {
            for change in difference.iter_changes(operation) {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', AnsiColor::Red.on_default()),
                    ChangeTag::Insert => ('+', AnsiColor::Green.on_default()),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                let line = change.value().trim_end_matches('\n');
                println!("{style}{sign} {line}{style:#}");
            }
        }
    }
    println!();
}
