//! `GET /-/history`.

use axum::Json;
use axum::extract::State;

use super::super::app::{App, blocking};
use super::super::refusal::Refusal;
use crate::engine::History;

/// What happened so far.
pub(in super::super) async fn history(State(app): State<App>) -> Result<Json<History>, Refusal> {
    blocking(move || Ok(Json(app.pages.history()?))).await
}
