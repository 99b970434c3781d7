//! A platform states its totals.

use gazelle_kernel::{Fen, Period, PlatformId};
use gazelle_runtime::{audit::Entry, database::retry_serialization, detach::detached};
use serde_json::json;

use super::{App, AppError};
use crate::{
    domain::{Account, Statement},
    store::{self, Patience},
};

impl App {
    /// States count and sum of a period. The same again changes nothing.
    pub async fn submit_statement(
        &self,
        platform: PlatformId,
        period: Period,
        record_count: i64,
        total: Fen,
        actor: String,
    ) -> Result<Account, AppError> {
        let this = self.clone();
        detached(async move {
            let statement = Statement {
                record_count,
                total,
                stated_at: this.clock.now(),
                stated_by: actor,
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
    ) -> Result<Account, AppError> {
        let number = self.names.platform(&self.pool, platform).await?;
        let of = (number, period);
        self.names.periods(&self.pool, &[of]).await?;
        let mut tx = self.pool.begin_with(Patience::Short.begin()).await?;
        store::period::lock_holdings(&mut tx, &[of]).await?;
        let before = store::period::find(&mut tx, platform, period).await?;
        if let Some(account) = before
            && !account.takes(statement.record_count, statement.total)?
        {
            return Ok(account);
        }

        store::period::state(&mut tx, of, statement).await?;
        let after = store::period::find(&mut tx, platform, period)
            .await?
            .ok_or(AppError::PeriodNotFound)?;
        let content = json!({
            "record_count": statement.record_count,
            "total_fen": statement.total.get(),
        })
        .to_string();
        let entry = Entry {
            at: statement.stated_at,
            actor: &statement.stated_by,
            action: "statement.submit",
            subject: &format!("{platform} {period}"),
            content: content.as_bytes(),
        };
        store::event::append(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(after)
    }
}
