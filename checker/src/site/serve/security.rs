//! What keeps other web pages away from the server, and strangers' code out of the book.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The policy of everything that names none of its own.
const BARE_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'");

/// The names under which the server may be addressed.
#[derive(Debug, Clone)]
pub(super) struct Hosts(Arc<[String]>);

impl Hosts {
    /// The names of this machine, with the port that the server listens on.
    pub(super) fn of(address: SocketAddr) -> Hosts {
        let port = address.port();
        let names = ["127.0.0.1", "localhost", "[::1]"];
        Hosts(names.iter().map(|name| format!("{name}:{port}")).collect())
    }

    /// Whether a request addresses this server. A foreign name that resolves to this machine would
    /// let another site read the answers.
    fn accept(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let known = |name: &str| self.0.iter().any(|host| host.eq_ignore_ascii_case(name));
        let mut named = headers.get_all(HOST).iter();
        let host = named.next().and_then(|value| value.to_str().ok());
        host.is_some_and(known)
            && named.next().is_none()
            && uri
                .authority()
                .is_none_or(|authority| known(authority.as_str()))
    }
}

/// Answers 421 to requests that address another host.
pub(super) async fn only_known_hosts(
    State(hosts): State<Hosts>,
    request: Request,
    next: Next,
) -> Response {
    if hosts.accept(request.headers(), request.uri()) {
        next.run(request).await
    } else {
        let text = "This server answers only to its own address.\n";
        (StatusCode::MISDIRECTED_REQUEST, text).into_response()
    }
}

/// Answers 403 to requests that a page of another site sends. What a browser says of a request's
/// origin, no script can change; programs that are no browsers need not say anything.
pub(super) async fn only_own_pages(request: Request, next: Next) -> Response {
    if is_own(request.headers()) {
        next.run(request).await
    } else {
        let why = "This server answers only to its own pages.";
        Refusal::new(StatusCode::FORBIDDEN, why).into_response()
    }
}

fn is_own(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = format!("http://{}", host.unwrap_or_default());
    let all = |name: HeaderName, accept: &dyn Fn(&str) -> bool| {
        let mut values = headers.get_all(name).iter();
        values.all(|value| value.to_str().is_ok_and(accept))
    };
    all(ORIGIN, &|origin| origin.eq_ignore_ascii_case(&own))
        && all(FETCH_SITE, &|site| matches!(site, "same-origin" | "none"))
}

/// Adds the headers that every answer carries.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(BARE_POLICY);
    response
}
