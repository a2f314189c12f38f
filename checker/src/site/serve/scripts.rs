//! The scripts and styles that make a page live, and what loads them.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, include_dir};

use super::refusal::Refusal;
use super::token::Token;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/site/serve/live");

/// Sends the script or the style with this name.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let mime = mime_guess::from_path(&name).first_or_octet_stream();
    match FILES.get_file(&name).filter(|_| !name.contains('/')) {
        Some(file) => (
            [
                (CONTENT_TYPE, format!("{mime}; charset=utf-8")),
                (CACHE_CONTROL, "no-cache".to_owned()),
            ],
            file.contents(),
        )
            .into_response(),
        None => Refusal::new(StatusCode::NOT_FOUND, "There is no such address.").into_response(),
    }
}

/// What pages get on top of what was built.
#[derive(Debug, Clone, Default)]
pub(super) struct Additions {
    /// Goes before the end of the head.
    pub(super) head: String,
    /// Goes before the end of the body.
    pub(super) body: String,
}

impl Additions {
    /// What makes a page of this version of the site live.
    pub(super) fn of(version: &str, token: &Token) -> Additions {
        let token = token.text();
        Additions {
            head: format!(
                "<meta name=\"course-token\" content=\"{token}\">\
                 <meta name=\"course-version\" content=\"{version}\">\
                 <link rel=\"stylesheet\" href=\"/-/live.css\">"
            ),
            body: "<script type=\"module\" src=\"/-/live.js\"></script>".to_owned(),
        }
    }
}
