//! What open pages are told: that the site changed, or that it cannot be built.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::watch;

use super::site::Site;

/// The script's place. No chapter can have it: `-` is no name for a folder of the book.
pub(super) const SCRIPT_PATH: &str = "/-/live.js";

/// The place of the stream of events.
pub(super) const EVENTS_PATH: &str = "/-/events";

/// The state of the site.
#[derive(Clone, Default)]
pub(super) struct Status {
    /// The last site that was built.
    pub(super) site: Option<Arc<Site>>,
    /// Why the present sources cannot be built.
    pub(super) fault: Option<Arc<str>>,
    /// Whether the server is about to stop.
    pub(super) closing: bool,
}

impl Status {
    fn event(&self) -> Event {
        let version = self.site.as_deref().map(Site::version);
        let data = serde_json::json!({ "version": version, "fault": self.fault.as_deref() });
        Event::default().data(data.to_string())
    }
}

/// The stream of events: the present status at once, and then every change.
pub(super) async fn events(
    State(status): State<watch::Sender<Status>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut receiver = status.subscribe();
    receiver.mark_changed();
    let stream = stream::unfold(receiver, |mut receiver| async move {
        receiver.changed().await.ok()?;
        let status = receiver.borrow_and_update().clone();
        (!status.closing).then(|| (Ok(status.event()), receiver))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

/// The script that listens to the events.
pub(super) async fn script() -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
        ],
        include_str!("live.js"),
    )
}

/// The tag that loads the script in a page of this version of the site.
pub(super) fn script_tag(version: &str) -> String {
    format!("<script src=\"{SCRIPT_PATH}\" data-version=\"{version}\" defer></script>")
}
