//! How many records checks remember at a time: in all, and those of one platform.

use std::{collections::HashMap, sync::Arc};

use gazelle_kernel::PlatformId;
use parking_lot::Mutex;

use super::error::AppError;
use crate::tuning::{CHECK_RECORDS_MAX, CHECK_SHARE_RECORDS_MAX};

/// What all checks have taken. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct CheckRoom(Arc<Mutex<RoomTaken>>);

#[derive(Debug, Default)]
struct RoomTaken {
    all: u32,
    by_platform: HashMap<PlatformId, u32>,
}

impl CheckRoom {
    /// For a check that begins: nothing yet.
    pub fn enter(&self, platform: PlatformId) -> TakenRoom {
        TakenRoom {
            room: self.clone(),
            platform,
            records: 0,
        }
    }
}

/// What one check has taken; given back when it is dropped.
#[derive(Debug)]
pub struct TakenRoom {
    room: CheckRoom,
    platform: PlatformId,
    records: u32,
}

impl TakenRoom {
    /// Takes room for more records. A check that alone has more than its platform's share is too
    /// large; otherwise there is room once others end.
    pub fn take(&mut self, records: u32) -> Result<(), AppError> {
        if self.records + records > CHECK_SHARE_RECORDS_MAX {
            return Err(AppError::CheckTooLarge);
        }
        let mut taken = self.room.0.lock();
        let of_platform = taken.by_platform.get(&self.platform);
        let of_platform = of_platform.copied().unwrap_or_default() + records;
        let all = taken.all + records;
        if of_platform > CHECK_SHARE_RECORDS_MAX || all > CHECK_RECORDS_MAX {
            return Err(AppError::ChecksFull);
        }
        taken.all = all;
        taken.by_platform.insert(self.platform.clone(), of_platform);
        self.records += records;
        Ok(())
    }
}

impl Drop for TakenRoom {
    fn drop(&mut self) {
        let mut taken = self.room.0.lock();
        taken.all -= self.records;
        if let Some(of_platform) = taken.by_platform.get_mut(&self.platform) {
            *of_platform -= self.records;
            if *of_platform == 0 {
                taken.by_platform.remove(&self.platform);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(room: &CheckRoom, platform: &str) -> TakenRoom {
        room.enter(PlatformId::parse(platform).unwrap())
    }

    #[test]
    fn no_platform_takes_checking_away_from_the_others_by_itself() {
        let room = CheckRoom::default();
        let [mut alpha, mut again, mut beta] =
            ["alpha", "alpha", "beta"].map(|it| enter(&room, it));
        alpha.take(CHECK_SHARE_RECORDS_MAX - 1).unwrap();
        again.take(1).unwrap();
        assert!(matches!(again.take(1), Err(AppError::ChecksFull)));
        beta.take(1).unwrap();

        drop(alpha);
        again.take(CHECK_SHARE_RECORDS_MAX - 1).unwrap();
    }

    #[test]
    fn a_check_alone_is_too_large_where_it_has_more_than_a_share() {
        let mut check = enter(&CheckRoom::default(), "alpha");
        check.take(CHECK_SHARE_RECORDS_MAX).unwrap();
        assert!(matches!(check.take(1), Err(AppError::CheckTooLarge)));
    }

    #[test]
    fn all_checks_together_take_no_more_than_the_room_and_give_it_back() {
        let room = CheckRoom::default();
        let full = |room: &CheckRoom| {
            let mut places: Vec<_> = (0..CHECK_RECORDS_MAX / CHECK_SHARE_RECORDS_MAX)
                .map(|at| enter(room, &format!("platform-{at}")))
                .collect();
            for place in &mut places {
                place.take(CHECK_SHARE_RECORDS_MAX).unwrap();
            }
            places
        };
        let places = full(&room);
        let mut late = enter(&room, "late");
        assert!(matches!(late.take(1), Err(AppError::ChecksFull)));
        drop(places);
        late.take(1).unwrap();
        drop(late);
        assert!(room.0.lock().by_platform.is_empty());
        full(&room);
    }
}
