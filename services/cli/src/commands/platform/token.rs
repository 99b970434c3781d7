//! A platform's token, for a partner's first days.

use time::Duration;

use super::known::{find, put};
use crate::args::{ChangePlatformArgs, PlatformTokenArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, column};
use gazelle_proto::registry::v1::Platform;

pub(super) async fn run(context: &mut Context, args: &PlatformTokenArgs) -> Result<(), Failure> {
    if args.add {
        let client = context.client().await?;
        if find(&client, args.platform.as_str()).await?.is_none() {
            let nothing_more = ChangePlatformArgs {
                platform: args.platform.clone(),
                name: None,
                reports_from: None,
                reports_to: None,
            };
            put(&client, Platform::default(), nothing_more).await?;
        }
    }
    let name = format!("platform:{}", args.platform);
    let caller = context.home.caller(&name).await?;
    let token = caller.bearer.lasting(Duration::hours(args.hours));
    let token = token.map_err(|error| Failure::said("CREDENTIAL_UNUSABLE", &error.to_string()))?;
    let ca_file = caller.endpoints.ca_file.unwrap_or_default();
    context.out.one(&[
        (
            column("platform_id", "platform"),
            args.platform.to_string().into(),
        ),
        (
            column("endpoint", "endpoint"),
            caller.endpoints.usage.into(),
        ),
        (
            column("ca_file", "authority's certificate"),
            ca_file.display().to_string().into(),
        ),
        (column("token", "token"), Cell::text(token)),
    ])
}
