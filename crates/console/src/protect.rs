//! What keeps a browser from doing more than showing these pages.
//!
//! No script runs (`default-src 'none'`), nothing is loaded from elsewhere, nothing is
//! cached, no other site can frame a page or post a form into it.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::failure;

/// Where the style sheet is served.
pub const STYLE: &str = "/console.css";
const CSS: &str = include_str!("../assets/console.css");
const ICON: &str = include_str!("../assets/bridge.svg");

const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Puts the headers on every answer; nothing is kept by browsers unless it says so.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses forms that come from another site. Each form of a session carries a token
/// besides; this also covers the sign-in form, which has no session yet.
pub async fn refuse_foreign_forms(request: Request, next: Next) -> Response {
    if request.method() == Method::POST && is_foreign(request.headers()) {
        return failure::page(&api::Error::Forged, None);
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        _ => false,
    }
}

fn asset(kind: &'static str, body: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")];
    (headers, body).into_response()
}

/// The style sheet.
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", CSS)
}

/// The mark.
pub async fn icon() -> Response {
    asset("image/svg+xml", ICON)
}
