//! Whom a service believes.

use std::path::PathBuf;

use serde::Deserialize;

/// Who may vouch for whom.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// What every token's `aud` must name.
    pub audience: String,
    /// What a platform must show.
    #[serde(default)]
    pub platforms: PlatformProof,
    /// Subjects and tokens that are not believed any more. Read again when it changes.
    #[serde(default)]
    pub revoked_file: Option<PathBuf>,
    /// What counts as a second factor, for calls that move money. Without it none is asked for.
    #[serde(default)]
    pub second_factor: Option<SecondFactorConfig>,
    /// Whose tokens are believed; each of what it may sign for, and of nothing else.
    pub issuers: Vec<IssuerConfig>,
}

/// What a platform must show to be believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlatformProof {
    /// A token, whether it has a certificate or not.
    Token,
    /// A client certificate, whether it has a token or not.
    Certificate,
    /// One of both; where it shows both, they must name the same platform.
    #[default]
    Either,
}

/// A token shows a second factor where its `acr` is one of these, or one of its `amr` is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorConfig {
    /// Values of `acr`, the strength of the login.
    #[serde(default)]
    pub acr: Vec<String>,
    /// Values of `amr` (RFC 8176), each a way that the login was proved.
    #[serde(default)]
    pub amr: Vec<String>,
}

/// One issuer of tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Its public keys (JWKS, RFC 7517). Read again when it changes.
    #[serde(default)]
    pub jwks_file: Option<PathBuf>,
    /// Whether its keys are where its discovery document says (`OpenID` Connect Discovery 1.0),
    /// below `issuer`, and are fetched from there.
    #[serde(default)]
    pub discovery: bool,
    /// The certificates that may vouch for the provider's, in PEM; the system's by default.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Whose tokens it may sign.
    pub signs_for: Vec<Kind>,
    /// The claim with a person's roles: its name, or a path to it with dots.
    #[serde(default = "roles")]
    pub roles_claim: String,
    /// The longest that a person's token may live, from its `iat` to its `exp`.
    #[serde(default = "an_hour")]
    pub lifetime_max_s: u32,
}

/// A kind of caller, as an issuer may sign for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// People, whose `sub` is a name without a prefix.
    People,
    /// Platforms, whose `sub` is `platform:ID`.
    Platforms,
    /// Services of the suite.
    Services,
}

impl Kind {
    /// Every kind that there is.
    pub const ALL: [Self; 3] = [Self::People, Self::Platforms, Self::Services];

    /// As in a configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Platforms => "platforms",
            Self::Services => "services",
        }
    }
}

fn roles() -> String {
    "roles".to_owned()
}

fn an_hour() -> u32 {
    3_600
}

impl IssuerConfig {
    /// An issuer that may sign for those kinds of callers, with its keys in a file.
    #[must_use]
    pub fn in_file(issuer: &str, jwks_file: PathBuf, signs_for: &[Kind]) -> Self {
        Self {
            issuer: issuer.to_owned(),
            jwks_file: Some(jwks_file),
            discovery: false,
            ca_file: None,
            signs_for: signs_for.to_vec(),
            roles_claim: roles(),
            lifetime_max_s: an_hour(),
        }
    }
}

impl AuthConfig {
    /// Believes those issuers, and asks for nothing more.
    #[must_use]
    pub fn of_issuers(audience: &str, issuers: Vec<IssuerConfig>) -> Self {
        Self {
            audience: audience.to_owned(),
            platforms: PlatformProof::default(),
            revoked_file: None,
            second_factor: None,
            issuers,
        }
    }

    /// What cannot be meant so.
    pub(crate) fn contradiction(&self) -> Option<String> {
        if self.issuers.is_empty() {
            return Some("`auth.issuers` names nobody whose tokens are believed".to_owned());
        }
        let second = self.second_factor.as_ref();
        if second.is_some_and(|it| it.acr.is_empty() && it.amr.is_empty()) {
            return Some("`auth.second_factor` has neither `acr` nor `amr`".to_owned());
        }
        let mut names: Vec<_> = self.issuers.iter().map(|it| &it.issuer).collect();
        names.sort();
        if let Some([twice, ..]) = names.array_windows().find(|[a, b]| a == b) {
            return Some(format!("the issuer {twice} is there twice"));
        }
        self.issuers.iter().find_map(IssuerConfig::contradiction)
    }
}

impl IssuerConfig {
    fn contradiction(&self) -> Option<String> {
        let what = if self.issuer.is_empty() {
            "has no name"
        } else if self.jwks_file.is_some() == self.discovery {
            "needs one of both, `jwks_file` or `discovery = true`"
        } else if self.ca_file.is_some() && !self.discovery {
            "has a `ca_file` and is not asked over the network"
        } else if self.signs_for.is_empty() {
            "may sign for nobody; say `signs_for`"
        } else if self.roles_claim.is_empty() {
            "has an empty `roles_claim`"
        } else if self.lifetime_max_s == 0 {
            "lets no person's token live; `lifetime_max_s` is 0"
        } else {
            return None;
        };
        Some(format!("the issuer {:?} {what}", self.issuer))
    }
}
