//! Counts a period that is to be sealed, and compares its record ids with what other periods
//! claim.

use std::collections::{BTreeSet, HashMap};

use futures::TryStreamExt;
use gazelle_kernel::{Period, PlatformId};
use gazelle_runtime::detach::blocking;
use sqlx::PgConnection;

use crate::{
    app::error::AppError,
    domain::{
        count::{PeriodCount, Reversal, StoredRecord},
        key::{PlatformPeriod, RecordKey},
        receipt::Receipt,
        slice::{KeySlice, SliceKeys, part},
    },
    store,
};

/// What to count, and what to compare it with.
#[derive(Debug)]
pub struct ToCount {
    pub platform: PlatformId,
    pub here: PlatformPeriod,
    /// About as many records.
    pub record_count: i64,
    /// The platform's other open periods.
    pub open: BTreeSet<Period>,
}

/// A count under way.
#[derive(Debug)]
pub struct Counting {
    to_count: ToCount,
    fee_kinds: HashMap<i32, String>,
    count: PeriodCount,
    /// Of the open periods' records that are taken back here, the keys, in order.
    named: Vec<RecordKey>,
    suspects: Suspects,
}

/// What other periods may claim; exactly so only where the records say it.
#[derive(Debug, Default)]
pub struct Suspects {
    /// Records of the period of whose ids a sealed one claims one like it.
    pub own: Vec<(RecordKey, Period)>,
    /// Records of other open periods that are taken back here, likewise.
    pub named: Vec<(RecordKey, Period)>,
    /// Reversals of other periods' records while one of the same id is here too.
    pub beside: Vec<Reversal>,
}

/// What a count found.
#[derive(Debug)]
pub struct Counted {
    pub receipt: Receipt,
    pub digest: [u8; 32],
    /// Reversals of other open periods' records.
    pub open_reversals: Vec<Reversal>,
    pub suspects: Suspects,
}

/// What a period claims in one slice, to be kept with its seal.
#[derive(Debug)]
pub struct Claims {
    own: SliceKeys,
    named: SliceKeys,
}

impl Claims {
    /// As it is kept.
    pub fn starts(&self) -> impl Iterator<Item = (u8, Vec<u8>)> {
        self.own.starts(&self.named)
    }
}

impl Counting {
    pub async fn new(tx: &mut PgConnection, to_count: ToCount) -> Result<Self, AppError> {
        Ok(Self {
            fee_kinds: store::number::list_fee_kinds(tx).await?,
            count: PeriodCount::new(&to_count.platform, to_count.here.period),
            to_count,
            named: Vec::new(),
            suspects: Suspects::default(),
        })
    }

    /// Counts the next slice.
    pub async fn slice(
        mut self,
        tx: &mut PgConnection,
        slice: KeySlice,
    ) -> Result<(Self, Claims), AppError> {
        let Self {
            to_count,
            fee_kinds,
            mut count,
            ..
        } = self;
        count.begin(slice.clone(), to_count.record_count);
        let take = |record: &StoredRecord<'_>| count.add(record);
        store::copy_out::read_slice(tx, to_count.here, &slice, &fee_kinds, take).await?;
        let (count, own) = blocking(move || count.end()).await;
        self = Self {
            to_count,
            fee_kinds,
            count,
            ..self
        };
        if *slice.start() == 0 {
            let named: BTreeSet<RecordKey> = self.open_reversals().map(|r| r.reversed).collect();
            self.named = named.into_iter().collect();
        }
        let named = SliceKeys::of(slice.clone(), &self.named);
        self.compare(tx, slice, &own, &named).await?;
        Ok((self, Claims { own, named }))
    }

    fn open_reversals(&self) -> impl Iterator<Item = &Reversal> {
        let is_open = |period: Period| self.to_count.open.contains(&period);
        let reversals = self.count.reversals.iter();
        reversals.filter(move |reversal| is_open(reversal.in_period))
    }

    async fn compare(
        &mut self,
        tx: &mut PgConnection,
        slice: KeySlice,
        own: &SliceKeys,
        named: &SliceKeys,
    ) -> Result<(), AppError> {
        let here = self.to_count.here.period;
        let beside = self.count.reversals.iter().filter(|reversal| {
            reversal.in_period != here
                && slice.contains(&part(reversal.reversed))
                && own.contain(reversal.reversed)
        });
        self.suspects.beside.extend(beside);
        let suspects = &mut self.suspects;
        let mut parts = std::pin::pin!(store::sealed_key::read_slice(
            tx,
            self.to_count.here.platform,
            &slice
        ));
        while let Some(sealed) = parts.try_next().await? {
            let with = |key| (key, sealed.period);
            let among = |keys: &SliceKeys| keys.among(sealed.number, &sealed.starts);
            suspects.own.extend(among(own).into_iter().map(with));
            suspects.named.extend(among(named).into_iter().map(with));
        }
        Ok(())
    }

    /// After the last slice.
    pub fn finish(self) -> Counted {
        Counted {
            open_reversals: self.open_reversals().copied().collect(),
            receipt: self.count.receipt,
            digest: self.count.digest(),
            suspects: self.suspects,
        }
    }
}
