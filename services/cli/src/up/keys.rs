//! Keys, certificates, service tokens and profiles of a home, and how they are kept good.

use std::path::PathBuf;
use std::time::Duration as Pause;

use gazelle_runtime::audit::note::new_key;
use gazelle_runtime::auth::Principal;
use gazelle_runtime::auth::own_issuer::IssuerError;
use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::{AuditConfig, AuthConfig, IssuerConfig, Kind};
use time::{Duration, OffsetDateTime};
use tokio::time::{Instant, sleep};
use tokio_util::task::AbortOnDropHandle;

use crate::authority::{Authority, make_folder, refuse_exposed, write_secret};
use crate::failure::Failure;
use crate::profile::{AUDIENCE, Credential, Home, Place, Profile, issuer_name};
use crate::words;

/// How long settlement's token lives, and how long it is used.
const SERVICE_TOKEN_LIFETIME: Duration = Duration::hours(1);
const SERVICE_TOKEN_FRESH: Duration = Duration::minutes(20);

/// Between two looks at the clock, and between two at the certificates.
const LOOK_PAUSE: Pause = Pause::from_secs(5);
const CERTIFICATE_PAUSE: Pause = Pause::from_hours(1);

/// The profiles of people, with their roles. `admin` is for trying things out on one machine.
const PROFILES: [(&str, &[&str]); 5] = [
    ("registrar", &["registrar"]),
    ("officer", &["officer"]),
    ("approver", &["approver"]),
    ("auditor", &["auditor"]),
    ("admin", &["registrar", "officer", "approver"]),
];

/// The secrets of a home while the suite runs on it.
#[derive(Debug)]
pub(super) struct Keys {
    home: Home,
    clock: Clock,
    /// By which others reach the services.
    names: Vec<String>,
    token_made_at: OffsetDateTime,
}

impl Keys {
    /// Makes the home's keys where there are none, their key sets, its certificates, and a token
    /// for settlement, which calls the others. Refuses a home whose keys others may read.
    pub(super) fn prepare(home: &Home, names: Vec<String>, clock: &Clock) -> Result<Self, Failure> {
        let folder = home.issuer_folder();
        make_folder(&folder)?;
        refuse_exposed(&folder)?;
        let mut keys = Self {
            home: home.clone(),
            clock: clock.clone(),
            names,
            token_made_at: clock.now(),
        };
        for kind in Kind::ALL {
            let issuer = home.open_issuer(kind, clock.clone())?;
            write_secret(&home.jwks_file(kind), &issuer.jwks())?;
        }
        write_audit_keys(home)?;
        keys.renew_token()?;
        keys.renew_certificates()?;
        Ok(keys)
    }

    fn renew_token(&mut self) -> Result<(), Failure> {
        let now = self.clock.now();
        let settlement = Principal::Service("settlement".to_owned());
        let issuer = self
            .home
            .open_issuer(settlement.kind(), self.clock.clone())?;
        let token =
            issuer
                .mint(&settlement, SERVICE_TOKEN_LIFETIME)
                .map_err(|error: IssuerError| {
                    Failure::said("CREDENTIAL_UNUSABLE", &error.to_string())
                })?;
        write_secret(&service_token_file(&self.home), &token)?;
        self.token_made_at = now;
        Ok(())
    }

    fn renew_certificates(&self) -> Result<(), Failure> {
        Authority::ensure(&self.home)?.renew(&self.names)
    }

    /// Renews all of it before it ends, for as long as the suite runs.
    pub(super) fn keep(mut self) -> AbortOnDropHandle<()> {
        AbortOnDropHandle::new(tokio::spawn(async move {
            let mut certificates_at = Instant::now();
            loop {
                sleep(LOOK_PAUSE).await;
                let fresh = self.token_made_at..self.token_made_at + SERVICE_TOKEN_FRESH;
                if !fresh.contains(&self.clock.now()) {
                    told(self.renew_token());
                }
                if certificates_at.elapsed() >= CERTIFICATE_PAUSE {
                    told(self.renew_certificates());
                    certificates_at = Instant::now();
                }
            }
        }))
    }
}

/// It is tried again; what there is still holds for a while.
fn told(renewed: Result<(), Failure>) {
    if let Err(error) = renewed {
        tracing::error!(%error, "what the services of this home show cannot be renewed");
    }
}

/// The token with which settlement calls the others.
pub(super) fn service_token_file(home: &Home) -> PathBuf {
    home.issuer_folder().join("settlement.token")
}

/// Makes what signs checkpoints, once: who kept one must be able to verify the next.
fn write_audit_keys(home: &Home) -> Result<(), Failure> {
    for service in ["registry", "usage", "settlement"] {
        let file = audit_key_file(home, service);
        if !file.exists() {
            let key = new_key()
                .map_err(|error| Failure::new("KEY_UNUSABLE", words::key_unusable(&error)))?;
            write_secret(&file, &key)?;
        }
    }
    Ok(())
}

/// How a service signs the checkpoints of its trail.
pub(super) fn audit_config(home: &Home, service: &str) -> AuditConfig {
    AuditConfig {
        origin: format!("gazelle.localhost/{service}"),
        signing_key_file: audit_key_file(home, service),
    }
}

fn audit_key_file(home: &Home, service: &str) -> PathBuf {
    home.issuer_folder().join(format!("audit-{service}.pem"))
}

/// Whose tokens the services believe: an issuer for each kind of callers, with a key of its own.
pub(super) fn auth_config(home: &Home) -> AuthConfig {
    let issuer = |kind| IssuerConfig::in_file(issuer_name(kind), home.jwks_file(kind), &[kind]);
    AuthConfig::of_issuers(AUDIENCE, Kind::ALL.map(issuer).into())
}

/// Writes a profile per role.
pub(super) fn write_profiles(home: &Home) -> Result<(), Failure> {
    for (name, roles) in PROFILES {
        let profile = Profile {
            subject: name.to_owned(),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            endpoints: Place::File("endpoints.json".into()),
            credential: Credential::HomeKey,
        };
        home.save_profile(name, &profile)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn keys_are_for_their_owner_alone_and_stay_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().join("home"))).unwrap();
        let prepare = || Keys::prepare(&home, Vec::new(), &Clock::system());
        prepare().unwrap();
        let read = || Kind::ALL.map(|kind| fs::read(home.jwks_file(kind)).unwrap());
        let first = read();

        prepare().unwrap();

        assert_eq!(read(), first);
        assert!(first[0] != first[1] && first[1] != first[2] && first[2] != first[0]);
        for folder in [home.issuer_folder(), home.tls_folder()] {
            assert_eq!(
                fs::metadata(&folder).unwrap().permissions().mode() & 0o077,
                0
            );
            for entry in fs::read_dir(folder).unwrap() {
                let mode = entry.unwrap().metadata().unwrap().permissions().mode();
                assert_eq!(mode & 0o077, 0);
            }
        }
        let one = home.jwks_file(Kind::Services);
        fs::set_permissions(one, Permissions::from_mode(0o604)).unwrap();
        assert_eq!(prepare().unwrap_err().reason(), "HOME_EXPOSED");
    }

    #[tokio::test(start_paused = true)]
    async fn settlements_token_is_another_well_before_the_last_one_ends() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().join("home"))).unwrap();
        let clock = Clock::fixed(Clock::system().now());
        let kept = Keys::prepare(&home, Vec::new(), &clock).unwrap().keep();
        let token = || fs::read_to_string(service_token_file(&home)).unwrap();
        let first = token();
        clock.advance(SERVICE_TOKEN_FRESH - Duration::SECOND);
        sleep(LOOK_PAUSE * 2).await;
        assert_eq!(token(), first);
        clock.advance(Duration::SECOND);
        sleep(LOOK_PAUSE * 2).await;
        assert_ne!(token(), first);
        drop(kept);
    }
}
