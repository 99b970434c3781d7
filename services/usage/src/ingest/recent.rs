//! Remembers which records came lately.

use crate::domain::PlaceStart;

/// Marks that stand together: a line of the processor's memory, so that a look costs one.
const BUCKET: usize = 16;

/// Buckets, as a power of two: room for two million marks.
const BUCKETS_POWER: u32 = 17;

/// The last two million records that came, more or less, as 49 bits of each one's place.
///
/// A record that is sent again makes its group's copy fail, and the group is written twice. Most
/// records that are sent again were sent a moment ago; those it knows. It only ever advises: what
/// it has forgotten, or takes for another (one in 10^8), is told by the database. 8 MiB.
#[derive(Debug)]
pub struct Recent {
    buckets: Box<[Bucket]>,
}

/// The marks that came last, the latest first; 0 where there are fewer.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct Bucket([u32; BUCKET]);

impl Default for Recent {
    fn default() -> Self {
        Self {
            buckets: vec![Bucket([0; BUCKET]); 1 << BUCKETS_POWER].into(),
        }
    }
}

impl Recent {
    /// Remembers a place; says whether it was remembered already.
    ///
    /// Places of one period in their order are in the order of the buckets, or nearly, which is
    /// the quickest way through memory.
    pub fn insert(&mut self, place: PlaceStart) -> bool {
        let (bucket, mark) = mark(place);
        let Bucket(marks) = &mut self.buckets[bucket];
        if marks.contains(&mark) {
            return true;
        }
        marks.copy_within(..BUCKET - 1, 1);
        marks[0] = mark;
        false
    }
}

/// The bucket of a place, and what stands there for it, never 0: other bits of what is a hash
/// already. Platform and period only have to tell the same id of two of them apart.
fn mark(place: PlaceStart) -> (usize, u32) {
    // The fractional part of the golden ratio: it spreads small numbers over all bits.
    let spread = u64::from(place.month).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = place.key ^ spread;
    let few = "a few bits are left";
    (
        usize::try_from(bits >> (u64::BITS - BUCKETS_POWER)).expect(few),
        u32::try_from(bits & u64::from(u32::MAX)).expect(few).max(1),
    )
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::Period;

    use super::*;
    use crate::domain::{Place, PlatformNumber, RecordKey};

    fn place(platform: i16, period: &str, id: usize) -> PlaceStart {
        PlaceStart::of(Place {
            platform: PlatformNumber(platform),
            period: Period::parse(period).unwrap(),
            key: RecordKey::of(&id.to_string()),
        })
    }

    #[test]
    fn an_id_is_known_in_its_own_platform_and_period_only() {
        let mut recent = Recent::default();
        assert!(!recent.insert(place(1, "2017-03", 7)));
        assert!(!recent.insert(place(2, "2017-03", 7)));
        assert!(!recent.insert(place(1, "2017-04", 7)));
        assert!(!recent.insert(place(1, "2017-03", 8)));
        assert!(recent.insert(place(1, "2017-03", 7)));
        assert!(recent.insert(place(2, "2017-03", 7)));
    }

    #[test]
    fn the_last_million_are_known_and_older_ones_are_forgotten_at_last() {
        let room = BUCKET << BUCKETS_POWER;
        let mut recent = Recent::default();
        let of = |id| place(1, "2017-03", id);
        let known = (0..room).filter(|id| recent.insert(of(*id))).count();
        assert!(known <= 1, "{known} ids were taken for others");
        let late = room / 2..room;
        let known = late.clone().filter(|id| recent.insert(of(*id))).count();
        assert!(known > late.len() * 99 / 100, "{known}");
        for id in room..3 * room {
            recent.insert(of(id));
        }
        let early = 0..1_000;
        let known = early.filter(|id| recent.insert(of(*id))).count();
        assert!(known < 100, "{known}");
    }
}
