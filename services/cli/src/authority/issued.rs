//! Which certificates were signed for platforms, and which of them are revoked.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gazelle_kernel::PlatformId;
use rcgen::{
    CertificateRevocationListParams, Issuer, KeyIdMethod, RevocationReason, RevokedCertParams,
    SerialNumber, SigningKey,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::files::{now, unusable, write_secret};
use crate::failure::Failure;
use crate::words;

/// Until the list of what is revoked must be made anew.
const LIST_LIFETIME: Duration = Duration::days(30);

/// A certificate that was signed for a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// Whose it is.
    pub platform_id: String,
    /// When it was signed.
    #[serde(with = "time::serde::rfc3339")]
    pub issued_at: OffsetDateTime,
    /// When it ends.
    #[serde(with = "time::serde::rfc3339")]
    pub ends_at: OffsetDateTime,
    /// When it was revoked, if it was.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub revoked_at: Option<OffsetDateTime>,
}

impl Issued {
    /// Whether it holds at that moment, as far as is known here.
    #[must_use]
    pub fn is_in_force(&self, at: OffsetDateTime) -> bool {
        self.revoked_at.is_none() && self.ends_at > at
    }

    pub(super) fn new(
        serial: &SerialNumber,
        platform: &PlatformId,
        issued_at: OffsetDateTime,
        ends_at: OffsetDateTime,
    ) -> Self {
        Self {
            serial: hex::encode(serial.to_bytes()),
            platform_id: platform.to_string(),
            issued_at,
            ends_at,
            revoked_at: None,
        }
    }
}

/// The file that has them, in the order in which they were signed.
#[derive(Debug)]
pub(super) struct Register {
    folder: PathBuf,
    issued: Vec<Issued>,
}

impl Register {
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let issued = match fs::read(file(folder)) {
            Ok(json) => serde_json::from_slice(&json).map_err(unusable)?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            folder: folder.to_owned(),
            issued,
        })
    }

    pub(super) fn all(self) -> Vec<Issued> {
        self.issued
    }

    pub(super) fn add(&mut self, issued: Issued) -> Result<(), Failure> {
        self.issued.push(issued);
        self.save()
    }

    pub(super) fn revoke(
        &mut self,
        platform: &PlatformId,
        serial: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Vec<Issued>, Failure> {
        let named = |it: &Issued| {
            it.platform_id == platform.as_str()
                && serial.is_none_or(|serial| it.serial.eq_ignore_ascii_case(serial))
        };
        if !self.issued.iter().any(named) {
            let message = match serial {
                Some(serial) => {
                    words::CERTIFICATE_UNKNOWN.with(&[("serial", &serial), ("platform", platform)])
                }
                None => words::CERTIFICATES_NONE.with(&[("platform", platform)]),
            };
            return Err(Failure::new("CERTIFICATE_NOT_FOUND", message));
        }
        let mut revoked = Vec::new();
        for it in self.issued.iter_mut().filter(|it| named(it)) {
            if it.is_in_force(now) {
                it.revoked_at = Some(now);
                revoked.push(it.clone());
            }
        }
        self.save()?;
        Ok(revoked)
    }

    fn save(&self) -> Result<(), Failure> {
        let json = serde_json::to_string_pretty(&self.issued).map_err(unusable)?;
        write_secret(&file(&self.folder), &json)
    }

    /// Writes the list of what is revoked, which the services read.
    pub(super) fn write_list(&self, issuer: &Issuer<'_, impl SigningKey>) -> Result<(), Failure> {
        let at = now();
        let revoked = self.issued.iter().filter(|it| it.ends_at > at);
        let revoked = revoked.filter_map(|it| Some((&it.serial, it.revoked_at?)));
        let revoked = revoked.map(|(serial, revoked_at)| {
            Ok(RevokedCertParams {
                serial_number: hex::decode(serial).map_err(unusable)?.into(),
                revocation_time: revoked_at,
                reason_code: Some(RevocationReason::PrivilegeWithdrawn),
                invalidity_date: None,
            })
        });
        let number = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
        let list = CertificateRevocationListParams {
            this_update: at,
            next_update: at + LIST_LIFETIME,
            crl_number: SerialNumber::from_slice(&number.to_be_bytes()),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect::<Result<_, Failure>>()?,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let pem = list.signed_by(issuer).and_then(|list| list.pem());
        write_secret(&list_file(&self.folder), &pem.map_err(unusable)?)
    }
}

/// The list of certificates that are revoked.
#[must_use]
pub fn list_file(folder: &Path) -> PathBuf {
    folder.join("revoked.pem")
}

fn file(folder: &Path) -> PathBuf {
    folder.join("issued.json")
}
