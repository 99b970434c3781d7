//! Knows which periods need not be searched for what reversals name.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use sqlx::PgPool;
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use super::writer::lock;
use crate::{
    domain::{Filter, Place, PlatformPeriod},
    store::{self, Patience, StoreError, period::Progress},
};

/// What all filters take of memory: 134 million records. Periods that find no room are searched.
const BYTES_MAX: usize = 128 << 20;

/// Looks into a period, as a share of its records, after which they have cost about as much as
/// reading all its keys would; or, of a sealed one, what is kept of them.
const LOOKS_SHARE: u64 = 8;
const LOOKS_SHARE_SEALED: u64 = 128;

/// Searches after which a period that did not change meanwhile is likely to stay so.
const QUIET_SEARCHES: u64 = 4;

/// Searches after which a filter that was of no use makes room for others.
const IDLE_SEARCHES: u64 = 1_000;

/// How long reading the keys of a period may take.
const READ_WAIT: Duration = Duration::from_mins(5);

/// Filters of periods that were searched often and did not change meanwhile.
///
/// A reversal takes back the first record of its id in any period up to its own, so each of them is
/// searched. Of a period with a filter, few of the ids that it does not hold are. A filter is as
/// good as its period's revision, so it stays right whoever else writes.
#[derive(Debug, Default)]
pub struct Reach {
    months: Mutex<Months>,
    wanted: Notify,
}

#[derive(Debug, Default)]
struct Months {
    known: HashMap<PlatformPeriod, Month>,
    searches: u64,
}

/// What is known of a month as of a revision.
#[derive(Debug)]
struct Month {
    progress: Progress,
    filter: Option<Filter>,
    /// Without a filter: how many searches, and looks.
    searches: u64,
    looks: u64,
    /// The last search.
    used: u64,
}

impl Month {
    fn new(progress: Progress) -> Self {
        Self {
            progress,
            filter: None,
            searches: 0,
            looks: 0,
            used: 0,
        }
    }

    fn size(&self) -> usize {
        self.filter.as_ref().map_or(0, Filter::size)
    }

    fn needs_filter(&self) -> bool {
        let (searches, share) = if self.progress.is_sealed {
            (1, LOOKS_SHARE_SEALED)
        } else {
            (QUIET_SEARCHES, LOOKS_SHARE)
        };
        self.filter.is_none()
            && self.searches >= searches
            && self.looks >= self.progress.record_count.unsigned_abs() / share
    }
}

impl Reach {
    /// Where to look for what reversals name: under each key, in which of these months up to that
    /// of the reversal. `named` are the keys, each with the reversal's month.
    pub fn narrow(&self, named: &[Place], months: &[Progress]) -> Vec<Place> {
        let mut all = lock(&self.months);
        all.searches += 1;
        let now = all.searches;
        let mut places = Vec::new();
        for progress in months {
            let (platform, period) = progress.of;
            let month = all
                .known
                .entry(progress.of)
                .or_insert_with(|| Month::new(*progress));
            // A filter of a later moment serves as well: what it lacks was taken out.
            if month.progress.revision < progress.revision {
                *month = Month::new(*progress);
            }
            month.progress.is_sealed |= progress.is_sealed;
            month.used = now;
            let reach = named
                .iter()
                .filter(|place| place.platform == platform && place.period >= period)
                .map(|place| Place { period, ..*place });
            if let Some(filter) = &month.filter {
                places.extend(reach.filter(|place| filter.may_hold(place.key)));
                continue;
            }
            let before = places.len();
            places.extend(reach);
            month.looks += (places.len() - before) as u64;
            month.searches += 1;
            if month.needs_filter() {
                self.wanted.notify_one();
            }
        }
        places
    }

    /// Makes filters where they are wanted, one after the other, until `closing`.
    pub async fn keep_reading(&self, pool: PgPool, closing: CancellationToken) {
        let read = async {
            loop {
                self.wanted.notified().await;
                while let Some(month) = self.next() {
                    let filter = timeout(READ_WAIT, Box::pin(read(&pool, month))).await;
                    match filter {
                        Ok(Ok(filter)) => self.enter(month.of, filter),
                        Ok(Err(error)) => tracing::warn!(%error, "a period's keys were not read"),
                        Err(_) => tracing::warn!("reading a period's keys took too long"),
                    }
                }
            }
        };
        closing.run_until_cancelled(read).await;
    }

    /// A month that needs a filter, and for which there is room.
    fn next(&self) -> Option<Progress> {
        let mut all = lock(&self.months);
        let used: usize = all.known.values().map(Month::size).sum();
        let of = all.known.values().find(|month| month.needs_filter())?;
        let progress = of.progress;
        let month = all.known.get_mut(&progress.of)?;
        // Should it fail, or find no room: not again at once.
        (month.searches, month.looks) = (0, 0);
        let mut free = BYTES_MAX.saturating_sub(used);
        let needed = Filter::size_for(record_count(progress));
        if free < needed {
            let now = all.searches;
            let idle = |month: &&mut Month| now - month.used > IDLE_SEARCHES;
            for month in all.known.values_mut().filter(idle) {
                free += month.size();
                month.filter = None;
            }
        }
        (free >= needed).then_some(progress)
    }

    fn enter(&self, of: PlatformPeriod, (progress, filter): (Progress, Filter)) {
        if let Some(month) = lock(&self.months).known.get_mut(&of)
            && month.progress.revision <= progress.revision
        {
            month.progress = progress;
            month.filter = Some(filter);
        }
    }
}

fn record_count(progress: Progress) -> usize {
    usize::try_from(progress.record_count).unwrap_or(usize::MAX)
}

/// Reads the keys of a month as of one moment.
async fn read(pool: &PgPool, month: Progress) -> Result<(Progress, Filter), StoreError> {
    let mut tx = pool.begin_with(Patience::Sealing.begin()).await?;
    store::read_one_moment(&mut tx).await?;
    let now = store::period::list_progress(&mut tx, &[month.of.0]).await?;
    let now = now.into_iter().find(|progress| progress.of == month.of);
    let progress = now.ok_or(StoreError::Raced)?;
    let mut filter = Filter::new(record_count(progress));
    let take = |key| filter.insert(key);
    if progress.is_sealed {
        store::sealed_key::read(&mut tx, month.of, take).await?;
    } else {
        store::kept::read_keys(&mut tx, month.of, take).await?;
    }
    tx.rollback().await?;
    Ok((progress, filter))
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::Period;

    use super::*;
    use crate::domain::{KeyStart, PlatformNumber, RecordKey};

    fn month(text: &str, revision: i64, record_count: i64) -> Progress {
        Progress {
            of: (PlatformNumber(1), Period::parse(text).unwrap()),
            revision,
            record_count,
            is_sealed: false,
        }
    }

    fn place(period: &str, id: &str) -> Place {
        Place {
            platform: PlatformNumber(1),
            period: Period::parse(period).unwrap(),
            key: RecordKey::of(id),
        }
    }

    /// One that was searched often enough, and then read.
    fn searched(named: &[Place], months: &[Progress], held: &[&str]) -> Reach {
        let reach = Reach::default();
        search(&reach, named, months);
        let progress = reach.next().unwrap();
        let mut filter = Filter::new(held.len());
        for id in held {
            filter.insert(KeyStart::of(RecordKey::of(id)));
        }
        reach.enter(progress.of, (progress, filter));
        reach
    }

    fn search(reach: &Reach, named: &[Place], months: &[Progress]) {
        for _ in 0..QUIET_SEARCHES {
            reach.narrow(named, months);
        }
    }

    #[test]
    fn every_month_up_to_the_reversals_own_is_searched() {
        let months = ["2017-01", "2017-02", "2017-03"].map(|text| month(text, 1, 1_000));
        let reach = Reach::default();
        let named = [place("2017-02", "a"), place("2017-03", "b")];
        let places = [
            place("2017-01", "a"),
            place("2017-01", "b"),
            place("2017-02", "a"),
            place("2017-02", "b"),
            place("2017-03", "b"),
        ];
        assert_eq!(reach.narrow(&named, &months), places);
    }

    #[test]
    fn what_a_quiet_month_does_not_hold_is_searched_there_no_more() {
        let months = [month("2017-01", 7, 2)];
        let named = [place("2017-02", "in"), place("2017-02", "out")];
        let reach = searched(&named, &months, &["in", "also-in"]);
        assert_eq!(reach.narrow(&named, &months), [place("2017-01", "in")]);
    }

    #[test]
    fn a_month_that_changed_is_searched_again() {
        let months = [month("2017-01", 7, 2)];
        let named = [place("2017-02", "out")];
        let reach = searched(&named, &months, &["in"]);
        assert_eq!(reach.narrow(&named, &months), []);
        let changed = [month("2017-01", 8, 3)];
        assert_eq!(reach.narrow(&named, &changed), [place("2017-01", "out")]);
        // Whoever has not seen the change yet is no worse off.
        assert_eq!(reach.narrow(&named, &months), [place("2017-01", "out")]);
    }

    #[test]
    fn a_month_that_changes_all_the_time_or_is_seldom_searched_is_not_read() {
        let reach = Reach::default();
        let named = [place("2017-02", "a")];
        for revision in 0..2 * i64::try_from(QUIET_SEARCHES).unwrap() {
            reach.narrow(&named, &[month("2017-01", revision, 2)]);
            reach.narrow(&named, &[month("2016-12", 1, 1_000_000)]);
        }
        assert!(reach.next().is_none());
    }

    #[test]
    fn of_a_sealed_month_few_looks_are_enough() {
        let of = |is_sealed| Progress {
            is_sealed,
            ..month("2017-01", 7, i64::try_from(LOOKS_SHARE_SEALED).unwrap())
        };
        let (open, sealed) = (Reach::default(), Reach::default());
        open.narrow(&[place("2017-02", "out")], &[of(false)]);
        sealed.narrow(&[place("2017-02", "out")], &[of(true)]);
        assert_eq!((open.next(), sealed.next()), (None, Some(of(true))));
    }

    #[test]
    fn a_month_finds_room_once_another_is_idle() {
        let large = i64::try_from(BYTES_MAX / 3 * 2).unwrap();
        let looks: Vec<Place> = (0..=large.unsigned_abs() / LOOKS_SHARE / QUIET_SEARCHES)
            .map(|n| place("2017-03", &n.to_string()))
            .collect();
        let (one, other) = (month("2017-01", 1, large), month("2017-02", 1, large));
        let reach = Reach::default();
        search(&reach, &looks, &[one]);
        assert_eq!(reach.next(), Some(one));
        reach.enter(one.of, (one, Filter::new(record_count(one))));
        search(&reach, &looks, &[other]);
        assert_eq!(reach.next(), None);
        for _ in 0..IDLE_SEARCHES {
            reach.narrow(&[], &[]);
        }
        search(&reach, &looks, &[other]);
        assert_eq!(reach.next(), Some(other));
        assert_eq!(reach.narrow(&looks[..1], &[one]).len(), 1);
    }
}
