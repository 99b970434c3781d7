//! A platform states its totals.

use gazelle_kernel::{Fen, Period, PlatformId};
use gazelle_runtime::{
    audit::Entry, auth::Principal, database::retry_serialization, detach::detached, store::event,
};
use serde_json::json;

use super::{
    App,
    error::{AppError, PeriodName},
};
use crate::{
    domain::{ReportedPeriod, Statement},
    store::{self, Transaction},
};

impl App {
    /// States count and sum of a period. The same again changes nothing.
    pub async fn submit_statement(
        &self,
        caller: &Principal,
        (platform, period): (PlatformId, Period),
        record_count: i64,
        total: Fen,
    ) -> Result<ReportedPeriod, AppError> {
        let this = self.clone();
        let stated_by = caller.actor().to_string();
        detached(async move {
            let statement = Statement {
                record_count,
                total,
                stated_at: this.clock.now(),
                stated_by,
            };
            retry_serialization(|| this.try_submit(&platform, period, &statement)).await
        })
        .await
    }

    async fn try_submit(
        &self,
        platform: &PlatformId,
        period: Period,
        statement: &Statement,
    ) -> Result<ReportedPeriod, AppError> {
        let name = PeriodName::new(platform, period);
        let number = self.names.platform(&self.pool, platform).await?;
        let here = (number, period);
        self.names.periods(&self.pool, &[here]).await?;
        let mut tx = self.pool.begin_with(Transaction::Short.begin()).await?;
        store::receipt::lock(&mut tx, &[here]).await?;
        let before = store::period::find(&mut tx, platform, period).await?;
        if let Some(before) = before
            && !before
                .takes(statement.record_count, statement.total)
                .map_err(|_| AppError::PeriodSealed(name.clone()))?
        {
            return Ok(before);
        }

        store::period::state(&mut tx, here, statement).await?;
        let after = store::period::find(&mut tx, platform, period)
            .await?
            .ok_or_else(|| AppError::PeriodNotFound(name.clone()))?;
        let content = json!({
            "record_count": statement.record_count,
            "total_fen": statement.total.get(),
        })
        .to_string();
        let entry = Entry {
            at: statement.stated_at,
            actor: &statement.stated_by,
            action: "statement.submit",
            subject: &name.to_string(),
            content: content.as_bytes(),
        };
        event::append(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(after)
    }
}
