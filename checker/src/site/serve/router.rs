//! Every address that the server knows.

use std::net::SocketAddr;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HeaderValue, VARY,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use serde::Deserialize;

use super::app::App;
use super::refusal::Refusal;
use super::scripts::{self, Additions};
use super::security::{self, Hosts};
use super::site::{File, Site};
use super::{api, door, events, session};

/// The stream of events.
pub(super) const EVENTS: &str = "/-/events";

/// The page that mdBook makes for addresses that lead nowhere.
const NOT_FOUND: &str = "404.html";

/// Bytes that a request may carry.
const BODY_LIMIT: usize = 64 * 1024;
/// Bytes of a request that carries a program.
const PROGRAM_LIMIT: usize = 256 * 1024;

/// The server's routes, behind the checks that every request passes.
pub(super) fn router(app: App, address: SocketAddr) -> Router {
    let live = Router::new()
        .merge(guarded(&app))
        .route("/-/{name}", get(scripts::file))
        .route("/-/", get(nowhere))
        .route("/-/{name}/{*rest}", get(nowhere))
        .route_layer(middleware::from_fn(security::only_own_pages));
    Router::new()
        .merge(live)
        .route("/", get(home))
        .route("/{*path}", get(page))
        .layer(middleware::from_fn_with_state(
            Hosts::of(address),
            security::only_known_hosts,
        ))
        .layer(middleware::from_fn(security::headers))
        .with_state(app)
}

/// The routes that act or tell. No chapter can have their addresses: `-` is no name for a folder
/// of the book.
fn guarded(app: &App) -> Router<App> {
    let programs = Router::new()
        .route("/-/run", post(api::run::run))
        .layer(DefaultBodyLimit::max(PROGRAM_LIMIT));
    Router::new()
        .route(EVENTS, get(events::events))
        .route("/-/state", get(api::state::state))
        .route("/-/history", get(api::history::history))
        .route("/-/check", post(api::check::start))
        .route("/-/cancel", post(api::check::cancel))
        .route("/-/hint", post(api::hint::hint))
        .route("/-/solution", post(api::solution::solution))
        .route("/-/open", post(api::open::open))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .merge(programs)
        .route_layer(middleware::from_fn_with_state(
            app.session.clone(),
            session::only_admitted,
        ))
}

async fn nowhere() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "There is no such address.")
}

/// What an address of the terminal brings.
#[derive(Debug, Deserialize)]
struct Brought {
    key: Option<String>,
}

async fn home(
    State(app): State<App>,
    Query(brought): Query<Brought>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match brought.key {
        // Whoever asks only for the head does not come in.
        Some(key) if method == Method::GET => door::enter(&app.session, &key, &headers),
        _ => answer(&app, "", &headers),
    }
}

async fn page(State(app): State<App>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    answer(&app, &path, &headers)
}

fn answer(app: &App, path: &str, headers: &HeaderMap) -> Response {
    let status = app.status.borrow();
    let version = status.site.as_deref().map_or("", Site::version);
    let additions = if app.session.knows(headers) {
        Additions::live(version)
    } else {
        Additions::guest(version)
    };
    let send = |code, file: &File| send(code, file, &additions);
    let Some(site) = &status.site else {
        let fault = status.fault.as_deref();
        return door::fault(fault.unwrap_or("The book is being built."));
    };
    match (site.file(path), site.file(NOT_FOUND)) {
        (Some(file), _) => send(StatusCode::OK, file),
        (None, Some(file)) => send(StatusCode::NOT_FOUND, file),
        (None, None) => (StatusCode::NOT_FOUND, "There is no such page.\n").into_response(),
    }
}

fn send(code: StatusCode, file: &File, additions: &Additions) -> Response {
    let (body, policy) = file.sent(additions);
    let mut response = (code, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, file.content_type.clone());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(policy) = policy {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if file.is_page() {
        headers.insert(VARY, HeaderValue::from(COOKIE));
    }
    response
}
