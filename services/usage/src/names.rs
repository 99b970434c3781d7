//! Numbers of platforms and fee kinds, and the months that have a row, as far as they were asked
//! for. All of them are for ever, so what is remembered is never wrong.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use gazelle_kernel::{FeeKind, PlatformId};
use sqlx::PgPool;

use crate::{
    domain::{PlatformNumber, PlatformPeriod},
    store::{self, StoreError},
};

/// How often other processes may take a number first.
const ATTEMPTS_MAX: u32 = 30;

/// Entries of one kind that are remembered; beyond, all are asked for again.
const REMEMBERED_MAX: usize = 100_000;

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
        if let Some(number) = lock(&self.platforms).get(id) {
            return Ok(*number);
        }
        let ids = [id.as_str().to_owned()];
        for _ in 0..ATTEMPTS_MAX {
            let mut tx = pool.begin().await?;
            if let Some((_, number)) = store::name::find_platforms(&mut tx, &ids).await?.pop() {
                lock(&self.platforms).insert(id.clone(), number);
                return Ok(number);
            }
            store::name::insert_platforms(&mut tx, &ids).await?;
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
        for _ in 0..ATTEMPTS_MAX {
            let mut numbers = HashMap::new();
            let mut missing = Vec::new();
            {
                let known = lock(&self.fee_kinds);
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
            let mut tx = pool.begin().await?;
            store::name::insert_fee_kinds(&mut tx, &missing).await?;
            tx.commit().await?;
            let mut connection = pool.acquire().await?;
            let found = store::name::find_fee_kinds(&mut connection, &missing).await?;
            let mut known = lock(&self.fee_kinds);
            if known.len() >= REMEMBERED_MAX {
                known.clear();
            }
            known.extend(found);
        }
        Err(StoreError::corrupt(
            "fee_kind.fee_kind",
            "no number that nobody has",
        ))
    }

    /// Sees to it that these months have their rows.
    pub async fn periods(&self, pool: &PgPool, of: &[PlatformPeriod]) -> Result<(), StoreError> {
        let missing: Vec<PlatformPeriod> = {
            let known = lock(&self.periods);
            of.iter()
                .filter(|of| !known.contains(of))
                .copied()
                .collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let mut tx = pool.begin().await?;
        store::period::insert_missing(&mut tx, &missing).await?;
        tx.commit().await?;
        lock(&self.periods).extend(missing);
        Ok(())
    }
}

/// What is behind the lock is whole after every step, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
