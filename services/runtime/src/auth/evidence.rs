//! What somebody was believed for.

use std::sync::Arc;

use time::OffsetDateTime;

use super::{certificate::Certificate, principal::Principal};

/// A caller whose token was verified, and what of the token counts afterwards.
#[derive(Debug, Clone)]
pub struct Believed {
    /// Whom it names.
    pub principal: Principal,
    /// What of it can be taken back.
    pub token: Token,
}

/// What is kept of a verified token.
#[derive(Debug, Clone)]
pub struct Token {
    /// Who vouched: its `iss`.
    pub issuer: Arc<str>,
    /// With which of their keys, by its name.
    pub key_id: String,
    /// That key itself: another may get its name.
    pub key_thumbprint: String,
    /// The token's own name, its `jti`, where it has one.
    pub id: Option<String>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
    /// Whether it says that its person showed what counts as a second factor.
    pub has_second_factor: bool,
}

/// What a caller showed; beside their [`Principal`] in each request.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The client certificate of the connection, where there is one; it names them.
    pub certificate: Option<Certificate>,
    /// The token, where there is one.
    pub token: Option<Token>,
}
