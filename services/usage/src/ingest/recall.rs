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
    for (period, record_count) in store::period::list_open(&mut tx).await? {
        if record_count > room {
            break;
        }
        room -= record_count;
        let remember = |key: RecordKey| {
            let (platform, period) = period;
            let place = Place {
                platform,
                period,
                key,
            };
            recent.lock().insert(PlaceStart::of(place), &mut |_| ());
        };
        store::copy_out::read_keys(&mut tx, period, remember).await?;
    }
    tx.rollback().await?;
    Ok(())
}
