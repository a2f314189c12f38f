//! Who may use the live pages: the browser that was opened with a key.
//!
//! Every account of the machine can reach the server, so that an address alone proves nothing. A
//! key, in the address that the learner's terminal shows, works once. The browser that brings it
//! gets two things and must show both from then on: a cookie, which no page of another site can
//! use and no script can read, and a token, which only pages of this very origin can read. The
//! cookie alone would not do: browsers send it to every server of this machine, on whatever port.

use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Query, Request, State};
use axum::http::header::{COOKIE, HeaderValue, InvalidHeaderValue};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::refusal::Refusal;
use super::router::EVENTS;

const HEADER: HeaderName = HeaderName::from_static("x-course-token");
const BYTES: usize = 16;

/// What one run of the server knows its browser by. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Session(Arc<Secrets>);

#[derive(Debug)]
struct Secrets {
    /// Browsers keep one jar for all ports of a machine; servers side by side need names apart.
    cookie_name: String,
    cookie: Secret,
    token: Secret,
    /// The key that nobody used yet.
    key: Mutex<Option<Secret>>,
}

/// 32 hexadecimal digits from the system's random source.
#[derive(Debug, Clone)]
struct Secret(String);

/// A token in an address: the browser's event source can send no header.
#[derive(Deserialize)]
struct Ticket {
    token: String,
}

impl Session {
    /// A new one, for the server on a port.
    pub(super) fn new(port: u16) -> io::Result<Session> {
        Ok(Session(Arc::new(Secrets {
            cookie_name: format!("checker-{port}"),
            cookie: Secret::new()?,
            token: Secret::new()?,
            key: Mutex::default(),
        })))
    }

    /// A new key, which opens the live pages once. An earlier one opens nothing any more.
    pub(super) fn key(&self) -> io::Result<String> {
        let key = Secret::new()?;
        let text = key.0.clone();
        *self.0.key.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
        Ok(text)
    }

    /// Takes a key. What comes back makes the browser that brought it the learner's.
    pub(super) fn admit(&self, key: &str) -> Option<Admission> {
        let mut unused = self.0.key.lock().unwrap_or_else(PoisonError::into_inner);
        unused.take_if(|unused| unused.is(key.as_bytes()))?;
        Some(Admission(self.clone()))
    }

    /// Whether the browser that sends these headers was admitted.
    pub(super) fn knows(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(COOKIE).iter();
        let mut pairs = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        // Servers on other ports can set cookies for this one: a second value must not lock out.
        pairs.any(|(name, value)| name == self.0.cookie_name && self.0.cookie.is(value.as_bytes()))
    }

    fn accepts(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
        self.knows(headers) && self.has_token(method, uri, headers)
    }

    fn has_token(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
        let token = &self.0.token;
        let mut named = headers.get_all(HEADER).iter();
        if let Some(value) = named.next() {
            return token.is(value.as_bytes()) && named.next().is_none();
        }
        let ticket = (method == Method::GET && uri.path() == EVENTS)
            .then(|| Query::<Ticket>::try_from_uri(uri).ok());
        ticket
            .flatten()
            .is_some_and(|Query(ticket)| token.is(ticket.token.as_bytes()))
    }
}

/// What a browser is told that brought an unused key.
#[derive(Debug)]
pub(super) struct Admission(Session);

impl Admission {
    /// The cookie to set. It ends with the browser.
    pub(super) fn cookie(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        let Secrets {
            cookie_name: name,
            cookie: Secret(value),
            ..
        } = self.0.0.as_ref();
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict").try_into()
    }

    /// What its scripts send beside the cookie.
    pub(super) fn token(&self) -> &str {
        &self.0.0.token.0
    }
}

impl Secret {
    fn new() -> io::Result<Secret> {
        let mut bytes = [0_u8; BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let mut text = String::with_capacity(BYTES * 2);
        for byte in bytes {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Secret(text))
    }

    /// Takes the same time wherever the first difference is.
    fn is(&self, other: &[u8]) -> bool {
        let own = self.0.as_bytes();
        let pairs = own.iter().zip(other);
        own.len() == other.len() && pairs.fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
    }
}

/// Answers 403 to requests of browsers that were not admitted.
pub(super) async fn only_admitted(
    State(session): State<Session>,
    request: Request,
    next: Next,
) -> Response {
    if session.accepts(request.method(), request.uri(), request.headers()) {
        next.run(request).await
    } else {
        let why = "The server does not know this page. In the terminal where `checker serve` \
                   runs, press Enter, and open the address that it shows.";
        Refusal::new(StatusCode::FORBIDDEN, why).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::new(3000).unwrap()
    }

    #[test]
    fn a_key_admits_once() {
        let session = session();
        let key = session.key().unwrap();
        assert!(session.admit(&key[1..]).is_none());
        assert!(session.admit(&key).is_some());
        assert!(session.admit(&key).is_none());
    }

    #[test]
    fn a_new_key_takes_the_place_of_one_that_nobody_used() {
        let session = session();
        let (old, new) = (session.key().unwrap(), session.key().unwrap());
        assert!(session.admit(&old).is_none());
        assert!(session.admit(&new).is_some());
    }

    #[test]
    fn without_a_key_nothing_admits() {
        assert!(session().admit("").is_none());
    }

    #[test]
    fn a_browser_is_known_by_its_cookie_among_others() {
        let session = session();
        let key = session.key().unwrap();
        let cookie = session.admit(&key).unwrap().cookie().unwrap();
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        let knows = |cookies: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookies.parse().unwrap());
            session.knows(&headers)
        };
        assert!(knows(pair));
        assert!(knows(&format!("a=b; {pair}; checker-4000=x")));
        assert!(knows(&format!("checker-3000=planted; {pair}")));
        assert!(!knows(&pair.replace("3000", "4000")));
        assert!(!knows(&pair[..pair.len() - 1]));
        assert!(!knows("checker-3000="));
        assert!(!session.knows(&HeaderMap::new()));
    }
}
