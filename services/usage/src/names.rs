//! Numbers of platforms and fee kinds, and the periods that have a row, as far as they were asked
//! for. All of them are for ever, so what is remembered is never wrong.

use std::collections::{BTreeSet, HashMap, HashSet};

use gazelle_kernel::{FeeKind, PlatformId};
use gazelle_runtime::store::StoreError;
use parking_lot::Mutex;
use sqlx::PgPool;

use crate::{
    domain::key::{PlatformNumber, PlatformPeriod},
    store::{self, TransactionKind},
    tuning::{NUMBER_ATTEMPTS_MAX, REMEMBERED_NAMES_MAX},
};

/// What is remembered.
#[derive(Debug, Default)]
pub struct Names {
    platforms: Mutex<HashMap<PlatformId, PlatformNumber>>,
    fee_kinds: Mutex<HashMap<FeeKind, i32>>,
    periods: Mutex<HashSet<PlatformPeriod>>,
}

impl Names {
    /// The number of a platform, which it is given on first sight.
    pub async fn platform(
        &self,
        pool: &PgPool,
        id: &PlatformId,
    ) -> Result<PlatformNumber, StoreError> {
        if let Some(number) = self.platforms.lock().get(id) {
            return Ok(*number);
        }
        let ids = [id.as_str().to_owned()];
        for _ in 0..NUMBER_ATTEMPTS_MAX {
            let mut tx = pool.begin_with(TransactionKind::Short.begin()).await?;
            if let Some((_, number)) = store::number::find_platforms(&mut tx, &ids).await?.pop() {
                self.platforms.lock().insert(id.clone(), number);
                return Ok(number);
            }
            store::number::insert_platforms(&mut tx, &ids).await?;
            tx.commit().await?;
        }
        Err(StoreError::corrupt(
            "platform.platform",
            "no number that nobody has",
        ))
    }

    /// The numbers of fee kinds, which they are given on first sight.
    pub async fn fee_kinds(
        &self,
        pool: &PgPool,
        kinds: &BTreeSet<&FeeKind>,
    ) -> Result<HashMap<FeeKind, i32>, StoreError> {
        for _ in 0..NUMBER_ATTEMPTS_MAX {
            let mut numbers = HashMap::new();
            let mut missing = Vec::new();
            {
                let known = self.fee_kinds.lock();
                for &kind in kinds {
                    match known.get(kind) {
                        Some(number) => drop(numbers.insert(kind.clone(), *number)),
                        None => missing.push(kind.as_str().to_owned()),
                    }
                }
            }
            if missing.is_empty() {
                return Ok(numbers);
            }
            let mut tx = pool.begin_with(TransactionKind::Short.begin()).await?;
            store::number::insert_fee_kinds(&mut tx, &missing).await?;
            tx.commit().await?;
            // Another's, that was committed meanwhile, is seen by the next.
            let mut tx = pool.begin_with(TransactionKind::Short.begin()).await?;
            let found = store::number::find_fee_kinds(&mut tx, &missing).await?;
            tx.rollback().await?;
            let mut known = self.fee_kinds.lock();
            if known.len() >= REMEMBERED_NAMES_MAX {
                known.clear();
            }
            known.extend(found);
        }
        Err(StoreError::corrupt(
            "fee_kind.fee_kind",
            "no number that nobody has",
        ))
    }

    /// Sees to it that these periods have their rows.
    pub async fn periods(
        &self,
        pool: &PgPool,
        wanted: &[PlatformPeriod],
    ) -> Result<(), StoreError> {
        let missing: Vec<PlatformPeriod> = {
            let known = self.periods.lock();
            wanted
                .iter()
                .filter(|period| !known.contains(period))
                .copied()
                .collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let mut tx = pool.begin_with(TransactionKind::Short.begin()).await?;
        store::period::insert_missing(&mut tx, &missing).await?;
        tx.commit().await?;
        self.periods.lock().extend(missing);
        Ok(())
    }
}
