//! `gazelle profile`.

use super::Context;
use crate::args::{AddProfileArgs, ProfileCommand};
use crate::failure::Failure;
use crate::output::{Column, column};
use crate::profile::{Credential, Endpoints, Place, Profile};

pub(super) async fn run(context: &mut Context, command: ProfileCommand) -> Result<(), Failure> {
    match command {
        ProfileCommand::List => list(context),
        ProfileCommand::Add(args) => add(context, args),
        ProfileCommand::Token { name, hours } => {
            let caller = context.home.caller(&name).await?;
            let token = caller.bearer.token(time::Duration::hours(hours))?;
            context.out.line(&token)
        }
    }
}

fn list(context: &mut Context) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("profile", "profile"),
        column("subject", "subject"),
        column("roles", "roles"),
        column("credential", "credential"),
    ];
    let names = context.home.profile_names()?;
    let mut listing = context.out.list("profiles", COLUMNS);
    for name in &names {
        let Some(profile) = context.home.profile(name)? else {
            continue;
        };
        let credential = match profile.credential {
            Credential::HomeKey => "this home's key".to_owned(),
            Credential::TokenFile(file) => file.display().to_string(),
        };
        listing.row(vec![
            name.as_str().into(),
            profile.subject.into(),
            profile.roles.join(" ").into(),
            credential.into(),
        ])?;
    }
    if context.home.endpoints_file().exists() {
        let platforms = "each platform that the registry knows";
        let key = "this home's key";
        listing.row(vec![
            "platform:ID".into(),
            platforms.into(),
            "".into(),
            key.into(),
        ])?;
    }
    listing.finish(&[])?;
    Ok(())
}

fn add(context: &mut Context, args: AddProfileArgs) -> Result<(), Failure> {
    let token_file = std::path::absolute(args.token_file)?;
    let ca_file = args.ca_file.map(std::path::absolute).transpose()?;
    let profile = Profile {
        subject: args.name.clone(),
        roles: Vec::new(),
        endpoints: Place::Urls(Endpoints {
            registry: args.registry,
            usage: args.usage,
            settlement: args.settlement,
            ca_file,
        }),
        credential: Credential::TokenFile(token_file),
    };
    context.home.save_profile(&args.name, &profile)?;
    context
        .out
        .line(&format!("added; use it with --as {}", args.name))
}
