//! An officer seals a period.
//!
//! Everything happens in one transaction under the period's lock, so the digest, the totals and
//! the statement are of the same records. Writers wait for it; those of other periods do not.

use futures::TryStreamExt;
use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::{audit::Entry, database::retry_serialization, detach::detached};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Acquire, PgConnection};
use time::OffsetDateTime;

use super::{App, AppError, claim::refuse_claimed, turn};
use crate::{
    domain::{Account, CanonicalForm, PlatformPeriod, Receipt, RecordHash, Seal},
    store::{self, Patience},
};

/// Who seals what, and when.
struct Sealing<'a> {
    platform: &'a PlatformId,
    period: Period,
    actor: &'a str,
    now: OffsetDateTime,
}

impl App {
    /// Seals a period whose statement agrees with what was received. Of a sealed period, returns
    /// the seal that it has.
    pub async fn seal_period(
        &self,
        platform: PlatformId,
        period: Period,
        actor: String,
    ) -> Result<Account, AppError> {
        let this = self.clone();
        let turn = turn(&self.seals).await?;
        detached(async move {
            let _turn = turn;
            let sealing = Sealing {
                platform: &platform,
                period,
                actor: &actor,
                now: this.clock.now(),
            };
            retry_serialization(|| this.try_seal(&sealing)).await
        })
        .await
    }

    async fn try_seal(&self, sealing: &Sealing<'_>) -> Result<Account, AppError> {
        let Sealing {
            platform,
            period,
            now,
            ..
        } = *sealing;
        let mut tx = self.pool.begin_with(Patience::Long.begin()).await?;
        let number = store::name::lock_platform(&mut tx, platform)
            .await?
            .ok_or(AppError::PeriodNotFound)?;
        let of = (number, period);
        store::period::lock(&mut tx, of)
            .await?
            .ok_or(AppError::PeriodNotFound)?;
        let mut account = find(&mut tx, platform, period).await?;
        if account.seal.is_some() {
            return Ok(account);
        }
        if account.statement.is_none() {
            account.compare()?;
        }

        let refused_count = refuse_claimed(&mut tx, platform, of, now).await?;
        if refused_count > 0 {
            account = find(&mut tx, platform, period).await?;
        }
        let refusal = match account.compare() {
            Ok(()) => make_totals(&mut tx, of).await?,
            Err(refusal) => Some(refusal.into()),
        };
        if let Some(refusal) = refusal {
            // What was found to refuse stays refused.
            if refused_count > 0 {
                let content = json!({ "refused_count": refused_count });
                sealing
                    .note(&mut tx, "period.refuse_records", &content)
                    .await?;
            }
            tx.commit().await?;
            return Err(refusal);
        }

        account.seal = Some(sealing.seal(&mut tx, of, &account, refused_count).await?);
        tx.commit().await?;
        Ok(account)
    }
}

impl Sealing<'_> {
    /// Seals what agrees with its statement and has its totals.
    async fn seal(
        &self,
        tx: &mut PgConnection,
        of: PlatformPeriod,
        account: &Account,
        refused_count: i64,
    ) -> Result<Seal, AppError> {
        let (receipt, digest) = digest(tx, self.platform, of).await?;
        if receipt != account.received {
            return Err(AppError::Inconsistent {
                platform_id: self.platform.clone(),
                period: self.period,
            });
        }
        let seal = Seal {
            sealed_at: self.now,
            sealed_by: self.actor.into(),
            digest,
        };
        store::reversed::fix(tx, of).await?;
        store::period::seal(tx, of, &seal).await?;
        store::name::count_sealed(tx, of.0).await?;
        let content = json!({
            "record_count": receipt.record_count,
            "total_fen": receipt.total_fen_saturated(),
            "digest": hex::encode(digest),
            "refused_count": refused_count,
        });
        self.note(tx, "period.seal", &content).await?;
        Ok(seal)
    }

    async fn note(
        &self,
        tx: &mut PgConnection,
        action: &str,
        content: &serde_json::Value,
    ) -> Result<(), AppError> {
        let content = content.to_string();
        let entry = Entry {
            at: self.now,
            actor: self.actor,
            action,
            subject: &format!("{} {}", self.platform, self.period),
            content: content.as_bytes(),
        };
        Ok(store::event::append(tx, &entry).await?)
    }
}

async fn find(
    tx: &mut PgConnection,
    platform: &PlatformId,
    period: Period,
) -> Result<Account, AppError> {
    store::period::find(tx, platform, period)
        .await?
        .ok_or(AppError::PeriodNotFound)
}

/// Makes the totals; or says which sum leaves 64 bits, and has changed nothing.
async fn make_totals(
    tx: &mut PgConnection,
    of: PlatformPeriod,
) -> Result<Option<AppError>, AppError> {
    let mut savepoint = tx.begin().await?;
    match store::sealed_total::insert(&mut savepoint, of).await {
        Ok(()) => {
            savepoint.commit().await?;
            Ok(None)
        }
        Err(error) if error.is_out_of_range() => {
            savepoint.rollback().await?;
            let overflow = store::sealed_total::find_overflow(tx, of).await?;
            let (merchant_id, fee_kind, fee_date) = overflow.ok_or(error)?;
            Ok(Some(AppError::TotalOverflow {
                merchant_id,
                fee_kind,
                fee_date,
            }))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads all records once, in the order of their keys: what they add up to, and the digest of the
/// seal.
async fn digest(
    tx: &mut PgConnection,
    platform: &PlatformId,
    (number, period): PlatformPeriod,
) -> Result<(Receipt, [u8; 32]), AppError> {
    let mut receipt = Receipt::default();
    let mut hash = Sha256::new();
    let mut form = CanonicalForm::new(platform, period);
    let mut records = std::pin::pin!(store::record::read_all(tx, number, period));
    while let Some(record) = records.try_next().await? {
        let form = form.of(record.as_ref());
        receipt.add(record.amount.get(), RecordHash::of(form));
        hash.update(form);
        hash.update(b"\n");
    }
    Ok((receipt, hash.finalize().into()))
}
