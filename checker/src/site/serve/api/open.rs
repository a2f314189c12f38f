//! `POST /-/open`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::super::app::{App, blocking};
use super::super::body::Body;
use super::super::refusal::Refusal;

/// Which file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Asked {
    exercise: String,
    /// One of the files that a check reads, as `src/cache.rs`.
    file: String,
    /// From 1.
    line: Option<u32>,
}

/// Opens one of the learner's files in their editor.
pub(in super::super) async fn open(
    State(app): State<App>,
    Body(asked): Body<Asked>,
) -> Result<StatusCode, Refusal> {
    blocking(move || {
        let path = app.pages.file(&asked.exercise, &asked.file)?;
        let opened = (app.opener)(&path, asked.line);
        opened.map_err(|error| Refusal::new(StatusCode::CONFLICT, error.to_string()))?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
