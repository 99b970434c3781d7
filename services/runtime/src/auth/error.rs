//! Why somebody is not believed, or not any more.

use std::path::PathBuf;

use gazelle_client::watched::FileError;
use time::OffsetDateTime;

use super::principal::Principal;

/// What the configuration says of issuers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// It contradicts itself.
    #[error("{0}")]
    Contradiction(String),
    /// A file that it names.
    #[error(transparent)]
    File(#[from] FileError),
    /// The certificates that may vouch for a provider's.
    #[error("cannot use the certificates in {}: {cause}", path.display())]
    Certificates {
        /// Where they are.
        path: PathBuf,
        /// What is wrong with them.
        cause: String,
    },
    /// A provider that is to be asked over the network has no address that may be asked.
    #[error("the issuer {issuer:?} cannot be asked for its keys: {cause}")]
    Address {
        /// Whose keys they are.
        issuer: String,
        /// What is wrong with it.
        cause: &'static str,
    },
}

/// Why a token was not believed. For the log; of most, a caller learns only that it was not.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a token, or of an algorithm that is not taken.
    #[error("the token is malformed")]
    Malformed(#[source] jsonwebtoken::errors::Error),
    /// Longer than any token of ours.
    #[error("the token is too long")]
    TooLong,
    /// It says what must be understood of it (`crit`, RFC 7515), and nothing of that is here.
    #[error("the token demands what is not understood")]
    Critical,
    /// Nobody of that name is believed.
    #[error("the token's issuer is not known")]
    UnknownIssuer,
    /// No key of the issuer's set has the token's key id, or it names none and none fits.
    #[error("the token's key is not in the issuer's key set")]
    UnknownKey,
    /// Wrong signature, algorithm or audience, or a claim is missing.
    #[error("the token is not valid")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    /// A claim is missing, or not of its type.
    #[error("the token's claim `{0}` is missing or cannot be read")]
    Claim(String),
    /// Past its `exp`.
    #[error("the token has expired")]
    Expired {
        /// When that was.
        at: OffsetDateTime,
    },
    /// Before its `nbf`, or issued in the future.
    #[error("the token is not valid yet")]
    NotYet,
    /// A person's token lives longer than the issuer's may.
    #[error("the token lives for {lifetime_s} s, longer than the {lifetime_max_s} s of its issuer")]
    TooLongLived {
        /// From its `iat` to its `exp`.
        lifetime_s: i64,
        /// The longest that is taken.
        lifetime_max_s: u32,
    },
    /// `sub` and roles are nobody's.
    #[error("the token's subject is nobody")]
    Nobody,
    /// The issuer does not sign for callers of that kind.
    #[error("the token's issuer may not sign for its subject")]
    NotItsToSign,
    /// It was taken back.
    #[error("the token is not believed any more: {0}")]
    Revoked(Revoked, Box<Principal>),
}

/// What was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Revoked {
    /// That one token.
    #[error("it was revoked")]
    Token,
    /// Whoever it names.
    #[error("its subject was revoked")]
    Subject,
    /// The key that signed it left the issuer's set.
    #[error("its key was revoked")]
    Key,
}

impl Revoked {
    /// As refusals name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Subject => "subject",
            Self::Key => "key",
        }
    }
}

/// Why somebody who was believed is not believed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By what became of their token, or of their name.
    Token(TokenEnded),
    /// By what became of their certificate.
    Certificate(CertificateEnded),
}

/// Why a certificate that was believed is not believed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateEnded {
    /// Its time is over.
    Expired {
        /// The moment since which it is over.
        at: OffsetDateTime,
    },
    /// It is on a list of what was taken back.
    Revoked,
    /// Who signed it is not believed any more.
    Authority,
}

/// Why a token that was believed, or whom it names, is not believed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenEnded {
    /// Its time is over.
    Expired {
        /// When it ended.
        at: OffsetDateTime,
    },
    /// It was taken back.
    Revoked(Revoked),
}
