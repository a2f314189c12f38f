//! The stream of events that an open page listens to.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::sync::watch;

use super::app::{App, blocking};
use super::checks::Listener;
use super::folders::OpenPage;
use super::refusal::Refusal;
use super::status::Status;

/// What a page says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// The exercise that it shows.
    exercise: Option<String>,
}

/// The stream: what is so at present, and then every change.
pub(super) async fn events(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let mut site = app.status.subscribe();
    site.mark_changed();
    // Changes between here and the first event are heard of, because the page listens already.
    let (checks, standing) = (app.checks.listen(), app.standings.subscribe());
    let folder = blocking(move || {
        app.standings.refresh()?;
        let exercise = asked.exercise.as_deref();
        Ok(exercise.map(|id| app.folders.open(id)).transpose()?)
    });
    let page = Page {
        site,
        standing,
        checks,
        waiting: VecDeque::new(),
        _folder: folder.await?,
    };
    let stream = stream::unfold(page, |mut page| async move {
        let event = page.next().await?;
        Some((Ok(event), page))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// An open page.
struct Page {
    site: watch::Receiver<Status>,
    standing: watch::Receiver<Arc<str>>,
    checks: Listener,
    waiting: VecDeque<Event>,
    _folder: Option<OpenPage>,
}

impl Page {
    /// The next event; nothing once the server stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            // In this order, so that a new page knows where it is before it hears of a check.
            tokio::select! {
                biased;
                changed = self.site.changed() => {
                    changed.ok()?;
                    let status = self.site.borrow_and_update();
                    if status.closing {
                        return None;
                    }
                    self.waiting.extend(Event::default().event("site").json_data(status.told()));
                }
                changed = self.standing.changed() => {
                    changed.ok()?;
                    let standing = Arc::clone(&self.standing.borrow_and_update());
                    self.waiting.push_back(Event::default().event("state").data(&*standing));
                }
                lines = self.checks.lines() => {
                    let event = |line: Arc<str>| Event::default().event("check").data(&*line);
                    self.waiting.extend(lines?.into_iter().map(event));
                }
            }
        }
    }
}
