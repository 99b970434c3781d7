//! Shows periods, and lists them.

use std::{collections::HashMap, slice};

use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::{auth::Principal, store::StoreError};
use sqlx::PgConnection;

use super::{App, error::AppError, may_see};
use crate::{
    domain::{
        period::{PeriodDetails, PeriodName, PeriodSelection, ReportedPeriod},
        withdrawal::Withdrawal,
    },
    store,
};

impl App {
    /// A period in which anything was accepted, stated or withdrawn.
    pub async fn get_period(
        &self,
        caller: &Principal,
        platform: &PlatformId,
        period: Period,
    ) -> Result<PeriodDetails, AppError> {
        let mut tx = self.read_as(caller).await?;
        let found = find(&mut tx, caller, platform, period).await?;
        let resolved_count = match found.refused_count {
            0 => 0,
            _ => store::refused::count_resolved(&mut tx, platform, period).await?,
        };
        let mut withdrawals = last_withdrawals(&mut tx, slice::from_ref(&found)).await?;
        drop(tx);
        self.note_reading(caller, "periods", (Some(platform), Some(period)), 1)
            .await?;
        Ok(PeriodDetails {
            last_withdrawal: withdrawals.remove(&name(&found)),
            period: found,
            resolved_count,
        })
    }

    /// Periods by platform and month; to a platform, its own.
    pub async fn list_periods(
        &self,
        caller: &Principal,
        mut which: PeriodSelection,
    ) -> Result<Vec<PeriodDetails>, AppError> {
        if let Principal::Platform(own) = caller {
            let asked = which.platform_ids.get_or_insert_with(|| vec![own.clone()]);
            asked.retain(|id| id == own);
        }
        let mut tx = self.read_as(caller).await?;
        let periods = store::period::list(&mut tx, &which).await?;
        let mut withdrawals = last_withdrawals(&mut tx, &periods).await?;
        drop(tx);
        let asked = which.platform_ids.as_deref().unwrap_or_default();
        let only = periods.first().map(|period| &period.platform_id);
        let only = only.filter(|_| asked.len() == 1);
        self.note_reading(caller, "periods", (only, None), periods.len())
            .await?;
        let details = |period| PeriodDetails {
            last_withdrawal: withdrawals.remove(&name(&period)),
            period,
            resolved_count: 0,
        };
        Ok(periods.into_iter().map(details).collect())
    }
}

/// What was last withdrawn of those of which anything was.
async fn last_withdrawals(
    connection: &mut PgConnection,
    periods: &[ReportedPeriod],
) -> Result<HashMap<(PlatformId, Period), Withdrawal>, StoreError> {
    let withdrawn = periods.iter().filter(|it| it.withdrawal_count > 0);
    let names: Vec<_> = withdrawn.map(|it| (&it.platform_id, it.period)).collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    store::withdrawal::list_last(connection, &names).await
}

fn name(period: &ReportedPeriod) -> (PlatformId, Period) {
    (period.platform_id.clone(), period.period)
}

/// A period that the caller may see.
pub async fn find(
    connection: &mut PgConnection,
    caller: &Principal,
    platform: &PlatformId,
    period: Period,
) -> Result<ReportedPeriod, AppError> {
    let found = if may_see(caller, platform) {
        store::period::find(connection, platform, period).await?
    } else {
        None
    };
    found.ok_or_else(|| AppError::PeriodNotFound(PeriodName::new(platform, period)))
}
