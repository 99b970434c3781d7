//! Platforms as the registry knows them.

use gazelle_proto::registry::v1::{GetPlatformRequest, Platform, PutPlatformsRequest};
use tonic::Code;

use crate::args::ChangePlatformArgs;
use crate::client::Client;
use crate::commands::import;
use crate::failure::Failure;
use crate::input::field::check_name;

/// A platform as the registry has it.
pub async fn find(client: &Client, id: &str) -> Result<Option<Platform>, Failure> {
    let request = GetPlatformRequest {
        platform_id: id.to_owned(),
    };
    match client.registry.clone().get_platform(request).await {
        Ok(answer) => Ok(answer.into_inner().platform),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status.into()),
    }
}

/// Returns the platform as it is then. The registry replaces the whole platform, so what is not
/// given is taken from `before`.
pub async fn put(
    client: &Client,
    before: Platform,
    args: ChangePlatformArgs,
) -> Result<Platform, Failure> {
    let id = args.platform.to_string();
    let unnamed = || {
        if before.name.is_empty() {
            id.clone()
        } else {
            before.name.clone()
        }
    };
    args.name.as_deref().map_or(Ok(()), check_name)?;
    let platform = Platform {
        name: args.name.unwrap_or_else(unnamed),
        reports_from: args.reports_from.unwrap_or(before.reports_from),
        reports_to: args.reports_to.unwrap_or(before.reports_to),
        platform_id: id,
    };
    let request = PutPlatformsRequest {
        platforms: vec![platform.clone()],
    };
    let answer = client.registry.clone().put_platforms(request).await?;
    import::one(answer.into_inner().result)?;
    Ok(platform)
}
