//! Remembers which records came lately; at the start, those of the newest periods.

use gazelle_kernel::Period;
use gazelle_runtime::store::StoreError;
use parking_lot::Mutex;
use sqlx::PgPool;

use crate::{
    domain::key::{PlaceStart, PlatformPeriod, RecordKey},
    store::{self, TransactionKind},
    tuning::MARKS_OF_LINE,
};

/// The records that came last, some more than a million, as 49 bits of each one's platform and key,
/// and its period.
///
/// A record that is sent again makes its group's copy fail, and the group is written twice. Most
/// records that are sent again were sent a moment ago; those it knows. It also tells in which other
/// periods of the platform the same id came. It only ever advises: what it has forgotten, or takes
/// for another (one in 10^8), is told by the database.
#[derive(Debug)]
pub struct Recent {
    lines: Box<[Line]>,
    /// The bits of a key that choose a line.
    line_bits: u32,
}

/// The marks that came last, the latest first; 0 where there are fewer. And the period of each.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct Line {
    marks: [u32; MARKS_OF_LINE],
    periods: [u16; MARKS_OF_LINE],
}

const EMPTY: Line = Line {
    marks: [0; MARKS_OF_LINE],
    periods: [0; MARKS_OF_LINE],
};

impl Line {
    /// Puts a mark first; the last makes room.
    fn put(&mut self, mark: u32, period: u16) {
        self.marks.copy_within(..MARKS_OF_LINE - 1, 1);
        self.periods.copy_within(..MARKS_OF_LINE - 1, 1);
        (self.marks[0], self.periods[0]) = (mark, period);
    }

    fn take_out(&mut self, mark: u32, period: u16) {
        let mut all = self.marks.iter().zip(&self.periods);
        if let Some(at) = all.position(|one| one == (&mark, &period)) {
            self.marks.copy_within(at + 1.., at);
            self.periods.copy_within(at + 1.., at);
            let last = MARKS_OF_LINE - 1;
            (self.marks[last], self.periods[last]) = (0, 0);
        }
    }
}

impl Recent {
    /// One that remembers about so many records; none where that is 0.
    pub fn new(records: u32) -> Self {
        let lines = (records as usize).div_ceil(MARKS_OF_LINE);
        let lines = if lines == 0 {
            0
        } else {
            lines.next_power_of_two().max(2)
        };
        Self {
            line_bits: lines.checked_ilog2().unwrap_or_default(),
            lines: vec![EMPTY; lines].into(),
        }
    }

    /// Remembers a place; says whether it was remembered already, and gives the other periods in
    /// which the same platform's id was to `elsewhere`.
    ///
    /// Places of one platform in the order of their keys are in the order of the lines, which is
    /// the quickest way through memory.
    pub fn insert(&mut self, place: PlaceStart, elsewhere: &mut dyn FnMut(Period)) -> bool {
        let is_known = self.find(place, elsewhere);
        if !is_known && !self.lines.is_empty() {
            let (line, mark, period) = self.mark(place);
            self.lines[line].put(mark, period);
        }
        is_known
    }

    /// Forgets a place where nothing stands.
    pub fn forget(&mut self, place: PlaceStart) {
        if !self.lines.is_empty() {
            let (line, mark, period) = self.mark(place);
            self.lines[line].take_out(mark, period);
        }
    }

    /// As [`insert`](Self::insert), and remembers nothing.
    pub fn find(&self, place: PlaceStart, elsewhere: &mut dyn FnMut(Period)) -> bool {
        if self.lines.is_empty() {
            return false;
        }
        let (line, mark, period) = self.mark(place);
        let Line { marks, periods } = &self.lines[line];
        let mut is_known = false;
        if marks.contains(&mark) {
            let same = marks.iter().zip(periods).filter(|(one, _)| **one == mark);
            for (_, &other) in same {
                if other == period {
                    is_known = true;
                } else if let Some(period) = PlaceStart::read_period(other) {
                    elsewhere(period);
                }
            }
        }
        is_known
    }

    /// The line of a place, and what stands there for it: a mark, never 0, of other bits of what is
    /// a hash already; and its period. The platform only has to tell the same id of two of them
    /// apart.
    fn mark(&self, place: PlaceStart) -> (usize, u32, u16) {
        const FEW: &str = "a few bits are left";
        // The fractional part of the golden ratio: it spreads small numbers over all bits.
        let spread = u64::from(place.platform()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bits = place.key ^ spread;
        (
            usize::try_from(bits >> (u64::BITS - self.line_bits)).expect(FEW),
            u32::try_from(bits & u64::from(u32::MAX)).expect(FEW).max(1),
            place.period_bits(),
        )
    }
}

/// Reads the keys of periods, of each about its [share](shares): all, or as many from each line.
pub async fn recall(
    pool: &PgPool,
    recent: &Mutex<Recent>,
    remembered_max: u32,
) -> Result<(), StoreError> {
    if remembered_max == 0 {
        return Ok(());
    }
    let line_bits = recent.lock().line_bits;
    let mut tx = pool.begin_with(TransactionKind::Sealing.begin()).await?;
    store::read_one_moment(&mut tx).await?;
    let standing = store::period::list_standing(&mut tx).await?;
    let shares = shares(&standing, remembered_max.into());
    // The newest last, since what comes later makes room for itself.
    for (&(period, record_count), share) in standing.iter().zip(shares).rev() {
        let remember = |key: RecordKey| {
            recent
                .lock()
                .insert(PlaceStart::of(period.place(key)), &mut |_| ());
        };
        if share == record_count {
            store::copy_out::read_keys(&mut tx, period, remember).await?;
        } else if share >> line_bits > 0 {
            // The first of all keys would crowd few lines and leave the others empty.
            let each = share >> line_bits;
            store::copy_out::read_spread_keys(&mut tx, period, line_bits, each, remember).await?;
        }
    }
    tx.rollback().await?;
    Ok(())
}

/// How many records of each period are remembered: none takes more than half of what those before
/// it left, so that a large one leaves room for small ones after it; what nobody needs then goes to
/// the first that have more.
fn shares(standing: &[(PlatformPeriod, i64)], mut room: i64) -> Vec<i64> {
    let mut shares = Vec::with_capacity(standing.len());
    for (_, record_count) in standing {
        let share = (*record_count).min(room - room / 2);
        room -= share;
        shares.push(share);
    }
    for (share, (_, record_count)) in shares.iter_mut().zip(standing) {
        let more = room.min(record_count - *share);
        room -= more;
        *share += more;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::key::{Place, PlatformNumber, RecordKey},
        tuning::REMEMBERED_RECORDS,
    };

    fn place(platform: i16, period: &str, id: usize) -> PlaceStart {
        PlaceStart::of(Place {
            platform: PlatformNumber(platform),
            period: Period::parse(period).unwrap(),
            key: RecordKey::of(&id.to_string()),
        })
    }

    fn insert(recent: &mut Recent, place: PlaceStart) -> (bool, Vec<String>) {
        let mut elsewhere = Vec::new();
        let known = recent.insert(place, &mut |period| elsewhere.push(period.to_string()));
        (known, elsewhere)
    }

    #[test]
    fn an_id_is_known_in_its_own_period_and_told_to_other_periods_of_its_platform() {
        let mut recent = Recent::new(REMEMBERED_RECORDS);
        let none = || Vec::<String>::new();
        assert_eq!(insert(&mut recent, place(1, "2017-03", 7)), (false, none()));
        assert_eq!(insert(&mut recent, place(2, "2017-03", 7)), (false, none()));
        assert_eq!(insert(&mut recent, place(1, "2017-03", 8)), (false, none()));
        assert_eq!(insert(&mut recent, place(1, "2017-03", 7)), (true, none()));
        let march = vec!["2017-03".to_owned()];
        for known in [false, true] {
            assert_eq!(
                insert(&mut recent, place(1, "2017-04", 7)),
                (known, march.clone())
            );
        }
        let april = vec!["2017-04".to_owned()];
        assert_eq!(insert(&mut recent, place(1, "2017-03", 7)), (true, april));
        assert_eq!(insert(&mut recent, place(2, "2017-03", 7)), (true, none()));
    }

    #[test]
    fn what_does_not_stand_is_forgotten_and_nothing_else() {
        let mut recent = Recent::new(20);
        let places = [1, 2, 3].map(|month| place(1, &format!("2017-0{month}"), 7));
        for place in places {
            insert(&mut recent, place);
        }
        recent.forget(places[1]);
        recent.forget(place(1, "2017-04", 7));
        let march = vec!["2017-03".to_owned()];
        assert_eq!(insert(&mut recent, places[0]), (true, march));
        let others = vec!["2017-03".to_owned(), "2017-01".to_owned()];
        assert_eq!(insert(&mut recent, places[1]), (false, others));
    }

    #[test]
    fn the_last_are_known_and_older_ones_are_forgotten_at_last() {
        let mut recent = Recent::new(REMEMBERED_RECORDS);
        let room = recent.lines.len() * MARKS_OF_LINE;
        let mut known = |ids: std::ops::Range<usize>| {
            let place = |id| place(1, "2017-03", id);
            ids.filter(|id| recent.insert(place(*id), &mut |_| ()))
                .count()
        };
        let mistaken = known(0..room);
        assert!(mistaken <= 1, "{mistaken} ids were taken for others");
        let late = room / 2..room;
        assert!(known(late.clone()) > late.len() * 95 / 100);
        known(room..3 * room);
        let early = known(0..1_000);
        assert!(early < 100, "{early}");
    }

    #[test]
    fn after_a_large_period_small_ones_are_remembered_too_and_of_it_what_fits() {
        let shares = |counts: &[i64], room| {
            let period = PlatformPeriod {
                platform: PlatformNumber(1),
                period: Period::parse("2017-03").unwrap(),
            };
            let standing: Vec<_> = counts.iter().map(|count| (period, *count)).collect();
            shares(&standing, room)
        };
        assert_eq!(shares(&[1_300, 5], 1_300), [1_295, 5]);
        assert_eq!(shares(&[5, 2_000_000, 7], 1_000), [5, 988, 7]);
        assert_eq!(shares(&[900, 900, 900], 1_000), [625, 250, 125]);
        // The first are remembered whole, as long as half of what is left has room for them.
        assert_eq!(shares(&[100; 4], 1_000), [100; 4]);
        assert_eq!(shares(&[1; 4], 2), [1, 1, 0, 0]);
    }

    #[test]
    fn without_room_nothing_is_remembered() {
        let mut recent = Recent::new(0);
        for _ in 0..2 {
            assert_eq!(
                insert(&mut recent, place(1, "2017-03", 7)),
                (false, Vec::new())
            );
        }
    }
}
