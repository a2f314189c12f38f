//! The scripts and styles that make a page live, and what loads them.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use include_dir::{Dir, include_dir};

use super::refusal::Refusal;

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
    /// Goes before the text.
    pub(super) note: &'static str,
    /// Goes before the end of the body.
    pub(super) script: &'static str,
    /// Where the page's scripts may connect to.
    pub(super) connect: &'static str,
}

/// What a guest reads above every page.
const NOTE: &str = "<aside class=\"guest-note\" data-live=\"guest\"><p><strong>This is the book \
    alone.</strong> Checks, progress and the examples on your own machine are for the browser that \
    <code>checker serve</code> opened. To have them here, press Enter in the terminal where it \
    runs, and open the address that it shows.</p></aside>";

impl Additions {
    /// What makes a page of this version of the site live.
    pub(super) fn live(version: &str) -> Additions {
        Additions {
            head: head(version),
            note: "",
            script: "<script type=\"module\" src=\"/-/live.js\"></script>",
            connect: "'self'",
        }
    }

    /// What a browser gets that was not admitted: the page as it is published.
    pub(super) fn guest(version: &str) -> Additions {
        Additions {
            head: head(version),
            note: NOTE,
            script: "<script type=\"module\" src=\"/-/guest.js\"></script>",
            connect: "'self' https://play.rust-lang.org",
        }
    }
}

fn head(version: &str) -> String {
    format!(
        "<meta name=\"course-version\" content=\"{version}\">\
         <link rel=\"stylesheet\" href=\"/-/live.css\">"
    )
}
