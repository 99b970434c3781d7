//! Who calls: by the token, by the client certificate, or by both, which must agree.

use http::{header::AUTHORIZATION, request::Parts};

use super::{
    gate::Access,
    refused::{self, Refused},
};
use crate::{
    auth::{Believed, Ended, Evidence, Principal, TokenError},
    config::PlatformProof,
    status::Refusal,
    tls::workload::Workload,
};

impl Access {
    pub(super) async fn identify(&self, request: &Parts) -> Result<(Principal, Evidence), Refused> {
        let path = request.uri.path();
        let workload = request.extensions.get::<Workload>();
        if let Some(workload) = workload
            && let Some(ended) = workload.certificate.ended()
        {
            let refusal = refused::ended(&Ended::Certificate(ended));
            let why = "its certificate counts no more";
            return Err(self.refused(path, &workload.principal, why, refusal));
        }
        let believed = match (request.headers.contains_key(AUTHORIZATION), workload) {
            (false, Some(_)) => None,
            (false, None) | (true, _) => Some(self.by_token(request).await?),
        };
        let (principal, evidence) = match (workload, believed) {
            (Some(workload), None) => self.by_certificate(path, workload)?,
            (workload, Some(believed)) => self.together(path, workload, believed)?,
            (None, None) => return Err(refused::nothing_shown().into()),
        };
        match self.unproved(&principal, &evidence) {
            Some(refusal) => Err(self.refused(path, &principal, "not proved enough", refusal)),
            None => Ok((principal, evidence)),
        }
    }

    fn by_certificate(
        &self,
        path: &str,
        workload: &Workload,
    ) -> Result<(Principal, Evidence), Refused> {
        let evidence = Evidence {
            certificate: Some(workload.certificate.clone()),
            token: None,
        };
        let principal = workload.principal.clone();
        match self.verifier.has_ended(&principal, &evidence) {
            Some(ended) => Err(self.refused(path, &principal, "revoked", refused::ended(&ended))),
            None => Ok((principal, evidence)),
        }
    }

    fn together(
        &self,
        path: &str,
        workload: Option<&Workload>,
        believed: Believed,
    ) -> Result<(Principal, Evidence), Refused> {
        let evidence = Evidence {
            certificate: workload.map(|it| it.certificate.clone()),
            token: Some(believed.token),
        };
        match workload.filter(|it| it.principal != believed.principal) {
            Some(other) => {
                let refusal = refused::mismatch(&other.principal, &believed.principal);
                let why = "a certificate of another";
                Err(self.refused(path, &believed.principal, why, refusal))
            }
            None => Ok((believed.principal, evidence)),
        }
    }

    /// Whether a platform must show more.
    fn unproved(&self, principal: &Principal, evidence: &Evidence) -> Option<Refusal> {
        if !matches!(principal, Principal::Platform(_)) {
            return None;
        }
        match self.verifier.platforms() {
            PlatformProof::Certificate if evidence.certificate.is_none() => {
                Some(refused::certificate_required())
            }
            PlatformProof::Token if evidence.token.is_none() => Some(refused::token_required()),
            PlatformProof::Certificate | PlatformProof::Token | PlatformProof::Either => None,
        }
    }

    async fn by_token(&self, request: &Parts) -> Result<Believed, Refused> {
        let mut headers = request.headers.get_all(AUTHORIZATION).iter();
        let token = match (headers.next(), headers.next()) {
            (None, _) => return Err(refused::nothing_shown().into()),
            (Some(header), None) => header.to_str().ok().and_then(bearer),
            (Some(_), Some(_)) => None,
        };
        let token = token.ok_or_else(|| {
            if let Some(left_out) = self.lines.line() {
                let path = request.uri.path();
                tracing::info!(path, left_out, "refused: no bearer token, or more than one");
            }
            refused::malformed()
        })?;
        self.verifier.believe(token).await.map_err(|error| {
            if let Some(left_out) = self.lines.line() {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                let path = request.uri.path();
                tracing::info!(path, %error, cause, left_out, "refused: bad token");
            }
            match error {
                TokenError::Expired { at } => refused::expired(at).into(),
                TokenError::Revoked(what, principal) => Refused {
                    status: refused::revoked(what).into(),
                    principal: Some(*principal),
                },
                _ => refused::not_valid().into(),
            }
        })
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
