//! `serve`: the book in the browser, built again whenever it changes.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use anstream::{eprintln, println};

use super::{Context, Exit, Failure, enter};
use crate::engine::Course;
use crate::site::serve::editor::{launch, opener};
use crate::site::serve::{Door, Event, Options, ServeError, serve};

pub(super) fn run(place: Option<&Path>, browser: bool, port: Option<u16>) -> Result<Exit, Failure> {
    let context = Context::open(place)?;
    let workspace = &context.checker.workspace;
    let options = Options {
        source: workspace.source(),
        work_dir: workspace.build_dir(),
        port,
        opener: opener(),
        pages: Arc::new(Course::new(context.checker, context.store)),
        on_event: Box::new(|event| tell(&event)),
    };
    let ready = |door: Door| {
        show(&door, browser);
        if std::io::stdin().is_terminal() {
            println!("It opens once. Enter shows another address, Ctrl-C ends.");
            enter::on_enter(move || show(&door, browser));
        } else {
            println!("It opens once. Ctrl-C ends.");
        }
    };
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let mut stop = Some(stop);
    ctrlc::set_handler(move || {
        if let Some(stop) = stop.take() {
            // The server may have ended already.
            let _ = stop.send(());
        }
    })
    .map_err(Failure::not_ready)?;
    let shutdown = async {
        // A dropped sender ends the server just as well.
        let _ = stopped.await;
    };
    serve(options, ready, shutdown)?;
    Ok(Exit::Passed)
}

/// Shows a new address, and opens it unless the learner would rather do that.
fn show(door: &Door, browser: bool) {
    match door.open() {
        Ok(url) => {
            println!("The book is at {url}");
            if browser && !launch(open::commands(&url)) {
                eprintln!("No browser could be opened; open the address yourself.");
            }
        }
        Err(error) => eprintln!("The book cannot be opened: {error}"),
    }
}

fn tell(event: &Event) {
    match event {
        Event::Built(built) => {
            for warning in &built.warnings {
                eprintln!("warning: {warning}");
            }
            println!(
                "Built {} pages in {} ms.",
                built.pages,
                built.took.as_millis()
            );
        }
        Event::Failed(error) => eprintln!("{error}\nThe last good pages are still served."),
        Event::NotWatching(error) => eprintln!("Changes will not be noticed: {error}"),
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Failure {
        Failure::not_ready(error)
    }
}
