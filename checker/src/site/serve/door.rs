//! The way into the live pages: an address with a key, what it leads to, and what is shown in the
//! place of the book.

use std::io;
use std::net::SocketAddr;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::session::Session;

/// Makes addresses that open the live pages. Clones make addresses of the same server.
#[derive(Debug, Clone)]
pub struct Door {
    address: SocketAddr,
    session: Session,
}

impl Door {
    pub(super) fn new(address: SocketAddr, session: Session) -> Door {
        Door { address, session }
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A new address, which admits the first browser that opens it. An earlier address that
    /// nobody opened admits nobody any more.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn open(&self) -> io::Result<String> {
        let key = self.session.key()?;
        Ok(format!("http://{}/?key={key}", self.address))
    }
}

/// The policy of the pages at the door: a script and a style of the server, and no more.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'; \
     base-uri 'none'; form-action 'none'",
);

/// Answers a browser that brings a key.
pub(super) fn enter(session: &Session, key: &str, headers: &HeaderMap) -> Response {
    if let Some(admission) = session.admit(key) {
        let token = admission.token();
        let token = format!("<meta name=\"course-token\" content=\"{token}\">");
        let mut response = page(&token);
        // A cookie that cannot be set leaves a guest, who is told what to do.
        if let Ok(cookie) = admission.cookie() {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        response
    } else if session.knows(headers) {
        // The address from the history, or clicked a second time.
        page("")
    } else {
        used()
    }
}

/// A page that leads to the book at once. It does not redirect: on the way from another site, as
/// from a terminal in a browser, the cookie would be kept back.
fn page(meta: &str) -> Response {
    let head = format!(
        "{meta}<script type=\"module\" src=\"/-/enter.js\"></script>\
         <noscript><meta http-equiv=\"refresh\" content=\"0; url=/\"></noscript>"
    );
    let text = "<p><a href=\"/\">Go on to the book</a></p>";
    document(StatusCode::OK, &head, "Opening the book …", text)
}

fn used() -> Response {
    let text = "<p>An address from the terminal opens the book once, in one browser, and only \
        while the server runs that printed it. So no other account of this machine can use it to \
        run code in your name.</p>\
        <p><strong>Press Enter in the terminal where <code>checker serve</code> runs, and open the \
        address that it shows.</strong> If it does not react, end it with Ctrl-C and start it \
        again.</p>\
        <p>Did the server print this very address, and you had not opened it yet? Then somebody \
        else did. Start <code>checker serve</code> again; that shuts everybody out.</p>\
        <p>Without checks and progress, you can <a href=\"/\">read the book</a> right away.</p>";
    document(
        StatusCode::FORBIDDEN,
        "",
        "This address opens nothing any more",
        text,
    )
}

/// What is shown while there is no good site. It loads itself again until there is one.
pub(super) fn fault(fault: &str) -> Response {
    let fault = fault.replace('&', "&amp;").replace('<', "&lt;");
    let text = format!("<pre>{fault}</pre><p>This page loads again by itself.</p>");
    let head = "<meta http-equiv=\"refresh\" content=\"2\">";
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    document(status, head, "The book cannot be built", &text)
}

fn document(status: StatusCode, head: &str, title: &str, text: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <link rel=\"stylesheet\" href=\"/-/door.css\">{head}</head>\
         <body><main><h1>{title}</h1>{text}</main></body></html>"
    );
    let mut response = (status, Html(page)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}
