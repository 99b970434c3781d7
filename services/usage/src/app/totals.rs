//! Reads the totals of sealed periods as of one moment.

use std::{collections::HashMap, time::Duration};

use futures::TryStreamExt;
use gazelle_kernel::MerchantId;
use sqlx::PgConnection;
use tokio::sync::mpsc;
use tracing::Instrument as _;

use super::{App, AppError, turn};
use crate::{
    domain::Account,
    store::{self, Patience, StoreError, period::Selection, sealed_total::Total},
};

/// How long a reader may take for each part.
const PART_WAIT: Duration = Duration::from_mins(1);

/// Merchants in a part at most.
const MERCHANTS_MAX: usize = 1_000;

/// Totals in a part at most: a message stays well below the 4 MiB that clients take unless they
/// say otherwise.
const TOTALS_MAX: usize = 20_000;

/// A period begins, or totals of the one that began last.
#[derive(Debug)]
pub enum Part {
    /// A period in which anything was accepted or stated.
    Period(Box<Account>),
    /// Some of its totals.
    Totals(TotalsPart),
    /// That was all. What ends without this is not whole.
    End,
}

/// Totals of a few merchants.
#[derive(Debug, Default)]
pub struct TotalsPart {
    /// The names of the fee kinds that occur.
    pub fee_kinds: Vec<String>,
    /// By merchant.
    pub merchants: Vec<MerchantTotals>,
}

/// The totals of one merchant, by kind and day.
#[derive(Debug)]
pub struct MerchantTotals {
    /// Whose.
    pub merchant_id: MerchantId,
    /// One or more; their fee kinds are places in the part's.
    pub totals: Vec<Total>,
}

type Parts = mpsc::Sender<Result<Part, AppError>>;

impl App {
    /// Sends the periods of the selection, and of the sealed ones the totals, part by part; reads
    /// ahead of the receiver by a few parts.
    pub async fn read_sealed_totals(
        &self,
        which: Selection,
    ) -> Result<mpsc::Receiver<Result<Part, AppError>>, AppError> {
        let turn = turn(&self.totals_reads).await?;
        let (parts, receiver) = mpsc::channel(4);
        let pool = self.long_pool.clone();
        let reading = async move {
            let _turn = turn;
            let read = async {
                // Both the list of periods and the totals are of the moment of the first query.
                let mut tx = pool.begin_with(Patience::Long.begin()).await?;
                store::read_one_moment(&mut tx).await?;
                read(&mut tx, &which, &parts).await?;
                tx.commit().await?;
                send(&parts, Part::End).await
            };
            if let Err(error) = read.await {
                // Where the reader does not take it, it misses the end.
                let _ = parts.send_timeout(Err(error), PART_WAIT).await;
            }
        };
        tokio::spawn(reading.in_current_span());
        Ok(receiver)
    }
}

async fn read(tx: &mut PgConnection, which: &Selection, parts: &Parts) -> Result<(), AppError> {
    let accounts = store::period::list(tx, which).await?;
    let kinds = FeeKinds::new(store::name::list_fee_kinds(tx).await?);
    for account in accounts {
        let (platform, period) = (account.platform_id.clone(), account.period);
        let sealed = account.seal.is_some();
        send(parts, Part::Period(Box::new(account))).await?;
        if !sealed {
            continue;
        }
        let mut part = Builder::new(&kinds);
        let mut rows = std::pin::pin!(store::sealed_total::read_all(tx, &platform, period));
        while let Some((merchant_id, mut totals)) = rows.try_next().await? {
            kinds.sort(&mut totals)?;
            for some in totals.chunks_mut(TOTALS_MAX) {
                if part.is_full(some.len()) {
                    send(parts, part.take()).await?;
                }
                part.add(merchant_id.clone(), some);
            }
        }
        if !part.part.merchants.is_empty() {
            send(parts, part.take()).await?;
        }
    }
    Ok(())
}

/// The fee kinds that have a number, by name.
struct FeeKinds {
    names: Vec<String>,
    /// The place of each number's name among them.
    places: HashMap<i32, i32>,
}

impl FeeKinds {
    fn new(kinds: HashMap<i32, String>) -> Self {
        let mut kinds: Vec<(String, i32)> =
            kinds.into_iter().map(|(no, name)| (name, no)).collect();
        kinds.sort_unstable();
        let places = kinds.iter().zip(0..).map(|((_, no), place)| (*no, place));
        Self {
            places: places.collect(),
            names: kinds.into_iter().map(|(name, _)| name).collect(),
        }
    }

    /// Puts places for numbers, and totals in the order of kinds' names and days.
    fn sort(&self, totals: &mut [Total]) -> Result<(), StoreError> {
        // The one before is mostly the same.
        let mut last = None;
        for total in &mut *totals {
            let number = total.fee_kind;
            let place = match last {
                Some((before, place)) if before == number => place,
                Some(_) | None => *self.places.get(&number).ok_or_else(|| {
                    StoreError::corrupt("sealed_total.fee_kinds", "a number without a name")
                })?,
            };
            last = Some((number, place));
            total.fee_kind = place;
        }
        totals.sort_unstable_by_key(|total| (total.fee_kind, total.fee_date));
        Ok(())
    }
}

/// A part under way.
struct Builder<'a> {
    kinds: &'a FeeKinds,
    /// The place in the part of each kind that occurs in it.
    places: HashMap<i32, i32>,
    part: TotalsPart,
    count: usize,
}

impl<'a> Builder<'a> {
    fn new(kinds: &'a FeeKinds) -> Self {
        Self {
            kinds,
            places: HashMap::new(),
            part: TotalsPart::default(),
            count: 0,
        }
    }

    fn is_full(&self, more: usize) -> bool {
        self.part.merchants.len() >= MERCHANTS_MAX || self.count + more > TOTALS_MAX
    }

    /// Adds totals of a merchant, by kind and day.
    fn add(&mut self, merchant_id: MerchantId, totals: &mut [Total]) {
        self.count += totals.len();
        for same_kind in totals.chunk_by_mut(|a, b| a.fee_kind == b.fee_kind) {
            let kind = same_kind[0].fee_kind;
            let fee_kinds = &mut self.part.fee_kinds;
            let place = *self.places.entry(kind).or_insert_with(|| {
                let name = usize::try_from(kind).map(|kind| self.kinds.names[kind].clone());
                fee_kinds.push(name.expect("places are counted from 0"));
                i32::try_from(fee_kinds.len() - 1).expect("a part has few kinds")
            });
            for total in same_kind {
                total.fee_kind = place;
            }
        }
        self.part.merchants.push(MerchantTotals {
            merchant_id,
            totals: totals.to_vec(),
        });
    }

    fn take(&mut self) -> Part {
        (self.count, self.places) = (0, HashMap::new());
        Part::Totals(std::mem::take(&mut self.part))
    }
}

async fn send(parts: &Parts, part: Part) -> Result<(), AppError> {
    // The reader went away, or takes nothing: its connection is wanted elsewhere.
    parts
        .send_timeout(Ok(part), PART_WAIT)
        .await
        .map_err(|_| AppError::Overloaded)
}
