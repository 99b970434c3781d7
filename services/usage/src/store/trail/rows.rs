//! Platforms, periods, withdrawals and refused records.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::{Stream, StreamExt};
use gazelle_kernel::PlatformId;
use gazelle_runtime::store::{StoreError, read};
use sqlx::PgConnection;

use crate::{
    domain::{
        key::{PlatformNumber, PlatformPeriod},
        period::PeriodName,
        sent::SentRecord,
        trail::{StatementColumns, StoredPeriod, StoredWithdrawal},
    },
    store::{column::read_platform_period, receipt::read_receipt},
};

/// The platforms by number, each with how many of its periods are said to be sealed.
pub type CountedPlatforms = HashMap<PlatformNumber, (PlatformId, i32)>;

/// Every platform, also one that never reported.
pub async fn list_platforms(tx: &mut PgConnection) -> Result<CountedPlatforms, StoreError> {
    let rows = sqlx::query!("select platform, platform_id, sealed_count from platform");
    let (column, mut platforms, mut ids) = (
        "platform.platform_id",
        CountedPlatforms::new(),
        HashSet::new(),
    );
    for row in rows.fetch_all(tx).await? {
        let id = read(column, PlatformId::parse(&row.platform_id))?;
        if !ids.insert(id.clone()) {
            return Err(StoreError::corrupt(column, format!("{id} twice")));
        }
        platforms.insert(PlatformNumber(row.platform), (id, row.sealed_count));
    }
    Ok(platforms)
}

/// All periods by their names, with their withdrawals.
pub async fn list_periods(
    tx: &mut PgConnection,
    platforms: &CountedPlatforms,
) -> Result<BTreeMap<PeriodName, StoredPeriod>, StoreError> {
    let mut withdrawals = list_withdrawals(&mut *tx).await?;
    let rows = sqlx::query!(
        r#"select platform, period, accepted_count, total_fen::text as "total_fen!", digest, refused_count,
                  refused_by_seal_count, withdrawal_count, stated_count, stated_total_fen, stated_at, stated_by,
                  sealed_at, sealed_by, seal_digest
           from period"#
    );
    let mut periods = BTreeMap::new();
    for row in rows.fetch_all(tx).await? {
        let period = read_platform_period(row.platform, row.period)?;
        let (platform, _) = platforms
            .get(&period.platform)
            .ok_or_else(|| StoreError::corrupt("period.platform", "a number without a name"))?;
        let total_fen = &row.total_fen;
        let stored = StoredPeriod {
            period,
            received: read_receipt("period.digest", row.accepted_count, total_fen, &row.digest)?,
            refused_count: row.refused_count,
            refused_by_seal_count: row.refused_by_seal_count,
            withdrawal_count: row.withdrawal_count,
            statement: StatementColumns {
                record_count: row.stated_count,
                total_fen: row.stated_total_fen,
                stated_at: row.stated_at,
                stated_by: row.stated_by,
            },
            sealed_at: row.sealed_at,
            sealed_by: row.sealed_by,
            seal_digest: row.seal_digest,
            withdrawals: withdrawals.remove(&period).unwrap_or_default(),
        };
        periods.insert(PeriodName::new(platform, period.period), stored);
    }
    if let Some(stray) = withdrawals.into_keys().next() {
        let stray = format!(
            "a withdrawal of a period {} that is not there",
            stray.period
        );
        return Err(StoreError::corrupt("withdrawal.period", stray));
    }
    Ok(periods)
}

/// All withdrawals, of each period by their numbers.
async fn list_withdrawals(
    tx: &mut PgConnection,
) -> Result<BTreeMap<PlatformPeriod, Vec<StoredWithdrawal>>, StoreError> {
    let rows = sqlx::query!(
        r#"select platform, period, number, withdrawn_at, withdrawn_by, record_count,
                  total_fen::text as "total_fen!", digest, refused_count, stated_count, stated_total_fen, stated_at,
                  stated_by
           from withdrawal
           order by platform, period, number"#
    );
    let mut withdrawals: BTreeMap<PlatformPeriod, Vec<StoredWithdrawal>> = BTreeMap::new();
    for row in rows.fetch_all(tx).await? {
        let period = read_platform_period(row.platform, row.period)?;
        let (column, total_fen) = ("withdrawal.digest", &row.total_fen);
        let stored = StoredWithdrawal {
            number: row.number,
            withdrawn_at: row.withdrawn_at,
            withdrawn_by: row.withdrawn_by,
            withdrawn: read_receipt(column, row.record_count, total_fen, &row.digest)?,
            refused_count: row.refused_count,
            statement: StatementColumns {
                record_count: row.stated_count,
                total_fen: row.stated_total_fen,
                stated_at: row.stated_at,
                stated_by: row.stated_by,
            },
        };
        withdrawals.entry(period).or_default().push(stored);
    }
    Ok(withdrawals)
}

/// A refused record, and with which withdrawal it left which period.
#[derive(Debug)]
pub struct StoredRefused {
    pub period: PlatformPeriod,
    pub withdrawal: i32,
    pub record: SentRecord,
    pub content_key: u128,
    pub reason: String,
    pub times: i64,
}

/// All refused records, in any order, as they come from the database.
pub fn refused(tx: &mut PgConnection) -> impl Stream<Item = Result<StoredRefused, StoreError>> {
    sqlx::query!(
        "select platform, period, withdrawal, reason, content_key, record_id, merchant_id, fee_kind, occurred_on,
                amount_fen, reverses_record_id, times
         from refused_record"
    )
    .fetch(tx)
    .map(|row| {
        let row = row?;
        Ok(StoredRefused {
            period: read_platform_period(row.platform, row.period)?,
            withdrawal: row.withdrawal,
            record: SentRecord {
                record_id: row.record_id,
                merchant_id: row.merchant_id,
                fee_kind: row.fee_kind,
                occurred_on: row.occurred_on,
                amount_fen: row.amount_fen,
                reverses_record_id: row.reverses_record_id,
            },
            content_key: row.content_key.as_u128(),
            reason: row.reason,
            times: row.times,
        })
    })
}
