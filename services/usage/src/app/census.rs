//! Counts a period that is to be sealed, and compares its record ids with what other periods
//! claim.

use std::collections::{BTreeSet, HashMap};

use futures::TryStreamExt;
use gazelle_kernel::{Period, PlatformId};
use sqlx::PgConnection;

use super::AppError;
use crate::{
    domain::{Census, Kept, Keys, PlatformPeriod, Receipt, RecordKey, Reversal, Slice, part},
    store,
};

/// What to count, and what to compare it with.
#[derive(Debug)]
pub struct Order {
    pub platform: PlatformId,
    pub of: PlatformPeriod,
    /// About as many records.
    pub record_count: i64,
    /// The platform's other open periods.
    pub open: BTreeSet<Period>,
}

/// A count under way.
#[derive(Debug)]
pub struct Count {
    order: Order,
    fee_kinds: HashMap<i32, String>,
    census: Census,
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
    own: Keys,
    named: Keys,
}

impl Claims {
    /// As it is kept.
    pub fn starts(&self) -> impl Iterator<Item = (u8, Vec<u8>)> {
        self.own.starts(&self.named)
    }
}

impl Count {
    pub async fn new(tx: &mut PgConnection, order: Order) -> Result<Self, AppError> {
        Ok(Self {
            fee_kinds: store::name::list_fee_kinds(tx).await?,
            census: Census::new(&order.platform, order.of.1),
            order,
            named: Vec::new(),
            suspects: Suspects::default(),
        })
    }

    /// Counts the next slice.
    pub async fn slice(
        mut self,
        tx: &mut PgConnection,
        slice: Slice,
    ) -> Result<(Self, Claims), AppError> {
        let Self {
            order,
            fee_kinds,
            mut census,
            ..
        } = self;
        census.begin(slice.clone(), order.record_count);
        let take = |record: &Kept<'_>| census.add(record);
        store::kept::read_slice(tx, order.of, &slice, &fee_kinds, take).await?;
        let ended = tokio::task::spawn_blocking(move || census.end()).await;
        let (census, own) =
            ended.unwrap_or_else(|lost| std::panic::resume_unwind(lost.into_panic()));
        self = Self {
            order,
            fee_kinds,
            census,
            ..self
        };
        if *slice.start() == 0 {
            let named: BTreeSet<RecordKey> = self.open_reversals().map(|r| r.of).collect();
            self.named = named.into_iter().collect();
        }
        let named = Keys::of(slice.clone(), &self.named);
        self.compare(tx, slice, &own, &named).await?;
        Ok((self, Claims { own, named }))
    }

    fn open_reversals(&self) -> impl Iterator<Item = &Reversal> {
        let is_open = |period: Period| self.order.open.contains(&period);
        let reversals = self.census.reversals.iter();
        reversals.filter(move |reversal| is_open(reversal.in_period))
    }

    async fn compare(
        &mut self,
        tx: &mut PgConnection,
        slice: Slice,
        own: &Keys,
        named: &Keys,
    ) -> Result<(), AppError> {
        let here = self.order.of.1;
        let beside = self.census.reversals.iter().filter(|reversal| {
            reversal.in_period != here
                && slice.contains(&part(reversal.of))
                && own.contain(reversal.of)
        });
        self.suspects.beside.extend(beside);
        let suspects = &mut self.suspects;
        let mut parts = std::pin::pin!(store::sealed_key::read_slice(tx, self.order.of.0, &slice));
        while let Some(sealed) = parts.try_next().await? {
            let with = |key| (key, sealed.period);
            let among = |keys: &Keys| keys.among(sealed.part, &sealed.starts);
            suspects.own.extend(among(own).into_iter().map(with));
            suspects.named.extend(among(named).into_iter().map(with));
        }
        Ok(())
    }

    /// After the last slice.
    pub fn finish(self) -> Counted {
        Counted {
            open_reversals: self.open_reversals().copied().collect(),
            receipt: self.census.receipt,
            digest: self.census.digest(),
            suspects: self.suspects,
        }
    }
}
