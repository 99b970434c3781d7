//! The records of a month: those that stand, and those that were refused.

use gazelle_proto::usage::v1::{ListRecordsRequest, ListRefusedRecordsRequest, UsageRecord};

use crate::args::PlatformPeriod;
use crate::client::pages;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, column};
use crate::words;

const COLUMNS: &[Column] = &[
    column("record_id", "record"),
    column("merchant_id", "merchant"),
    column("fee_kind", "fee kind"),
    column("occurred_on", "occurred on"),
    column("amount_fen", "amount (yuan)"),
    column("reverses_record_id", "reverses"),
];

const REFUSED_COLUMNS: &[Column] = &[
    column("record_id", "record"),
    column("merchant_id", "merchant"),
    column("fee_kind", "fee kind"),
    column("occurred_on", "occurred on"),
    column("amount_fen", "amount (yuan)"),
    column("reverses_record_id", "reverses"),
    column("reason", "reason"),
    column("message", "message"),
    column("first_received_at", "first received"),
    column("times", "times"),
    column("resolved", "resolved"),
];

fn cells(record: UsageRecord) -> Vec<Cell> {
    vec![
        record.record_id.into(),
        record.merchant_id.into(),
        record.fee_kind.into(),
        record.occurred_on.into(),
        Cell::fen(record.amount_fen),
        record.reverses_record_id.into(),
    ]
}

pub(super) async fn list(
    context: &mut Context,
    whose: &PlatformPeriod,
    record: Option<String>,
    withdrawal_number: i32,
) -> Result<(), Failure> {
    let client = context.client().await?;
    let record_id = record.unwrap_or_default();
    let fetch = async |page_token| {
        let request = ListRecordsRequest {
            platform_id: whose.platform.to_string(),
            period: whose.period.to_string(),
            record_id: record_id.clone(),
            page_size: 1_000,
            page_token,
            withdrawal_number,
        };
        let page = client.usage.clone().list_records(request).await?;
        let page = page.into_inner();
        Ok((page.records, page.next_page_token))
    };
    let mut listing = context.out.list("records", COLUMNS);
    pages(fetch, |record| listing.row(cells(record))).await?;
    listing.finish(&[])?;
    Ok(())
}

pub(super) async fn refused(
    context: &mut Context,
    whose: &PlatformPeriod,
    refused_by_seal: bool,
    withdrawal_number: i32,
) -> Result<(), Failure> {
    let client = context.client().await?;
    let fetch = async |page_token| {
        let request = ListRefusedRecordsRequest {
            platform_id: whose.platform.to_string(),
            period: whose.period.to_string(),
            page_size: 1_000,
            page_token,
            refused_by_seal,
            withdrawal_number,
        };
        let page = client.usage.clone().list_refused_records(request).await?;
        let page = page.into_inner();
        Ok((page.records, page.next_page_token))
    };
    let mut listing = context.out.list("refused_records", REFUSED_COLUMNS);
    pages(fetch, |refused| {
        let mut cells = cells(refused.record.unwrap_or_default());
        let told = words::told(&refused.reason, &refused.message);
        cells.extend([
            refused.reason.into(),
            told.into(),
            refused.first_received_at.into(),
            refused.times.into(),
            Cell::Flag(refused.resolved),
        ]);
        listing.row(cells)
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}
