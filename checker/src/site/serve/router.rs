//! Every address that the server knows.

use std::net::SocketAddr;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};

use super::app::App;
use super::refusal::Refusal;
use super::scripts::{self, Additions};
use super::security::{self, Hosts};
use super::site::File;
use super::status::Status;
use super::{api, events, token};

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
            app.token.clone(),
            token::only_with_token,
        ))
}

async fn nowhere() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "There is no such address.")
}

async fn home(State(app): State<App>) -> Response {
    answer(&app, "")
}

async fn page(State(app): State<App>, Path(path): Path<String>) -> Response {
    answer(&app, &path)
}

fn answer(app: &App, path: &str) -> Response {
    let status = app.status.borrow();
    let Some(site) = &status.site else {
        let additions = Additions::of("", &app.token);
        return send(
            StatusCode::INTERNAL_SERVER_ERROR,
            &fault_page(&status, &additions),
        );
    };
    match (site.file(path), site.file(NOT_FOUND)) {
        (Some(file), _) => send(StatusCode::OK, file),
        (None, Some(file)) => send(StatusCode::NOT_FOUND, file),
        (None, None) => (StatusCode::NOT_FOUND, "There is no such page.\n").into_response(),
    }
}

fn send(status: StatusCode, file: &File) -> Response {
    let mut response = (status, file.body.clone()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, file.content_type.clone());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(policy) = &file.policy {
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
    response
}

/// What is shown while there is no good site. The live script's banner says what is wrong.
fn fault_page(status: &Status, additions: &Additions) -> File {
    let fault = status
        .fault
        .as_deref()
        .unwrap_or("The book is being built.");
    let fault = fault.replace('&', "&amp;").replace('<', "&lt;");
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <title>The book cannot be built</title></head><body><main>\
         <h1>The book cannot be built</h1><pre>{fault}</pre></main></body></html>"
    );
    File::new("fault.html", page.into_bytes(), additions)
}
