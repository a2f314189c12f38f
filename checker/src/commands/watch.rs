//! `watch`: the full-screen program.

use std::path::Path;
use std::sync::Arc;

use super::{Context, Exit, Failure};
use crate::engine::Course;
use crate::watch::{Ending, Watch, WatchError};

pub(super) fn run(place: Option<&Path>, id: Option<&str>) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let id = context.exercise(id)?.id().to_owned();
    let course = Course::new(context.checker, context.store);
    let watch = Watch::new(Arc::new(course));
    let interrupter = watch.interrupter();
    ctrlc::set_handler(move || interrupter.interrupt()).map_err(Failure::not_ready)?;
    match watch.run(&id)? {
        Ending::Quit => Ok(Exit::Passed),
        Ending::Interrupted => Ok(Exit::Interrupted),
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Failure {
        Failure::not_ready(error)
    }
}
