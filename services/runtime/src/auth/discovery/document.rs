//! What a provider says of itself.

use serde::Deserialize;

use super::fetch::FetchError;

/// What counts here of a discovery document.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    issuer: String,
    pub(super) jwks_uri: String,
}

/// Where the document of an issuer is.
pub(super) fn address(issuer: &str) -> String {
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    format!("{base}/.well-known/openid-configuration")
}

impl Document {
    /// Refuses the document of somebody else: their keys would sign in this one's name.
    pub(super) fn parse(json: &[u8], issuer: &str) -> Result<Self, FetchError> {
        let document: Self = serde_json::from_slice(json)
            .map_err(|error| FetchError::Content(format!("its document: {error}")))?;
        if document.issuer != issuer {
            let other = document.issuer.escape_debug();
            let message = format!("its document is of another issuer, \"{other}\"");
            return Err(FetchError::Content(message));
        }
        Ok(document)
    }

    /// Refuses keys that come less safely than the word of where they are: a port of this machine
    /// is somebody else's than the provider's.
    pub(super) fn keeps_to_tls(&self) -> Result<(), FetchError> {
        let is_tls = |url: &str| url.to_ascii_lowercase().starts_with("https:");
        if is_tls(&self.issuer) && !is_tls(&self.jwks_uri) {
            let why = "its provider is asked over TLS, and so are its keys";
            return Err(FetchError::Address(self.jwks_uri.clone(), why));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_of_the_issuer_that_was_asked_to_the_letter() {
        let json = r#"{"issuer": "https://id.example", "jwks_uri": "https://id.example/keys"}"#;
        let parse = |issuer| Document::parse(json.as_bytes(), issuer);
        assert_eq!(
            parse("https://id.example").unwrap().jwks_uri,
            "https://id.example/keys"
        );
        assert!(parse("https://id.example/").is_err());
        assert!(parse("https://id.example").unwrap().keeps_to_tls().is_ok());
        assert!(Document::parse(b"{}", "https://id.example").is_err());
    }

    #[test]
    fn the_address_has_one_slash_whether_the_issuer_ends_with_one_or_not() {
        let expected = "https://id.example/realms/city/.well-known/openid-configuration";
        assert_eq!(address("https://id.example/realms/city"), expected);
        assert_eq!(address("https://id.example/realms/city/"), expected);
    }
}
