//! `POST /-/check` and `POST /-/cancel`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::super::app::App;
use super::super::body::Body;
use super::super::refusal::Refusal;
use super::super::run_log::Run;
use crate::check::Request;

/// What to check.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Asked {
    exercise: String,
    /// All phases if none is named.
    phase: Option<u32>,
    /// Only tests whose name contains this.
    test: Option<String>,
}

/// The check that was started; its lines come as events.
#[derive(Debug, Serialize)]
pub(in super::super) struct Started {
    run: Run,
}

/// Starts a check, and cancels the one under way.
pub(in super::super) async fn start(
    State(app): State<App>,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Started>), Refusal> {
    app.pages.dir(&asked.exercise)?;
    let mut request = Request::of(&asked.exercise);
    request.phase = asked.phase;
    request.test = asked.test;
    let run = app.checks.start(request).map_err(|_| Refusal::closing())?;
    Ok((StatusCode::ACCEPTED, Json(Started { run })))
}

/// Cancels the check under way, if there is one.
pub(in super::super) async fn cancel(State(app): State<App>) -> StatusCode {
    app.checks.cancel();
    StatusCode::NO_CONTENT
}
