//! Platforms' periods: which there are, how far each has come, and what is known of it.

use std::collections::HashMap;

use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::store::{StoreError, read};
use sqlx::PgConnection;

use super::{
    column::{columns, read_period, read_platform_period},
    receipt::read_receipt,
    seal::read_seal,
    statement::read_statement,
};
use crate::domain::{
    key::{PlatformNumber, PlatformPeriod},
    period::{PeriodProgress, PeriodSelection, ReportedPeriod},
};

/// Makes the rows of periods that have none.
pub async fn insert_missing(
    tx: &mut PgConnection,
    wanted: &[PlatformPeriod],
) -> Result<(), StoreError> {
    let (platforms, periods) = columns(wanted.iter().copied());
    sqlx::query!(
        "insert into period (platform, period)
         select * from unnest($1::int2[], $2::int2[]) given (platform, period)
         order by platform, period
         on conflict do nothing",
        &platforms,
        &periods,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether a period takes records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// It does, and will until this transaction ends.
    Open,
    /// It does not.
    Sealed,
    /// It is being sealed just now.
    Busy,
}

/// Holds periods open, or finds that they are sealed. What is being sealed is waited for, or is
/// busy where `wait` is not.
pub async fn hold_open(
    tx: &mut PgConnection,
    wanted: &[PlatformPeriod],
    wait: bool,
) -> Result<HashMap<PlatformPeriod, Gate>, StoreError> {
    let (platforms, periods) = columns(wanted.iter().copied());
    let mut gates: HashMap<PlatformPeriod, Gate> =
        wanted.iter().map(|period| (*period, Gate::Busy)).collect();
    let mut enter = |platform, period, sealed| {
        let gate = if sealed { Gate::Sealed } else { Gate::Open };
        gates.insert(read_platform_period(platform, period)?, gate);
        Ok::<(), StoreError>(())
    };
    if wait {
        let rows = sqlx::query!(
            r#"select platform, period, sealed_at is not null as "sealed!" from period
               join unnest($1::int2[], $2::int2[]) wanted (platform, period) using (platform, period)
               order by platform, period for key share of period"#,
            &platforms,
            &periods,
        )
        .fetch_all(tx)
        .await?;
        rows.into_iter()
            .try_for_each(|row| enter(row.platform, row.period, row.sealed))?;
    } else {
        let rows = sqlx::query!(
            r#"select platform, period, sealed_at is not null as "sealed!" from period
               join unnest($1::int2[], $2::int2[]) wanted (platform, period) using (platform, period)
               order by platform, period for key share of period skip locked"#,
            &platforms,
            &periods,
        )
        .fetch_all(tx)
        .await?;
        rows.into_iter()
            .try_for_each(|row| enter(row.platform, row.period, row.sealed))?;
    }
    Ok(gates)
}

/// The periods of these platforms that have records.
pub async fn list_progress(
    tx: &mut PgConnection,
    platforms: &[PlatformNumber],
) -> Result<Vec<PeriodProgress>, StoreError> {
    let platforms: Vec<i16> = platforms.iter().map(|platform| platform.0).collect();
    sqlx::query!(
        r#"select platform, period, revision, accepted_count, sealed_at is not null as "sealed!" from period
           where platform = any($1) and accepted_count > 0
           order by platform, period"#,
        &platforms,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        Ok(PeriodProgress {
            period: read_platform_period(row.platform, row.period)?,
            revision: row.revision,
            record_count: row.accepted_count,
            is_sealed: row.sealed,
        })
    })
    .collect()
}

/// Lets nobody add to a period or state anything of it meanwhile. `None`: nothing was ever sent.
pub async fn lock(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
) -> Result<Option<()>, StoreError> {
    let row = sqlx::query!(
        "select platform from period where platform = $1 and period = $2 for update",
        platform.0,
        period.index()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|_| ()))
}

/// Months in which anything was accepted or stated, by platform and period.
pub async fn list(
    connection: &mut PgConnection,
    which: &PeriodSelection,
) -> Result<Vec<ReportedPeriod>, StoreError> {
    let platform_ids = texts(which.platform_ids.as_deref());
    sqlx::query!(
        r#"select platform_id, period, accepted_count, total_fen::text as "total_fen!", digest, refused_count,
                  refused_by_seal_count, withdrawal_count, stated_count, stated_total_fen, stated_at, stated_by, sealed_at, sealed_by, seal_digest
           from period join platform using (platform)
           where (accepted_count > 0 or stated_at is not null or $7 and withdrawal_count > 0)
             and ($1::text[] is null or platform_id = any($1))
             and ($2::int2 is null or period >= $2)
             and ($3::int2 is null or period <= $3)
             and ($4::text is null or (platform_id, period) > ($4, $5::int2))
           order by platform_id, period
           limit $6"#,
        platform_ids.as_deref(),
        which.from.map(Period::index),
        which.through.map(Period::index),
        which.after.as_ref().map(|(platform_id, _)| platform_id.as_str()),
        which.after.as_ref().map(|(_, period)| period.index()),
        which.limit,
        which.with_withdrawn,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        Ok(ReportedPeriod {
            platform_id: read("platform.platform_id", PlatformId::parse(&row.platform_id))?,
            period: read_period(row.period)?,
            received: read_receipt("period.digest", row.accepted_count, &row.total_fen, &row.digest)?,
            refused_count: row.refused_count,
            refused_by_seal_count: row.refused_by_seal_count,
            withdrawal_count: row.withdrawal_count,
            statement: read_statement(
                row.stated_count,
                row.stated_total_fen,
                row.stated_at,
                row.stated_by,
            ),
            seal: read_seal(row.sealed_at, row.sealed_by, row.seal_digest)?,
        })
    })
    .collect()
}

/// A period in which anything was accepted, stated or withdrawn.
pub async fn find(
    connection: &mut PgConnection,
    platform: &PlatformId,
    period: Period,
) -> Result<Option<ReportedPeriod>, StoreError> {
    let which = PeriodSelection {
        platform_ids: Some(vec![platform.clone()]),
        from: Some(period),
        through: Some(period),
        with_withdrawn: true,
        ..PeriodSelection::default()
    };
    Ok(list(connection, &which).await?.pop())
}

/// Months of a platform: the sealed ones in the order in which they were sealed, and the others
/// by month.
pub async fn list_sealed_and_open(
    tx: &mut PgConnection,
    platform: PlatformNumber,
) -> Result<(Vec<Period>, Vec<Period>), StoreError> {
    let rows = sqlx::query!(
        r#"select period, sealed_at is not null as "sealed!" from period where platform = $1
           order by sealed_at, period"#,
        platform.0,
    )
    .fetch_all(tx)
    .await?;
    let (mut sealed, mut open) = (Vec::new(), Vec::new());
    for row in rows {
        let periods = if row.sealed { &mut sealed } else { &mut open };
        periods.push(read_period(row.period)?);
    }
    Ok((sealed, open))
}

/// The first period of each platform of which anything is held or stated, by platform.
pub async fn list_first(
    tx: &mut PgConnection,
    platform_ids: Option<&[PlatformId]>,
) -> Result<Vec<(PlatformId, Period)>, StoreError> {
    let platform_ids = texts(platform_ids);
    sqlx::query!(
        r#"select platform_id, min(period) as "period!" from period join platform using (platform)
           where (accepted_count > 0 or stated_at is not null)
             and ($1::text[] is null or platform_id = any($1))
           group by platform_id
           order by platform_id"#,
        platform_ids.as_deref(),
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        let id = read("platform.platform_id", PlatformId::parse(&row.platform_id))?;
        Ok((id, read_period(row.period)?))
    })
    .collect()
}

/// Platforms by their ids as an array, where any are named.
fn texts(platform_ids: Option<&[PlatformId]>) -> Option<Vec<String>> {
    let texts = |ids: &[PlatformId]| ids.iter().map(ToString::to_string).collect();
    platform_ids.map(texts)
}

/// Periods of all platforms that hold records, each with how many: open ones before sealed ones,
/// and the newest first.
pub async fn list_standing(
    connection: &mut PgConnection,
) -> Result<Vec<(PlatformPeriod, i64)>, StoreError> {
    sqlx::query!(
        "select platform, period, accepted_count from period
         where accepted_count > 0
         order by sealed_at is not null, period desc, platform"
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        let period = read_platform_period(row.platform, row.period)?;
        Ok((period, row.accepted_count))
    })
    .collect()
}
