//! `gazelle profile`.

use std::path::PathBuf;

use gazelle_kernel::PlatformId;

use crate::args::{AddProfileArgs, ProfileCommand};
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column};
use crate::profile::{Credential, Endpoints, Home, Place, Profile};
use crate::words::{self, Lang, Text};

pub(crate) async fn run(context: &mut Context, command: ProfileCommand) -> Result<(), Failure> {
    match command {
        ProfileCommand::List => list(context),
        ProfileCommand::Add(args) => add(context, args),
        ProfileCommand::Token { name, hours } => {
            let caller = context.home.caller(&name).await?;
            let token = caller.bearer.lasting(time::Duration::hours(hours));
            let token =
                token.map_err(|error| Failure::said("CREDENTIAL_UNUSABLE", &error.to_string()))?;
            context.out.line(&token)
        }
    }
}

fn own_key() -> Cell {
    Cell::coded(words::OWN_KEY.in_lang(Lang::En), words::OWN_KEY.say())
}

fn list(context: &mut Context) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("profile", "profile"),
        column("subject", "subject"),
        column("roles", "roles"),
        column("credential", "credential"),
    ];
    let (rows, broken) = rows(&context.home)?;
    let mut listing = context.out.list("profiles", COLUMNS);
    rows.into_iter().try_for_each(|row| listing.row(row))?;
    listing.finish(&[])?;
    broken.map_or(Ok(()), Err)
}

/// All profiles, and why those that are missing among them cannot be read.
fn rows(home: &Home) -> Result<(Vec<Vec<Cell>>, Option<Failure>), Failure> {
    let (mut rows, mut broken) = (Vec::new(), None::<Failure>);
    for name in home.profile_names()? {
        match home.profile(&name) {
            Ok(Some(profile)) => rows.push(row(home, name, profile)),
            Ok(None) => {}
            Err(failure) => {
                broken = Some(match broken {
                    Some(before) => before.hint(failure.message()),
                    None => failure,
                });
            }
        }
    }
    if home.endpoints_file().exists() {
        let each = words::EACH_PLATFORM;
        let platforms = Cell::coded(each.in_lang(Lang::En), each.say());
        rows.push(vec!["platform:ID".into(), platforms, "".into(), own_key()]);
    }
    Ok((rows, broken))
}

fn row(home: &Home, name: String, profile: Profile) -> Vec<Cell> {
    let subject = profile.shown(home.folder());
    let subject = subject.unwrap_or(profile.subject);
    let credential = match profile.credential {
        Credential::HomeKey => own_key(),
        Credential::TokenFile(file) => file.display().to_string().into(),
        Credential::Certificate => certificate(&profile.endpoints).into(),
    };
    vec![
        name.into(),
        subject.into(),
        profile.roles.join(" ").into(),
        credential,
    ]
}

fn certificate(place: &Place) -> String {
    let file = match place {
        Place::Urls(endpoints) => endpoints.certificate_file.as_ref(),
        Place::File(_) => None,
    };
    file.map(|file| file.display().to_string())
        .unwrap_or_default()
}

/// Profiles that a suite makes for its home, beside those of callers that it names by their kind,
/// as `platform:alpha-mall`.
const OWN: [&str; 5] = ["registrar", "officer", "approver", "auditor", "admin"];

/// A profile that is there already is replaced only when that is asked for; one of the home's own
/// never.
fn check_free(home: &Home, name: &str, replace: bool) -> Result<(), Failure> {
    let taken = |why: Text| Failure::new("PROFILE_EXISTS", why.with(&[("profile", &name)]));
    if OWN.contains(&name) || name.contains(':') {
        return Err(taken(words::PROFILE_OF_SUITE));
    }
    match home.profile(name)?.map(|profile| profile.credential) {
        Some(Credential::HomeKey) => Err(taken(words::PROFILE_OF_HOME)),
        Some(Credential::TokenFile(_) | Credential::Certificate) if !replace => {
            Err(taken(words::PROFILE_THERE))
        }
        Some(Credential::TokenFile(_) | Credential::Certificate) | None => Ok(()),
    }
}

fn add(context: &mut Context, args: AddProfileArgs) -> Result<(), Failure> {
    check_free(&context.home, &args.name, args.replace)?;
    let absolute = |file: Option<PathBuf>| file.map(std::path::absolute).transpose();
    let certificate_file = absolute(args.certificate_file)?;
    // One file may have both.
    let key_file = absolute(args.key_file)?.or_else(|| certificate_file.clone());
    let credential = match absolute(args.token_file)? {
        Some(file) => Credential::TokenFile(file),
        None => Credential::Certificate,
    };
    let endpoints = Endpoints {
        registry: args.registry.unwrap_or_default(),
        usage: args.usage.unwrap_or_default(),
        settlement: args.settlement.unwrap_or_default(),
        ca_file: absolute(args.ca_file)?,
        certificate_file,
        key_file,
    };
    if let Credential::TokenFile(_) = credential
        && !args.plaintext
        && let Some(url) = endpoints.in_clear()
    {
        let message = words::TOKEN_IN_CLEAR.with(&[("url", &url)]);
        return Err(Failure::new("TOKEN_IN_CLEAR", message));
    }
    let mut profile = Profile {
        subject: args.name.clone(),
        roles: Vec::new(),
        endpoints: Place::Urls(endpoints),
        credential,
    };
    profile.subject = whose(&profile, &context.home, args.platform)?;
    // What could not be used later is refused now.
    let caller = context.home.caller_of(profile.clone())?;
    Client::new(&caller.endpoints, &caller.bearer)?;
    context.home.save_profile(&args.name, &profile)?;
    if context.out.format() == Format::Table {
        let added = words::PROFILE_ADDED.with(&[("profile", &args.name)]);
        return context.out.line(&added);
    }
    context
        .out
        .one(&[(column("profile", "profile"), args.name.into())])
}

/// Whom a profile is for: as what it shows says, which must be the platform that was named.
fn whose(profile: &Profile, home: &Home, platform: Option<PlatformId>) -> Result<String, Failure> {
    let asked = platform.map(|id| format!("platform:{id}"));
    let shown = profile.shown(home.folder());
    match (asked, shown) {
        (Some(asked), Some(shown)) if asked != shown => {
            let values: [(&str, &dyn std::fmt::Display); 2] =
                [("asked", &asked), ("shown", &shown)];
            let message = words::CREDENTIAL_OF_ANOTHER.with(&values);
            Err(Failure::new("IDENTITY_MISMATCH", message))
        }
        (asked, shown) => Ok(shown.or(asked).unwrap_or_else(|| profile.subject.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_cannot_be_read_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().to_owned())).unwrap();
        for name in ["a", "city", "z"] {
            let profile = Profile {
                subject: name.to_owned(),
                roles: Vec::new(),
                endpoints: Place::File("endpoints.json".into()),
                credential: Credential::HomeKey,
            };
            home.save_profile(name, &profile).unwrap();
        }
        assert_eq!(rows(&home).unwrap().1, None);
        for broken in ["a", "z"] {
            let file = folder.path().join(format!("profiles/{broken}.json"));
            std::fs::write(file, "{").unwrap();
        }
        let (rows, broken) = rows(&home).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0][0], "city".into());
        let broken = broken.unwrap();
        assert_eq!(broken.reason(), "PROFILE_INVALID");
        assert!(broken.message().contains("a.json") && broken.message().contains("z.json"));
    }

    #[test]
    fn no_profile_takes_the_place_of_another_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().to_owned())).unwrap();
        let reason = |name, replace| check_free(&home, name, replace).unwrap_err().to_string();
        for name in ["admin", "platform:alpha-mall", "service:settlement"] {
            assert!(reason(name, true).contains("that a suite makes"), "{name}");
        }
        assert_eq!(check_free(&home, "city", false), Ok(()));
        let endpoints = Endpoints {
            registry: "http://a".to_owned(),
            usage: "http://b".to_owned(),
            settlement: "http://c".to_owned(),
            ca_file: None,
            certificate_file: None,
            key_file: None,
        };
        let mut profile = Profile {
            subject: "city".to_owned(),
            roles: Vec::new(),
            endpoints: Place::Urls(endpoints),
            credential: Credential::TokenFile("token".into()),
        };
        home.save_profile("city", &profile).unwrap();
        assert!(reason("city", false).contains("--replace"));
        assert_eq!(check_free(&home, "city", true), Ok(()));
        profile.credential = Credential::HomeKey;
        home.save_profile("city", &profile).unwrap();
        assert!(reason("city", true).contains("belongs to this home"));
    }
}
