//! `doctor`: what is installed and what is missing.

use std::path::Path;

use super::context::cancel_on_interrupt;
use super::{Exit, Failure};
use crate::doctor::{diagnose, table};
use crate::report::terminal::{Look, until_closed};
use crate::workspace::Workspace;

pub(super) fn run(place: Option<&Path>, json: bool) -> Result<Exit, Failure> {
    let here = std::env::current_dir()?;
    let workspace = match place {
        Some(place) => Some(Workspace::discover(&std::path::absolute(place)?)?),
        None => Workspace::discover(&here).ok(),
    };
    let cancel = cancel_on_interrupt()?;
    let diagnosis = diagnose(workspace.as_ref(), &here, &cancel);
    if cancel.is_cancelled() {
        return Ok(Exit::Interrupted);
    }
    let mut out = anstream::stdout();
    if json {
        let text = serde_json::to_string_pretty(&diagnosis).map_err(Failure::fault)?;
        until_closed(std::io::Write::write_all(
            &mut out,
            format!("{text}\n").as_bytes(),
        ))?;
    } else {
        let look = Look::for_stdout();
        until_closed(table(&diagnosis, &look).write(look.width, &mut out))?;
    }
    Ok(if diagnosis.ready {
        Exit::Passed
    } else {
        Exit::NotReady
    })
}
