//! `gazelle merchant`.

use std::collections::BTreeSet;
use std::path::Path;

use gazelle_kernel::PlatformId;
use gazelle_proto::registry::v1::{
    ListMerchantBindingsRequest, MerchantBinding, PutMerchantBindingsRequest,
};
use parking_lot::Mutex;

use super::import::{self, ItemKind, field};
use super::names;
use super::platform::stranger;
use crate::args::MerchantCommand;
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Out, column};
use crate::words;

const KIND: ItemKind<MerchantBinding> = ItemKind {
    what: "merchants",
    required: &[
        "platform_id",
        "merchant_id",
        "uscc",
        "bound_from",
        "bound_to",
    ],
    optional: &[],
    id_columns: 2,
    key: &[0, 1, 3],
    is_statement: |_| true,
    parse: |fields| {
        Ok(MerchantBinding {
            platform_id: field(fields, 0),
            merchant_id: field(fields, 1),
            uscc: field(fields, 2),
            bound_from: field(fields, 3),
            bound_to: field(fields, 4),
        })
    },
};

/// Columns of a list of merchant accounts.
pub(super) const COLUMNS: &[Column] = &[
    column("platform_id", "platform"),
    column("merchant_id", "merchant"),
    column("uscc", "enterprise"),
    column("bound_from", "from"),
    column("bound_to", "to"),
];

pub(crate) async fn run(context: &mut Context, command: MerchantCommand) -> Result<(), Failure> {
    let client = context.client().await?;
    match command {
        MerchantCommand::Import(import) => {
            import_file(&client, &mut context.out, &import.file).await
        }
        MerchantCommand::List { platform, uscc } => list(context, &client, platform, uscc).await,
    }
}

/// Imports a file of merchant accounts. Platforms that it makes known are told, since one that is
/// misspelt becomes one.
pub async fn import_file(client: &Client, out: &mut Out, file: &Path) -> Result<(), Failure> {
    let before = stranger::registered(client).await;
    let named = Mutex::new(BTreeSet::new());
    let put = async |bindings: Vec<MerchantBinding>| {
        let platforms = bindings.iter().map(|binding| binding.platform_id.clone());
        named.lock().extend(platforms);
        let mut registry = client.registry.clone();
        let answer = registry
            .put_merchant_bindings(PutMerchantBindingsRequest { bindings })
            .await?;
        import::answer(answer.into_inner().result)
    };
    let remark = async || {
        let after = stranger::registered(client).await;
        let named = named.lock();
        let told = before.zip(after).and_then(|(before, after)| {
            let made_known = named.intersection(&after);
            stranger::told(words::PLATFORMS_MADE_KNOWN, &before, made_known)
        });
        told.into_iter().collect()
    };
    import::run_with(out, &KIND, file, put, |_, _| (), remark).await
}

async fn list(
    context: &mut Context,
    client: &Client,
    platform: Option<PlatformId>,
    uscc: Option<String>,
) -> Result<(), Failure> {
    let platform_id = platform.map(|id| id.to_string()).unwrap_or_default();
    let uscc = uscc.unwrap_or_default();
    let fetch = async |page_token| {
        let request = ListMerchantBindingsRequest {
            platform_id: platform_id.clone(),
            page_size: 1_000,
            page_token,
            uscc: uscc.clone(),
        };
        let page = client
            .registry
            .clone()
            .list_merchant_bindings(request)
            .await?
            .into_inner();
        Ok((page.bindings, page.next_page_token))
    };
    let format = context.out.format();
    let mut listing = context.out.list("merchants", COLUMNS);
    names::pages_with_names(format, client, fetch, |binding, names| {
        let whose = names.cell(binding.uscc.as_str());
        let mut cells = cells(binding);
        cells[2] = whose;
        listing.row(cells)
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

pub(super) fn cells(binding: MerchantBinding) -> Vec<Cell> {
    vec![
        binding.platform_id.into(),
        binding.merchant_id.into(),
        binding.uscc.into(),
        binding.bound_from.into(),
        binding.bound_to.into(),
    ]
}
