//! What is no gRPC of ours, told as a refusal of the contract.
//!
//! Before a call: another method than `POST`, another content type, a compression that is not
//! read. After it: what `tonic` could not read of the body ([`unread`]), and an RPC that nobody
//! here serves, of which it says nothing but the code.

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use gazelle_proto::access::ErrorReason;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyExt as _;
use tonic::{Code, Status};

use super::{gzip::of_one_member, reflected::ReflectionBody};
use crate::status::{Refusal, fault, unread, unreadable};

/// Content types of gRPC.
const KINDS: [&str; 2] = ["application/grpc", "application/grpc+proto"];

/// Compressions that are read, as the contract of gRPC has them in `grpc-accept-encoding`.
const ACCEPTED: &str = "identity,gzip";

/// What reflection says of a message that asks nothing.
const ASKS_NOTHING: &str = "invalid MessageRequest";

/// What every status with an `ErrorInfo` has.
const DETAILS: &str = "grpc-status-details-bin";

/// Refuses what is not gRPC, and says of what could not be read why.
pub(crate) async fn wire(request: Request, next: Next) -> Response {
    if let Some(refused) = not_grpc(&request).or_else(|| unknown_encoding(request.headers())) {
        return refused;
    }
    let request = of_one_member(request);
    let uri = request.uri().clone();
    let reading = ReflectionBody::of(uri.path());
    let request = match &reading {
        Some(reading) => request.map(|body| reading.watched(body)),
        None => request,
    };
    let mut answer = next.run(request).await;
    judge(answer.headers_mut(), uri.path(), reading.as_ref());
    answer.map(|body| {
        Body::new(body.map_frame(move |mut frame| {
            if let Some(trailers) = frame.trailers_mut() {
                judge(trailers, uri.path(), reading.as_ref());
            }
            frame
        }))
    })
}

fn not_grpc(request: &Request) -> Option<Response> {
    let message = "the content type of gRPC is application/grpc or application/grpc+proto";
    unless(request, &KINDS, message)
}

/// A refusal unless it is a `POST` of one of these content types: as gRPC over HTTP/2 asks for it,
/// with an HTTP status; and for a client that does speak gRPC with a refusal beside it.
pub(super) fn unless(request: &Request, kinds: &[&str], message: &str) -> Option<Response> {
    let (status, message) = if request.method() != Method::POST {
        (StatusCode::METHOD_NOT_ALLOWED, "gRPC is POST alone")
    } else if one_of(kinds, request.headers().get(CONTENT_TYPE)).is_none() {
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    } else {
        return None;
    };
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.map_or("", |kind| kind.to_str().unwrap_or("?"));
    let refusal = Refusal::shared(Code::InvalidArgument, ErrorReason::NotGrpc, message)
        .with("method", request.method())
        .with("content_type", kind);
    let mut refused: Response = Status::from(refusal).into_http();
    *refused.status_mut() = status;
    Some(refused)
}

/// Which of `kinds` a header names. Parameters and case say nothing.
pub(super) fn one_of<'a>(kinds: &[&'a str], named: Option<&HeaderValue>) -> Option<&'a str> {
    let name = named?.to_str().ok()?.split(';').next()?.trim();
    let mut kinds = kinds.iter().copied();
    kinds.find(|kind| name.eq_ignore_ascii_case(kind))
}

fn unknown_encoding(headers: &HeaderMap) -> Option<Response> {
    let encoding = headers.get("grpc-encoding")?;
    let encoding = encoding.to_str().unwrap_or("?");
    if ACCEPTED.split(',').any(|accepted| accepted == encoding) {
        return None;
    }
    let message = format!("messages compressed as {encoding} are not read; send {ACCEPTED}");
    let refusal = Refusal::shared(
        Code::Unimplemented,
        ErrorReason::EncodingUnsupported,
        message,
    )
    .with("encoding", encoding)
    .with("accepted", ACCEPTED);
    let mut refused: Response = Status::from(refusal).into_http();
    let accepted = HeaderValue::from_static(ACCEPTED);
    refused
        .headers_mut()
        .insert("grpc-accept-encoding", accepted);
    Some(refused)
}

/// Gives a status that `tonic` made by itself the code and the reason that it has.
fn judge(headers: &mut HeaderMap, method: &str, reading: Option<&ReflectionBody>) {
    if headers.contains_key(DETAILS) || !headers.contains_key("grpc-status") {
        return;
    }
    let Some(status) = Status::from_header_map(headers) else {
        return;
    };
    let unread = match status.code() {
        Code::Ok => reading.and_then(ReflectionBody::refused).map(Status::from),
        _ => None,
    };
    let Some(judged) = unread.or_else(|| judged(&status, method)) else {
        return;
    };
    for name in ["grpc-status", "grpc-message", DETAILS] {
        headers.remove(name);
    }
    if let Err(error) = judged.add_header(headers) {
        tracing::error!(%error, "a refusal cannot be told");
    }
}

/// An answer of ours that could not be written, or is larger than any client reads.
#[derive(Debug, thiserror::Error)]
#[error("an answer cannot be sent: {0}")]
struct Unsendable(String);

fn judged(status: &Status, method: &str) -> Option<Status> {
    let said = status.message();
    let is = |what: &str| said.starts_with(what);
    match status.code() {
        Code::Internal | Code::OutOfRange | Code::ResourceExhausted
            if is("Error encoding") || is("Error compressing") || is("Error, encoded message") =>
        {
            Some(fault(&Unsendable(said.to_owned())))
        }
        Code::Unimplemented if said.is_empty() => Some(Refusal::not_served(method).into()),
        Code::InvalidArgument if said == ASKS_NOTHING => Some(unreadable(said)),
        _ => unread(status),
    }
}
