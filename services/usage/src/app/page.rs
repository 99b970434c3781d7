//! Shows what is there.

use gazelle_kernel::{Period, PlatformId, RecordId};

use super::{App, AppError};
use crate::{
    domain::{Account, Record, RecordKey},
    store::{
        self,
        period::Selection,
        refused::{After, Kept},
    },
};

impl App {
    /// A period in which anything was accepted or stated.
    pub async fn get_period(
        &self,
        platform: &PlatformId,
        period: Period,
    ) -> Result<Account, AppError> {
        let mut connection = self.pool.acquire().await?;
        store::period::find(&mut connection, platform, period)
            .await?
            .ok_or(AppError::PeriodNotFound)
    }

    /// Periods by platform and month.
    pub async fn list_periods(&self, which: &Selection) -> Result<Vec<Account>, AppError> {
        let mut connection = self.pool.acquire().await?;
        Ok(store::period::list(&mut connection, which).await?)
    }

    /// Records of a period, after a key, in their order.
    pub async fn list_records(
        &self,
        platform: &PlatformId,
        period: Period,
        after: Option<RecordKey>,
        limit: i64,
    ) -> Result<Vec<(RecordKey, Record)>, AppError> {
        self.get_period(platform, period).await?;
        let mut connection = self.pool.acquire().await?;
        let records = store::record::list(&mut connection, platform, period, after, limit).await?;
        Ok(records
            .into_iter()
            .map(|(place, record)| (place.key, record))
            .collect())
    }

    /// The record of a period with this id, if it has one.
    pub async fn find_record(
        &self,
        platform: &PlatformId,
        period: Period,
        id: &RecordId,
    ) -> Result<Option<Record>, AppError> {
        self.get_period(platform, period).await?;
        let mut connection = self.pool.acquire().await?;
        let key = RecordKey::of(id.as_str());
        let found = store::record::find_one(&mut connection, platform, period, key).await?;
        Ok(found
            .map(|(_, record)| record)
            .filter(|record| record.id == *id))
    }

    /// Refused records of a period, by the time that they first came.
    pub async fn list_refused(
        &self,
        platform: &PlatformId,
        period: Period,
        after: Option<&After>,
        limit: i64,
    ) -> Result<Vec<Kept>, AppError> {
        let mut connection = self.pool.acquire().await?;
        Ok(store::refused::list(&mut connection, platform, period, after, limit).await?)
    }
}
