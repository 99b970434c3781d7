//! Months: how they are shown, listed, sealed and withdrawn.

use gazelle_kernel::{Fen, PlatformId};
use gazelle_proto::receipt::Receipt;
use gazelle_proto::usage::v1::{
    GetPeriodRequest, ListPeriodsRequest, Period, PeriodState, SealPeriodRequest,
    WithdrawPeriodRequest, Withdrawal,
};

use super::own::as_platform;
use crate::args::PlatformPeriod;
use crate::client::{Client, pages};
use crate::commands::confirm::{asks, confirm};
use crate::commands::names;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Cell, Column, Format, column, is_beyond, progress, sum_in_yuan, thousands};
use crate::words;

const COLUMNS: &[Column] = &[
    column("platform_id", "platform"),
    column("period", "period"),
    column("state", "state"),
    column("received_record_count", "records"),
    column("received_total_fen", "total (yuan)"),
    column("refused_count", "refused"),
    column("refused_by_seal_count", "fell at a seal"),
    column("stated_record_count", "stated records"),
    column("stated_total_fen", "stated (yuan)"),
    column("sealed_at", "sealed at"),
    column("sealed_by", "sealed by"),
    column("withdrawal_number", "withdrawal"),
    column("received_digest", "digest"),
    column("seal_digest", "seal"),
];
/// Digests come last: too wide for a table; `--output json` and `csv` have them.
const DIGEST_COLUMNS: usize = 2;

/// All that is known of a month; of its last withdrawal, more than its number.
pub(super) fn facts(period: &Period) -> Vec<(Column, Cell)> {
    let mut facts: Vec<_> = COLUMNS.iter().copied().zip(cells(period)).collect();
    if period.resolved_count > 0 {
        let resolved = column("resolved_count", "refused, and resolved since");
        facts.push((resolved, period.resolved_count.into()));
    }
    if let Some(last) = &period.last_withdrawal {
        facts.extend(withdrawal_facts(last));
    }
    facts
}

fn cells(period: &Period) -> Vec<Cell> {
    let said = |code: &str, text: words::Text| Cell::coded(code, text.say());
    let state = match period.state() {
        PeriodState::Unspecified => said("UNKNOWN", words::CODE_UNKNOWN),
        PeriodState::Open => said("OPEN", words::PERIOD_IS_OPEN),
        PeriodState::Sealed => said("SEALED", words::PERIOD_IS_SEALED),
    };
    let received = period.received.clone().unwrap_or_default();
    let seal = period.seal.clone().unwrap_or_default();
    let received_total = match period.state() {
        // What is beyond 64 bits is never sealed.
        PeriodState::Sealed => Cell::fen(received.total_fen),
        PeriodState::Open | PeriodState::Unspecified => Cell::sum(received.total_fen),
    };
    let (stated_count, stated_total) = match &period.statement {
        Some(stated) => (stated.record_count.into(), Cell::fen(stated.total_fen)),
        None => ("".into(), "".into()),
    };
    vec![
        period.platform_id.as_str().into(),
        period.period.as_str().into(),
        state,
        received.record_count.into(),
        received_total,
        period.refused_count.into(),
        period.refused_by_seal_count.into(),
        stated_count,
        stated_total,
        seal.sealed_at.into(),
        seal.sealed_by.into(),
        // The last one, whose records `usage records --withdrawal` lists.
        match &period.last_withdrawal {
            Some(last) => last.number.into(),
            None => "".into(),
        },
        received.digest.to_string().into(),
        seal.digest.into(),
    ]
}

fn withdrawal_facts(withdrawal: &Withdrawal) -> Vec<(Column, Cell)> {
    let withdrawn = withdrawal.withdrawn.clone().unwrap_or_default();
    vec![
        (
            column("withdrawn_at", "withdrawn at"),
            withdrawal.withdrawn_at.into(),
        ),
        (
            column("withdrawn_by", "withdrawn by"),
            withdrawal.withdrawn_by.as_str().into(),
        ),
        (
            column("withdrawn_record_count", "withdrawn records"),
            withdrawn.record_count.into(),
        ),
        (
            column("withdrawn_total_fen", "withdrawn (yuan)"),
            Cell::sum(withdrawn.total_fen),
        ),
        (
            column("withdrawn_digest", "withdrawn digest"),
            withdrawn.digest.to_string().into(),
        ),
    ]
}

/// The month of an answer.
pub(super) fn there(period: Option<Period>) -> Result<Period, Failure> {
    period.ok_or_else(|| Failure::said("INTERNAL", "the service answered without a period"))
}

/// A month as it stands.
async fn get(client: &Client, whose: &PlatformPeriod) -> Result<Period, Failure> {
    let request = GetPeriodRequest {
        platform_id: whose.platform.to_string(),
        period: whose.period.to_string(),
    };
    let answer = client.usage.clone().get_period(request).await?;
    there(answer.into_inner().period)
}

/// Whether a month's statement says what was received; so it does where nothing is stated yet.
pub(in crate::commands) fn statement_agrees(period: &Period) -> bool {
    let received = period.received.clone().unwrap_or_default();
    period.statement.as_ref().is_none_or(|stated| {
        (stated.record_count, stated.total_fen) == (received.record_count, received.total_fen)
            && !is_beyond(received.total_fen)
    })
}

/// Each month of the platforms that `platform_id` names, or of all.
pub(in crate::commands) async fn each(
    client: &Client,
    platform_id: &str,
    each: impl FnMut(Period) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let fetch = async |page_token| {
        let request = ListPeriodsRequest {
            platform_id: platform_id.to_owned(),
            page_size: 1_000,
            page_token,
        };
        let page = client.usage.clone().list_periods(request).await?;
        let page = page.into_inner();
        Ok((page.periods, page.next_page_token))
    };
    pages(fetch, each).await
}

/// A month in plain words, for whoever is about to decide something about it.
fn summary(period: &Period) -> String {
    let received = period.received.clone().unwrap_or_default();
    let yuan = |fen| Fen::new(fen).to_yuan();
    let stated = match &period.statement {
        None => words::NOTHING_STATED.say().to_owned(),
        Some(stated) => words::STATED.with(&[
            ("count", &thousands(stated.record_count)),
            ("total", &yuan(stated.total_fen)),
        ]),
    };
    words::PERIOD_SUMMARY.with(&[
        ("platform", &period.platform_id),
        ("period", &period.period),
        ("count", &thousands(received.record_count)),
        ("total", &sum_in_yuan(received.total_fen)),
        ("stated", &stated),
        ("refused", &thousands(period.refused_count)),
    ])
}

pub(super) async fn seal(context: &mut Context, whose: &PlatformPeriod) -> Result<(), Failure> {
    let client = context.client().await?;
    let mut seen = None;
    if asks(context) {
        let period = get(&client, whose).await?;
        confirm(&format!(
            "{}\n{}",
            summary(&period),
            words::ABOUT_TO_SEAL.say()
        ))?;
        seen = Some(period.received.unwrap_or_default());
    }
    let wait = progress::waiting(words::SEALING.say());
    let sealed = seal_period(&client, whose, seen).await;
    wait.finish_and_clear();
    let sealed = sealed?;
    context.out.one(&facts(&sealed))?;
    if sealed.refused_by_seal_count > 0 && context.out.format() == Format::Table {
        let count = thousands(sealed.refused_by_seal_count);
        context.out.line(&words::FELL.with(&[("count", &count)]))?;
    }
    Ok(())
}

/// Seals a period; only as it was seen, where that is given.
pub async fn seal_period(
    client: &Client,
    whose: &PlatformPeriod,
    seen: Option<Receipt>,
) -> Result<Period, Failure> {
    let request = SealPeriodRequest {
        platform_id: whose.platform.to_string(),
        period: whose.period.to_string(),
        receipt: seen,
    };
    let answer = client.usage.clone().seal_period(request).await?;
    there(answer.into_inner().period)
}

/// Withdraws what is held of a month, or only what has that digest.
pub(super) async fn withdraw(
    context: &mut Context,
    whose: &PlatformPeriod,
    digest: Option<String>,
) -> Result<(), Failure> {
    let client = context.client().await?;
    let denied = |failure| as_platform(failure, &whose.platform);
    let period = get(&client, whose).await.map_err(denied)?;
    let mut receipt = period.received.clone().unwrap_or_default();
    if asks(context) {
        let about = words::ABOUT_TO_WITHDRAW.with(&[("digest", &receipt.digest)]);
        confirm(&format!("{}\n{about}", summary(&period)))?;
    }
    if let Some(digest) = digest {
        receipt.digest = digest.into();
    }
    let request = WithdrawPeriodRequest {
        platform_id: whose.platform.to_string(),
        period: whose.period.to_string(),
        receipt: Some(receipt),
    };
    let answer = client.usage.clone().withdraw_period(request).await;
    let answer = answer.map_err(|status| denied(status.into()))?.into_inner();
    let none = || Failure::said("INTERNAL", "the service answered without a withdrawal");
    let withdrawal = answer.withdrawal.ok_or_else(none)?;
    let number = column("withdrawal_number", "withdrawal");
    let mut facts = vec![(number, withdrawal.number.into())];
    facts.extend(withdrawal_facts(&withdrawal));
    context.out.one(&facts)
}

pub(super) async fn list(
    context: &mut Context,
    platform: Option<PlatformId>,
) -> Result<(), Failure> {
    let client = context.client().await?;
    let platform_id = platform.map(|id| id.to_string()).unwrap_or_default();
    let names = names::platforms(context, &client).await;
    let table = context.out.format() == Format::Table;
    let hidden = if table { DIGEST_COLUMNS } else { 0 };
    let shown = COLUMNS.len() - hidden;
    let mut listing = context.out.list("periods", &COLUMNS[..shown]);
    each(&client, &platform_id, |period| {
        let mut cells = cells(&period);
        cells[0] = names.cell(period.platform_id);
        cells.truncate(shown);
        listing.row(cells)
    })
    .await?;
    listing.finish(&[])?;
    Ok(())
}
