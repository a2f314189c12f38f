//! How the server says no.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::check::CheckError;
use crate::engine::EngineError;

/// A request that is not served, with a sentence why: `{"error": "…"}`.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    why: String,
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, why: impl Into<String>) -> Refusal {
        Refusal {
            status,
            why: why.into(),
        }
    }

    /// The server is about to stop.
    pub(super) fn closing() -> Refusal {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping.")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(Body { error: &self.why })).into_response()
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Refusal {
        let status = match &error {
            EngineError::UnknownExercise(_)
            | EngineError::Check(
                CheckError::UnknownExercise(_)
                | CheckError::UnknownPhase { .. }
                | CheckError::UnknownTest { .. },
            )
            | EngineError::UnknownPhase { .. }
            | EngineError::NoHints { .. }
            | EngineError::UnknownFile { .. } => StatusCode::NOT_FOUND,
            EngineError::NotPassed { .. } => StatusCode::FORBIDDEN,
            // The learner can mend their folder.
            EngineError::Check(CheckError::Snapshot(_)) | EngineError::Store(_) => {
                StatusCode::CONFLICT
            }
            EngineError::Check(_) | EngineError::Catalog(_) | EngineError::Chapter(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Refusal::new(status, error.to_string())
    }
}
