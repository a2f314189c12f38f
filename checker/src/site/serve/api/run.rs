//! `POST /-/run`: the protocol of the public playground, as mdBook speaks it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::super::app::App;
use super::super::body::Body;
use super::super::refusal::Refusal;
use crate::harness::blocks::Edition;
use crate::playground::{PlayError, Program};

/// A program to run. What else mdBook says, the public playground needs alone: here, the local
/// toolchain compiles without optimization.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Asked {
    code: String,
    #[serde(default)]
    edition: Edition,
    #[serde(default, rename = "version")]
    _version: String,
    #[serde(default, rename = "optimize")]
    _optimize: String,
}

/// What to show.
#[derive(Debug, Serialize)]
pub(in super::super) struct Answer {
    result: String,
    /// Why the program did not end well, if so.
    error: Option<String>,
}

/// Compiles and runs a program. When the page goes away, so does the program.
pub(in super::super) async fn run(
    State(app): State<App>,
    Body(asked): Body<Asked>,
) -> Result<Json<Answer>, Refusal> {
    let program = Program {
        code: asked.code,
        edition: asked.edition,
    };
    let shown = app.stage.play(program).await?;
    Ok(Json(Answer {
        result: shown.text,
        error: shown.fault,
    }))
}

impl From<PlayError> for Refusal {
    fn from(error: PlayError) -> Refusal {
        let status = match error {
            PlayError::Interrupted => return Refusal::closing(),
            PlayError::Room(_) | PlayError::Build(_) | PlayError::Run(_) => StatusCode::CONFLICT,
        };
        Refusal::new(status, error.to_string())
    }
}
