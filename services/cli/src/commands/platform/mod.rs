//! `gazelle platform`.

mod certificate;
mod known;
pub(super) mod stranger;
mod token;

use std::path::Path;

use gazelle_proto::registry::v1::{ListPlatformsRequest, Platform, PutPlatformsRequest};

pub(super) use known::find;
use known::put;

use super::import::{self, ItemKind, field};
use crate::args::PlatformCommand;
use crate::client::{Client, pages};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Out, column};
use crate::words;

const KIND: ItemKind<Platform> = ItemKind {
    what: "platforms",
    required: &["platform_id", "name", "reports_from", "reports_to"],
    optional: &[],
    id_columns: 1,
    key: &[0],
    is_statement: |_| true,
    parse: |fields| {
        Ok(Platform {
            platform_id: field(fields, 0),
            name: field(fields, 1),
            reports_from: field(fields, 2),
            reports_to: field(fields, 3),
        })
    },
};

const COLUMNS: &[Column] = &[
    column("platform_id", "platform"),
    column("name", "name"),
    column("reports_from", "owes from"),
    column("reports_to", "owes until before"),
];

fn cells(platform: Platform) -> Vec<Cell> {
    vec![
        platform.platform_id.into(),
        platform.name.into(),
        platform.reports_from.into(),
        platform.reports_to.into(),
    ]
}

pub(crate) async fn run(context: &mut Context, command: PlatformCommand) -> Result<(), Failure> {
    match command {
        PlatformCommand::Import(import) => {
            let client = context.client().await?;
            import_file(&client, &mut context.out, &import.file).await
        }
        PlatformCommand::List => {
            let client = context.client().await?;
            list(context, &client).await
        }
        PlatformCommand::Token(args) => token::run(context, &args).await,
        PlatformCommand::Certificate(args) => certificate::sign(context, &args).await,
        PlatformCommand::Certificates { platform } => certificate::list(context, platform.as_ref()),
        PlatformCommand::RevokeCertificate(args) => certificate::revoke(context, &args),
        PlatformCommand::Add(args) => {
            let client = context.client().await?;
            if find(&client, args.platform.as_str()).await?.is_some() {
                let message = words::PLATFORM_KNOWN.with(&[("platform", &args.platform)]);
                return Err(Failure::new("PLATFORM_EXISTS", message));
            }
            let platform = put(&client, Platform::default(), args).await?;
            show(context, platform)
        }
        PlatformCommand::Change(args) => {
            let client = context.client().await?;
            let none = || {
                let message = words::PLATFORM_UNKNOWN.with(&[("platform", &args.platform)]);
                Failure::new("PLATFORM_NOT_FOUND", message)
            };
            let platform = find(&client, args.platform.as_str()).await?;
            let platform = put(&client, platform.ok_or_else(none)?, args).await?;
            show(context, platform)
        }
    }
}

/// Imports a file of platforms.
pub async fn import_file(client: &Client, out: &mut Out, file: &Path) -> Result<(), Failure> {
    import::run(out, &KIND, file, async |platforms| {
        let mut registry = client.registry.clone();
        let answer = registry
            .put_platforms(PutPlatformsRequest { platforms })
            .await?;
        import::answer(answer.into_inner().result)
    })
    .await
}

fn show(context: &mut Context, platform: Platform) -> Result<(), Failure> {
    let fields: Vec<_> = COLUMNS.iter().copied().zip(cells(platform)).collect();
    context.out.one(&fields)
}

async fn list(context: &mut Context, client: &Client) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListPlatformsRequest {
            page_size: 1_000,
            page_token,
        };
        let page = client.registry.clone().list_platforms(request).await?;
        let page = page.into_inner();
        Ok((page.platforms, page.next_page_token))
    };
    let mut listing = context.out.list("platforms", COLUMNS);
    pages(fetch, |platform| listing.row(cells(platform))).await?;
    listing.finish(&[])?;
    Ok(())
}
