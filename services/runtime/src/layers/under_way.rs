//! What is under way on the connection that a call came over.

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use http_body_util::BodyExt as _;

use crate::port::remote::Remote;

/// Counts a call as under way until the end of its answer's body, and puts the workload of its
/// connection beside it.
pub(crate) async fn count(mut request: Request, next: Next) -> Response {
    let Some(remote) = request.extensions().get::<Remote>().cloned() else {
        return next.run(request).await;
    };
    let call = remote.activity.begin();
    if let Some(workload) = remote.workload {
        request.extensions_mut().insert(workload);
    }
    let answer = next.run(request).await;
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _under_way = &call;
            frame
        }))
    })
}
