//! Shows accepted records.

use gazelle_kernel::{Period, PlatformId, RecordId};
use gazelle_runtime::auth::Principal;

use super::{App, error::AppError, period::find, shown};
use crate::{
    domain::{key::RecordKey, record::Record},
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
        let records =
            store::record::page(&mut tx, (platform, period), withdrawal, after, limit).await?;
        drop(tx);
        let row_count = shown(records.len(), limit);
        self.note_reading(caller, "records", (Some(platform), Some(period)), row_count)
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
        period: (&PlatformId, Period),
        withdrawal: i32,
        id: &RecordId,
    ) -> Result<Option<Record>, AppError> {
        // The next after the key before it.
        let before = RecordKey::of(id.as_str()).0.checked_sub(1).map(RecordKey);
        let found = self.list_records(caller, period, withdrawal, before, 1);
        let mut records = found.await?.into_iter().map(|(_, record)| record);
        Ok(records.find(|record| record.id == *id))
    }
}
