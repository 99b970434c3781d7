//! Before a period is sealed: a record id belongs to its platform over all periods, so what another
//! period claims is taken out of this one and listed among the refused.

use std::collections::BTreeMap;

use gazelle_kernel::{Period, PlatformId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::AppError;
use crate::{
    domain::{
        CanonicalForm, Place, PlatformPeriod, Receipt, RecordKey, RecordRef, RecordRefusal,
        Refusals, SentRecord,
    },
    store::{self, StoreError, claim::Removed},
};

/// Records that are taken out at once.
const REMOVED_AT_ONCE: usize = 5_000;

/// Refuses records whose ids another period claims, and reversals of such records; returns how
/// many.
pub async fn refuse_claimed(
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
        store::reversed::delete(tx, of, some).await?;
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
    // Last, since a reversal that is refused itself takes nothing back.
    for beside in store::claim::find_reversed_from_here(tx, of).await? {
        if !claimed.contains_key(&beside.reversal) {
            let refusal = RecordRefusal::RecordInSealedPeriod(beside.other);
            claimed.entry(beside.key).or_insert(refusal);
        }
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
        let mut form = CanonicalForm::new(self.platform, of.1);
        for removed in store::claim::remove(tx, of, &keys).await? {
            let sent = sent(&removed);
            let record = RecordRef::parse(sent.as_sent(), of.1.last_day())
                .map_err(|refusal| StoreError::corrupt("record", refusal))?;
            receipt.add(record.amount.get(), form.hash(record));
            if let Some(&refusal) = why.get(&RecordKey::of(record.id)) {
                refusals.add(of, &sent, refusal, self.now);
            }
            if let Some((id, period)) = record.reverses.zip(removed.reverses_period) {
                let period = Period::from_index(period)
                    .map_err(|error| StoreError::corrupt("record.reverses_period", error))?;
                let target = Place {
                    platform: of.0,
                    period,
                    key: RecordKey::of(id),
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
        for (of, (mut holding, _)) in store::period::lock_holdings(tx, &of).await? {
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
