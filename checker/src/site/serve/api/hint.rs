//! `POST /-/hint`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::super::app::{App, blocking};
use super::super::body::Body;
use super::super::refusal::Refusal;
use crate::engine::Hint;

/// Whose next hint.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Asked {
    exercise: String,
    /// The phase's name, such as `core`.
    phase: String,
}

/// Gives the next hint of a phase's ladder, and remembers it.
pub(in super::super) async fn hint(
    State(app): State<App>,
    Body(asked): Body<Asked>,
) -> Result<Json<Hint>, Refusal> {
    blocking(move || {
        let number = app.pages.phase(&asked.exercise, &asked.phase)?;
        let hint = app.pages.hint(&asked.exercise, number)?;
        app.standings.refresh()?;
        Ok(Json(hint))
    })
    .await
}
