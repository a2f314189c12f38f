//! What the routes share.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::watch;

use super::OnEvent;
use super::checks::Checks;
use super::editor::Opener;
use super::folders::Folders;
use super::refusal::Refusal;
use super::session::Session;
use super::stage::Stage;
use super::standings::Standings;
use super::status::Status;
use crate::engine::Pages;

/// What the routes share. Clones share it, too.
#[derive(Clone)]
pub(super) struct App {
    pub(super) pages: Arc<dyn Pages>,
    pub(super) status: watch::Sender<Status>,
    pub(super) standings: Standings,
    pub(super) checks: Checks,
    pub(super) folders: Folders,
    pub(super) stage: Stage,
    pub(super) opener: Opener,
    pub(super) session: Session,
}

impl App {
    pub(super) fn new(
        pages: Arc<dyn Pages>,
        opener: Opener,
        session: Session,
        status: watch::Sender<Status>,
        on_event: &OnEvent,
    ) -> App {
        let standings = Standings::new(Arc::clone(&pages));
        let checks = Checks::new(Arc::clone(&pages), standings.clone());
        App {
            folders: Folders::new(Arc::clone(&pages), checks.clone(), Arc::clone(on_event)),
            stage: Stage::new(Arc::clone(&pages)),
            pages,
            status,
            standings,
            checks,
            opener,
            session,
        }
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Refusal {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

/// Does work that reads files on a thread that may wait for them.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            let why = format!("the checker itself failed: {error}");
            Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, why))
        })
}
