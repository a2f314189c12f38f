//! `bench`: the learner's code beside its peers.

use std::path::Path;

use anstream::println;

use super::context::cancel_on_interrupt;
use super::{Context, Exit, Failure};
use crate::bench::page::{Machine, duration, page};
use crate::bench::results::OURS;
use crate::bench::{self, Group, Plan};
use crate::catalog::Exercise;
use crate::check::Subject;
use crate::workspace::Kind;

/// What to measure.
#[derive(Debug)]
pub(super) struct Arguments<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) solution: bool,
    pub(super) filter: Option<String>,
    pub(super) smoke: bool,
    pub(super) record: bool,
}

pub(super) fn run(place: Option<&Path>, arguments: &Arguments<'_>) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let exercises = match arguments.id {
        // Without a name, a smoke run proves every exercise's benchmarks.
        None if arguments.smoke => context.checker.catalog.exercises().iter().collect(),
        id => vec![context.exercise(id)?],
    };
    let cancel = cancel_on_interrupt()?;
    for exercise in exercises {
        let plan = Plan {
            subject: if arguments.solution {
                Subject::Solution
            } else {
                Subject::Learner
            },
            filter: arguments.filter.clone(),
            smoke: arguments.smoke,
        };
        let groups = bench::run(&context.checker, exercise, &plan, &cancel)?;
        print(&groups, arguments.solution);
        if arguments.record {
            record(&context, exercise, &groups)?;
        }
    }
    Ok(Exit::Passed)
}

fn print(groups: &[Group], is_reference: bool) {
    let (our_name, we_are) = if is_reference {
        ("the reference", "it is")
    } else {
        ("your code", "you are")
    };
    for group in groups {
        println!("\n{}", group.operation);
        for measurement in &group.measurements {
            let ours = measurement.implementation == OURS;
            let name = if ours {
                our_name
            } else {
                &measurement.implementation
            };
            let ratio = measurement.ratio.filter(|_| !ours);
            let ratio =
                ratio.map_or_else(String::new, |r| format!("{we_are} {r:.2} times as fast"));
            println!("  {name:<14} {:>12}   {ratio}", duration(measurement.nanos));
        }
    }
}

/// Writes the appendix page of the book and its plots.
fn record(context: &Context, exercise: &Exercise, groups: &[Group]) -> Result<(), Failure> {
    let workspace = &context.checker.workspace;
    if workspace.kind() != Kind::Checkout {
        return Err(Failure::usage(
            "--record writes into the book; it needs a checkout of the course",
        ));
    }
    let title = &exercise.manifest.title;
    let page = page(exercise.id(), title, groups, &Machine::this());
    let folder = workspace.root().join("book/appendix/benchmarks");
    let figures = folder.join("figures");
    std::fs::create_dir_all(&figures)?;
    for (name, svg) in &page.plots {
        std::fs::write(figures.join(name), svg)?;
    }
    let path = folder.join(format!("{}.md", exercise.id()));
    std::fs::write(&path, page.markdown)?;
    println!("\nWrote {}", path.display());
    Ok(())
}
