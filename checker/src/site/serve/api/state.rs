//! `GET /-/state`.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use super::super::app::{App, blocking};
use super::super::refusal::Refusal;

/// Where the learner stands.
pub(in super::super) async fn state(State(app): State<App>) -> Result<impl IntoResponse, Refusal> {
    let text = blocking(move || Ok(app.standings.refresh()?.to_string())).await?;
    Ok(([(CONTENT_TYPE, "application/json")], text))
}
