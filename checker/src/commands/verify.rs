//! `verify`: is an exercise complete?

use std::path::Path;
use std::time::Instant;

use super::context::cancel_on_interrupt;
use super::{Context, Exit, Failure};
use crate::cli::VerifyArgs;
use crate::report::terminal::{Look, until_closed};
use crate::report::verify::{Outcome, Row, Verification, table};
use crate::verify::{Effort, verify};

pub(super) fn run(place: Option<&Path>, arguments: &VerifyArgs) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let catalog = &context.checker.catalog;
    let exercises = match &arguments.id {
        Some(id) => vec![catalog.find(id)?],
        None => catalog.exercises().iter().collect(),
    };
    let effort = Effort {
        repeat: arguments.repeat,
        stress: arguments.stress,
        timed: true,
    };
    let cancel = cancel_on_interrupt()?;
    let mut verifications = Vec::new();
    for exercise in exercises {
        let mut rows = Vec::new();
        let mut since = Instant::now();
        let mut status = super::status::Status::new();
        status.show(&format!("{}: verifying", exercise.id()));
        verify(
            &context.checker,
            exercise,
            effort,
            &cancel,
            &mut |finding| {
                status.show(&format!("{}: {}", exercise.id(), finding.check));
                rows.push(Row {
                    check: finding.check.clone(),
                    result: if finding.holds {
                        Outcome::Holds
                    } else {
                        Outcome::Fails
                    },
                    detail: finding.detail.clone(),
                    took: since.elapsed(),
                });
                since = Instant::now();
            },
        )?;
        verifications.push(Verification {
            exercise: exercise.id().to_owned(),
            rows,
        });
    }
    let look = Look::for_stdout();
    until_closed(table(&verifications, &look).write(look.width, &mut anstream::stdout()))?;
    Ok(if verifications.iter().all(Verification::holds) {
        Exit::Passed
    } else {
        Exit::NotPassed
    })
}
