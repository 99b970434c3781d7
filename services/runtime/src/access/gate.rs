//! Who is let in: known, and of a kind that the contract names for the RPC.

use std::sync::Arc;

use gazelle_proto::access::{Caller, Rule};
use http::request::Parts;

use super::refused::{self, Refused};
use crate::{
    auth::{Evidence, Principal, Role, Verifier},
    status::Refusal,
    telemetry::seldom::Seldom,
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
    pub(super) verifier: Verifier,
    find_rule: FindRule,
    /// The services that are served here; none: whatever there is a rule for.
    served: Arc<[&'static str]>,
    /// Anybody can send tokens as fast as the wire carries them.
    pub(super) lines: Arc<Seldom>,
}

/// A caller who was let in.
#[derive(Debug, Clone)]
pub(super) struct Admitted {
    pub(super) principal: Principal,
    pub(super) evidence: Evidence,
    /// Whether the call may last for long.
    pub(super) is_stream: bool,
}

impl Access {
    /// Believes whom `verifier` believes.
    pub(crate) fn new(verifier: Verifier, find_rule: FindRule) -> Self {
        Self {
            verifier,
            find_rule,
            served: Arc::default(),
            lines: Arc::default(),
        }
    }

    /// Says of the RPCs of all other services that they are not served here.
    pub(crate) fn serving(self, services: &[&'static str]) -> Self {
        let served = services.into();
        Self { served, ..self }
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Who calls, or for a path open to all nobody.
    pub(super) async fn admit(&self, request: &Parts) -> Result<Option<Admitted>, Refused> {
        let path = request.uri.path();
        if OPEN.iter().any(|prefix| path.starts_with(prefix)) {
            return Ok(None);
        }
        let (principal, evidence) = self.identify(request).await?;
        let rule = (self.find_rule)(path).filter(|_| self.serves(path));
        let Some(rule) = rule else {
            let refusal = Refusal::not_served(path);
            return Err(self.refused(path, &principal, "no RPC of the contract", refusal));
        };
        let mut callers = rule.callers.iter();
        if !callers.any(|&caller| is(&principal, caller)) {
            let refusal = refused::denied(rule.callers);
            return Err(self.refused(path, &principal, "not allowed", refusal));
        }
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

    fn serves(&self, path: &str) -> bool {
        let service = path.split('/').nth(1).unwrap_or_default();
        self.served.is_empty() || self.served.contains(&service)
    }

    /// Logs that somebody known is refused.
    pub(super) fn refused(
        &self,
        path: &str,
        principal: &Principal,
        why: &'static str,
        refusal: Refusal,
    ) -> Refused {
        if let Some(left_out) = self.lines.line() {
            tracing::info!(path, actor = %principal.actor(), left_out, "refused: {why}");
        }
        Refused {
            status: refusal.into(),
            principal: Some(principal.clone()),
        }
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
