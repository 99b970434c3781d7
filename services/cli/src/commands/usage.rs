//! `gazelle usage`.

use std::fs;
use std::path::Path;

use gazelle_kernel::PlatformId;
use gazelle_proto::usage::v1::{
    ListPeriodsRequest, ListRecordsRequest, ListRefusedRecordsRequest, Period, PeriodState,
    Receipt, SealPeriodRequest, SubmitStatementRequest, UsageRecord,
};
use gazelle_runtime::clock::Clock;
use serde_json::json;

use super::Context;
use super::rejected::{RECORDS, Rejections};
use super::report::{self, Check, Evidence, Reported, Tally};
use crate::args::{PlatformPeriod, UsageCommand};
use crate::client::{Client, pages};
use crate::failure::Failure;
use crate::input::rows::RowFile;
use crate::output::{Cell, Column, Format, column, progress, thousands};

pub(super) async fn run(context: &mut Context, command: UsageCommand) -> Result<(), Failure> {
    match command {
        UsageCommand::Report { of, receipt, file } => {
            report_file(context, &of, &file, receipt.as_deref()).await
        }
        UsageCommand::State {
            of,
            record_count,
            total_fen,
        } => state(context, &of, record_count, total_fen).await,
        UsageCommand::Seal { of } => seal(context, &of).await,
        UsageCommand::Periods { platform } => periods(context, platform).await,
        UsageCommand::Refused { of } => refused(context, &of).await,
        UsageCommand::Records { of, record } => records(context, &of, record).await,
    }
}

/// What to do when the caller is not the platform, or not this one.
fn as_platform(failure: Failure, platform: &PlatformId) -> Failure {
    if matches!(failure.reason(), "PERMISSION_DENIED" | "NOT_YOUR_PLATFORM") {
        return failure.hint(&format!(
            "only the platform itself may: --as platform:{platform}"
        ));
    }
    failure
}

async fn report_file(
    context: &mut Context,
    of: &PlatformPeriod,
    file: &Path,
    receipt: Option<&Path>,
) -> Result<(), Failure> {
    let csv = RowFile::open(file, report::COLUMNS, &[])?;
    let caller = context.home.caller(&context.profile).await?;
    let client = Client::new(&caller.endpoints, &caller.bearer)?;
    let bar = progress::bytes(
        &of.period.to_string(),
        fs::metadata(file).map_or(0, |m| m.len()),
    );
    let mut rejections = Rejections::new(&mut context.out, RECORDS);
    let (platform, period) = (&of.platform, of.period);
    let reported = report::run(&client.usage, platform, period, csv, &bar, |bad| {
        rejections.add(bad)
    })
    .await;
    bar.finish_and_clear();
    let reported = reported.map_err(|failure| as_platform(failure, platform))?;
    let check = check(of, file, &reported.tally)?;
    let rejected = i64::try_from(rejections.total()).unwrap_or(i64::MAX);
    let (fields, line) = summary(of, &reported, rejected, &check);
    let kept = receipt.map(|to| {
        let evidence = Evidence {
            platform,
            period,
            file,
            service: &caller.endpoints.usage,
            reported: &reported,
            rejected,
            check: &check,
            at: Clock::system().now(),
        };
        evidence.write(to)
    });
    let finished = rejections.finish("records", &fields, &line);
    check.agreed().and(kept.unwrap_or(Ok(()))).and(finished)
}

fn check(of: &PlatformPeriod, file: &Path, tally: &Tally) -> Result<Check, Failure> {
    let repeats = if tally.depends_on_repeats() {
        let of = (of.platform.to_string(), of.period.to_string());
        report::repeats(file, &of, tally.taken().record_count().unsigned_abs())?
    } else {
        None
    };
    Ok(tally.check(repeats.as_ref()))
}

/// What is said of a report: for programs, and for people.
fn summary(
    of: &PlatformPeriod,
    reported: &Reported,
    rejected: i64,
    check: &Check,
) -> (Vec<(Column, Cell)>, String) {
    let tally = &reported.tally;
    let counts = [
        ("accepted", tally.accepted.record_count()),
        ("duplicates", tally.duplicates.record_count()),
        ("rejected", rejected),
    ];
    let mut fields: Vec<(Column, Cell)> = counts
        .iter()
        .map(|&(key, n)| (column(key, key), n.into()))
        .collect();
    let told: Vec<_> = counts
        .iter()
        .map(|&(key, n)| format!("{key} {}", thousands(n)))
        .collect();
    let mut line = format!("{} {}: {}", of.platform, of.period, told.join(", "));
    if let Some(receipt) = &reported.receipt {
        fields.push((
            column("receipt", "receipt"),
            Cell::Nested(receipt_json(receipt)),
        ));
        fields.push((
            column("receipt_check", "receipt check"),
            check.name().into(),
        ));
        let total = gazelle_kernel::Fen::new(receipt.total_fen).to_yuan();
        let checked = match check {
            Check::WholePeriod => "exactly the records of this file",
            Check::Increase => "what it held before and exactly what was accepted",
            Check::Undecided => {
                "what others reported meanwhile too, so this file alone proves less"
            }
            Check::Mismatch(_) => "not what was acknowledged",
        };
        line = format!(
            "{line}\nthe period now holds {} records, {total} yuan (digest {}): {checked}",
            thousands(receipt.record_count),
            receipt.digest
        );
    }
    (fields, line)
}

fn receipt_json(receipt: &Receipt) -> serde_json::Value {
    json!({"record_count": receipt.record_count, "total_fen": receipt.total_fen, "digest": receipt.digest})
}

async fn state(
    context: &mut Context,
    of: &PlatformPeriod,
    record_count: i64,
    total_fen: i64,
) -> Result<(), Failure> {
    let client = context.client().await?;
    let period = submit(&client, of, record_count, total_fen)
        .await
        .map_err(|failure| as_platform(failure, &of.platform))?;
    context.out.one(&facts(&period))
}

/// States a period's totals.
pub async fn submit(
    client: &Client,
    of: &PlatformPeriod,
    record_count: i64,
    total_fen: i64,
) -> Result<Period, Failure> {
    let request = SubmitStatementRequest {
        platform_id: of.platform.to_string(),
        period: of.period.to_string(),
        record_count,
        total_fen,
    };
    let answer = client.usage.clone().submit_statement(request).await?;
    there(answer.into_inner().period)
}

async fn seal(context: &mut Context, of: &PlatformPeriod) -> Result<(), Failure> {
    let client = context.client().await?;
    let wait = progress::waiting("sealing");
    let sealed = seal_period(&client, of).await;
    wait.finish_and_clear();
    context.out.one(&facts(&sealed?))
}

/// Seals a period.
pub async fn seal_period(client: &Client, of: &PlatformPeriod) -> Result<Period, Failure> {
    let request = SealPeriodRequest {
        platform_id: of.platform.to_string(),
        period: of.period.to_string(),
    };
    let answer = client.usage.clone().seal_period(request).await?;
    there(answer.into_inner().period)
}

fn there(period: Option<Period>) -> Result<Period, Failure> {
    period.ok_or_else(|| Failure::new("INTERNAL", "the service answered without a period"))
}

const PERIOD_COLUMNS: &[Column] = &[
    column("platform_id", "platform"),
    column("period", "period"),
    column("state", "state"),
    column("received_record_count", "records"),
    column("received_total_fen", "total (yuan)"),
    column("refused_count", "refused"),
    column("stated_record_count", "stated records"),
    column("stated_total_fen", "stated (yuan)"),
    column("sealed_at", "sealed at"),
    column("sealed_by", "sealed by"),
    column("received_digest", "digest"),
    column("seal_digest", "seal"),
];
/// Digests come last: too wide for a table; `--output json` and `csv` have them.
const DIGEST_COLUMNS: usize = 2;

fn facts(period: &Period) -> Vec<(Column, Cell)> {
    PERIOD_COLUMNS.iter().copied().zip(cells(period)).collect()
}

fn cells(period: &Period) -> Vec<Cell> {
    let state = match period.state() {
        PeriodState::Unspecified => "UNKNOWN",
        PeriodState::Open => "OPEN",
        PeriodState::Sealed => "SEALED",
    };
    let received = period.received.clone().unwrap_or_default();
    let seal = period.seal.clone().unwrap_or_default();
    let (stated_count, stated_total) = match &period.statement {
        Some(stated) => (stated.record_count.into(), Cell::fen(stated.total_fen)),
        None => ("".into(), "".into()),
    };
    vec![
        period.platform_id.as_str().into(),
        period.period.as_str().into(),
        state.into(),
        received.record_count.into(),
        Cell::fen(received.total_fen),
        period.refused_count.into(),
        stated_count,
        stated_total,
        seal.sealed_at.into(),
        seal.sealed_by.into(),
        received.digest.into(),
        seal.digest.into(),
    ]
}

async fn periods(context: &mut Context, platform: Option<PlatformId>) -> Result<(), Failure> {
    let client = context.client().await?;
    let platform_id = platform.map(|id| id.to_string()).unwrap_or_default();
    let fetch = async |page_token| {
        let request = ListPeriodsRequest {
            platform_id: platform_id.clone(),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .usage
            .clone()
            .list_periods(request)
            .await?
            .into_inner();
        Ok((page.periods, page.next_page_token))
    };
    let table = context.out.format() == Format::Table;
    let hidden = if table { DIGEST_COLUMNS } else { 0 };
    let shown = PERIOD_COLUMNS.len() - hidden;
    let mut listing = context.out.list("periods", &PERIOD_COLUMNS[..shown]);
    pages(fetch, |period| {
        let mut cells = cells(&period);
        cells.truncate(shown);
        listing.row(cells)
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}

const RECORD_COLUMNS: &[Column] = &[
    column("record_id", "record"),
    column("merchant_id", "merchant"),
    column("fee_kind", "fee kind"),
    column("occurred_on", "occurred on"),
    column("amount_fen", "amount (yuan)"),
    column("reverses_record_id", "reverses"),
];

fn record_cells(record: UsageRecord) -> Vec<Cell> {
    vec![
        record.record_id.into(),
        record.merchant_id.into(),
        record.fee_kind.into(),
        record.occurred_on.into(),
        Cell::fen(record.amount_fen),
        record.reverses_record_id.into(),
    ]
}

async fn records(
    context: &mut Context,
    of: &PlatformPeriod,
    record: Option<String>,
) -> Result<(), Failure> {
    let client = context.client().await?;
    let record_id = record.unwrap_or_default();
    let fetch = async |page_token| {
        let request = ListRecordsRequest {
            platform_id: of.platform.to_string(),
            period: of.period.to_string(),
            record_id: record_id.clone(),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .usage
            .clone()
            .list_records(request)
            .await?
            .into_inner();
        Ok((page.records, page.next_page_token))
    };
    let mut listing = context.out.list("records", RECORD_COLUMNS);
    pages(fetch, |record| listing.row(record_cells(record))).await?;
    listing.finish(&[])?;
    Ok(())
}

async fn refused(context: &mut Context, of: &PlatformPeriod) -> Result<(), Failure> {
    const COLUMNS: &[Column] = &[
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
    ];
    let client = context.client().await?;
    let fetch = async |page_token| {
        let request = ListRefusedRecordsRequest {
            platform_id: of.platform.to_string(),
            period: of.period.to_string(),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .usage
            .clone()
            .list_refused_records(request)
            .await?
            .into_inner();
        Ok((page.records, page.next_page_token))
    };
    let mut listing = context.out.list("refused_records", COLUMNS);
    pages(fetch, |refused| {
        let mut cells = record_cells(refused.record.unwrap_or_default());
        cells.extend([
            refused.reason.into(),
            refused.message.into(),
            refused.first_received_at.into(),
            refused.times.into(),
        ]);
        listing.row(cells)
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}
