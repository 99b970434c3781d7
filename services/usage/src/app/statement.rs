//! A platform states its totals.

use gazelle_kernel::{Actor, Fen, Period, PlatformId};
use gazelle_runtime::{
    auth::Principal, database::retry_serialization, detach::detached, store::event::Doing,
};
use serde_json::json;

use super::{App, error::AppError};
use crate::{
    domain::{
        key::PlatformPeriod,
        period::{PeriodName, ReportedPeriod},
        statement::{Statement, is_new_statement},
    },
    store::{self, TransactionKind},
};

impl App {
    /// States count and sum of a period that has begun by the database's clock. The same again
    /// changes nothing.
    pub async fn submit_statement(
        &self,
        caller: &Principal,
        (platform, period): (PlatformId, Period),
        record_count: i64,
        total: Fen,
    ) -> Result<ReportedPeriod, AppError> {
        let this = self.clone();
        let by = caller.actor();
        detached(async move {
            let stated = (record_count, total);
            retry_serialization(|| this.try_submit(&by, (&platform, period), stated)).await
        })
        .await
    }

    async fn try_submit(
        &self,
        by: &Actor,
        (platform, period): (&PlatformId, Period),
        stated: (i64, Fen),
    ) -> Result<ReportedPeriod, AppError> {
        let name = PeriodName::new(platform, period);
        let now = store::clock::now(&mut *self.pool.acquire().await?).await?;
        if !period.has_begun(now) {
            return Err(AppError::NotBegun(name));
        }
        let number = self.names.platform(&self.pool, platform).await?;
        let here = PlatformPeriod {
            platform: number,
            period,
        };
        self.names.periods(&self.pool, &[here]).await?;
        let mut tx = self.pool.begin_with(TransactionKind::Short.begin()).await?;
        store::receipt::lock(&mut tx, &[here]).await?;
        let before = store::period::find(&mut tx, platform, period).await?;
        if let Some(before) = before
            && !is_new_statement(before.statement.as_ref(), before.seal.is_some(), stated)
                .map_err(|_| AppError::PeriodSealed(name.clone()))?
        {
            return Ok(before);
        }

        let (record_count, total) = stated;
        let statement = Statement {
            record_count,
            total,
            stated_at: store::clock::now(&mut tx).await?,
            stated_by: by.clone(),
        };
        store::statement::save(&mut tx, here, &statement).await?;
        let after = store::period::find(&mut tx, platform, period)
            .await?
            .ok_or_else(|| AppError::PeriodNotFound(name.clone()))?;
        let content = json!({
            "record_count": record_count,
            "total_fen": total.get(),
        });
        let doing = Doing {
            by,
            at: statement.stated_at,
        };
        doing
            .record(&mut tx, "statement.submit", &name.to_string(), &content)
            .await?;
        tx.commit().await?;
        Ok(after)
    }
}
