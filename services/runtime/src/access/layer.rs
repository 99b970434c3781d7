//! The layer before all handlers, and what handlers know by it.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use tonic::Status;

use super::{
    gate::Access,
    refused::{self, Refused},
    stream,
};
use crate::{
    auth::{Evidence, Principal},
    port::remote::Remote,
};

/// Lets a call through that the contract allows, with who calls beside it.
pub(crate) async fn access(State(access): State<Access>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let admitted = match access.admit(&head).await {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return next.run(Request::from_parts(head, body)).await,
        Err(Refused { status, principal }) => return seen(status.into_http(), principal),
    };
    if let Some(remote) = head.extensions.get::<Remote>()
        && !remote.activity.let_in()
    {
        let status = Status::from(refused::gave_way());
        return seen(status.into_http(), Some(admitted.principal));
    }
    head.extensions.insert(admitted.principal.clone());
    head.extensions.insert(admitted.evidence.clone());
    let request = Request::from_parts(head, body);
    let principal = Some(admitted.principal.clone());
    let answer = if admitted.is_stream {
        stream::while_believed(access, admitted, request, next).await
    } else {
        next.run(request).await
    };
    seen(answer, principal)
}

/// An answer, with whom it is given for layers outside of this one.
fn seen(mut answer: Response, principal: Option<Principal>) -> Response {
    if let Some(principal) = principal {
        answer.extensions_mut().insert(principal);
    }
    answer
}

/// Who called, as the layer found out.
///
/// # Panics
/// In a handler that is served without this layer, or open to all.
pub fn principal<T>(request: &tonic::Request<T>) -> &Principal {
    request
        .extensions()
        .get()
        .expect("the layer lets no call through without a principal")
}

/// What the caller showed: which issuer vouched for a person, by which token.
///
/// # Panics
/// In a handler that is served without this layer, or open to all.
pub fn evidence<T>(request: &tonic::Request<T>) -> &Evidence {
    request
        .extensions()
        .get()
        .expect("the layer lets no call through without evidence")
}
