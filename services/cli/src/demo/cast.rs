//! Who plays in the demo.

use gazelle_kernel::PlatformId;
use gazelle_runtime::auth::{Principal, Role};

use crate::client::Client;
use crate::failure::Failure;
use crate::output::Out;
use crate::sample::PLATFORMS;
use crate::up::Suite;

/// The people and platforms of the story.
pub(super) struct Cast {
    pub(super) registrar: Client,
    pub(super) officer: Client,
    pub(super) approver: Client,
    pub(super) auditor: Client,
    pub(super) platforms: Vec<(PlatformId, Client)>,
}

pub(super) fn cast(suite: &Suite) -> Result<Cast, Failure> {
    let person = |name: &str, role| {
        let principal = Principal::Person {
            subject: name.to_owned(),
            roles: vec![role],
        };
        suite.client(principal)
    };
    let platform = |id: &&str| {
        let id = PlatformId::parse(id)?;
        Ok((id.clone(), suite.client(Principal::Platform(id))?))
    };
    Ok(Cast {
        registrar: person("registrar", Role::Registrar)?,
        officer: person("officer", Role::Officer)?,
        approver: person("approver", Role::Approver)?,
        auditor: person("auditor", Role::Auditor)?,
        platforms: PLATFORMS
            .iter()
            .map(platform)
            .collect::<Result<_, Failure>>()?,
    })
}

pub(super) fn headline(out: &mut Out, text: &str) -> Result<(), Failure> {
    out.line(&format!("\n== {text} =="))?;
    out.flush()
}
