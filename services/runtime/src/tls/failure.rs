//! Why a handshake failed, in words that are few enough for a label.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use super::workload::Unnamed;

/// Every reason, so that each is shown from the start.
pub(super) const REASONS: [&str; 20] = [
    "TIMEOUT",
    "TOO_MANY",
    "CLOSED",
    "NOT_TLS",
    "VERSION",
    "CIPHER",
    "PROTOCOL",
    "NO_CERTIFICATE",
    "REFUSED_BY_CLIENT",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_NOT_YET_VALID",
    "CERTIFICATE_REVOKED",
    "REVOCATION_UNKNOWN",
    "REVOCATION_LIST_OLD",
    "UNKNOWN_AUTHORITY",
    "CERTIFICATE_USAGE",
    "CERTIFICATE_OF_AUTHORITY",
    "CERTIFICATE_NAME",
    "CERTIFICATE_INVALID",
    "OTHER",
];

/// Of a handshake that the other end, or its certificate, brought to an end.
pub(super) fn reason(error: &io::Error) -> &'static str {
    let Some(error) = error.get_ref().and_then(|it| it.downcast_ref::<Error>()) else {
        return "CLOSED";
    };
    match error {
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => "NOT_TLS",
        Error::InappropriateHandshakeMessage { .. }
        | Error::PeerMisbehaved(_)
        | Error::NoApplicationProtocol => "PROTOCOL",
        Error::PeerIncompatible(why) => incompatible(why),
        Error::NoCertificatesPresented => "NO_CERTIFICATE",
        Error::AlertReceived(AlertDescription::UserCanceled | AlertDescription::CloseNotify) => {
            "CLOSED"
        }
        Error::AlertReceived(_) => "REFUSED_BY_CLIENT",
        Error::InvalidCertificate(why) => certificate(why),
        Error::InvalidCertRevocationList(_) => "REVOCATION_UNKNOWN",
        _ => "OTHER",
    }
}

fn incompatible(why: &rustls::PeerIncompatible) -> &'static str {
    use rustls::PeerIncompatible as Why;
    match why {
        Why::ServerTlsVersionIsDisabledByOurConfig
        | Why::SupportedVersionsExtensionRequired
        | Why::Tls12NotOffered
        | Why::Tls12NotOfferedOrEnabled
        | Why::ServerDoesNotSupportTls12Or13 => "VERSION",
        _ => "CIPHER",
    }
}

fn certificate(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "CERTIFICATE_EXPIRED"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "CERTIFICATE_NOT_YET_VALID"
        }
        CertificateError::Revoked => "CERTIFICATE_REVOKED",
        CertificateError::UnknownRevocationStatus => "REVOCATION_UNKNOWN",
        CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. } => "REVOCATION_LIST_OLD",
        CertificateError::UnknownIssuer => "UNKNOWN_AUTHORITY",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "CERTIFICATE_USAGE"
        }
        CertificateError::Other(other) => {
            match other.0.downcast_ref::<Unnamed>() {
                Some(Unnamed::Authority) => "CERTIFICATE_OF_AUTHORITY",
                Some(Unnamed::KeyUsage) => "CERTIFICATE_USAGE",
                Some(Unnamed::NotOneUri | Unnamed::OtherDomain | Unnamed::NoWorkload) => {
                    "CERTIFICATE_NAME"
                }
                // The chain's check says so of a leaf that is an authority's.
                None if other.0.to_string().contains("CaUsedAsEndEntity") => {
                    "CERTIFICATE_OF_AUTHORITY"
                }
                Some(Unnamed::Unreadable) | None => "CERTIFICATE_INVALID",
            }
        }
        _ => "CERTIFICATE_INVALID",
    }
}
