//! Platforms' months: what is held, stated, sealed.

use std::collections::HashMap;

use gazelle_kernel::{Fen, Period, PlatformId};
use sqlx::PgConnection;

use super::{StoreError, columns, read, read_digest, read_period};
use crate::domain::{Account, PlatformNumber, PlatformPeriod, Receipt, Seal, Statement};

/// Makes the rows of months that have none.
pub async fn insert_missing(
    tx: &mut PgConnection,
    of: &[PlatformPeriod],
) -> Result<(), StoreError> {
    let (platforms, periods) = columns(of.iter().copied());
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

/// Whether a month takes records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// It does, and will until this transaction ends.
    Open,
    /// It does not.
    Sealed,
    /// It is being sealed just now.
    Busy,
}

/// Holds months open, or finds that they are sealed. What is being sealed is waited for, or is
/// busy where `wait` is not.
pub async fn hold_open(
    tx: &mut PgConnection,
    of: &[PlatformPeriod],
    wait: bool,
) -> Result<HashMap<PlatformPeriod, Gate>, StoreError> {
    let (platforms, periods) = columns(of.iter().copied());
    let mut gates: HashMap<PlatformPeriod, Gate> = of.iter().map(|of| (*of, Gate::Busy)).collect();
    let mut enter = |platform, period, sealed| {
        let gate = if sealed { Gate::Sealed } else { Gate::Open };
        gates.insert((PlatformNumber(platform), read_period(period)?), gate);
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

/// What is held of a month, and which of its states that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// What is held.
    pub receipt: Receipt,
    /// Rises with each change.
    pub revision: i64,
}

/// How far a month has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which.
    pub of: PlatformPeriod,
    /// Rises with each change of its records.
    pub revision: i64,
    /// How many it has.
    pub record_count: i64,
    /// It has come to its end.
    pub is_sealed: bool,
}

/// The months of these platforms that have records.
pub async fn list_progress(
    tx: &mut PgConnection,
    platforms: &[PlatformNumber],
) -> Result<Vec<Progress>, StoreError> {
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
        Ok(Progress {
            of: (PlatformNumber(row.platform), read_period(row.period)?),
            revision: row.revision,
            record_count: row.accepted_count,
            is_sealed: row.sealed,
        })
    })
    .collect()
}

/// What is held of months, and whether each is sealed. Whoever adds to one of them too waits, so
/// do this late.
pub async fn lock_holdings(
    tx: &mut PgConnection,
    of: &[PlatformPeriod],
) -> Result<HashMap<PlatformPeriod, (Holding, bool)>, StoreError> {
    let (platforms, periods) = columns(of.iter().copied());
    sqlx::query!(
        r#"select platform, period, accepted_count, total_fen::text as "total_fen!", digest, revision,
                  sealed_at is not null as "sealed!"
           from period
           join unnest($1::int2[], $2::int2[]) wanted (platform, period) using (platform, period)
           order by platform, period for no key update of period"#,
        &platforms,
        &periods,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        let of = (PlatformNumber(row.platform), read_period(row.period)?);
        let receipt = receipt(row.accepted_count, &row.total_fen, row.digest)?;
        let holding = Holding { receipt, revision: row.revision };
        Ok((of, (holding, row.sealed)))
    })
    .collect()
}

/// Saves what is now held of months that are locked, and how many more refused records.
pub async fn update_holdings(
    tx: &mut PgConnection,
    now: &[(PlatformPeriod, Holding, i64)],
) -> Result<(), StoreError> {
    let (platforms, periods) = columns(now.iter().map(|(of, ..)| *of));
    let receipts = || now.iter().map(|(_, holding, _)| holding.receipt);
    let counts: Vec<i64> = receipts().map(|receipt| receipt.record_count).collect();
    let totals: Vec<String> = receipts()
        .map(|receipt| receipt.total_fen.to_string())
        .collect();
    let digests: Vec<Vec<u8>> = receipts().map(|receipt| receipt.digest.to_vec()).collect();
    let revisions: Vec<i64> = now.iter().map(|(_, holding, _)| holding.revision).collect();
    let refused: Vec<i64> = now.iter().map(|(_, _, refused)| *refused).collect();
    sqlx::query!(
        "update period
         set accepted_count = now.count, total_fen = now.total::numeric, digest = now.digest,
             revision = now.revision, refused_count = refused_count + now.refused
         from unnest($1::int2[], $2::int2[], $3::int8[], $4::text[], $5::bytea[], $6::int8[], $7::int8[])
             now (platform, period, count, total, digest, revision, refused)
         where (period.platform, period.period) = (now.platform, now.period)",
        &platforms,
        &periods,
        &counts,
        &totals,
        &digests,
        &revisions,
        &refused,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets nobody add to a month or state anything of it meanwhile. `None`: nothing was ever sent.
pub async fn lock(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
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

/// Which months to show.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these platforms'; none: all.
    pub platform_ids: Option<Vec<String>>,
    /// The first; none: from the beginning.
    pub from: Option<Period>,
    /// The last; none: through the end.
    pub through: Option<Period>,
    /// Only what comes after this one.
    pub after: Option<(PlatformId, Period)>,
    /// How many; none: all.
    pub limit: Option<i64>,
}

/// Months in which anything was accepted or stated, by platform and month.
pub async fn list(
    connection: &mut PgConnection,
    which: &Selection,
) -> Result<Vec<Account>, StoreError> {
    sqlx::query!(
        r#"select platform_id, period, accepted_count, total_fen::text as "total_fen!", digest, refused_count,
                  stated_count, stated_total_fen, stated_at, stated_by, sealed_at, sealed_by, seal_digest
           from period join platform using (platform)
           where (accepted_count > 0 or stated_at is not null)
             and ($1::text[] is null or platform_id = any($1))
             and ($2::int2 is null or period >= $2)
             and ($3::int2 is null or period <= $3)
             and ($4::text is null or (platform_id, period) > ($4, $5::int2))
           order by platform_id, period
           limit $6"#,
        which.platform_ids.as_deref(),
        which.from.map(Period::index),
        which.through.map(Period::index),
        which.after.as_ref().map(|(platform_id, _)| platform_id.as_str()),
        which.after.as_ref().map(|(_, period)| period.index()),
        which.limit,
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(|row| {
        let statement = match (row.stated_count, row.stated_total_fen, row.stated_at, row.stated_by) {
            (Some(record_count), Some(fen), Some(stated_at), Some(stated_by)) => Some(Statement {
                record_count,
                total: Fen::new(fen),
                stated_at,
                stated_by,
            }),
            _ => None,
        };
        let seal = match (row.sealed_at, row.sealed_by, row.seal_digest) {
            (Some(sealed_at), Some(sealed_by), Some(digest)) => Some(Seal {
                sealed_at,
                sealed_by,
                digest: read_digest("period.seal_digest", digest)?,
            }),
            _ => None,
        };
        Ok(Account {
            platform_id: read("platform.platform_id", PlatformId::parse(&row.platform_id))?,
            period: read_period(row.period)?,
            received: receipt(row.accepted_count, &row.total_fen, row.digest)?,
            refused_count: row.refused_count,
            statement,
            seal,
        })
    })
    .collect()
}

/// A month in which anything was accepted or stated.
pub async fn find(
    connection: &mut PgConnection,
    platform: &PlatformId,
    period: Period,
) -> Result<Option<Account>, StoreError> {
    let which = Selection {
        platform_ids: Some(vec![platform.as_str().into()]),
        from: Some(period),
        through: Some(period),
        ..Selection::default()
    };
    Ok(list(connection, &which).await?.pop())
}

/// Saves what the platform stated, of a month that is locked.
pub async fn state(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
    statement: &Statement,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update period set stated_count = $3, stated_total_fen = $4, stated_at = $5, stated_by = $6
         where platform = $1 and period = $2",
        platform.0,
        period.index(),
        statement.record_count,
        statement.total.get(),
        statement.stated_at,
        statement.stated_by,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Seals a month that is locked.
pub async fn seal(
    tx: &mut PgConnection,
    (platform, period): PlatformPeriod,
    seal: &Seal,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update period set sealed_at = $3, sealed_by = $4, seal_digest = $5
         where platform = $1 and period = $2",
        platform.0,
        period.index(),
        seal.sealed_at,
        seal.sealed_by,
        &seal.digest,
    )
    .execute(tx)
    .await?;
    Ok(())
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
        let months = if row.sealed { &mut sealed } else { &mut open };
        months.push(read_period(row.period)?);
    }
    Ok((sealed, open))
}

fn receipt(record_count: i64, total_fen: &str, digest: Vec<u8>) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        record_count,
        total_fen: total_fen
            .parse()
            .map_err(|error| StoreError::corrupt("period.total_fen", error))?,
        digest: read_digest("period.digest", digest)?,
    })
}
