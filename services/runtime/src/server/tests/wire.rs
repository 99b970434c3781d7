//! What is no gRPC, or no message of the contract.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use tonic::{Code, Status, body::Body, codec::CompressionEncoding::Gzip, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use super::{ABSENT, start};

const CHECK: &str = "/grpc.health.v1.Health/Check";

fn request() -> http::request::Builder {
    Request::builder()
        .method(Method::POST)
        .uri(CHECK)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
}

async fn send(channel: &Channel, request: Request<Body>) -> (StatusCode, Status) {
    let answer: Response<Body> = channel.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let mut headers: HeaderMap = parts.headers;
    headers.extend(
        body.collect()
            .await
            .unwrap()
            .trailers()
            .cloned()
            .unwrap_or_default(),
    );
    (parts.status, Status::from_header_map(&headers).unwrap())
}

fn body(bytes: &'static [u8]) -> Body {
    Body::new(Full::new(Bytes::from_static(bytes)))
}

fn reason(status: &Status) -> String {
    let info = status.get_details_error_info();
    info.unwrap_or_else(|| panic!("{status:?}")).reason
}

#[tokio::test]
async fn what_is_no_message_is_the_callers_fault_and_says_so() {
    let running = start().await;
    let channel = running.channel().await;
    let unreadable: [&[u8]; 8] = [
        b"",
        b"{\"service\":\"\"}",
        // Cut in the header, and in the message.
        b"\0\0\0",
        b"\0\0\0\0\x09\x0a\x07gaz",
        // Not UTF-8; a field of another type; a length beyond the end.
        b"\0\0\0\0\x03\x0a\x01\xff",
        b"\0\0\0\0\x02\x08\x01",
        b"\0\0\0\0\x03\x0a\x09a",
        // Compressed, as nothing says.
        b"\x01\0\0\0\0",
    ];
    for bytes in unreadable {
        let request = request().body(body(bytes)).unwrap();
        let (http, status) = send(&channel, request).await;
        assert_eq!(http, StatusCode::OK);
        assert_eq!(status.code(), Code::InvalidArgument, "{bytes:?} {status:?}");
        assert_eq!(reason(&status), "MESSAGE_UNREADABLE", "{bytes:?}");
    }
}

#[tokio::test]
async fn what_reflection_cannot_read_is_refused_as_by_any_rpc() {
    let running = start().await;
    let channel = running.channel().await;
    // The empty name of `list_services`; nothing that is asked; and as above.
    let listed = b"\0\0\0\0\x02\x3a\0";
    let asks_nothing = b"\0\0\0\0\0";
    let is_no_message = b"\0\0\0\0\x03\x3a\x01\xff";
    let large = [b"\0\0\0\x20\0", &[0; 0x2000][..]].concat();
    for (bytes, code) in [
        (b"".to_vec(), Code::Ok),
        (listed.to_vec(), Code::Ok),
        ([listed, &listed[..]].concat(), Code::Ok),
        (asks_nothing.to_vec(), Code::InvalidArgument),
        (is_no_message.to_vec(), Code::InvalidArgument),
        ([&listed[..], is_no_message].concat(), Code::InvalidArgument),
        (b"{\"service\":\"\"}".to_vec(), Code::InvalidArgument),
        (listed[..3].to_vec(), Code::InvalidArgument),
        (listed[..5].to_vec(), Code::InvalidArgument),
        (listed[..6].to_vec(), Code::InvalidArgument),
        (b"\x01\0\0\0\0".to_vec(), Code::InvalidArgument),
        (large, Code::InvalidArgument),
    ] {
        for version in ["v1", "v1alpha"] {
            let rpc = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
            let body = Body::new(Full::new(Bytes::from(bytes.clone())));
            let (_, status) = send(&channel, request().uri(rpc).body(body).unwrap()).await;
            assert_eq!(status.code(), code, "{bytes:?} {status:?}");
            if code != Code::Ok {
                assert_eq!(reason(&status), "MESSAGE_UNREADABLE", "{bytes:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_of_any_length_that_clients_send_is_refused_with_a_reason() {
    let running = start().await;
    let channel = running.channel().await;
    let bearer = format!("Bearer {}", "a".repeat(40_000));
    let request = Request::builder()
        .method(Method::POST)
        .uri("/gazelle.usage.v1.UsageService/GetPeriod")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", bearer);
    let request = request.body(body(b"\0\0\0\0\0")).unwrap();
    let (http, status) = send(&channel, request).await;
    assert_eq!(
        (http, status.code()),
        (StatusCode::OK, Code::Unauthenticated)
    );
    assert!(!reason(&status).is_empty());
}

#[tokio::test]
async fn a_second_message_is_refused_and_not_lost() {
    let running = start().await;
    let channel = running.channel().await;
    let message = Bytes::from_static(b"\0\0\0\0\0");
    let once = Full::new(message.clone());
    let together = Full::new(Bytes::from([&*message, &*message].concat()));
    let frames = [message.clone(), message].map(|it| Ok::<_, Status>(Frame::data(it)));
    let apart = StreamBody::new(tokio_stream::iter(frames));
    for (body, code) in [
        (Body::new(once), Code::Ok),
        (Body::new(together), Code::InvalidArgument),
        (Body::new(apart), Code::InvalidArgument),
    ] {
        let (_, status) = send(&channel, request().body(body).unwrap()).await;
        assert_eq!(status.code(), code, "{status:?}");
        if code != Code::Ok {
            assert_eq!(reason(&status), "MESSAGE_UNREADABLE");
            assert!(status.message().contains("more than the one"), "{status:?}");
        }
    }
}

#[tokio::test]
async fn another_method_or_content_type_is_no_grpc() {
    let running = start().await;
    let channel = running.channel().await;
    let get = Request::builder()
        .uri(CHECK)
        .header("content-type", "application/grpc");
    let (http, status) = send(&channel, get.body(body(b"")).unwrap()).await;
    assert_eq!(http, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(reason(&status), "NOT_GRPC");
    for kind in [
        "application/json",
        "application/grpc+json",
        "application/grpc-web+proto",
        "application/grpcfoo",
        "",
    ] {
        let post = Request::builder().method(Method::POST).uri(CHECK);
        let post = post.header("content-type", kind).body(body(b"{}")).unwrap();
        let (http, status) = send(&channel, post).await;
        assert_eq!(http, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        assert_eq!(status.code(), Code::InvalidArgument, "{kind}");
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.metadata["content_type"].as_str()),
            ("NOT_GRPC", kind)
        );
    }
    for kind in ["application/grpc+proto", "application/grpc;charset=utf-8"] {
        let mut post = request().body(body(b"\0\0\0\0\0")).unwrap();
        post.headers_mut()
            .insert("content-type", kind.parse().unwrap());
        assert_eq!(send(&channel, post).await.1.code(), Code::Ok, "{kind}");
    }
}

#[tokio::test]
async fn an_rpc_that_nobody_serves_is_named() {
    let running = start().await;
    let channel = running.channel().await;
    let bearer = format!("Bearer {}", running.token());
    for (path, shown) in [
        (ABSENT, Some(&bearer)),
        ("/gazelle.usage.v1.UsageService/Nope", Some(&bearer)),
        ("/gazelle.usage.v2.UsageService/GetPeriod", Some(&bearer)),
        ("/grpc.health.v1.Health/Nope", Some(&bearer)),
        ("/grpc.health.v1.Health/Nope", None),
        ("/grpc.reflection.v1.ServerReflection/Nope", None),
    ] {
        let mut request = request().uri(path);
        if let Some(bearer) = shown {
            request = request.header("authorization", bearer);
        }
        let request = request.body(body(b"\0\0\0\0\0")).unwrap();
        let (_, status) = send(&channel, request).await;
        assert_eq!(status.code(), Code::Unimplemented, "{path}: {status:?}");
        assert!(status.message().contains(path), "{status:?}");
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.metadata["method"].as_str()),
            ("RPC_NOT_SERVED", path)
        );
    }
}

#[tokio::test]
async fn gzip_is_read_within_the_bound_and_other_compressions_are_refused_by_name() {
    let running = start().await;
    let channel = running.channel().await;
    let mut health = HealthClient::new(channel.clone()).send_compressed(Gzip);
    health.check(HealthCheckRequest::default()).await.unwrap();
    let mut ask = async |bytes| {
        let service = "a".repeat(bytes);
        health
            .check(HealthCheckRequest { service })
            .await
            .unwrap_err()
    };
    assert_eq!(ask(4_000).await.code(), Code::NotFound);
    // A thousandth of that on the wire.
    let large = ask(4 * 1_024 * 1_024).await;
    assert_eq!(large.code(), Code::InvalidArgument);
    let info = large.get_details_error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.metadata["limit_bytes"].as_str()),
        ("MESSAGE_TOO_LARGE", "4096")
    );
    let mut plain = HealthClient::new(channel.clone());
    let service = "a".repeat(5_000);
    let large = plain
        .check(HealthCheckRequest { service })
        .await
        .unwrap_err();
    assert_eq!(reason(&large), "MESSAGE_TOO_LARGE");

    for encoding in ["zstd", "deflate", "br"] {
        let request = request().header("grpc-encoding", encoding);
        let (_, status) = send(&channel, request.body(body(b"\0\0\0\0\0")).unwrap()).await;
        assert_eq!(status.code(), Code::Unimplemented);
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.metadata["encoding"].as_str()),
            ("ENCODING_UNSUPPORTED", encoding)
        );
        assert_eq!(
            status.metadata().get("grpc-accept-encoding").unwrap(),
            "identity,gzip"
        );
    }
}

#[tokio::test]
async fn a_message_has_one_gzip_member_and_nothing_follows_it() {
    let running = start().await;
    let channel = running.channel().await;
    let member = |content: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let one = member(b"");
    let two = [&one[..], &member(b"\x0a\x01a")].concat();
    for (message, code) in [(one, Code::Ok), (two, Code::InvalidArgument)] {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        let message = [&[1], &length[..], &message].concat();
        let request = request().header("grpc-encoding", "gzip");
        let request = request.body(Body::new(Full::new(message.into()))).unwrap();
        let (_, status) = send(&channel, request).await;
        assert_eq!(status.code(), code, "{status:?}");
        assert!(code == Code::Ok || reason(&status) == "MESSAGE_UNREADABLE");
    }
}
