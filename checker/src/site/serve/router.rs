//! Every address that the server knows.

use std::net::SocketAddr;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use tokio::sync::watch;

use super::live::{self, Status};
use super::security::{self, Hosts};
use super::site::File;

/// The page that mdBook makes for addresses that lead nowhere.
const NOT_FOUND: &str = "404.html";

/// The server's routes, behind the checks that every request passes.
pub(super) fn router(status: watch::Sender<Status>, address: SocketAddr) -> Router {
    Router::new()
        .route(live::SCRIPT_PATH, get(live::script))
        .route(live::EVENTS_PATH, get(live::events))
        .route("/", get(home))
        .route("/{*path}", get(page))
        .with_state(status)
        .layer(middleware::from_fn_with_state(
            Hosts::of(address),
            security::only_known_hosts,
        ))
        .layer(middleware::from_fn(security::headers))
}

async fn home(State(status): State<watch::Sender<Status>>) -> Response {
    answer(&status.borrow(), "")
}

async fn page(State(status): State<watch::Sender<Status>>, Path(path): Path<String>) -> Response {
    answer(&status.borrow(), &path)
}

fn answer(status: &Status, path: &str) -> Response {
    let Some(site) = &status.site else {
        return send(StatusCode::INTERNAL_SERVER_ERROR, &fault_page(status));
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

/// What is shown while there is no good site. The script's banner says what is wrong.
fn fault_page(status: &Status) -> File {
    let fault = status
        .fault
        .as_deref()
        .unwrap_or("The book is being built.");
    let fault = fault.replace('&', "&amp;").replace('<', "&lt;");
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\">\
         <title>The book cannot be built</title><body><main>\
         <h1>The book cannot be built</h1><pre>{fault}</pre></main></body></html>"
    );
    File::new("fault.html", page.into_bytes(), &live::script_tag(""))
}
