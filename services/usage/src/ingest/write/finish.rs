//! The end of each transaction that writes records.

use std::collections::{BTreeMap, HashMap};

use sqlx::{PgConnection, Postgres, Transaction};

use super::{error::WriteError, outcome::Written};
use crate::{
    domain::{
        key::PlatformPeriod,
        receipt::{PeriodReceipt, Receipt},
        refusal::Outcome,
        refused::Refusals,
    },
    ingest::group::Group,
    store::{self, receipt::NewReceipt},
};

/// What comes of a period that turns out to be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfSealed {
    /// It was known and gains nothing.
    Passes,
    /// It was taken for open: the transaction fails.
    Fails,
}

/// Writes down what came of a group's records, and commits: what was refused, and what is now held
/// of these periods.
pub async fn finish(
    mut tx: Transaction<'_, Postgres>,
    group: &Group,
    periods: &[PlatformPeriod],
    outcomes: Vec<Option<Outcome>>,
    refusals: &Refusals,
    if_sealed: IfSealed,
) -> Result<Written, WriteError> {
    let added = group.added(&outcomes);
    let gains = group.gains(&added);
    let held = write(&mut tx, periods, &gains, refusals, if_sealed).await?;
    tx.commit().await?;
    Ok(Written {
        outcomes,
        added,
        held,
    })
}

/// What is now held is written last, since the other writers wait for it.
async fn write(
    tx: &mut PgConnection,
    periods: &[PlatformPeriod],
    gains: &BTreeMap<PlatformPeriod, Receipt>,
    refusals: &Refusals,
    if_sealed: IfSealed,
) -> Result<HashMap<PlatformPeriod, PeriodReceipt>, WriteError> {
    let mut new_refused: HashMap<PlatformPeriod, i64> = HashMap::new();
    if refusals.iter().len() > 0 {
        for period in store::refused::insert(tx, refusals).await? {
            *new_refused.entry(period).or_default() += 1;
        }
    }
    let mut all = HashMap::new();
    let mut now = Vec::new();
    for (period, (mut held, is_sealed)) in store::receipt::lock(tx, periods).await? {
        if is_sealed && if_sealed == IfSealed::Fails {
            return Err(WriteError::Sealed);
        }
        let gain = gains.get(&period);
        let refused = new_refused.get(&period).copied().unwrap_or_default();
        if let Some(gain) = gain {
            held.receipt.merge(gain);
            held.revision += 1;
        }
        if gain.is_some() || refused > 0 {
            now.push(NewReceipt {
                period,
                held,
                refused,
                refused_by_seal: 0,
            });
        }
        all.insert(period, held);
    }
    if !now.is_empty() {
        store::receipt::update(tx, &now).await?;
    }
    Ok(all)
}
