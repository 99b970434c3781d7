//! gRPC-Web, for pages in a browser: only where it is switched on, and only for the origins that
//! are named.
//!
//! A browser does not let other pages read an answer; but it may have sent the call by then. So a
//! call of another origin is refused before it is one.

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, Version, header};
use std::{sync::Arc, time::Duration};
use tonic_web::GrpcWebLayer;
use tower_http::cors::CorsLayer;

use super::wire::{one_of, unless};

/// Content types of gRPC-Web, as `tonic` knows them.
const KINDS: [&str; 4] = [
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
];

/// What a page may read of an answer besides its body.
const EXPOSED: [&str; 4] = [
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "grpc-accept-encoding",
];

/// What a page may send.
const ALLOWED: [&str; 7] = [
    "authorization",
    "content-type",
    "grpc-timeout",
    "traceparent",
    "tracestate",
    "x-grpc-web",
    "x-user-agent",
];

/// How long a browser need not ask again.
const PREFLIGHT_AGE: Duration = Duration::from_hours(1);

/// The routes, for pages of these origins too.
pub(crate) fn open(routes: Router, origins: &[HeaderValue]) -> Router {
    if origins.is_empty() {
        return routes;
    }
    let cors = CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::POST])
        .allow_headers(ALLOWED.map(HeaderName::from_static))
        .expose_headers(EXPOSED.map(HeaderName::from_static))
        .max_age(PREFLIGHT_AGE);
    let origins: Arc<[HeaderValue]> = origins.into();
    routes
        .layer(GrpcWebLayer::new())
        .layer(from_fn(web))
        .layer(from_fn_with_state(origins, origin))
        .layer(cors)
}

/// Refuses pages of other origins. Who is no page names none.
async fn origin(
    State(origins): State<Arc<[HeaderValue]>>,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(header::ORIGIN);
    if origin.is_some_and(|origin| !origins.contains(origin)) {
        return (StatusCode::FORBIDDEN, "pages of this origin may not call\n").into_response();
    }
    next.run(request).await
}

/// Refuses what is neither gRPC over HTTP/2, of which [`wire`](super::wire) sees to the rest, nor
/// gRPC-Web; and writes content types as `tonic` compares them.
async fn web(mut request: Request, next: Next) -> Response {
    let is_web = one_of(&KINDS, request.headers().get(header::CONTENT_TYPE)).is_some();
    if !is_web && request.version() == Version::HTTP_2 {
        return next.run(request).await;
    }
    let message = "over HTTP/1.1 only gRPC-Web is answered: its content type is \
                   application/grpc-web+proto or application/grpc-web-text+proto; gRPC is HTTP/2";
    if let Some(refused) = unless(&request, &KINDS, message) {
        return refused;
    }
    for name in [header::CONTENT_TYPE, header::ACCEPT] {
        if let Some(kind) = one_of(&KINDS, request.headers().get(&name)) {
            let kind = HeaderValue::from_static(kind);
            request.headers_mut().insert(name, kind);
        }
    }
    next.run(request).await
}
