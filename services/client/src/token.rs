//! What a call shows of who makes it.

use std::{error::Error, fmt, path::Path, sync::Arc};

use tonic::{
    Code, Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    channel::Channel,
    deadline::remaining,
    trace::continue_trace,
    watched::{FileError, Watched},
};

/// A channel whose calls show a token. Cheap to clone.
pub type Authorized = InterceptedService<Channel, Bearer>;

/// There is no token that could be shown; the message says why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TokenError(pub String);

/// Where tokens come from.
pub trait TokenSource: Send + Sync {
    /// A token that a call of this moment can show.
    fn token(&self) -> Result<String, TokenError>;

    /// A token that lasts as long, where it is for this source to say.
    fn lasting(&self, lifetime: time::Duration) -> Result<String, TokenError>;
}

/// Adds to a call `authorization: Bearer TOKEN`, where there is a token to show, the trace that it
/// belongs to, and what is left of the time.
#[derive(Clone)]
pub struct Bearer(Shown);

#[derive(Clone)]
enum Shown {
    Token(Arc<dyn TokenSource>),
    Nothing,
    /// No call goes out: the URL of the service of that name is not known.
    Nowhere(&'static str),
}

impl Bearer {
    /// Shows the tokens of `source`.
    #[must_use]
    pub fn new(source: impl TokenSource + 'static) -> Self {
        Self(Shown::Token(Arc::new(source)))
    }

    /// Shows no token: who calls is known by the certificate of the connection.
    #[must_use]
    pub fn none() -> Self {
        Self(Shown::Nothing)
    }

    /// Refuses each call, as `ADDRESS_MISSING`: it is not known where the service is.
    pub(crate) fn to_nowhere(service: &'static str) -> Self {
        Self(Shown::Nowhere(service))
    }

    /// Shows the token in a file, which is read again when it changes.
    pub fn from_file(file: &Path) -> Result<Self, FileError> {
        Ok(Self::new(Watched::open(file, parse_token)?))
    }

    /// A token that lasts as long, where it is for its source to say.
    pub fn lasting(&self, lifetime: time::Duration) -> Result<String, TokenError> {
        match &self.0 {
            Shown::Token(source) => source.lasting(lifetime),
            Shown::Nothing | Shown::Nowhere(_) => Err(TokenError(
                "there is no token, but a certificate".to_owned(),
            )),
        }
    }

    fn header(&self) -> Result<Option<MetadataValue<Ascii>>, TokenError> {
        let Shown::Token(source) = &self.0 else {
            return Ok(None);
        };
        let header = format!("Bearer {}", source.token()?);
        let mut header: MetadataValue<Ascii> = header
            .parse()
            .map_err(|_| TokenError(STRANGE_CHARACTERS.to_owned()))?;
        header.set_sensitive(true);
        Ok(Some(header))
    }
}

/// Never shows a token.
impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").finish_non_exhaustive()
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Shown::Nowhere(service) = self.0 {
            return Err(address_missing(service));
        }
        let header = self
            .header()
            .map_err(|error| Status::unauthenticated(error.to_string()))?;
        if let Some(header) = header {
            request.metadata_mut().insert("authorization", header);
        }
        if let Some(left) = remaining() {
            request.set_timeout(left);
        }
        continue_trace(request.metadata_mut());
        Ok(request)
    }
}

fn address_missing(service: &'static str) -> Status {
    let mut details = ErrorDetails::new();
    let metadata = [("service".to_owned(), service.to_owned())];
    details.set_error_info("ADDRESS_MISSING", "gazelle.client", metadata);
    let message = format!("no address of the {service} service is known");
    Status::with_error_details(Code::FailedPrecondition, message, details)
}

/// The token of a file, whose issuer alone says how long it lasts.
impl TokenSource for Watched<String> {
    fn token(&self) -> Result<String, TokenError> {
        Ok(String::clone(&self.current()))
    }

    fn lasting(&self, _lifetime: time::Duration) -> Result<String, TokenError> {
        self.token()
    }
}

const STRANGE_CHARACTERS: &str = "the token has characters that no token has, as blanks or a \
                                  second line: the file holds the token alone";

/// Refuses what could not be shown, or would be taken for nothing: a header may have more than
/// ASCII, and no service finds a token in it then.
fn parse_token(bytes: &[u8]) -> Result<String, Box<dyn Error + Send + Sync>> {
    let token = bytes.trim_ascii();
    if token.is_empty() {
        return Err("the file of the token is empty".into());
    }
    if !token.iter().all(u8::is_ascii_graphic) {
        return Err(STRANGE_CHARACTERS.into());
    }
    Ok(String::from_utf8_lossy(token).into_owned())
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use tokio::time::Instant;

    use super::*;
    use crate::deadline::within;

    #[test]
    fn what_is_no_token_is_refused_before_it_is_shown() {
        let refused = |bytes: &[u8]| parse_token(bytes).unwrap_err().to_string();
        for empty in ["", " \r\n"] {
            assert_eq!(refused(empty.as_bytes()), "the file of the token is empty");
        }
        for strange in [
            b"one\ntwo".as_slice(),
            b"one two",
            "令牌".as_bytes(),
            "\u{feff}one".as_bytes(),
            b"\xff\xfeo\0n\0e\0",
        ] {
            assert_eq!(refused(strange), STRANGE_CHARACTERS);
        }
        assert_eq!(
            parse_token(b"\te30.e30.a_-~+/=\r\n").unwrap(),
            "e30.e30.a_-~+/="
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_shows_the_token_as_its_file_has_it_now_and_what_is_left_of_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        assert!(Bearer::from_file(&file).is_err());
        fs::write(&file, "one\n").unwrap();
        let mut bearer = Bearer::from_file(&file).unwrap();
        let shown = bearer.call(Request::new(())).unwrap();
        assert_eq!(shown.metadata().get("authorization").unwrap(), "Bearer one");
        assert!(shown.metadata().get("grpc-timeout").is_none());

        fs::write(&file, "another").unwrap();
        let deadline = Instant::now() + Duration::from_secs(3);
        let shown = within(deadline, async { bearer.call(Request::new(())) }).await;
        let metadata = shown.unwrap().metadata().clone();
        assert_eq!(metadata.get("authorization").unwrap(), "Bearer another");
        assert_eq!(metadata.get("grpc-timeout").unwrap(), "3000000u");
        assert_eq!(bearer.lasting(time::Duration::HOUR).unwrap(), "another");
    }
}
