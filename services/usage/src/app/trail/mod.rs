//! Holds everything that is stored against the trail, as of one moment.
//!
//! First what entries tell of each period against its row; then the records themselves against the
//! digests of seals and withdrawals, and what was made of them when they were sealed; then what
//! follows from the records of all periods together. What the trail does not know yet, of open
//! periods, must at least agree with itself.

mod ended;
mod records;

use std::collections::BTreeMap;

use futures::{TryStreamExt, future::BoxFuture};
use gazelle_runtime::{
    audit::{Comparison, Difference},
    store::StoreError,
};
use sqlx::{Acquire, PgConnection};

use self::{ended::Ended, records::Records};
use crate::{
    domain::{
        key::PlatformPeriod,
        period::PeriodName,
        refused::contradicts,
        trail::{Mismatch, RefusedTally, StoredPeriod, Told},
    },
    store::{self, trail::CountedPlatforms},
};

type Periods = BTreeMap<PeriodName, StoredPeriod>;

/// What is stored of records, periods and their totals, to be compared with the trail.
#[derive(Debug, Clone, Copy)]
pub struct Stored;

impl Comparison for Stored {
    fn difference<'a>(
        &'a self,
        tx: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<Option<Difference>, StoreError>> {
        Box::pin(async move {
            let found = mismatch(tx).await?;
            Ok(found.map(|mismatch| Difference {
                entry_number: mismatch.entry_number,
                detail: mismatch.detail,
            }))
        })
    }
}

/// The first that is stored and not what the trail tells.
async fn mismatch(tx: &mut PgConnection) -> Result<Option<Mismatch>, StoreError> {
    match compare(tx).await {
        Ok(()) => Ok(None),
        Err(Ended::Differs(mismatch)) => Ok(Some(mismatch)),
        Err(Ended::Failed(StoreError::Corrupt { column, source })) => {
            let detail = format!("{column} holds what was never written: {source}");
            Ok(Some(Mismatch::new(None, detail)))
        }
        Err(Ended::Failed(error)) => Err(error),
    }
}

async fn compare(tx: &mut PgConnection) -> Result<(), Ended> {
    let told = tell(tx).await?;
    let platforms = store::trail::list_platforms(tx).await?;
    let periods = store::trail::list_periods(tx, &platforms).await?;
    told.compare_rows(&periods)?;
    compare_sealed_counts(&told, &platforms)?;
    let untold = |found: Option<String>| match found {
        Some(detail) => Err(Mismatch::new(None, detail)),
        None => Ok(()),
    };
    untold(store::trail::find_stray(tx).await?)?;
    compare_refused(tx, &told, &periods).await?;
    let records = Records {
        told: &told,
        fee_kinds: store::number::list_fee_kinds(tx).await?,
    };
    let mut planned = tx.begin().await?;
    store::plan_sums(&mut planned).await?;
    for (name, period) in &periods {
        records.compare(&mut planned, name, period).await?;
    }
    planned.rollback().await?;
    let sealed = sealed(&told, &periods);
    untold(store::trail::reversals::named(tx).await?)?;
    untold(store::trail::reversals::taken(tx, &sealed).await?)?;
    untold(store::trail::reversals::amounts(tx).await?)?;
    untold(store::trail::reversals::withdrawn(tx).await?)?;
    Ok(())
}

async fn tell(tx: &mut PgConnection) -> Result<Told, Ended> {
    let mut told = Told::default();
    let mut entries = std::pin::pin!(store::trail::entries(tx));
    while let Some(entry) = entries.try_next().await? {
        told.entry(entry)?;
    }
    Ok(told)
}

/// How many periods of each platform are sealed.
fn compare_sealed_counts(told: &Told, platforms: &CountedPlatforms) -> Result<(), Mismatch> {
    let counts = told.sealed_counts();
    for (platform, sealed_count) in platforms.values() {
        let count = counts.get(platform).copied().unwrap_or_default();
        if *sealed_count != count {
            let detail =
                format!("{count} periods of {platform} are sealed, and {sealed_count} are counted");
            return Err(Mismatch::new(None, detail));
        }
    }
    Ok(())
}

/// That refused records are those that were refused, and as many as there should be.
async fn compare_refused(
    tx: &mut PgConnection,
    told: &Told,
    periods: &Periods,
) -> Result<(), Ended> {
    let mut tally = RefusedTally::default();
    let mut all = std::pin::pin!(store::trail::refused(tx));
    while let Some(refused) = all.try_next().await? {
        if contradicts(&refused.record, refused.content_key) {
            let id = &refused.record.record_id;
            let detail = format!("the refused record {id:?} is not the one that was refused");
            return Err(Mismatch::new(None, detail).into());
        }
        tally.add(
            refused.period,
            refused.withdrawal,
            &refused.reason,
            refused.times,
        );
    }
    Ok(tally.compare(told, periods)?)
}

/// The sealed periods, each with the entry of its seal.
fn sealed(told: &Told, periods: &Periods) -> Vec<(PlatformPeriod, i64)> {
    let seal = |(name, period): (&PeriodName, &StoredPeriod)| {
        Some((period.period, told.seal(name)?.entry_number))
    };
    periods.iter().filter_map(seal).collect()
}
