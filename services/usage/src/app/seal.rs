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

use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::{audit::Entry, database::retry_serialization, detach::detached};
use serde_json::json;
use sqlx::{Acquire, PgConnection};
use time::OffsetDateTime;

use super::{
    App, AppError,
    census::{Count, Counted, Order},
    claim::{find_claimed, refuse},
    turn,
};
use crate::{
    domain::{Account, Place, PlatformPeriod, Reversal, Seal, slices},
    store::{self, Patience, StoreError},
};

/// How often records may be refused before a period is sealed: a platform may send them again.
const ROUNDS_MAX: u32 = 4;

/// Records that are fixed at once.
const FIXED_AT_ONCE: usize = 20_000;

/// Who seals what, and when.
struct Sealing<'a> {
    platform: &'a PlatformId,
    period: Period,
    actor: &'a str,
    now: OffsetDateTime,
}

/// What became of an attempt.
enum Round {
    /// The period is sealed.
    Sealed(Account),
    /// Records were refused, and the period may be sealed without them.
    Refused,
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
            for _ in 0..ROUNDS_MAX {
                let round = retry_serialization(|| this.try_seal(&sealing)).await?;
                if let Round::Sealed(account) = round {
                    return Ok(account);
                }
            }
            Err(AppError::Overloaded)
        })
        .await
    }

    async fn try_seal(&self, sealing: &Sealing<'_>) -> Result<Round, AppError> {
        let mut tx = self.long_pool.begin_with(Patience::Sealing.begin()).await?;
        let number = store::name::lock_platform(&mut tx, sealing.platform)
            .await?
            .ok_or(AppError::PeriodNotFound)?;
        let of = (number, sealing.period);
        store::period::lock(&mut tx, of)
            .await?
            .ok_or(AppError::PeriodNotFound)?;
        let account = sealing.find(&mut tx).await?;
        if account.seal.is_some() {
            return Ok(Round::Sealed(account));
        }
        if account.statement.is_none() {
            account.compare()?;
        }

        let (sealed, open) = store::period::list_sealed_and_open(&mut tx, number).await?;
        let order = Order {
            platform: sealing.platform.clone(),
            of,
            record_count: account.received.record_count,
            open: open.into_iter().filter(|open| *open != of.1).collect(),
        };
        let mut savepoint = tx.begin().await?;
        let (counted, overflow) = self.read(&mut savepoint, &account, order).await?;
        let claimed = find_claimed(&mut savepoint, of, &sealed, &counted).await?;
        if !claimed.is_empty() {
            savepoint.rollback().await?;
            let count = refuse(&mut tx, sealing.platform, of, claimed, sealing.now).await?;
            let content = json!({ "refused_count": count });
            sealing
                .note(&mut tx, "period.refuse_records", &content)
                .await?;
            let account = sealing.find(&mut tx).await?;
            // What was found to refuse stays refused.
            tx.commit().await?;
            account.compare()?;
            return Ok(Round::Refused);
        }
        account.compare()?;
        if overflow {
            savepoint.rollback().await?;
            return Err(find_overflow(&mut tx, of).await?);
        }
        savepoint.commit().await?;
        let sealed = sealing.seal(&mut tx, of, account, counted).await?;
        tx.commit().await?;
        Ok(Round::Sealed(sealed))
    }

    /// Makes totals and claims in `tx`, where the statement agrees, and counts the records beside
    /// it. Returns the count, and whether a total leaves 64 bits.
    async fn read(
        &self,
        tx: &mut PgConnection,
        account: &Account,
        order: Order,
    ) -> Result<(Counted, bool), AppError> {
        let of = order.of;
        let agrees = account.compare().is_ok();
        // Begins under the period's lock: it sees all that was written, and nothing is added.
        let mut reader = self.long_pool.begin_with(Patience::Sealing.begin()).await?;
        store::read_one_moment(&mut reader).await?;
        let count = Count::new(&mut reader, order).await?;
        let totals = async {
            match agrees {
                true => make_totals(tx, of).await,
                false => Ok(false),
            }
        };
        let mut slices = slices(account.received.record_count);
        let first = slices.next().expect("there is a first slice");
        let (claims, overflow) =
            futures::future::join(count.slice(&mut reader, first), totals).await;
        let ((mut count, mut claims), overflow) = (claims?, overflow?);
        loop {
            if agrees && !overflow {
                store::sealed_key::insert(tx, of, claims.starts()).await?;
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

/// Makes the totals. Whether a sum leaves 64 bits; then it has changed nothing.
async fn make_totals(tx: &mut PgConnection, of: PlatformPeriod) -> Result<bool, AppError> {
    let mut savepoint = tx.begin().await?;
    match store::sealed_total::insert(&mut savepoint, of).await {
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
async fn find_overflow(tx: &mut PgConnection, of: PlatformPeriod) -> Result<AppError, AppError> {
    let overflow = store::sealed_total::find_overflow(tx, of).await?;
    let (merchant_id, fee_kind, fee_date) =
        overflow.ok_or_else(|| StoreError::corrupt("sealed_total", "an overflow of no total"))?;
    Ok(AppError::TotalOverflow {
        merchant_id,
        fee_kind,
        fee_date,
    })
}

impl Sealing<'_> {
    async fn find(&self, tx: &mut PgConnection) -> Result<Account, AppError> {
        store::period::find(tx, self.platform, self.period)
            .await?
            .ok_or(AppError::PeriodNotFound)
    }

    /// Seals what agrees with its statement and has its totals.
    async fn seal(
        &self,
        tx: &mut PgConnection,
        of: PlatformPeriod,
        mut account: Account,
        counted: Counted,
    ) -> Result<Account, AppError> {
        if counted.receipt != account.received {
            return Err(AppError::Inconsistent {
                platform_id: self.platform.clone(),
                period: self.period,
            });
        }
        let seal = Seal {
            sealed_at: self.now,
            sealed_by: self.actor.into(),
            digest: counted.digest,
        };
        for some in counted.open_reversals.chunks(FIXED_AT_ONCE) {
            let place = |reversal: &Reversal| Place {
                platform: of.0,
                period: reversal.in_period,
                key: reversal.of,
            };
            store::reversed::fix(tx, some.iter().map(place)).await?;
        }
        store::period::seal(tx, of, &seal).await?;
        store::name::count_sealed(tx, of.0).await?;
        let content = json!({
            "record_count": counted.receipt.record_count,
            "total_fen": counted.receipt.total_fen_saturated(),
            "digest": hex::encode(counted.digest),
        });
        self.note(tx, "period.seal", &content).await?;
        account.seal = Some(seal);
        Ok(account)
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
