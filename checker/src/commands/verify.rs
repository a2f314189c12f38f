//! `verify`: is an exercise complete?

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use super::context::cancel_on_interrupt;
use super::status::Status;
use super::{Context, Exit, Failure};
use crate::cli::VerifyArgs;
use crate::report::terminal::{Look, Text, until_closed};
use crate::report::verify::Table;
use crate::verify::{Effort, Heard, checks, verify};

pub(super) fn run(place: Option<&Path>, arguments: &VerifyArgs) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let checker = &context.checker;
    let exercises = match &arguments.id {
        Some(id) => vec![checker.catalog.find(id)?],
        None => checker.catalog.exercises().iter().collect(),
    };
    let effort = Effort {
        repeat: arguments.repeat,
        stress: arguments.stress,
        timed: true,
        mutant: arguments.mutant.clone(),
    };
    let mut planned = Vec::new();
    for exercise in &exercises {
        planned.push(checks(checker, exercise, &effort)?);
    }
    let names = || planned.iter().flatten();
    let widest = names().map(|name| name.chars().count()).max();

    let began = Instant::now();
    let cancel = cancel_on_interrupt()?;
    let look = Look::for_stdout();
    let mut table = Table::new(widest.unwrap_or(0), &look);
    // What was found must be seen even if the rest takes an hour, or is interrupted.
    let mut written = Ok(());
    let mut write = |text: Text| {
        if written.is_ok() {
            let mut out = anstream::stdout();
            written = text.write(look.width, &mut out).and_then(|()| out.flush());
        }
    };
    for exercise in &exercises {
        write(table.heading(exercise.id()));
        let mut status = Status::new();
        verify(
            checker,
            exercise,
            &effort,
            &cancel,
            &mut |heard| match heard {
                Heard::Begun(check) => status.show(check),
                Heard::Found(finding) => {
                    status.clear();
                    write(table.row(finding));
                }
            },
        )?;
    }
    write(table.summary(began.elapsed()));
    let holds = table.holds();
    until_closed(written)?;
    Ok(if holds { Exit::Passed } else { Exit::NotPassed })
}
