//! What the service is told at its start.

use std::{collections::BTreeSet, path::PathBuf};

use gazelle_runtime::config::{
    AdminConfig, AuditConfig, AuthConfig, DatabaseConfig, LimitsConfig, PeerConfig, ServerConfig,
    TelemetryConfig,
};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::domain::{
    payment::file::order::FileAccount,
    program::{Payer, payer_faults},
};

/// The configuration of the settlement service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens, and how.
    pub server: ServerConfig,
    /// How much it takes on at a time.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// Where those who run it look; nowhere when not given.
    #[serde(default)]
    pub admin: Option<AdminConfig>,
    /// Where it keeps programs, runs and budgets.
    pub database: DatabaseConfig,
    /// Whose tokens it believes.
    pub auth: AuthConfig,
    /// How checkpoints of its trail are signed; not at all when not given.
    #[serde(default)]
    pub audit: Option<AuditConfig>,
    /// Where it sends what it does.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// The services that it reads from.
    pub peers: PeersConfig,
    /// Whose account pays where a program does not say; without it such a program is not paid.
    #[serde(default)]
    pub payer: Option<PayerConfig>,
}

/// The account that payments are made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayerConfig {
    /// The name that the account is held under.
    pub account_name: String,
    /// 5 to 34 of `0-9A-Z-`.
    pub account_number: String,
    /// The bank's CNAPS code, 12 digits.
    pub bank_code: String,
    /// What the bank is called.
    #[serde(default)]
    pub bank_name: String,
}

impl PayerConfig {
    /// The account, if a program's may be like it.
    pub fn account(&self) -> anyhow::Result<FileAccount> {
        let payer = Payer {
            account_name: self.account_name.trim().to_owned(),
            account_number: self.account_number.clone(),
            bank_code: self.bank_code.clone(),
            bank_name: self.bank_name.trim().to_owned(),
        };
        let faults = payer_faults(&payer);
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::ensure!(faults.is_empty(), "{}", faults.join("; "));
        Ok(FileAccount {
            name: payer.account_name,
            number: payer.account_number,
            bank_code: payer.bank_code,
            bank_name: payer.bank_name,
        })
    }
}

/// The services that settlement reads from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeersConfig {
    /// Who the enterprises are.
    pub registry: PeerConfig,
    /// What the platforms charged: every usage cell, so that no platform is missed.
    #[serde(deserialize_with = "at_least_one")]
    pub usage: Vec<PeerConfig>,
}

impl PeersConfig {
    /// The files with the certificates that peers are shown.
    #[must_use]
    pub fn certificate_files(&self) -> Vec<PathBuf> {
        let peers = self.usage.iter().chain([&self.registry]);
        let files: BTreeSet<&PathBuf> = peers
            .filter_map(|peer| peer.certificate_file.as_ref())
            .collect();
        files.into_iter().cloned().collect()
    }
}

/// Without a usage service every period would look as if nothing had been reported.
fn at_least_one<'de, D: Deserializer<'de>>(cells: D) -> Result<Vec<PeerConfig>, D::Error> {
    let cells = Vec::deserialize(cells)?;
    if cells.is_empty() {
        return Err(D::Error::custom("`peers.usage` names no usage service"));
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payer() -> PayerConfig {
        PayerConfig {
            account_name: " 杭州市财政局 ".to_owned(),
            account_number: "3300-0000-0000-0001".to_owned(),
            bank_code: "102331002026".to_owned(),
            bank_name: String::new(),
        }
    }

    #[test]
    fn a_payer_is_trimmed_and_may_leave_out_what_its_bank_is_called() {
        assert_eq!(payer().account().unwrap().name, "杭州市财政局");
    }

    #[test]
    fn a_payer_whose_file_no_bank_would_take_is_refused() {
        let nobody = PayerConfig {
            account_name: " ".to_owned(),
            ..payer()
        };
        let short = PayerConfig {
            account_number: "1234".to_owned(),
            ..payer()
        };
        let letters = PayerConfig {
            bank_code: "10233100202x".to_owned(),
            ..payer()
        };
        for (payer, field) in [
            (nobody, "payer.account_name: "),
            (short, "payer.account_number: "),
            (letters, "payer.bank_code: "),
        ] {
            let refused = payer.account().unwrap_err().to_string();
            assert!(refused.starts_with(field), "{refused}");
        }
    }
}
