//! Judges what a platform would report, and keeps nothing.
//!
//! What stands is read as of now, batch by batch; what the check itself would have accepted is
//! remembered, as much of it as judging needs, until the check is over.

use std::collections::BTreeSet;

use gazelle_kernel::{Period, PlatformId};
use sqlx::{PgConnection, PgPool};

use super::{App, check_room::TakenRoom, error::AppError, read_for_platform};
use crate::{
    domain::{
        canonical::CanonicalForm,
        check::Checked,
        content::RecordDigest,
        days::DayCounts,
        judge::Judge,
        key::{Place, PlatformNumber, PlatformPeriod, RecordKey},
        receipt::Receipt,
        record::{Record, RecordRef},
        refusal::Outcome,
        sent::Sent,
    },
    ingest::Ingest,
    store,
};

/// A check under way.
#[derive(Debug)]
pub struct UsageCheck {
    pool: PgPool,
    ingest: Ingest,
    room: TakenRoom,
    platform: PlatformId,
    judge: Judge<RecordDigest>,
    /// Records so far.
    count: usize,
}

/// A platform of which nothing was ever seen; no platform has this number.
const UNKNOWN: PlatformNumber = PlatformNumber(i16::MIN);

impl App {
    /// Begins a check of what a platform would report.
    #[must_use]
    pub fn check_usage(&self, platform: PlatformId, ingest: Ingest) -> UsageCheck {
        UsageCheck {
            pool: self.pool.clone(),
            ingest,
            room: self.check_room.enter(platform.clone()),
            platform,
            judge: Judge::default(),
            count: 0,
        }
    }
}

impl UsageCheck {
    /// Judges the next batch, as if those before had been reported.
    pub async fn judge(&mut self, period: Period, sent: &[Sent<'_>]) -> Result<Checked, AppError> {
        self.room.take(count(sent.len()))?;
        let parsed: Vec<_> = sent
            .iter()
            .map(|sent| RecordRef::parse(*sent, period.last_day()).map(RecordRef::to_record))
            .collect();
        let proper: Vec<&Record> = parsed.iter().flatten().collect();
        let here = self.let_stand(period, &proper).await?;
        let days = DayCounts::of(period, proper.iter().map(|one| one.occurred_on));
        let mut form = CanonicalForm::new(&self.platform, period);
        let mut added = Receipt::default();
        let mut outcomes = Vec::with_capacity(sent.len());
        for record in &parsed {
            let outcome = match record {
                Ok(record) => self.rule(place(here, record), record),
                Err(refusal) => Outcome::Refused(*refusal),
            };
            if let (Ok(record), Outcome::Accepted) = (record, outcome) {
                added.add(record.amount.get(), form.hash(record.as_ref()));
            }
            outcomes.push(outcome);
            self.count += 1;
        }
        Ok(Checked {
            outcomes,
            added,
            days,
        })
    }

    fn rule(&mut self, place: Place, record: &Record) -> Outcome {
        if let Some(period) = self.judge.find_elsewhere(place) {
            self.judge.set_elsewhere(place, period);
        }
        self.judge.judge(self.count, place, record).outcome()
    }

    /// Lets everything stand that is kept and that these records are about.
    async fn let_stand(
        &mut self,
        period: Period,
        records: &[&Record],
    ) -> Result<PlatformPeriod, AppError> {
        let mut tx = read_for_platform(&self.pool, &self.platform).await?;
        let ids = [self.platform.as_str().to_owned()];
        let found = store::number::find_platforms(&mut tx, &ids).await?.pop();
        let Some((_, platform)) = found else {
            let here = PlatformPeriod {
                platform: UNKNOWN,
                period,
            };
            self.judge.set_open(here, true);
            return Ok(here);
        };
        let (sealed, open) = store::period::list_sealed_and_open(&mut tx, platform).await?;
        let is_open = !sealed.contains(&period);
        let here = PlatformPeriod { platform, period };
        self.judge.set_open(here, is_open);
        let own = records.iter().map(|one| place(here, one));
        let own: Vec<Place> = own.collect();
        let elsewhere = open.iter().filter(|other| **other != period);
        let elsewhere = elsewhere.flat_map(|other| own.iter().map(|place| (place.key, *other)));
        // Of sealed periods what reporting knows of them: there are many.
        let remembered = self.ingest.came_elsewhere(&own);
        let elsewhere: BTreeSet<_> = elsewhere.chain(remembered).collect();
        let elsewhere = Vec::from_iter(elsewhere);
        for (key, other) in store::claim::find_held(&mut tx, platform, &elsewhere).await? {
            self.judge.set_elsewhere(here.place(key), other);
        }
        let all: BTreeSet<Period> = sealed.into_iter().chain(open).collect();
        let named = records.iter().filter_map(|one| one.reverses.as_ref());
        let named: BTreeSet<RecordKey> = named.map(|id| RecordKey::of(id.as_str())).collect();
        let named = all.range(..=period).flat_map(|period| {
            named.iter().map(|key| Place {
                platform,
                period: *period,
                key: *key,
            })
        });
        let wanted: BTreeSet<Place> = own.into_iter().chain(named).collect();
        let wanted = wanted.into_iter().filter(|place| !self.judge.knows(*place));
        let wanted: Vec<Place> = wanted.collect();
        for (place, record) in store::record::find(&mut tx, wanted).await? {
            self.judge.let_stand(place, &record, None);
        }
        self.set_reversed(&mut tx, here, records).await?;
        tx.rollback().await?;
        Ok(here)
    }

    /// Learns how much is taken back of what these reversals name.
    async fn set_reversed(
        &mut self,
        tx: &mut PgConnection,
        here: PlatformPeriod,
        records: &[&Record],
    ) -> Result<(), AppError> {
        let mut targets = BTreeSet::new();
        for record in records {
            if let Some(id) = &record.reverses {
                let place = place(here, record);
                targets.extend(self.judge.reversed_fee(place, id, self.count));
            }
        }
        targets.retain(|place| !self.judge.knows_reversed(*place));
        if targets.is_empty() {
            return Ok(());
        }
        for (place, fen) in store::reversed::find(tx, targets).await? {
            self.judge.set_reversed(place, fen);
        }
        Ok(())
    }
}

fn place(here: PlatformPeriod, record: &Record) -> Place {
    here.place(RecordKey::of(record.id.as_str()))
}

fn count(records: usize) -> u32 {
    u32::try_from(records).expect("a batch has some thousand records at most")
}
