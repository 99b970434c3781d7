//! Why a service could not be called, found by looking at the connection.

use gazelle_client::Endpoints;
use gazelle_client::handshake::{Finding, examine};

use crate::failure::{Failure, RPC_NOT_SERVED, certificate_refused};
use crate::output::shanghai;
use crate::words;

/// The failure of a call that did not get through, with its cause and what to do about it.
/// `is_own`: the services are those of a suite that `gazelle up` starts here. `changes`: something
/// was to be changed.
pub async fn explained(
    failure: Failure,
    endpoints: &Endpoints,
    is_own: bool,
    changes: bool,
) -> Failure {
    // The latter is what is said by others, without a reason.
    if [RPC_NOT_SERVED, "UNIMPLEMENTED"].contains(&failure.reason()) {
        let places: Vec<_> = endpoints
            .known()
            .map(|(name, url)| format!("{name} {url}"))
            .collect();
        let message = words::NOT_THAT_SERVICE.with(&[("places", &places.join(", "))]);
        return Failure::new(failure.reason().to_owned(), message);
    }
    if let Some(found) = examine(endpoints).await.and_then(told) {
        return found;
    }
    let failure = failure.in_doubt(changes);
    match failure.reason() {
        "UNAVAILABLE" if is_own => failure.hint(words::SUITE_DOWN.say()),
        "UNAVAILABLE" => failure.hint(words::SERVICE_DOWN.say()),
        _ => failure,
    }
}

/// What is wrong with a connection, as a failure.
pub fn told(finding: Finding) -> Option<Failure> {
    let failure = match finding {
        Finding::SpeaksTls { url } => {
            let message = words::PORT_SPEAKS_TLS.with(&[("url", &url)]);
            Failure::new("ENDPOINT_INVALID", message)
        }
        Finding::SpeaksNoTls { url } => {
            let message = words::PORT_SPEAKS_NO_TLS.with(&[("url", &url)]);
            Failure::new("ENDPOINT_INVALID", message)
        }
        Finding::Untrusted { url, ca } => {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("url", &url), ("ca", &ca.display())];
            Failure::new("SERVER_NOT_TRUSTED", words::SERVER_UNTRUSTED.with(&values))
        }
        Finding::BadServer { url, cause } => {
            let values: [(&str, &dyn std::fmt::Display); 2] = [("url", &url), ("cause", &cause)];
            Failure::new("SERVER_NOT_TRUSTED", words::SERVER_BAD.with(&values))
        }
        Finding::NotYetInForce { url, from, now } => {
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("url", &url),
                ("from", &shanghai(from)),
                ("now", &shanghai(now)),
            ];
            Failure::new("SERVER_NOT_TRUSTED", words::SERVER_NOT_YET.with(&values))
        }
        Finding::Expired { url, until, now } => {
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("url", &url),
                ("until", &shanghai(until)),
                ("now", &shanghai(now)),
            ];
            Failure::new("SERVER_NOT_TRUSTED", words::SERVER_EXPIRED.with(&values))
        }
        Finding::Refused { alert, .. } => return certificate_refused(&alert),
    };
    Some(failure)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::path::PathBuf;

    use time::macros::datetime;
    use tonic::Status;
    use tonic_types::{ErrorDetails, StatusExt as _};

    use super::*;

    fn endpoints(usage: &str) -> Endpoints {
        Endpoints {
            registry: String::new(),
            usage: usage.to_owned(),
            settlement: String::new(),
            ca_file: None,
            certificate_file: None,
            key_file: None,
        }
    }

    #[tokio::test]
    async fn who_has_no_suite_here_is_not_told_to_start_one() {
        let down = endpoints("http://127.0.0.1:1");
        let failure = || Failure::from(Status::unavailable("connection refused"));
        let own = explained(failure(), &down, true, true).await.to_string();
        assert!(own.contains("gazelle up"), "{own}");
        let elsewhere = explained(failure(), &down, false, false).await.to_string();
        assert!(!elsewhere.contains("gazelle up"), "{elsewhere}");
        assert!(elsewhere.starts_with("UNAVAILABLE: connection refused; is the address right"));
    }

    #[tokio::test]
    async fn who_changed_something_when_the_connection_broke_is_told_that_it_may_be_done() {
        let down = endpoints("http://127.0.0.1:1");
        let broken = || {
            let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Failure::from(Status::from_error(Box::new(reset)))
        };
        let doubt = words::MAY_BE_DONE.say();
        let wrote = explained(broken(), &down, false, true).await.to_string();
        assert!(wrote.starts_with("UNAVAILABLE: "), "{wrote}");
        assert!(wrote.contains(doubt), "{wrote}");
        let read = explained(broken(), &down, false, false).await.to_string();
        assert!(!read.contains(doubt), "{read}");
    }

    #[tokio::test]
    async fn an_address_of_another_service_is_told() {
        let info =
            ErrorDetails::with_error_info(RPC_NOT_SERVED, "gazelle.access.v1", HashMap::new());
        let ours = Status::with_error_details(tonic::Code::Unimplemented, "no RPC", info);
        for status in [ours, Status::unimplemented("")] {
            let failure = Failure::from(status);
            assert!(failure.is_unreached());
            let told = explained(failure, &endpoints("http://127.0.0.1:1"), false, true).await;
            let told = told.to_string();
            assert!(told.contains("usage http://127.0.0.1:1"), "{told}");
        }
    }

    #[test]
    fn a_finding_says_what_to_do() {
        let url = || "https://usage.example:7002".to_owned();
        let ca = PathBuf::from("/etc/ca.pem");
        let alert = |name: &str| Finding::Refused {
            url: url(),
            alert: name.to_owned(),
        };
        for (finding, reason, said) in [
            (
                Finding::SpeaksTls { url: url() },
                "ENDPOINT_INVALID",
                "use https://",
            ),
            (
                Finding::SpeaksNoTls { url: url() },
                "ENDPOINT_INVALID",
                "no TLS",
            ),
            (
                Finding::Untrusted { url: url(), ca },
                "SERVER_NOT_TRUSTED",
                "/etc/ca.pem",
            ),
            (
                Finding::NotYetInForce {
                    url: url(),
                    from: datetime!(2026-11-29 16:00 UTC),
                    now: datetime!(2020-01-01 00:00 UTC),
                },
                "SERVER_NOT_TRUSTED",
                "in force from 2026-11-30 00:00:00, and this machine's clock says \
                 2020-01-01 08:00:00",
            ),
            (
                Finding::Expired {
                    url: url(),
                    until: datetime!(2026-11-29 16:00 UTC),
                    now: datetime!(2028-01-01 00:00 UTC),
                },
                "SERVER_NOT_TRUSTED",
                "until 2026-11-30 00:00:00, and this machine's clock says 2028-01-01 08:00:00",
            ),
            (
                alert("CertificateRevoked"),
                "CERTIFICATE_REFUSED",
                "a new one",
            ),
            (
                alert("CertificateRequired"),
                "CERTIFICATE_REFUSED",
                "asks for a certificate",
            ),
        ] {
            let failure = told(finding).unwrap();
            assert_eq!(failure.reason(), reason);
            assert!(failure.to_string().contains(said), "{failure}");
        }
        assert_eq!(told(alert("HandshakeFailure")), None);
    }
}
