//! An officer seals a period.
//!
//! Under the period's lock its records are read twice side by side: one session makes the totals,
//! another counts the records, makes the digest and finds ids that other periods claim. What they
//! claim is refused, in a transaction of its own; then all begins again, since what was read was
//! with it. Otherwise digest, totals and statement are of the same records, and the transaction
//! seals them.
//!
//! Locks, in this order: the platform, against sealing two of its periods at once; the period,
//! whose writers wait; and only where records are taken out, the platform against its reversals.
//! Reversals are written under the locks of their periods, then of the platform. Everybody else
//! goes on: other platforms, and other periods of this one.

mod claim;
mod count;

use gazelle_kernel::{Actor, Instant, Period, PlatformId};
use gazelle_runtime::{
    auth::Principal,
    database::retry_serialization,
    detach::detached,
    store::{StoreError, event::Doing},
};
use serde_json::json;
use sqlx::{Acquire, PgConnection};

use self::{
    claim::{find_claimed, refuse},
    count::{Counted, Counting, ToCount},
};
use super::{App, error::AppError};
use crate::{
    domain::{
        count::{Reversal, slices},
        key::{Place, PlatformPeriod},
        period::{PeriodName, ReportedPeriod},
        receipt::ShownReceipt,
        seal::{Seal, SealRefusal, compare_shown, compare_stated},
    },
    store::{self, TransactionKind},
    tuning::{FIXED_AT_ONCE, SEAL_ROUNDS_MAX, SEALED_SLICE_RECORDS},
};

/// Who seals what, and when, by the database's clock.
struct Sealing<'a> {
    platform: &'a PlatformId,
    period: Period,
    by: &'a Actor,
    now: Instant,
}

/// What became of an attempt.
enum Round {
    /// The period is sealed.
    Sealed(Box<ReportedPeriod>),
    /// Records were refused, and the period may be sealed without them: what it holds then.
    Refused(ShownReceipt),
}

impl App {
    /// Seals a period whose statement agrees with what was received, and that holds what whoever
    /// seals it saw, where they say. Of a sealed period, returns the seal that it has.
    pub async fn seal_period(
        &self,
        caller: &Principal,
        (platform, period): (PlatformId, Period),
        mut seen: Option<ShownReceipt>,
    ) -> Result<ReportedPeriod, AppError> {
        let this = self.clone();
        let by = caller.actor();
        let turn = self.seals.take().await?;
        detached(async move {
            let _turn = turn;
            for _ in 0..SEAL_ROUNDS_MAX {
                let seal = || Box::pin(this.try_seal((&platform, period), seen.as_ref(), &by));
                match retry_serialization(seal).await? {
                    Round::Sealed(sealed) => return Ok(*sealed),
                    Round::Refused(left) => seen = seen.map(|_| left),
                }
            }
            Err(AppError::Overloaded)
        })
        .await
    }

    async fn try_seal(
        &self,
        (platform, period): (&PlatformId, Period),
        seen: Option<&ShownReceipt>,
        by: &Actor,
    ) -> Result<Round, AppError> {
        let mut tx = self
            .long_pool
            .begin_with(TransactionKind::Sealing.begin())
            .await?;
        let sealing = Sealing {
            platform,
            period,
            by,
            now: store::clock::now(&mut tx).await?,
        };
        let number = store::number::lock_platform(&mut tx, sealing.platform)
            .await?
            .ok_or_else(|| sealing.not_found())?;
        let here = PlatformPeriod {
            platform: number,
            period: sealing.period,
        };
        store::period::lock(&mut tx, here)
            .await?
            .ok_or_else(|| sealing.not_found())?;
        let reported = sealing.find(&mut tx).await?;
        if reported.seal.is_some() {
            return Ok(Round::Sealed(reported.into()));
        }
        if !sealing.period.is_over(sealing.now) {
            return Err(sealing.refused(SealRefusal::NotOver(sealing.period)));
        }
        if let Some(seen) = seen {
            let same = compare_shown(&reported.received, seen);
            same.map_err(|refusal| sealing.refused(refusal))?;
        }
        if reported.statement.is_none() {
            sealing.compare(&reported)?;
        }

        let (sealed, open) = store::period::list_sealed_and_open(&mut tx, number).await?;
        let to_count = ToCount {
            platform: sealing.platform.clone(),
            here,
            record_count: reported.received.record_count,
            open: open
                .into_iter()
                .filter(|open| *open != here.period)
                .collect(),
        };
        let mut savepoint = tx.begin().await?;
        let (counted, overflow) = self.read(&mut savepoint, &reported, to_count).await?;
        let claimed = find_claimed(&mut savepoint, here, &sealed, &counted).await?;
        if !claimed.is_empty() {
            savepoint.rollback().await?;
            let count = refuse(&mut tx, sealing.platform, here, claimed, sealing.now).await?;
            let content = json!({ "refused_count": count });
            sealing
                .note(&mut tx, "period.refuse_records", &content)
                .await?;
            let reported = sealing.find(&mut tx).await?;
            // What was found to refuse stays refused.
            tx.commit().await?;
            sealing.compare(&reported)?;
            return Ok(Round::Refused((&reported.received).into()));
        }
        sealing.compare(&reported)?;
        if overflow {
            savepoint.rollback().await?;
            return Err(find_overflow(&mut tx, here).await?);
        }
        savepoint.commit().await?;
        let sealed = sealing.seal(&mut tx, here, reported, counted).await?;
        tx.commit().await?;
        Ok(Round::Sealed(sealed.into()))
    }

    /// Makes totals and claims in `tx`, where the statement agrees, and counts the records beside
    /// it. Returns the count, and whether a total leaves 64 bits.
    async fn read(
        &self,
        tx: &mut PgConnection,
        reported: &ReportedPeriod,
        to_count: ToCount,
    ) -> Result<(Counted, bool), AppError> {
        let here = to_count.here;
        let agrees = compare(reported).is_ok();
        // Begins under the period's lock: it sees all that was written, and nothing is added.
        let mut reader = self
            .long_pool
            .begin_with(TransactionKind::Sealing.begin())
            .await?;
        store::read_one_moment(&mut reader).await?;
        let count = Counting::new(&mut reader, to_count).await?;
        let totals = async {
            if agrees {
                make_totals(tx, here).await
            } else {
                Ok(false)
            }
        };
        let mut slices = slices(reported.received.record_count, SEALED_SLICE_RECORDS);
        let first = slices.next().expect("there is a first slice");
        let (claims, overflow) =
            futures::future::join(count.slice(&mut reader, first), totals).await;
        let ((mut count, mut claims), overflow) = (claims?, overflow?);
        loop {
            if agrees && !overflow {
                store::sealed_key::insert(tx, here, claims.starts()).await?;
            }
            match slices.next() {
                Some(slice) => (count, claims) = count.slice(&mut reader, slice).await?,
                None => break,
            }
        }
        reader.rollback().await?;
        Ok((count.finish(), overflow))
    }
}

/// Compares the statement with what was received.
fn compare(reported: &ReportedPeriod) -> Result<(), SealRefusal> {
    let statement = reported.statement.as_ref();
    compare_stated(statement, &reported.received, reported.refused_count)
}

/// Makes the totals. Whether a sum leaves 64 bits; then it has changed nothing.
async fn make_totals(tx: &mut PgConnection, here: PlatformPeriod) -> Result<bool, AppError> {
    let mut savepoint = tx.begin().await?;
    match store::totals::insert(&mut savepoint, here).await {
        Ok(()) => {
            savepoint.commit().await?;
            Ok(false)
        }
        Err(error) if error.is_out_of_range() => {
            savepoint.rollback().await?;
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

/// Which sum leaves 64 bits.
async fn find_overflow(tx: &mut PgConnection, here: PlatformPeriod) -> Result<AppError, AppError> {
    let overflow = store::totals::find_overflow(tx, here).await?;
    let (merchant_id, fee_kind, fee_date) =
        overflow.ok_or_else(|| StoreError::corrupt("sealed_total", "an overflow of no total"))?;
    Ok(AppError::TotalOverflow {
        merchant_id,
        fee_kind,
        fee_date,
    })
}

impl Sealing<'_> {
    fn name(&self) -> PeriodName {
        PeriodName::new(self.platform, self.period)
    }

    fn not_found(&self) -> AppError {
        AppError::PeriodNotFound(self.name())
    }

    fn refused(&self, refusal: SealRefusal) -> AppError {
        AppError::NotSealable(self.name(), refusal)
    }

    fn compare(&self, reported: &ReportedPeriod) -> Result<(), AppError> {
        compare(reported).map_err(|refusal| self.refused(refusal))
    }

    async fn find(&self, tx: &mut PgConnection) -> Result<ReportedPeriod, AppError> {
        store::period::find(tx, self.platform, self.period)
            .await?
            .ok_or_else(|| self.not_found())
    }

    /// Seals what agrees with its statement and has its totals.
    async fn seal(
        &self,
        tx: &mut PgConnection,
        here: PlatformPeriod,
        mut reported: ReportedPeriod,
        counted: Counted,
    ) -> Result<ReportedPeriod, AppError> {
        if counted.receipt != reported.received {
            return Err(AppError::Inconsistent(self.name()));
        }
        let seal = Seal {
            sealed_at: self.now,
            sealed_by: self.by.clone(),
            digest: counted.digest,
        };
        for some in counted.open_reversals.chunks(FIXED_AT_ONCE) {
            let place = |reversal: &Reversal| Place {
                platform: here.platform,
                period: reversal.in_period,
                key: reversal.reversed,
            };
            store::reversed::fix(tx, some.iter().map(place)).await?;
        }
        store::seal::save(tx, here, &seal).await?;
        store::seal::count_sealed(tx, here.platform).await?;
        let content = json!({
            "record_count": counted.receipt.record_count,
            "total_fen": counted.receipt.total_fen_saturated(),
            "digest": hex::encode(counted.digest),
        });
        self.note(tx, "period.seal", &content).await?;
        reported.seal = Some(seal);
        Ok(reported)
    }

    async fn note(
        &self,
        tx: &mut PgConnection,
        action: &str,
        content: &serde_json::Value,
    ) -> Result<(), AppError> {
        let doing = Doing {
            by: self.by,
            at: self.now,
        };
        let subject = self.name().to_string();
        Ok(doing.record(tx, action, &subject, content).await?)
    }
}
