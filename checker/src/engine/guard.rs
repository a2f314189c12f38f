//! A check that always comes to an end, whatever breaks.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Engine, Stopped};
use crate::check::Request;
use crate::runner::Cancel;
use crate::verdict::{Event, Report};

/// Runs a check. A panic must not leave a screen or a page waiting for a check that never ends: it
/// becomes a failure.
///
/// # Errors
/// When the run was cancelled, or could not be done at all.
pub fn check(
    engine: &dyn Engine,
    request: &Request,
    cancel: &Cancel,
    on: &mut dyn FnMut(Event),
) -> Result<Report, Stopped> {
    let check = || engine.check(request, cancel, on);
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|panic| {
        let why = text_of(panic.as_ref());
        Err(Stopped::Failed(format!("the checker itself failed: {why}")))
    })
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("it gave no reason")
}
