//! A platform takes everything back that an open period holds.
//!
//! Locks as sealing does, in the same order: the platform, the period, whose writers wait, and the
//! platform against its reversals, which may name what is withdrawn.

use gazelle_kernel::{Actor, Instant, Period, PlatformId};
use gazelle_runtime::{
    auth::Principal,
    database::retry_serialization,
    detach::detached,
    store::{StoreError, event::Doing},
};
use serde_json::json;
use sqlx::PgConnection;

use super::{App, error::AppError};
use crate::{
    domain::{
        key::PlatformPeriod,
        period::{PeriodName, ReportedPeriod},
        receipt::ShownReceipt,
        withdrawal::{WithdrawRefusal, Withdrawal, withdrawable},
    },
    store::{self, TransactionKind},
};

/// Who withdraws what.
struct Withdrawing {
    platform: PlatformId,
    period: Period,
    meant: ShownReceipt,
    by: Actor,
}

impl App {
    /// Withdraws a period that holds what the receipt says. It stays as evidence.
    pub async fn withdraw_period(
        &self,
        caller: &Principal,
        (platform, period): (PlatformId, Period),
        meant: ShownReceipt,
    ) -> Result<Withdrawal, AppError> {
        let this = self.clone();
        let turn = self.seals.take().await?;
        let withdrawing = Withdrawing {
            platform,
            period,
            meant,
            by: caller.actor(),
        };
        detached(async move {
            let _turn = turn;
            retry_serialization(|| Box::pin(this.try_withdraw(&withdrawing))).await
        })
        .await
    }

    async fn try_withdraw(&self, withdrawing: &Withdrawing) -> Result<Withdrawal, AppError> {
        let mut tx = self
            .long_pool
            .begin_with(TransactionKind::Long.begin())
            .await?;
        let name = || PeriodName::new(&withdrawing.platform, withdrawing.period);
        let not_found = || AppError::PeriodNotFound(name());
        let platform = store::number::lock_platform(&mut tx, &withdrawing.platform)
            .await?
            .ok_or_else(not_found)?;
        let here = PlatformPeriod {
            platform,
            period: withdrawing.period,
        };
        store::period::lock(&mut tx, here)
            .await?
            .ok_or_else(not_found)?;
        let held = store::period::find(&mut tx, &withdrawing.platform, withdrawing.period)
            .await?
            .ok_or_else(not_found)?;
        let (statement, is_sealed) = (held.statement.as_ref(), held.seal.is_some());
        let allowed = withdrawable(&held.received, statement, is_sealed, &withdrawing.meant);
        allowed.map_err(|refusal| match refusal {
            WithdrawRefusal::Empty => not_found(),
            WithdrawRefusal::Sealed => AppError::PeriodSealed(name()),
            WithdrawRefusal::ReceiptMismatch(_) => AppError::NotWithdrawable(name(), refusal),
        })?;

        store::number::lock_reversals(&mut tx, platform).await?;
        let reversing = store::withdrawal::find_reversing_periods(&mut tx, here).await?;
        if !reversing.is_empty() {
            return Err(AppError::PeriodReversed(name(), reversing));
        }
        let withdrawal = withdrawing.withdrawal(held, store::clock::now(&mut tx).await?);
        withdrawing.save(&mut tx, here, &withdrawal).await?;
        tx.commit().await?;
        Ok(withdrawal)
    }
}

impl Withdrawing {
    fn withdrawal(&self, held: ReportedPeriod, withdrawn_at: Instant) -> Withdrawal {
        Withdrawal {
            number: held.withdrawal_count + 1,
            withdrawn_at,
            withdrawn_by: self.by.clone(),
            withdrawn: held.received,
            statement: held.statement,
            refused_count: held.refused_count,
        }
    }

    async fn save(
        &self,
        tx: &mut PgConnection,
        here: PlatformPeriod,
        withdrawal: &Withdrawal,
    ) -> Result<(), AppError> {
        store::withdrawal::give_back(tx, here).await?;
        let moved = store::withdrawal::move_records(tx, here, withdrawal.number).await?;
        if i64::try_from(moved) != Ok(withdrawal.withdrawn.record_count) {
            let name = PeriodName::new(&self.platform, self.period);
            return Err(AppError::Inconsistent(name));
        }
        store::refused::withdraw(tx, here, withdrawal.number).await?;
        store::withdrawal::insert(tx, here, withdrawal).await?;
        store::withdrawal::empty_period(tx, here).await?;
        self.note(tx, withdrawal).await?;
        Ok(())
    }

    async fn note(&self, tx: &mut PgConnection, withdrawal: &Withdrawal) -> Result<(), StoreError> {
        let content = json!({
            "number": withdrawal.number,
            "record_count": withdrawal.withdrawn.record_count,
            "total_fen": withdrawal.withdrawn.total_fen_saturated(),
            "digest": hex::encode(withdrawal.withdrawn.digest),
            "refused_count": withdrawal.refused_count,
        });
        let doing = Doing {
            by: &self.by,
            at: withdrawal.withdrawn_at,
        };
        let subject = PeriodName::new(&self.platform, self.period).to_string();
        doing
            .record(tx, "period.withdraw", &subject, &content)
            .await
    }
}
