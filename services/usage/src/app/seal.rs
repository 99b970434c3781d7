//! An officer seals a period.
//!
//! Everything happens in one transaction under the period's lock, so the digest, the totals and
//! the statement are of the same records. Writers wait for it; those of other periods do not.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::{audit::Entry, database::retry_serialization, detach::detached};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Acquire, PgConnection};
use time::OffsetDateTime;

use super::{App, AppError};
use crate::{
    domain::{
        Account, Place, PlatformPeriod, Receipt, Record, RecordKey, RecordRefusal, Refusals, Seal,
        SentRecord,
    },
    hex,
    store::{self, Patience, StoreError, claim::Removed},
};

/// Records that are taken out at once.
const REMOVED_AT_ONCE: usize = 5_000;

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
        detached(
            async move { retry_serialization(|| this.try_seal(&platform, period, &actor)).await },
        )
        .await
    }

    async fn try_seal(
        &self,
        platform: &PlatformId,
        period: Period,
        actor: &str,
    ) -> Result<Account, AppError> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        store::bound_waits(&mut tx, Patience::Long).await?;
        let busy = |error: StoreError| {
            if error.is_lock_timeout() {
                AppError::Overloaded
            } else {
                error.into()
            }
        };
        let number = store::name::lock_platform(&mut tx, platform)
            .await
            .map_err(busy)?
            .ok_or(AppError::PeriodNotFound)?;
        let of = (number, period);
        store::period::lock(&mut tx, of)
            .await
            .map_err(busy)?
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
        let subject = format!("{platform} {period}");
        let refusal = match account.compare() {
            Ok(()) => make_totals(&mut tx, of).await?,
            Err(refusal) => Some(refusal.into()),
        };
        if let Some(refusal) = refusal {
            // What was found to refuse stays refused.
            if refused_count > 0 {
                let content = json!({ "refused_count": refused_count }).to_string();
                let entry = Entry {
                    at: now,
                    actor,
                    action: "period.refuse_records",
                    subject: &subject,
                    content: content.as_bytes(),
                };
                store::event::append(&mut tx, &entry).await?;
            }
            tx.commit().await?;
            return Err(refusal);
        }

        let (receipt, digest) = digest(&mut tx, platform, of).await?;
        if receipt != account.received {
            return Err(AppError::Inconsistent {
                platform_id: platform.clone(),
                period,
            });
        }
        let seal = Seal {
            sealed_at: now,
            sealed_by: actor.into(),
            digest,
        };
        store::reversed::fix(&mut tx, number, period).await?;
        store::period::seal(&mut tx, of, &seal).await?;
        store::name::count_sealed(&mut tx, number).await?;
        let content = json!({
            "record_count": receipt.record_count,
            "total_fen": receipt.total_fen_saturated(),
            "digest": hex::encode(&digest),
            "refused_count": refused_count,
        })
        .to_string();
        let entry = Entry {
            at: now,
            actor,
            action: "period.seal",
            subject: &subject,
            content: content.as_bytes(),
        };
        store::event::append(&mut tx, &entry).await?;
        tx.commit().await?;
        account.seal = Some(seal);
        Ok(account)
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
    let mut form = Vec::new();
    let mut records = std::pin::pin!(store::record::read_all(tx, number, period));
    while let Some(record) = records.try_next().await? {
        form.clear();
        record.write_canonical(platform, period, &mut form);
        receipt.add(record.amount.get(), crate::domain::RecordHash::of(&form));
        hash.update(&form);
        hash.update(b"\n");
    }
    Ok((receipt, hash.finalize().into()))
}

/// Refuses records whose ids another period claims, and reversals of such records; returns how
/// many.
async fn refuse_claimed(
    tx: &mut PgConnection,
    platform: &PlatformId,
    of: PlatformPeriod,
    now: OffsetDateTime,
) -> Result<i64, AppError> {
    let claimed = find_claimed(tx, of).await?;
    let mut removal = Removal {
        platform,
        now,
        out: BTreeMap::new(),
        reversed_ids: Vec::new(),
    };
    let claimed: Vec<(RecordKey, RecordRefusal)> = claimed.into_iter().collect();
    for some in claimed.chunks(REMOVED_AT_ONCE) {
        removal.remove(tx, of, some).await?;
    }
    let reversed_ids = std::mem::take(&mut removal.reversed_ids);
    if !reversed_ids.is_empty() {
        let reversals = store::claim::find_reversals_of(tx, of, &reversed_ids).await?;
        for same_period in reversals.chunk_by(|a, b| a.0 == b.0) {
            let of = (of.0, same_period[0].0);
            let refused: Vec<_> = same_period
                .iter()
                .map(|(_, key)| (*key, RecordRefusal::ReversedRecordRefused))
                .collect();
            for some in refused.chunks(REMOVED_AT_ONCE) {
                removal.remove(tx, of, some).await?;
            }
        }
    }
    let keys: Vec<RecordKey> = claimed.iter().map(|(key, _)| *key).collect();
    for some in keys.chunks(REMOVED_AT_ONCE) {
        store::reversed::delete(tx, of.0, of.1, some).await?;
    }
    removal.finish(tx).await
}

/// What another period claims: records of this one by their ids, and reversals in it of open
/// periods' records that will be refused when those are sealed.
async fn find_claimed(
    tx: &mut PgConnection,
    of: PlatformPeriod,
) -> Result<BTreeMap<RecordKey, RecordRefusal>, AppError> {
    let mut claimed = BTreeMap::new();
    let sealed = store::period::list_sealed(tx, of.0).await?;
    for &sealed in &sealed {
        for key in store::claim::find_held_in(tx, of, sealed).await? {
            claimed
                .entry(key)
                .or_insert(RecordRefusal::RecordInSealedPeriod(sealed));
        }
    }
    for (key, other) in store::claim::find_reversed_in_others(tx, of).await? {
        claimed
            .entry(key)
            .or_insert(RecordRefusal::RecordInSealedPeriod(other));
    }
    let mut reversals = store::claim::find_reversals_of_reversed_in_others(tx, of).await?;
    for &sealed in &sealed {
        reversals.extend(store::claim::find_reversals_of_held_in(tx, of, sealed).await?);
    }
    for key in reversals {
        claimed
            .entry(key)
            .or_insert(RecordRefusal::ReversedRecordRefused);
    }
    Ok(claimed)
}

/// Records on their way out of open periods.
struct Removal<'a> {
    platform: &'a PlatformId,
    now: OffsetDateTime,
    /// What was taken out of each period, and how many of it are new in the list of refused.
    out: BTreeMap<PlatformPeriod, (Receipt, i64)>,
    /// Fees that were taken out and of which reversals are left.
    reversed_ids: Vec<String>,
}

impl Removal<'_> {
    async fn remove(
        &mut self,
        tx: &mut PgConnection,
        of: PlatformPeriod,
        some: &[(RecordKey, RecordRefusal)],
    ) -> Result<(), AppError> {
        let why: BTreeMap<RecordKey, RecordRefusal> = some.iter().copied().collect();
        let keys: Vec<RecordKey> = why.keys().copied().collect();
        let mut refusals = Refusals::default();
        let (receipt, new) = self.out.entry(of).or_default();
        for removed in store::claim::remove(tx, of, &keys).await? {
            let sent = sent(&removed);
            let record = Record::parse(&sent, of.1)
                .map_err(|refusal| StoreError::corrupt("record", refusal))?;
            receipt.add(record.amount.get(), record.hash(self.platform, of.1));
            if let Some(&refusal) = why.get(&RecordKey::of(&record.id)) {
                refusals.add(of, &sent, refusal, self.now);
            }
            if let Some((id, period)) = record.reverses.zip(removed.reverses_period) {
                let period = Period::from_index(period)
                    .map_err(|error| StoreError::corrupt("record.reverses_period", error))?;
                let target = Place {
                    platform: of.0,
                    period,
                    key: RecordKey::of(&id),
                };
                store::reversed::give_back(tx, target, -removed.amount_fen).await?;
            }
            if removed.is_reversed {
                self.reversed_ids.push(removed.record_id);
            }
        }
        *new += i64::try_from(store::refused::insert(tx, &refusals).await?.len())
            .expect("no more than were removed");
        Ok(())
    }

    async fn finish(self, tx: &mut PgConnection) -> Result<i64, AppError> {
        let of: Vec<PlatformPeriod> = self.out.keys().copied().collect();
        let mut count = 0;
        let mut now = Vec::new();
        for (of, mut holding) in store::period::lock_holdings(tx, &of).await? {
            let (out, new) = self.out[&of];
            holding.receipt.take_out(&out);
            holding.revision += 1;
            count += out.record_count;
            now.push((of, holding, new));
        }
        store::period::update_holdings(tx, &now).await?;
        Ok(count)
    }
}

fn sent(removed: &Removed) -> SentRecord {
    SentRecord {
        record_id: removed.record_id.clone(),
        merchant_id: removed.merchant_id.clone(),
        fee_kind: removed.fee_kind.clone(),
        occurred_on: removed.occurred_on.to_string(),
        amount_fen: removed.amount_fen,
        reverses_record_id: removed.reverses_record_id.clone().unwrap_or_default(),
    }
}
