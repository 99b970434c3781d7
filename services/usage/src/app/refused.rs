//! Shows refused records.

use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::auth::Principal;

use super::{App, error::AppError, may_see, shown};
use crate::{
    domain::{RefusedAfter, RefusedRecord, RefusedSelection},
    store,
};

impl App {
    /// Refused records of a period, by the time that they first came; none of a period that is not
    /// there, or not the caller's.
    pub async fn list_refused(
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
        let here = (platform, period);
        let refused = store::refused::list(&mut tx, here, which, after, limit).await?;
        drop(tx);
        let here = (Some(platform), Some(period));
        self.note_reading(caller, "refused_records", here, shown(refused.len(), limit))
            .await?;
        Ok(refused)
    }
}
