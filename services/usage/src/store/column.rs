//! Values as columns, there and back.

use gazelle_kernel::Period;
use gazelle_runtime::store::{StoreError, read};
use uuid::Uuid;

use crate::domain::key::{Place, PlatformNumber, PlatformPeriod, RecordKey};

/// A period by its number.
pub fn read_period(index: i16) -> Result<Period, StoreError> {
    read("period", Period::from_index(index))
}

/// A platform's period by their numbers.
pub fn read_platform_period(platform: i16, period: i16) -> Result<PlatformPeriod, StoreError> {
    Ok(PlatformPeriod {
        platform: PlatformNumber(platform),
        period: read_period(period)?,
    })
}

/// A place by its key's columns.
pub fn read_place(platform: i16, period: i16, key: Uuid) -> Result<Place, StoreError> {
    Ok(Place {
        platform: PlatformNumber(platform),
        period: read_period(period)?,
        key: RecordKey(key.as_u128()),
    })
}

/// Places as arrays, for `unnest`.
#[derive(Debug, Default)]
pub struct Places {
    /// Of each its platform.
    pub platforms: Vec<i16>,
    pub periods: Vec<i16>,
    pub keys: Vec<Uuid>,
}

impl Extend<Place> for Places {
    fn extend<I: IntoIterator<Item = Place>>(&mut self, places: I) {
        for Place {
            platform,
            period,
            key,
        } in places
        {
            self.platforms.push(platform.0);
            self.periods.push(period.index());
            self.keys.push(Uuid::from_u128(key.0));
        }
    }
}

impl FromIterator<Place> for Places {
    fn from_iter<I: IntoIterator<Item = Place>>(places: I) -> Self {
        let mut all = Self::default();
        all.extend(places);
        all
    }
}

/// Platforms' periods as arrays, for `unnest`.
pub fn columns(periods: impl IntoIterator<Item = PlatformPeriod>) -> (Vec<i16>, Vec<i16>) {
    periods
        .into_iter()
        .map(|one| (one.platform.0, one.period.index()))
        .unzip()
}

/// Keys as an array.
pub fn uuids<'a>(keys: impl IntoIterator<Item = &'a RecordKey>) -> Vec<Uuid> {
    keys.into_iter().map(|key| Uuid::from_u128(key.0)).collect()
}
