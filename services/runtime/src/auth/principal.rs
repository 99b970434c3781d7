//! Callers, and what people among them may be.

use gazelle_kernel::{Actor, PlatformId, text::is_legible};

use crate::config::Kind;

/// What a person may be; see `gazelle/access/v1/access.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Keeps the registry.
    Registrar,
    /// Defines programs, seals periods, computes and publishes runs.
    Officer,
    /// Approves published runs.
    Approver,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// Every role that a token may name.
    pub const ALL: [Self; 4] = [
        Self::Registrar,
        Self::Officer,
        Self::Approver,
        Self::Auditor,
    ];

    /// As in a token's roles.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Officer => "officer",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
        }
    }
}

/// A caller who proved who they are.
///
/// A person is their subject, whichever issuer vouched for them: two accounts with one subject
/// are one person, who cannot approve with the one what they did with the other.
/// [`Evidence`](super::Evidence) says who vouched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A human being.
    Person {
        /// The issuer's name for them.
        subject: String,
        /// What they may be; none for a stranger.
        roles: Vec<Role>,
    },
    /// A partner platform.
    Platform(PlatformId),
    /// A service of the suite, by name.
    Service(String),
}

impl Principal {
    /// The name to write down, the same for ever: `person:alice`, `platform:alpha-mall`,
    /// `service:settlement`.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::new(match self {
            Self::Person { subject, .. } => format!("person:{subject}"),
            Self::Platform(id) => format!("platform:{id}"),
            Self::Service(name) => format!("service:{name}"),
        })
    }

    /// What kind of caller it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Person { .. } => Kind::People,
            Self::Platform(_) => Kind::Platforms,
            Self::Service(_) => Kind::Services,
        }
    }

    pub(crate) fn from_claims(subject: String, roles: &[String]) -> Option<Self> {
        // An identity provider may have roles of its own; they mean nothing here.
        let known = |role: &Role| roles.iter().any(|name| name == role.as_str());
        let roles: Vec<Role> = Role::ALL.into_iter().filter(known).collect();
        match subject.split_once(':') {
            // Roles are for people.
            Some(("platform" | "service", _)) if !roles.is_empty() => return None,
            Some(("platform", id)) => return PlatformId::parse(id).ok().map(Self::Platform),
            Some(("service", name)) => {
                return is_service_name(name).then(|| Self::Service(name.into()));
            }
            Some(_) | None => {}
        }
        // Names that look the same would be two people's.
        if subject.len() > 255 || !is_legible(&subject) {
            return None;
        }
        Some(Self::Person { subject, roles })
    }
}

/// Whether a service may be called so.
pub(crate) fn is_service_name(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}
