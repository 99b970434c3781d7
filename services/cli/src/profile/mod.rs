//! Who is calling, and where: the home folder, its profiles, and the credentials they name.
//!
//! `gazelle up` writes a profile per role into its home. Whoever can read the home's signing keys
//! (its owner alone) gets short-lived tokens from them; a profile for a suite elsewhere has a file
//! with a token instead. `platform:ID` needs no file: it is any platform that the registry knows.

mod subject;
mod whose;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use gazelle_client::Endpoints;
use gazelle_kernel::PlatformId;
use gazelle_proto::registry::v1::GetPlatformRequest;
use gazelle_runtime::auth::own_issuer::Issuer;
use gazelle_runtime::auth::{Principal, Role};
use gazelle_runtime::clock::Clock;
use gazelle_runtime::config::Kind;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::client::{Bearer, ClientError, client};
use crate::failure::{Failure, PROFILE_NOT_CHOSEN};
use crate::files::{WholeFile, make_folders, unreadable, unwritable};
use crate::minted::minted;
use crate::words;

/// The `aud` of all tokens.
pub const AUDIENCE: &str = "gazelle";

/// A folder with the data of `gazelle up`, and with the profiles of its users.
#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
}

/// An identity that `--as` can name, as its file has it. Relative paths start at the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name that what is done is recorded under, as far as what proves it does not say.
    pub subject: String,
    /// What a person may be.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Where the services are.
    pub endpoints: Place,
    /// What proves the identity.
    pub credential: Credential,
}

impl Profile {
    /// Whom what it shows names, by its own words. Relative paths start at `home`.
    #[must_use]
    pub fn shown(&self, home: &Path) -> Option<String> {
        match (&self.credential, &self.endpoints) {
            (Credential::TokenFile(file), _) => {
                subject::of_token(&fs::read_to_string(home.join(file)).ok()?)
            }
            (Credential::Certificate, Place::Urls(endpoints)) => {
                let file = endpoints.certificate_file.as_ref()?;
                subject::of_certificate(&fs::read(home.join(file)).ok()?)
            }
            (Credential::Certificate, Place::File(_)) | (Credential::HomeKey, _) => None,
        }
    }
}

/// Where a profile's services are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Read from a file that `gazelle up` writes.
    File(PathBuf),
    /// Addresses that the profile names.
    Urls(Endpoints),
}

/// What proves a profile's identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// The home's own key for people, which signs a token per command.
    HomeKey,
    /// A file with a token that somebody else issued.
    TokenFile(PathBuf),
    /// The certificate that its endpoints name, and no token.
    Certificate,
}

/// A caller: where it calls, and what it shows there.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where the services listen.
    pub endpoints: Endpoints,
    /// What it shows.
    pub bearer: Bearer,
}

impl Home {
    /// That folder, else the default: `/var/lib/gazelle` for root, the user's data folder for
    /// others.
    pub fn new(folder: Option<PathBuf>) -> Result<Self, Failure> {
        let folder = match folder.filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => folder,
            None if rustix::process::geteuid().is_root() => "/var/lib/gazelle".into(),
            None => data_folder()
                .ok_or_else(|| Failure::new("HOME_UNKNOWN", words::HOME_UNKNOWN.say()))?,
        };
        // Absolute: PostgreSQL and profiles must not depend on where a command is run.
        let folder = std::path::absolute(folder)?;
        Ok(Self { folder })
    }

    /// Where its data and its profiles are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where `gazelle up` says where it listens.
    #[must_use]
    pub fn endpoints_file(&self) -> PathBuf {
        self.folder.join("endpoints.json")
    }

    /// The certificate of this home's authority, which vouches for its services. For everybody.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Keys and certificates, for the owner's eyes alone.
    #[must_use]
    pub fn tls_folder(&self) -> PathBuf {
        self.folder.join("tls")
    }

    /// Keys and tokens, for the owner's eyes alone.
    #[must_use]
    pub fn issuer_folder(&self) -> PathBuf {
        self.folder.join("issuer")
    }

    /// Which keys sign for callers of that kind in this home, for its services to read.
    #[must_use]
    pub fn jwks_file(&self, kind: Kind) -> PathBuf {
        self.issuer_folder().join(format!("{}.json", kind.as_str()))
    }

    /// The key that signs for callers of that kind in this home.
    #[must_use]
    pub fn key_file(&self, kind: Kind) -> PathBuf {
        self.issuer_folder().join(format!("{}.der", kind.as_str()))
    }

    fn profile_file(&self, name: &str) -> PathBuf {
        self.folder.join("profiles").join(format!("{name}.json"))
    }

    /// Who signs for callers of that kind, with a key that is made where there is none, which
    /// only `gazelle up` may do. The services believe nobody else of them, and it of nobody else.
    pub fn open_issuer(&self, kind: Kind, clock: Clock) -> Result<Issuer, Failure> {
        Issuer::open(&self.key_file(kind), issuer_name(kind), AUDIENCE, clock)
            .map_err(|error| unusable(&error))
    }

    fn minted(&self, principal: Principal) -> Result<Bearer, Failure> {
        let kind = principal.kind();
        let key = self.key_file(kind);
        match key.try_exists() {
            Ok(true) => {
                let clock = Clock::system();
                let issuer = self.open_issuer(kind, clock.clone())?;
                Ok(minted(issuer, principal, clock))
            }
            Ok(false) => Err(self.empty()),
            Err(error) => {
                let error = words::cause(&error);
                let values: [(&str, &dyn std::fmt::Display); 2] =
                    [("path", &key.display()), ("error", &error)];
                let message = words::NOT_ITS_OWNER.with(&values);
                Err(Failure::new("CREDENTIAL_UNUSABLE", message))
            }
        }
    }

    /// Why nobody can be anybody here yet.
    #[must_use]
    pub fn empty(&self) -> Failure {
        let home = self.folder.display();
        Failure::new("NO_SUITE", words::NO_SUITE.with(&[("home", &home)]))
    }

    /// The names of the profiles with a file, sorted.
    pub fn profile_names(&self) -> Result<Vec<String>, Failure> {
        let entries = match fs::read_dir(self.folder.join("profiles")) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            names.extend(
                name.to_str()
                    .and_then(|n| n.strip_suffix(".json"))
                    .map(str::to_owned),
            );
        }
        names.sort();
        Ok(names)
    }

    /// Reads a profile, if it has a file.
    pub fn profile(&self, name: &str) -> Result<Option<Profile>, Failure> {
        // A name is a name, never a path.
        if !is_profile_name(name) {
            return Ok(None);
        }
        read_json(&self.profile_file(name))
    }

    /// Writes a profile.
    pub fn save_profile(&self, name: &str, profile: &Profile) -> Result<(), Failure> {
        if !is_profile_name(name) {
            let message = words::PROFILE_NAME_BAD.with(&[("profile", &name)]);
            return Err(Failure::new("PROFILE_NAME_INVALID", message));
        }
        write_json(&self.profile_file(name), profile)
    }

    /// Why a command that asks the services does nothing where nobody said who asks.
    #[must_use]
    pub fn nobody_chosen(&self) -> Failure {
        match self.profile_names() {
            Ok(names) if names.is_empty() => self.empty(),
            Ok(names) => {
                let message = words::WHO_YOU_ARE.with(&[("names", &names.join(", "))]);
                Failure::new(PROFILE_NOT_CHOSEN, message)
            }
            Err(failure) => failure,
        }
    }

    /// Where the services of a profile are, or of the home where it has no such profile.
    pub fn endpoints(&self, profile: Option<&str>) -> Result<Endpoints, Failure> {
        let profile = profile.map(|name| self.profile(name)).transpose()?;
        match profile.flatten() {
            Some(profile) => self.place(profile.endpoints),
            None => self.home_endpoints(),
        }
    }

    /// Whether the services of a profile are those of this home's suite.
    #[must_use]
    pub fn is_own(&self, profile: Option<&str>) -> bool {
        let profile = profile.and_then(|name| self.profile(name).ok().flatten());
        profile.is_none_or(|profile| matches!(profile.endpoints, Place::File(_)))
    }

    /// Where the suite of this home listens.
    pub fn home_endpoints(&self) -> Result<Endpoints, Failure> {
        self.place(Place::File(self.endpoints_file()))
    }

    fn place(&self, place: Place) -> Result<Endpoints, Failure> {
        match place {
            Place::Urls(endpoints) => Ok(endpoints),
            Place::File(file) => read_json(&self.folder.join(file))?.ok_or_else(|| self.empty()),
        }
    }

    /// Who `--as NAME` is. Asks the registry whether it knows a platform.
    pub async fn caller(&self, name: &str) -> Result<Caller, Failure> {
        if let Some(profile) = self.profile(name)? {
            return self.caller_of(profile);
        }
        let platform = name
            .strip_prefix("platform:")
            .and_then(|id| PlatformId::parse(id).ok());
        let Some(platform) = platform else {
            let known = self.profile_names()?;
            if known.is_empty() {
                return Err(self.empty());
            }
            let quoted = format!("{name:?}");
            let message =
                words::PROFILE_UNKNOWN.with(&[("profile", &quoted), ("names", &known.join(", "))]);
            return Err(Failure::new("UNKNOWN_PROFILE", message));
        };
        self.platform_caller(platform).await
    }

    /// Who acts by a profile.
    pub fn caller_of(&self, profile: Profile) -> Result<Caller, Failure> {
        let endpoints = self.place(profile.endpoints)?;
        let bearer = match profile.credential {
            Credential::TokenFile(file) => {
                let file = self.folder.join(file);
                Bearer::from_file(&file).map_err(ClientError::Token)?
            }
            Credential::Certificate => Bearer::none(),
            Credential::HomeKey => self.minted(principal(&profile.subject, &profile.roles)?)?,
        };
        Ok(Caller { endpoints, bearer })
    }

    async fn platform_caller(&self, platform: PlatformId) -> Result<Caller, Failure> {
        let endpoints = self.check_known(&platform).await?;
        let bearer = self.minted(Principal::Platform(platform))?;
        Ok(Caller { endpoints, bearer })
    }

    /// Refuses a platform that the registry of this home does not know; says where it was asked.
    pub async fn check_known(&self, platform: &PlatformId) -> Result<Endpoints, Failure> {
        let endpoints = self.home_endpoints()?;
        let auditor = Principal::Person {
            subject: "gazelle-cli".to_owned(),
            roles: vec![Role::Auditor],
        };
        let request = GetPlatformRequest {
            platform_id: platform.to_string(),
        };
        let asking = client(&endpoints, &self.minted(auditor)?)?;
        match asking.registry.clone().get_platform(request).await {
            Ok(_) => Ok(endpoints),
            Err(status) if status.code() == tonic::Code::NotFound => {
                let message = words::PLATFORM_TO_ADD.with(&[("platform", platform)]);
                Err(Failure::new("UNKNOWN_PROFILE", message))
            }
            Err(status) => Err(status.into()),
        }
    }
}

/// The `iss` of tokens that a home signs for callers of that kind.
#[must_use]
pub fn issuer_name(kind: Kind) -> &'static str {
    match kind {
        Kind::People => "gazelle-up/people",
        Kind::Platforms => "gazelle-up/platforms",
        Kind::Services => "gazelle-up/services",
    }
}

fn data_folder() -> Option<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let data = set("XDG_DATA_HOME").filter(|folder| folder.is_absolute());
    Some(
        data.or_else(|| Some(set("HOME")?.join(".local/share")))?
            .join("gazelle"),
    )
}

fn is_profile_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    !name.starts_with('.') && (1..=100).contains(&name.len()) && name.chars().all(allowed)
}

fn principal(subject: &str, roles: &[String]) -> Result<Principal, Failure> {
    let role = |name: &String| {
        let known = Role::ALL.into_iter().find(|role| role.as_str() == name);
        known.ok_or_else(|| {
            Failure::new(
                "PROFILE_INVALID",
                words::ROLE_UNKNOWN.with(&[("role", name)]),
            )
        })
    };
    Ok(Principal::Person {
        subject: subject.to_owned(),
        roles: roles.iter().map(role).collect::<Result<_, _>>()?,
    })
}

fn unusable(error: &dyn std::error::Error) -> Failure {
    let mut message = error.to_string();
    if let Some(source) = error.source() {
        message = format!("{message}: {source}");
    }
    Failure::said("CREDENTIAL_UNUSABLE", &message)
}

fn read_json<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, Failure> {
    let json = match fs::read(file) {
        Ok(json) => json,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(file, &error)),
    };
    serde_json::from_slice(&json).map(Some).map_err(|error| {
        let error = Failure::said("PROFILE_INVALID", &error.to_string());
        let values: [(&str, &dyn std::fmt::Display); 2] =
            [("path", &file.display()), ("error", &error.message())];
        Failure::new("PROFILE_INVALID", words::IN_FILE.with(&values))
    })
}

/// Writes the file under another name first, so that no reader sees half of it.
pub fn write_json(file: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_vec_pretty(value).map_err(std::io::Error::from)?;
    write_whole(file, &json)
}

/// As [`write_json`], any bytes.
pub fn write_whole(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(folder) = file.parent() {
        make_folders(folder).map_err(|error| unwritable(file, &error))?;
    }
    let mut whole = WholeFile::begin(file)?;
    whole.write(bytes)?;
    whole.finish()
}

#[cfg(test)]
mod tests;
