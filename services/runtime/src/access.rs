//! Who may call what.
//!
//! The contract declares it beside each RPC; [`gazelle_proto::access::RULES`] has it as a table.
//! This layer stands before all handlers: no token, no call; no rule, no call. A handler finds
//! who called with [`principal`], and looks at nothing else for it, least of all at the message.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use gazelle_proto::access::{Caller, ErrorReason, Rule};
use http::header::AUTHORIZATION;
use tonic::{Code, Status};

use crate::{
    auth::{Principal, Role, Verifier},
    seldom::Seldom,
    status::Refusal,
};

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

impl Access {
    /// Believes tokens that `verifier` believes.
    pub(crate) fn new(verifier: Verifier, find_rule: FindRule) -> Self {
        Self {
            verifier,
            find_rule,
            lines: Arc::default(),
        }
    }

    /// Who calls, or for a path open to all nobody.
    fn admit(&self, request: &Request) -> Result<Option<Principal>, Status> {
        let path = request.uri().path();
        if OPEN.iter().any(|prefix| path.starts_with(prefix)) {
            return Ok(None);
        }
        let principal = self.identify(request)?;
        let allowed = (self.find_rule)(path)
            .is_some_and(|rule| rule.callers.iter().any(|&caller| is(&principal, caller)));
        if allowed {
            return Ok(Some(principal));
        }
        if let Some(left_out) = self.lines.line() {
            tracing::info!(path, actor = %principal.actor(), left_out, "refused: not allowed");
        }
        Err(Refusal::shared(
            Code::PermissionDenied,
            ErrorReason::PermissionDenied,
            "you may not call this",
        )
        .into())
    }

    fn identify(&self, request: &Request) -> Result<Principal, Status> {
        let refusal =
            |message| Refusal::shared(Code::Unauthenticated, ErrorReason::Unauthenticated, message);
        let mut headers = request.headers().get_all(AUTHORIZATION).iter();
        let token = match (headers.next(), headers.next()) {
            (Some(header), None) => header.to_str().ok().and_then(bearer),
            _ => None,
        };
        let token = token.ok_or_else(|| refusal("send `authorization: Bearer TOKEN`, once"))?;
        self.verifier.verify(token).map_err(|error| {
            if let Some(left_out) = self.lines.line() {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                let path = request.uri().path();
                tracing::info!(path, %error, cause, left_out, "refused: bad token");
            }
            refusal("the token is not valid").into()
        })
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
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
pub(crate) async fn access(
    State(access): State<Access>,
    mut request: Request,
    next: Next,
) -> Response {
    match access.admit(&request) {
        Ok(principal) => {
            if let Some(principal) = principal {
                request.extensions_mut().insert(principal);
            }
            next.run(request).await
        }
        Err(status) => status.into_http(),
    }
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

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware::from_fn_with_state};
    use time::{Duration, macros::datetime};
    use tonic_types::StatusExt;
    use tower::ServiceExt;

    use super::*;
    use crate::{auth::tests::suite, clock::Clock};

    const RULES: &[Rule] = &[
        Rule {
            path: "/gazelle.test.v1.Test/Approve",
            callers: &[Caller::Approver, Caller::Service],
            streaming: false,
        },
        Rule {
            path: "/gazelle.test.v1.Test/Nobody",
            callers: &[],
            streaming: false,
        },
    ];

    fn person(roles: &[Role]) -> Principal {
        Principal::Person {
            subject: "alice".into(),
            roles: roles.into(),
        }
    }

    /// What a call of `path` by `caller` is answered: who the handler saw, or why it was refused.
    async fn call(path: &str, caller: Option<Principal>) -> Result<Option<String>, (Code, String)> {
        let suite = suite(&Clock::fixed(datetime!(2017-11-11 0:00 UTC)));
        let handler = async |request: Request| {
            let caller = request.extensions().get::<Principal>();
            let actor = caller.map(|caller| caller.actor().to_string());
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(actor);
            response
        };
        let layer = Access::new(suite.verifier.clone(), |path| {
            RULES.iter().find(|rule| rule.path == path)
        });
        let router = Router::new()
            .fallback(handler)
            .layer(from_fn_with_state(layer, access));
        let mut request = Request::builder().uri(path);
        if let Some(caller) = caller {
            let token = suite.issuer.mint(&caller, Duration::MINUTE).unwrap();
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        match Status::from_header_map(response.headers()) {
            None => Ok(response
                .extensions()
                .get::<Option<String>>()
                .cloned()
                .flatten()),
            Some(status) => {
                let reason = status.get_details_error_info().unwrap().reason;
                Err((status.code(), reason))
            }
        }
    }

    fn denied() -> Result<Option<String>, (Code, String)> {
        Err((Code::PermissionDenied, "PERMISSION_DENIED".into()))
    }

    fn unauthenticated() -> Result<Option<String>, (Code, String)> {
        Err((Code::Unauthenticated, "UNAUTHENTICATED".into()))
    }

    #[tokio::test]
    async fn a_caller_with_one_of_the_declared_roles_reaches_the_handler() {
        let path = "/gazelle.test.v1.Test/Approve";
        let both = person(&[Role::Officer, Role::Approver]);
        assert_eq!(
            call(path, Some(both)).await,
            Ok(Some("person:alice".into()))
        );
        let service = Principal::Service("settlement".into());
        assert_eq!(
            call(path, Some(service)).await,
            Ok(Some("service:settlement".into()))
        );
    }

    #[tokio::test]
    async fn others_are_refused_and_strangers_before_that() {
        let path = "/gazelle.test.v1.Test/Approve";
        assert_eq!(call(path, Some(person(&[Role::Officer]))).await, denied());
        assert_eq!(call(path, Some(person(&[]))).await, denied());
        let platform = Principal::Platform(gazelle_kernel::PlatformId::parse("alpha").unwrap());
        assert_eq!(call(path, Some(platform)).await, denied());
        assert_eq!(call(path, None).await, unauthenticated());
    }

    #[tokio::test]
    async fn an_rpc_that_declares_nothing_is_refused_to_all() {
        for path in [
            "/gazelle.test.v1.Test/Nobody",
            "/gazelle.test.v1.Test/Unknown",
            "/",
        ] {
            assert_eq!(call(path, Some(person(&Role::ALL))).await, denied());
            assert_eq!(call(path, None).await, unauthenticated());
        }
    }

    #[tokio::test]
    async fn health_and_reflection_are_open_and_nothing_that_looks_like_them() {
        assert_eq!(call("/grpc.health.v1.Health/Check", None).await, Ok(None));
        let reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
        assert_eq!(call(reflection, None).await, Ok(None));
        assert_eq!(
            call("/grpc.health.v1.HealthX/Check", None).await,
            unauthenticated()
        );
    }
}
