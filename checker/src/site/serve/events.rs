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
    // Changes between here and the first event are heard of, because the page listens already.
    let (mut site, checks) = (app.status.subscribe(), app.checks.listen());
    let mut standing = app.standings.subscribe();
    let folder = blocking(move || {
        app.standings.refresh()?;
        let exercise = asked.exercise.as_deref();
        Ok(exercise.map(|id| app.folders.open(id)).transpose()?)
    });
    let folder = folder.await?;
    if site.borrow().closing {
        return Err(Refusal::closing());
    }
    // A new page knows where it is before it hears of a check.
    let mut waiting: VecDeque<Event> = site_event(&site.borrow_and_update()).into_iter().collect();
    waiting.push_back(state_event(&standing.borrow_and_update()));
    let page = Page {
        site,
        standing,
        checks,
        waiting,
        _folder: folder,
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
            // In this order, so that a report comes before where the learner stands with it.
            tokio::select! {
                biased;
                changed = self.site.changed() => {
                    changed.ok()?;
                    let status = self.site.borrow_and_update();
                    if status.closing {
                        return None;
                    }
                    self.waiting.extend(site_event(&status));
                }
                lines = self.checks.lines() => {
                    let event = |line: Arc<str>| Event::default().event("check").data(&*line);
                    self.waiting.extend(lines?.into_iter().map(event));
                }
                changed = self.standing.changed() => {
                    changed.ok()?;
                    self.waiting.push_back(state_event(&self.standing.borrow_and_update()));
                }
            }
        }
    }
}

/// Nothing is lost if this is none: a status is always JSON.
fn site_event(status: &Status) -> Option<Event> {
    Event::default().event("site").json_data(status.told()).ok()
}

fn state_event(standing: &str) -> Event {
    Event::default().event("state").data(standing)
}
