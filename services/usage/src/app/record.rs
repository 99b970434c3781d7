//! Shows accepted records.

use gazelle_kernel::{Period, PlatformId, RecordId};
use gazelle_runtime::auth::Principal;

use super::{App, error::AppError, period::find, shown};
use crate::{
    domain::{Record, RecordKey},
    store,
};

impl App {
    /// Records of a period, after a key, in their order: those that stand, or those of a
    /// withdrawal.
    pub async fn list_records(
        &self,
        caller: &Principal,
        (platform, period): (&PlatformId, Period),
        withdrawal: i32,
        after: Option<RecordKey>,
        limit: i64,
    ) -> Result<Vec<(RecordKey, Record)>, AppError> {
        let mut tx = self.read_as(caller).await?;
        find(&mut tx, caller, platform, period).await?;
        let here = (platform, period);
        let records = store::record::list(&mut tx, here, withdrawal, after, limit).await?;
        drop(tx);
        let here = (Some(platform), Some(period));
        self.note_reading(caller, "records", here, shown(records.len(), limit))
            .await?;
        Ok(records
            .into_iter()
            .map(|(place, record)| (place.key, record))
            .collect())
    }

    /// The record of this id among them, if there is one.
    pub async fn find_record(
        &self,
        caller: &Principal,
        here: (&PlatformId, Period),
        withdrawal: i32,
        id: &RecordId,
    ) -> Result<Option<Record>, AppError> {
        // The next after the key before it.
        let before = RecordKey::of(id.as_str()).0.checked_sub(1).map(RecordKey);
        let found = self.list_records(caller, here, withdrawal, before, 1);
        let mut records = found.await?.into_iter().map(|(_, record)| record);
        Ok(records.find(|record| record.id == *id))
    }
}
