//! Keys, service tokens and profiles of a home.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use gazelle_runtime::auth::Principal;
use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::AuthConfig;
use gazelle_runtime::issuer::IssuerError;
use time::Duration;

use crate::failure::Failure;
use crate::profile::{AUDIENCE, Credential, Home, ISSUER, Place, Profile};

/// As long as nobody asks: such a token lies beside the key that could sign any other.
const SERVICE_TOKEN_LIFETIME: Duration = Duration::days(3_650);

/// The profiles of people, with their roles. `admin` is for trying things out on one machine.
const PROFILES: [(&str, &[&str]); 5] = [
    ("registrar", &["registrar"]),
    ("officer", &["officer"]),
    ("approver", &["approver"]),
    ("auditor", &["auditor"]),
    ("admin", &["registrar", "officer", "approver"]),
];

/// Makes the home's key where there is none, its key set, and a token for settlement, which calls
/// the others.
pub(super) fn prepare(home: &Home, clock: &Clock) -> Result<(), Failure> {
    let folder = home.issuer_folder();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)?;
    fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
    let issuer = home.open_issuer(clock.clone())?;
    write_secret(&jwks_file(home), &issuer.jwks())?;
    let settlement = Principal::Service("settlement".to_owned());
    let token = issuer
        .mint(&settlement, SERVICE_TOKEN_LIFETIME)
        .map_err(|error: IssuerError| Failure::new("CREDENTIAL_UNUSABLE", error.to_string()))?;
    write_secret(&service_token_file(home), &token)
}

/// Readable by its owner alone, from the first moment.
fn write_secret(file: &Path, content: &str) -> Result<(), Failure> {
    let partial = file.with_extension("new");
    // What a killed process left behind might be open to others.
    if partial.exists() {
        fs::remove_file(&partial)?;
    }
    let mut opened = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&partial)?;
    opened.write_all(content.as_bytes())?;
    opened.sync_all()?;
    Ok(fs::rename(&partial, file)?)
}

fn jwks_file(home: &Home) -> PathBuf {
    home.issuer_folder().join("jwks.json")
}

/// The token with which settlement calls the others.
pub(super) fn service_token_file(home: &Home) -> PathBuf {
    home.issuer_folder().join("settlement.token")
}

/// Whose tokens the services believe.
pub(super) fn auth_config(home: &Home) -> AuthConfig {
    AuthConfig {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks_file: jwks_file(home),
    }
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
    use super::*;

    #[tokio::test]
    async fn keys_are_for_their_owner_alone_and_stay_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().join("home"))).unwrap();
        prepare(&home, &Clock::system()).unwrap();
        let first = fs::read(jwks_file(&home)).unwrap();

        prepare(&home, &Clock::system()).unwrap();

        assert_eq!(fs::read(jwks_file(&home)).unwrap(), first);
        for entry in fs::read_dir(home.issuer_folder()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }
}
