//! The result tables of a run. As CSV they are the result files of `SETTLEMENT.md`, to the byte.

use gazelle_proto::settlement::v1::{
    EnterpriseResult, Exclusion, ListRunEnterprisesRequest, ListRunExclusionsRequest,
    ListRunLinesRequest,
};
use tonic::Status;

use crate::args::ResultTable;
use crate::client::{Client, pages};
use crate::commands::names::{self, Names};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, column};
use crate::words;

/// The contract's largest page of results.
const PAGE_SIZE: i32 = 5_000;

const ENTERPRISES: &[Column] = &[
    column("uscc", "enterprise"),
    column("uncapped_fen", "uncapped (yuan)"),
    column("entitled_fen", "entitled (yuan)"),
    column("granted_before_fen", "granted before (yuan)"),
    column("due_fen", "due (yuan)"),
    column("granted_fen", "granted (yuan)"),
    column("unfunded_fen", "unfunded (yuan)"),
];

const LINES: &[Column] = &[
    column("uscc", "enterprise"),
    column("platform_id", "platform"),
    column("fee_kind", "fee kind"),
    column("fee_fen", "fee (yuan)"),
    column("government_fen", "government (yuan)"),
    column("platform_fen", "platform (yuan)"),
    column("enterprise_fen", "enterprise (yuan)"),
];

const EXCLUSIONS: &[Column] = &[column("reason", "reason"), column("fee_fen", "fee (yuan)")];

pub(super) async fn show(
    context: &mut Context,
    client: &Client,
    run: &str,
    table: ResultTable,
) -> Result<(), Failure> {
    match table {
        ResultTable::Enterprises => show_enterprises(context, client, run).await,
        ResultTable::Lines => show_lines(context, client, run).await,
        ResultTable::Exclusions => show_exclusions(context, client, run).await,
    }
}

async fn show_enterprises(
    context: &mut Context,
    client: &Client,
    run: &str,
) -> Result<(), Failure> {
    let format = context.out.format();
    let mut listing = context.out.list("enterprises", ENTERPRISES);
    let fetch = enterprises_page(client, run);
    names::pages_with_names(format, client, fetch, |row, names| {
        listing.row(enterprise_cells(&row, names))
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

async fn show_lines(context: &mut Context, client: &Client, run: &str) -> Result<(), Failure> {
    let platforms = names::platforms(context, client).await;
    let format = context.out.format();
    let mut listing = context.out.list("lines", LINES);
    let fetch = async |page_token| {
        let request = ListRunLinesRequest {
            run_id: run.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
        };
        let page = client.runs.clone().list_run_lines(request).await?;
        let page = page.into_inner();
        Ok((page.lines, page.next_page_token))
    };
    names::pages_with_names(format, client, fetch, |line, names| {
        listing.row(vec![
            names.cell(line.uscc),
            platforms.cell(line.platform_id),
            line.fee_kind.into(),
            Cell::fen(line.fee_fen),
            Cell::fen(line.government_fen),
            Cell::fen(line.platform_fen),
            Cell::fen(line.enterprise_fen),
        ])
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

async fn show_exclusions(context: &mut Context, client: &Client, run: &str) -> Result<(), Failure> {
    let mut listing = context.out.list("exclusions", EXCLUSIONS);
    for exclusion in exclusions(client, run).await? {
        let said = words::exclusion(&exclusion.reason).unwrap_or_default();
        let reason = Cell::named(exclusion.reason, said);
        listing.row(vec![reason, Cell::fen(exclusion.fee_fen)])?;
    }
    listing.finish(&[])?;
    Ok(())
}

fn enterprise_cells(row: &EnterpriseResult, names: &Names) -> Vec<Cell> {
    vec![
        names.cell(row.uscc.as_str()),
        Cell::fen(row.uncapped_fen),
        Cell::fen(row.entitled_fen),
        Cell::fen(row.granted_before_fen),
        Cell::fen(row.due_fen),
        Cell::fen(row.granted_fen),
        Cell::fen(row.unfunded_fen),
    ]
}

/// Reads what a run decides, enterprise by enterprise.
pub async fn enterprises(
    client: &Client,
    run: &str,
    each: impl FnMut(EnterpriseResult) -> Result<(), Failure>,
) -> Result<(), Failure> {
    pages(enterprises_page(client, run), each).await
}

fn enterprises_page(
    client: &Client,
    run: &str,
) -> impl AsyncFn(String) -> Result<(Vec<EnterpriseResult>, String), Status> {
    async move |page_token| {
        let request = ListRunEnterprisesRequest {
            run_id: run.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
        };
        let page = client.runs.clone().list_run_enterprises(request).await?;
        let page = page.into_inner();
        Ok((page.enterprises, page.next_page_token))
    }
}

/// What a run excluded, by reason.
pub async fn exclusions(client: &Client, run: &str) -> Result<Vec<Exclusion>, Failure> {
    let request = ListRunExclusionsRequest {
        run_id: run.to_owned(),
    };
    Ok(client
        .runs
        .clone()
        .list_run_exclusions(request)
        .await?
        .into_inner()
        .exclusions)
}
