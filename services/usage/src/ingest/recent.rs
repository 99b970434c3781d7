//! Remembers which records came lately.

use crate::domain::Place;

/// Records that one half remembers.
const HALF: usize = 1 << 20;

/// Slots of a half, as a power of two: twice as many, so that a look ends after a step or two.
const SLOTS_POWER: u32 = HALF.ilog2() + 1;

const SLOTS: usize = 1 << SLOTS_POWER;

/// The places of the last one to two million records that came, as 53 bits of each.
///
/// A record that is sent again makes its group's copy fail, and the group is written twice. Most
/// records that are sent again were sent a moment ago; those it knows. It only ever advises: what
/// it has forgotten, or takes for another (one in 10^9), is told by the database. 16 MiB.
#[derive(Debug)]
pub struct Recent {
    /// The half that is being filled, and the one before.
    halves: [Half; 2],
}

#[derive(Debug)]
struct Half {
    slots: Box<[u32]>,
    len: usize,
}

impl Half {
    fn new() -> Self {
        Self {
            slots: vec![0; SLOTS].into(),
            len: 0,
        }
    }

    /// Where it stands, or where it would. Marks of one period in their order are found in the
    /// order of the slots, or nearly, which is the quickest way through memory.
    fn find(&self, Mark { start, mark }: Mark) -> (usize, bool) {
        let mut at = start;
        loop {
            match self.slots[at] {
                0 => return (at, false),
                found if found == mark => return (at, true),
                _ => at = (at + 1) % SLOTS,
            }
        }
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            halves: [Half::new(), Half::new()],
        }
    }
}

impl Recent {
    /// Remembers a place; says whether it was remembered already.
    pub fn insert(&mut self, place: Place) -> bool {
        let mark = mark(place);
        let [filling, before] = &mut self.halves;
        let (at, known) = filling.find(mark);
        if known {
            return true;
        }
        filling.slots[at] = mark.mark;
        filling.len += 1;
        let known = before.find(mark).1;
        if filling.len == HALF {
            self.halves.swap(0, 1);
            self.halves[0].slots.fill(0);
            self.halves[0].len = 0;
        }
        known
    }
}

/// Some bits of a place.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// The first slot where it may stand.
    start: usize,
    /// What stands there; never 0.
    mark: u32,
}

/// A place's key is 128 bits of a hash already; platform and period only have to tell the same id
/// of two of them apart.
fn mark(place: Place) -> Mark {
    let [a, b] = place.platform.0.to_be_bytes();
    let [c, d] = place.period.index().to_be_bytes();
    let of = u64::from(u32::from_be_bytes([a, b, c, d]));
    // The fractional part of the golden ratio: it spreads small numbers over all bits.
    let spread = of.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let key = u64::try_from(place.key.0 >> 64).expect("half of 128 bits");
    let bits = key ^ spread;
    let few = "a few bits are left";
    Mark {
        start: usize::try_from(bits >> (u64::BITS - SLOTS_POWER)).expect(few),
        mark: u32::try_from(bits & u64::from(u32::MAX)).expect(few).max(1),
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::Period;

    use super::*;
    use crate::domain::{PlatformNumber, RecordKey};

    fn place(platform: i16, period: &str, id: usize) -> Place {
        Place {
            platform: PlatformNumber(platform),
            period: Period::parse(period).unwrap(),
            key: RecordKey::of(&id.to_string()),
        }
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
        let mut recent = Recent::default();
        let of = |id| place(1, "2017-03", id);
        for id in 0..HALF + HALF / 2 {
            assert!(!recent.insert(of(id)), "{id}");
        }
        assert!(recent.insert(of(HALF / 2)));
        for id in 2 * HALF..4 * HALF {
            assert!(!recent.insert(of(id)), "{id}");
        }
        assert!(!recent.insert(of(0)));
    }
}
