//! Knows which periods need not be searched for what reversals name.

use std::collections::HashMap;

use gazelle_runtime::{failure::told, store::StoreError};
use parking_lot::Mutex;
use sqlx::PgPool;
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use super::key_filter::KeyFilter;
use crate::{
    domain::{
        key::{KeyStart, Place, PlatformPeriod},
        period::PeriodProgress,
    },
    store::{self, TransactionKind},
    tuning::{
        FILTERS_BYTES_MAX, IDLE_SEARCHES, KEYS_READ_WAIT, LOOKS_SHARE, LOOKS_SHARE_SEALED,
        QUIET_SEARCHES,
    },
};

/// Filters of periods that were searched often and did not change meanwhile.
///
/// A reversal takes back the first record of its id in any period up to its own, so each of them is
/// searched. Of a period with a filter, few of the ids that it does not hold are. A filter is as
/// good as its period's revision, so it stays right whoever else writes.
#[derive(Debug, Default)]
pub struct PeriodFilters {
    searched: Mutex<Searched>,
    wanted: Notify,
}

#[derive(Debug, Default)]
struct Searched {
    known: HashMap<PlatformPeriod, SearchedPeriod>,
    searches: u64,
}

/// What is known of a period as of a revision.
#[derive(Debug)]
struct SearchedPeriod {
    progress: PeriodProgress,
    filter: Option<KeyFilter>,
    /// Without a filter: how many searches, and looks.
    searches: u64,
    looks: u64,
    /// The last search.
    used: u64,
}

impl SearchedPeriod {
    fn new(progress: PeriodProgress) -> Self {
        Self {
            progress,
            filter: None,
            searches: 0,
            looks: 0,
            used: 0,
        }
    }

    fn size(&self) -> usize {
        self.filter.as_ref().map_or(0, KeyFilter::size)
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

impl PeriodFilters {
    /// Where to look for what reversals name: under each key, in which of these periods up to
    /// that of the reversal. `named` are the keys, each with the reversal's period.
    pub fn narrow(&self, named: &[Place], periods: &[PeriodProgress]) -> Vec<Place> {
        let mut all = self.searched.lock();
        all.searches += 1;
        let now = all.searches;
        let mut places = Vec::new();
        for progress in periods {
            let PlatformPeriod { platform, period } = progress.period;
            let searched = all
                .known
                .entry(progress.period)
                .or_insert_with(|| SearchedPeriod::new(*progress));
            // A filter of a later moment serves as well: what it lacks was taken out.
            if searched.progress.revision < progress.revision {
                *searched = SearchedPeriod::new(*progress);
            }
            searched.progress.is_sealed |= progress.is_sealed;
            searched.used = now;
            let in_reach = named
                .iter()
                .filter(|place| place.platform == platform && place.period >= period)
                .map(|place| place.in_period(period));
            if let Some(filter) = &searched.filter {
                places.extend(in_reach.filter(|place| filter.may_hold(place.key)));
                continue;
            }
            let before = places.len();
            places.extend(in_reach);
            searched.looks += (places.len() - before) as u64;
            searched.searches += 1;
            if searched.needs_filter() {
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
                while let Some(wanted) = self.next() {
                    let filter = timeout(KEYS_READ_WAIT, Box::pin(read(&pool, wanted))).await;
                    match filter {
                        Ok(Ok(Some(filter))) => self.enter(wanted.period, filter),
                        Ok(Ok(None)) => {}
                        Ok(Err(error)) => {
                            tracing::warn!(cause = told(&error), "a period's keys were not read");
                        }
                        Err(_) => tracing::warn!("reading a period's keys took too long"),
                    }
                }
            }
        };
        closing.run_until_cancelled(read).await;
    }

    /// A period that needs a filter, and for which there is room.
    fn next(&self) -> Option<PeriodProgress> {
        let mut all = self.searched.lock();
        let used: usize = all.known.values().map(SearchedPeriod::size).sum();
        let mut wanting = all.known.values().filter(|one| one.needs_filter());
        let progress = wanting.next()?.progress;
        let one = all.known.get_mut(&progress.period)?;
        // Should it fail, or find no room: not again at once.
        (one.searches, one.looks) = (0, 0);
        let mut free = FILTERS_BYTES_MAX.saturating_sub(used);
        let needed = KeyFilter::size_for(record_count(progress));
        if free < needed {
            let now = all.searches;
            let idle = |one: &&mut SearchedPeriod| now - one.used > IDLE_SEARCHES;
            for one in all.known.values_mut().filter(idle) {
                free += one.size();
                one.filter = None;
            }
        }
        (free >= needed).then_some(progress)
    }

    fn enter(&self, period: PlatformPeriod, (progress, filter): (PeriodProgress, KeyFilter)) {
        if let Some(one) = self.searched.lock().known.get_mut(&period)
            && one.progress.revision <= progress.revision
        {
            one.progress = progress;
            one.filter = Some(filter);
        }
    }
}

fn record_count(progress: PeriodProgress) -> usize {
    usize::try_from(progress.record_count).unwrap_or(usize::MAX)
}

/// Reads the keys of a period as of one moment; none where it has no records any more.
async fn read(
    pool: &PgPool,
    wanted: PeriodProgress,
) -> Result<Option<(PeriodProgress, KeyFilter)>, StoreError> {
    let mut tx = pool.begin_with(TransactionKind::Sealing.begin()).await?;
    store::read_one_moment(&mut tx).await?;
    let now = store::period::list_progress(&mut tx, &[wanted.period.platform]).await?;
    let Some(progress) = now.into_iter().find(|one| one.period == wanted.period) else {
        return Ok(None);
    };
    let mut filter = KeyFilter::new(record_count(progress));
    if progress.is_sealed {
        let take = |key| filter.insert(key);
        store::sealed_key::read(&mut tx, wanted.period, take).await?;
    } else {
        let take = |key| filter.insert(KeyStart::of(key));
        store::copy_out::read_keys(&mut tx, wanted.period, take).await?;
    }
    tx.rollback().await?;
    Ok(Some((progress, filter)))
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::Period;

    use super::*;
    use crate::domain::key::{PlatformNumber, RecordKey};

    fn progress(text: &str, revision: i64, record_count: i64) -> PeriodProgress {
        PeriodProgress {
            period: PlatformPeriod {
                platform: PlatformNumber(1),
                period: Period::parse(text).unwrap(),
            },
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
    fn searched(named: &[Place], periods: &[PeriodProgress], held: &[&str]) -> PeriodFilters {
        let filters = PeriodFilters::default();
        search(&filters, named, periods);
        let progress = filters.next().unwrap();
        let mut filter = KeyFilter::new(held.len());
        for id in held {
            filter.insert(KeyStart::of(RecordKey::of(id)));
        }
        filters.enter(progress.period, (progress, filter));
        filters
    }

    fn search(filters: &PeriodFilters, named: &[Place], periods: &[PeriodProgress]) {
        for _ in 0..QUIET_SEARCHES {
            filters.narrow(named, periods);
        }
    }

    #[test]
    fn every_period_up_to_the_reversals_own_is_searched() {
        let periods = ["2017-01", "2017-02", "2017-03"].map(|text| progress(text, 1, 1_000));
        let filters = PeriodFilters::default();
        let named = [place("2017-02", "a"), place("2017-03", "b")];
        let places = [
            place("2017-01", "a"),
            place("2017-01", "b"),
            place("2017-02", "a"),
            place("2017-02", "b"),
            place("2017-03", "b"),
        ];
        assert_eq!(filters.narrow(&named, &periods), places);
    }

    #[test]
    fn what_a_quiet_period_does_not_hold_is_searched_there_no_more() {
        let periods = [progress("2017-01", 7, 2)];
        let named = [place("2017-02", "in"), place("2017-02", "out")];
        let filters = searched(&named, &periods, &["in", "also-in"]);
        assert_eq!(filters.narrow(&named, &periods), [place("2017-01", "in")]);
    }

    #[test]
    fn a_period_that_changed_is_searched_again() {
        let periods = [progress("2017-01", 7, 2)];
        let named = [place("2017-02", "out")];
        let filters = searched(&named, &periods, &["in"]);
        assert_eq!(filters.narrow(&named, &periods), []);
        let changed = [progress("2017-01", 8, 3)];
        assert_eq!(filters.narrow(&named, &changed), [place("2017-01", "out")]);
        // Whoever has not seen the change yet is no worse off.
        assert_eq!(filters.narrow(&named, &periods), [place("2017-01", "out")]);
    }

    #[test]
    fn a_period_that_changes_all_the_time_or_is_seldom_searched_is_not_read() {
        let filters = PeriodFilters::default();
        let named = [place("2017-02", "a")];
        for revision in 0..2 * i64::try_from(QUIET_SEARCHES).unwrap() {
            filters.narrow(&named, &[progress("2017-01", revision, 2)]);
            filters.narrow(&named, &[progress("2016-12", 1, 1_000_000)]);
        }
        assert!(filters.next().is_none());
    }

    #[test]
    fn of_a_sealed_period_few_looks_are_enough() {
        let sealed_or_not = |is_sealed| PeriodProgress {
            is_sealed,
            ..progress("2017-01", 7, i64::try_from(LOOKS_SHARE_SEALED).unwrap())
        };
        let (open, sealed) = (PeriodFilters::default(), PeriodFilters::default());
        open.narrow(&[place("2017-02", "out")], &[sealed_or_not(false)]);
        sealed.narrow(&[place("2017-02", "out")], &[sealed_or_not(true)]);
        assert_eq!(
            (open.next(), sealed.next()),
            (None, Some(sealed_or_not(true)))
        );
    }

    #[test]
    fn a_period_finds_room_once_another_is_idle() {
        let large = i64::try_from(FILTERS_BYTES_MAX / 3 * 2).unwrap();
        let looks: Vec<Place> = (0..=large.unsigned_abs() / LOOKS_SHARE / QUIET_SEARCHES)
            .map(|n| place("2017-03", &n.to_string()))
            .collect();
        let (one, other) = (progress("2017-01", 1, large), progress("2017-02", 1, large));
        let filters = PeriodFilters::default();
        search(&filters, &looks, &[one]);
        assert_eq!(filters.next(), Some(one));
        filters.enter(one.period, (one, KeyFilter::new(record_count(one))));
        search(&filters, &looks, &[other]);
        assert_eq!(filters.next(), None);
        for _ in 0..IDLE_SEARCHES {
            filters.narrow(&[], &[]);
        }
        search(&filters, &looks, &[other]);
        assert_eq!(filters.next(), Some(other));
        assert_eq!(filters.narrow(&looks[..1], &[one]).len(), 1);
    }
}
