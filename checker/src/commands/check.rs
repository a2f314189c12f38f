//! `check`: an exercise, once.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::Path;

use super::context::cancel_on_interrupt;
use super::{Context, Exit, Failure};
use crate::check::{CheckError, Request};
use crate::cli::CheckArgs;
use crate::report::terminal::live::Live;
use crate::report::terminal::summary::Detail;
use crate::report::terminal::{Look, until_closed};
use crate::report::{json, junit};
use crate::runner::Cancel;
use crate::verdict::Report;

pub(super) fn run(place: Option<&Path>, arguments: &CheckArgs) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let exercise = context.exercise(arguments.id.as_deref())?;
    let mut request = Request::of(exercise.id());
    request.phase = arguments.phase;
    request.test.clone_from(&arguments.test);
    let cancel = cancel_on_interrupt()?;

    let checked = if arguments.json_lines {
        checked_in_lines(&context, &request, &cancel)
    } else if arguments.json {
        checked_silently(&context, &request, &cancel)
    } else {
        checked_for_people(&context, request, arguments, &cancel)
    };
    let report = checked?;
    if let Some(path) = &arguments.junit {
        write_junit(&report, path)?;
    }
    context.record(&report, &cancel);
    Ok(match cancel.is_cancelled() {
        true => Exit::Interrupted,
        false => exit(&report),
    })
}

fn exit(report: &Report) -> Exit {
    if report.has_checker_fault() {
        Exit::Fault
    } else if report.passed() {
        Exit::Passed
    } else {
        Exit::NotPassed
    }
}

fn checked_silently(
    context: &Context,
    request: &Request,
    cancel: &Cancel,
) -> Result<Report, Failure> {
    let report = context.checker.check(request, cancel, &mut |_| {})?;
    until_closed(json::document(&report, &mut io::stdout()))?;
    Ok(report)
}

fn checked_in_lines(
    context: &Context,
    request: &Request,
    cancel: &Cancel,
) -> Result<Report, Failure> {
    let mut out = io::stdout();
    // The check goes on when nobody reads; the first error of writing is reported at the end.
    let mut written = Ok(());
    let mut write = |line: &json::StreamLine<'_>| {
        if written.is_ok() {
            written = json::line(line, &mut out);
        }
    };
    let report = context.checker.check(request, cancel, &mut |event| {
        write(&json::StreamLine::from(&event))
    })?;
    write(&json::StreamLine::Report { report: &report });
    until_closed(written)?;
    Ok(report)
}

fn checked_for_people(
    context: &Context,
    mut request: Request,
    arguments: &CheckArgs,
    cancel: &Cancel,
) -> Result<Report, Failure> {
    let terminal = io::stdout().is_terminal();
    let out = anstream::stdout();
    request.colored = terminal;
    let each_test = request.phase.is_some() || request.test.is_some();
    let mut live = Live::new(
        out,
        &request.exercise,
        Look::for_stdout(),
        each_test,
        terminal,
    );
    let checked: Result<Report, CheckError> =
        context
            .checker
            .check(&request, cancel, &mut |event| live.on(&event));
    match checked {
        Ok(report) => {
            let detail = Detail {
                all_cards: arguments.all,
                full_output: arguments.full_output,
            };
            until_closed(live.finish(&report, detail))?;
            Ok(report)
        }
        Err(error) => {
            until_closed(live.abandon())?;
            Err(error.into())
        }
    }
}

fn write_junit(report: &Report, path: &Path) -> Result<(), Failure> {
    let cannot = |error: &dyn std::fmt::Display| {
        Failure::not_ready(format!("cannot write {}: {error}", path.display()))
    };
    let file = File::create(path).map_err(|error| cannot(&error))?;
    junit::write(report, file).map_err(|error| cannot(&error))
}
