//! Remembers at the start what came before it: the records of open periods.

use gazelle_runtime::store::StoreError;
use parking_lot::Mutex;
use sqlx::PgPool;

use super::recent::Recent;
use crate::{
    domain::{Place, PlaceStart, RecordKey},
    store::{self, Transaction},
};

/// Reads the keys of open periods, of the newest first, until about as many are known as can be
/// remembered.
pub async fn recall(
    pool: &PgPool,
    recent: &Mutex<Recent>,
    remembered_max: u32,
) -> Result<(), StoreError> {
    if remembered_max == 0 {
        return Ok(());
    }
    let mut tx = pool.begin_with(Transaction::Sealing.begin()).await?;
    store::read_one_moment(&mut tx).await?;
    let mut room = i64::from(remembered_max);
    let open = store::period::list_open(&mut tx).await?.into_iter();
    let fitting = open.take_while(|(_, record_count)| {
        room -= record_count;
        room >= 0
    });
    // The newest last, since what comes later makes room for itself.
    let fitting: Vec<_> = fitting.collect();
    for ((platform, period), _) in fitting.into_iter().rev() {
        let remember = |key: RecordKey| {
            let place = Place {
                platform,
                period,
                key,
            };
            recent.lock().insert(PlaceStart::of(place), &mut |_| ());
        };
        store::copy_out::read_keys(&mut tx, (platform, period), remember).await?;
    }
    tx.rollback().await?;
    Ok(())
}
