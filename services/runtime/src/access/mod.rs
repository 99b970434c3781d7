//! Who may call what.
//!
//! The contract declares it beside each RPC; [`gazelle_proto::access::RULES`] has it as a table.
//! This layer stands before all handlers: no proof, no call; no rule, no call. A stream ends when
//! what it began with does not count any more. A handler finds who called with [`principal`], and
//! looks at nothing else for it, least of all at the message.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use gazelle_proto::access::{Caller, Rule};
use http::request::Parts;
use tonic::Status;

use crate::{
    auth::{Evidence, Principal, Role, Verifier},
    seldom::Seldom,
};

mod identity;
mod refused;
mod stream;

/// Open to all: probes and tools ask these before they know anybody.
const OPEN: [&str; 3] = [
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
];

/// Finds the rule of a path; [`gazelle_proto::access::rule`] except in tests.
pub type FindRule = fn(&str) -> Option<&'static Rule>;

/// Whom to believe, and what each may.
#[derive(Clone)]
pub(crate) struct Access {
    verifier: Verifier,
    find_rule: FindRule,
    /// Anybody can send tokens as fast as the wire carries them.
    lines: Arc<Seldom>,
}

/// A call that is not let in.
struct Refused {
    status: Status,
    /// Who called, where that is known.
    principal: Option<Principal>,
}

/// A caller who was let in.
#[derive(Debug, Clone)]
struct Admitted {
    principal: Principal,
    evidence: Evidence,
    /// Whether the call may last for long.
    is_stream: bool,
}

impl Access {
    /// Believes whom `verifier` believes.
    pub(crate) fn new(verifier: Verifier, find_rule: FindRule) -> Self {
        Self {
            verifier,
            find_rule,
            lines: Arc::default(),
        }
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Who calls, or for a path open to all nobody.
    async fn admit(&self, request: &Parts) -> Result<Option<Admitted>, Refused> {
        let path = request.uri.path();
        if OPEN.iter().any(|prefix| path.starts_with(prefix)) {
            return Ok(None);
        }
        let (principal, evidence) = self.identify(request).await?;
        let rule = (self.find_rule)(path);
        let allowed = rule.filter(|rule| {
            let mut callers = rule.callers.iter();
            callers.any(|&caller| is(&principal, caller))
        });
        let Some(rule) = allowed else {
            return Err(self.refused(path, &principal, "not allowed", refused::denied()));
        };
        if let Some(asked) = self.verifier.second_factor()
            && rule.second_factor
            && !has_shown_both(&principal, &evidence)
        {
            let refusal = refused::second_factor(asked);
            return Err(self.refused(path, &principal, "no second factor", refusal));
        }
        Ok(Some(Admitted {
            principal,
            evidence,
            is_stream: rule.streaming,
        }))
    }
}

/// Only people have a second factor.
fn has_shown_both(principal: &Principal, evidence: &Evidence) -> bool {
    let token = evidence.token.as_ref();
    !matches!(principal, Principal::Person { .. }) || token.is_some_and(|it| it.has_second_factor)
}

fn is(principal: &Principal, caller: Caller) -> bool {
    let role = match caller {
        Caller::Registrar => Role::Registrar,
        Caller::Officer => Role::Officer,
        Caller::Approver => Role::Approver,
        Caller::Auditor => Role::Auditor,
        Caller::Platform => return matches!(principal, Principal::Platform(_)),
        Caller::Service => return matches!(principal, Principal::Service(_)),
    };
    matches!(principal, Principal::Person { roles, .. } if roles.contains(&role))
}

/// Lets a call through that the contract allows, with who calls beside it.
pub(crate) async fn access(State(access): State<Access>, request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let admitted = match access.admit(&head).await {
        Ok(Some(admitted)) => admitted,
        Ok(None) => return next.run(Request::from_parts(head, body)).await,
        Err(Refused { status, principal }) => return seen(status.into_http(), principal),
    };
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

#[cfg(test)]
mod tests;
