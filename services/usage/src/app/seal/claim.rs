//! Before a period is sealed: a record id belongs to its platform over all periods, so what another
//! period claims is taken out of this one and listed among the refused.

use std::collections::BTreeMap;

use gazelle_kernel::{Instant, Period, PlatformId};
use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

use super::count::Counted;
use crate::{
    app::error::AppError,
    domain::{
        canonical::CanonicalForm,
        claim::{Claimed, InOtherPeriods, Shared},
        key::{Place, PlatformNumber, PlatformPeriod, RecordKey},
        receipt::Receipt,
        record::RecordRef,
        refusal::RecordRefusal,
        refused::Refusals,
        sent::SentRecord,
    },
    store::{self, claim::Removed, receipt::NewReceipt},
    tuning::{LOOKS_AT_ONCE, REMOVED_AT_ONCE},
};

/// What other periods claim. `sealed` in the order in which they were.
pub async fn find_claimed(
    tx: &mut PgConnection,
    here: PlatformPeriod,
    sealed: &[Period],
    found: &Counted,
) -> Result<Claimed, AppError> {
    let suspects = &found.suspects;
    let shared = Shared {
        period: here.period,
        sealed,
        own: find_standing(tx, here.platform, &suspects.own).await?,
        named: find_standing(tx, here.platform, &suspects.named).await?,
        open_reversals: &found.open_reversals,
        beside: &suspects.beside,
    };
    Ok(shared.claimed())
}

async fn find_standing(
    tx: &mut PgConnection,
    platform: PlatformNumber,
    suspects: &[(RecordKey, Period)],
) -> Result<InOtherPeriods, AppError> {
    Ok(InOtherPeriods {
        held: find_held(tx, platform, suspects).await?,
        fixed: find_fixed(tx, platform, suspects).await?,
    })
}

async fn find_held(
    tx: &mut PgConnection,
    platform: PlatformNumber,
    suspects: &[(RecordKey, Period)],
) -> Result<Vec<(RecordKey, Period)>, AppError> {
    let mut held = Vec::new();
    for some in suspects.chunks(LOOKS_AT_ONCE) {
        held.extend(store::claim::find_held(tx, platform, some).await?);
    }
    Ok(held)
}

async fn find_fixed(
    tx: &mut PgConnection,
    platform: PlatformNumber,
    suspects: &[(RecordKey, Period)],
) -> Result<Vec<(RecordKey, Period)>, AppError> {
    let mut keys: Vec<RecordKey> = suspects.iter().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut fixed = Vec::new();
    for some in keys.chunks(LOOKS_AT_ONCE) {
        fixed.extend(store::reversed::find_fixed(tx, platform, some).await?);
    }
    Ok(fixed)
}

/// Refuses what other periods claim, and reversals of it; returns how many. Nobody reverses any
/// of the platform's records meanwhile.
pub async fn refuse(
    tx: &mut PgConnection,
    platform: &PlatformId,
    here: PlatformPeriod,
    claimed: Claimed,
    now: Instant,
) -> Result<i64, AppError> {
    store::number::lock_reversals(tx, here.platform).await?;
    let mut removal = Removal {
        platform,
        now,
        out: BTreeMap::new(),
        reversed_ids: Vec::new(),
    };
    let claimed: Vec<(RecordKey, RecordRefusal)> = claimed.into_iter().collect();
    for some in claimed.chunks(REMOVED_AT_ONCE) {
        removal.remove(tx, here, some).await?;
    }
    let reversed_ids = std::mem::take(&mut removal.reversed_ids);
    if !reversed_ids.is_empty() {
        let (_, open) = store::period::list_sealed_and_open(tx, here.platform).await?;
        for period in open.into_iter().filter(|period| *period >= here.period) {
            let there = PlatformPeriod { period, ..here };
            let keys =
                store::claim::find_reversals_of(tx, there, here.period, &reversed_ids).await?;
            for some in keys.chunks(REMOVED_AT_ONCE) {
                let refused: Vec<_> = some
                    .iter()
                    .map(|key| (*key, RecordRefusal::ReversedRecordRefused))
                    .collect();
                removal.remove(tx, there, &refused).await?;
            }
        }
    }
    let keys: Vec<RecordKey> = claimed.iter().map(|(key, _)| *key).collect();
    for some in keys.chunks(REMOVED_AT_ONCE) {
        store::reversed::delete(tx, here, some).await?;
    }
    removal.finish(tx).await
}

/// Records on their way out of open periods.
struct Removal<'a> {
    platform: &'a PlatformId,
    now: Instant,
    /// What was taken out of each period, and how many of it are new in the list of refused.
    out: BTreeMap<PlatformPeriod, (Receipt, i64)>,
    /// Fees that were taken out and of which reversals are left.
    reversed_ids: Vec<String>,
}

impl Removal<'_> {
    async fn remove(
        &mut self,
        tx: &mut PgConnection,
        here: PlatformPeriod,
        some: &[(RecordKey, RecordRefusal)],
    ) -> Result<(), AppError> {
        let why: BTreeMap<RecordKey, RecordRefusal> = some.iter().copied().collect();
        let keys: Vec<RecordKey> = why.keys().copied().collect();
        let mut refusals = Refusals::default();
        let mut taken: BTreeMap<(RecordKey, Period), i64> = BTreeMap::new();
        let (receipt, new) = self.out.entry(here).or_default();
        let mut form = CanonicalForm::new(self.platform, here.period);
        for removed in store::claim::remove(tx, here, &keys).await? {
            let sent = sent(&removed);
            let record = RecordRef::parse(sent.as_sent(), here.period.last_day())
                .map_err(|refusal| StoreError::corrupt("record", refusal))?;
            receipt.add(record.amount.get(), form.hash(record));
            if let Some(&refusal) = why.get(&RecordKey::of(record.id)) {
                refusals.add(here, &sent, refusal, self.now);
            }
            if let Some((id, period)) = record.reverses.zip(removed.reverses_period) {
                let period = Period::from_index(period)
                    .map_err(|error| StoreError::corrupt("record.reverses_period", error))?;
                *taken.entry((RecordKey::of(id), period)).or_default() -= removed.amount_fen;
            }
            if removed.is_reversed {
                self.reversed_ids.push(removed.record_id);
            }
        }
        let taken: Vec<(Place, i64)> = taken
            .into_iter()
            .map(|((key, period), fen)| {
                let there = PlatformPeriod { period, ..here };
                (there.place(key), fen)
            })
            .collect();
        if !taken.is_empty() {
            store::reversed::give_back(tx, &taken).await?;
        }
        *new += i64::try_from(store::refused::insert(tx, &refusals).await?.len())
            .expect("no more than were removed");
        Ok(())
    }

    async fn finish(self, tx: &mut PgConnection) -> Result<i64, AppError> {
        let periods: Vec<PlatformPeriod> = self.out.keys().copied().collect();
        let mut count = 0;
        let mut now = Vec::new();
        for (period, (mut held, _)) in store::receipt::lock(tx, &periods).await? {
            let (out, new) = self.out[&period];
            held.receipt.take_out(&out);
            held.revision += 1;
            count += out.record_count;
            now.push(NewReceipt {
                period,
                held,
                refused: new,
                refused_by_seal: new,
            });
        }
        store::receipt::update(tx, &now).await?;
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
