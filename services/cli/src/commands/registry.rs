//! `gazelle registry`.

use gazelle_proto::registry::v1::ListChangesRequest;

use crate::args::RegistryCommand;
use crate::client::pages;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Column, column};

pub(crate) async fn run(context: &mut Context, command: RegistryCommand) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
        column("revision", "revision"),
        column("changed_at", "changed at"),
        column("actor", "by"),
        column("action", "action"),
        column("digest", "digest"),
        column("content_json", "content"),
    ];
    let RegistryCommand::Changes = command;
    let client = context.client().await?;
    let fetch = async |page_token| {
        // A change can hold a whole batch, so a page of many would be too large a message.
        let request = ListChangesRequest {
            page_size: 20,
            page_token,
        };
        let page = client
            .registry
            .clone()
            .list_changes(request)
            .await?
            .into_inner();
        Ok((page.changes, page.next_page_token))
    };
    let table = context.out.format() == crate::output::Format::Table;
    let mut listing = context.out.list("changes", COLUMNS);
    pages(fetch, |change| {
        let items = if table {
            shortened(&change.content_json)
        } else {
            change.content_json
        };
        let digest = if table {
            shortened(&change.digest)
        } else {
            change.digest
        };
        listing.row(vec![
            change.revision.into(),
            change.changed_at.into(),
            change.actor.into(),
            change.action.into(),
            digest.into(),
            items.into(),
        ])
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
