//! `gazelle audit list`.

use gazelle_proto::audit::v1::ListEntriesRequest;
use gazelle_proto::time::timestamp;

use super::trails::trail;
use crate::args::ListAuditArgs;
use crate::client::pages;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column};

const COLUMNS: &[Column] = &[
    column("number", "entry"),
    column("at", "at"),
    column("actor", "by"),
    column("action", "action"),
    column("subject", "on what"),
    column("content_json", "content"),
    column("digest", "digest"),
];

/// Characters of a long text that a table shows.
const SHOWN: usize = 60;

pub(super) async fn run(context: &mut Context, args: ListAuditArgs) -> Result<(), Failure> {
    let trail = trail(&context.client().await?, args.service);
    let asked = ListEntriesRequest {
        actor: args.actor.unwrap_or_default(),
        action: args.action.unwrap_or_default(),
        subject: args.subject.unwrap_or_default(),
        from: args.from.map(timestamp),
        until: args.until.map(timestamp),
        ..ListEntriesRequest::default()
    };
    let fetch = async |page_token| {
        let request = ListEntriesRequest {
            page_token,
            ..asked.clone()
        };
        let page = trail.clone().list_entries(request).await?.into_inner();
        Ok((page.entries, page.next_page_token))
    };
    let table = context.out.format() == Format::Table;
    let shown = |text: String| if table { shortened(&text, SHOWN) } else { text };
    let mut listing = context.out.list("entries", COLUMNS);
    pages(fetch, |entry| {
        listing.row(vec![
            entry.number.into(),
            Cell::at(entry.at),
            entry.actor.into(),
            entry.action.into(),
            entry.subject.into(),
            shown(entry.content).into(),
            shown(entry.digest).into(),
        ])
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
