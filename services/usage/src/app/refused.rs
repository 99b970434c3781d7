//! Shows refused records.

use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::auth::Principal;

use super::{App, error::AppError, may_see, shown};
use crate::{
    domain::refused::{RefusedAfter, RefusedRecord, RefusedSelection},
    store,
};

impl App {
    /// Refused records of a period, by the time that they first came; none of a period that is not
    /// there, or not the caller's.
    pub async fn list_refused_records(
        &self,
        caller: &Principal,
        (platform, period): (&PlatformId, Period),
        which: RefusedSelection,
        after: Option<&RefusedAfter>,
        limit: i64,
    ) -> Result<Vec<RefusedRecord>, AppError> {
        if !may_see(caller, platform) {
            return Ok(Vec::new());
        }
        let mut tx = self.read_as(caller).await?;
        let refused =
            store::refused::page(&mut tx, (platform, period), which, after, limit).await?;
        drop(tx);
        let (list, row_count) = ("refused_records", shown(refused.len(), limit));
        self.note_reading(caller, list, (Some(platform), Some(period)), row_count)
            .await?;
        Ok(refused)
    }
}
