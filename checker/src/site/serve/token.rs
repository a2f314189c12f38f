//! The token of one run of the server: only pages that it sent know it.

use std::fmt::Write;
use std::io;
use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::refusal::Refusal;
use super::router::EVENTS;

const HEADER: HeaderName = HeaderName::from_static("x-course-token");
const BYTES: usize = 16;

/// 32 hexadecimal digits from the system's random source.
#[derive(Debug, Clone)]
pub(super) struct Token(Arc<str>);

/// A token in an address: the browser's event source can send no header.
#[derive(Deserialize)]
struct Ticket {
    token: String,
}

impl Token {
    /// A new one.
    pub(super) fn new() -> io::Result<Token> {
        let mut bytes = [0_u8; BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let mut text = String::with_capacity(BYTES * 2);
        for byte in bytes {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Token(text.into()))
    }

    /// The digits.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    fn accept(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(HEADER).iter();
        if let Some(value) = named.next() {
            return self.is(value.as_bytes()) && named.next().is_none();
        }
        let ticket = (method == Method::GET && uri.path() == EVENTS)
            .then(|| Query::<Ticket>::try_from_uri(uri).ok());
        ticket
            .flatten()
            .is_some_and(|Query(ticket)| self.is(ticket.token.as_bytes()))
    }

    /// Takes the same time wherever the first difference is.
    fn is(&self, other: &[u8]) -> bool {
        let own = self.0.as_bytes();
        let pairs = own.iter().zip(other);
        own.len() == other.len() && pairs.fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    }
}

/// Answers 403 to requests that do not carry the token.
pub(super) async fn only_with_token(
    State(token): State<Token>,
    request: Request,
    next: Next,
) -> Response {
    if token.accept(request.method(), request.uri(), request.headers()) {
        next.run(request).await
    } else {
        let why = "This page belongs to an earlier run of the server; load it again.";
        Refusal::new(StatusCode::FORBIDDEN, why).into_response()
    }
}
