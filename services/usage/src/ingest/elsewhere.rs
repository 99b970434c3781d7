//! Whether other periods of a platform hold ids that came for one.
//!
//! What came lately names suspects; the database tells. An id that it does not remember is found
//! when a period is sealed.

use std::collections::{BTreeMap, HashMap, HashSet};

use gazelle_kernel::Period;
use sqlx::PgConnection;

use super::{error::WriteError, group::Group};
use crate::{
    domain::{Place, PlatformNumber, RecordKey},
    store,
    tuning::LOOKS_AT_ONCE,
};

/// The places of a group's records whose ids another period holds, each with that period.
pub async fn find(
    tx: &mut PgConnection,
    group: &Group,
) -> Result<HashMap<Place, Period>, WriteError> {
    let mut held = HashMap::new();
    if group.plan.elsewhere.is_empty() {
        return Ok(held);
    }
    let mut suspects: BTreeMap<PlatformNumber, Vec<(RecordKey, Period)>> = BTreeMap::new();
    for &(position, period) in &group.plan.elsewhere {
        let place = group.place(position);
        let of_platform = suspects.entry(place.platform).or_default();
        of_platform.push((place.key, period));
    }
    let mut found = HashSet::new();
    for (platform, suspects) in suspects {
        for some in suspects.chunks(LOOKS_AT_ONCE) {
            let holding = store::claim::find_held(tx, platform, some).await?;
            found.extend(
                holding
                    .into_iter()
                    .map(|(key, period)| (platform, key, period)),
            );
        }
    }
    for &(position, period) in &group.plan.elsewhere {
        let place = group.place(position);
        if found.contains(&(place.platform, place.key, period)) {
            held.insert(place, period);
        }
    }
    Ok(held)
}
