//! Reads the totals of sealed periods as of one moment.

use std::collections::HashMap;

use futures::TryStreamExt;
use gazelle_kernel::MerchantId;
use gazelle_runtime::{auth::Principal, store::StoreError};
use sqlx::PgConnection;
use tokio::sync::mpsc;
use tracing::Instrument as _;

use super::{App, error::AppError};
use crate::{
    domain::{
        period::PeriodSelection,
        totals::{MerchantTotals, SealedPart, Total, TotalsPart},
    },
    store::{self, TransactionKind},
    tuning::{PART_MERCHANTS_MAX, PART_TOTALS_MAX, PART_WAIT},
};

type Parts = mpsc::Sender<Result<SealedPart, AppError>>;

impl App {
    /// Sends the periods of the selection, and of the sealed ones the totals, part by part; reads
    /// ahead of the receiver by a few parts.
    pub async fn read_sealed_totals(
        &self,
        caller: &Principal,
        which: PeriodSelection,
    ) -> Result<mpsc::Receiver<Result<SealedPart, AppError>>, AppError> {
        let turn = self.totals_reads.take().await?;
        let (parts, receiver) = mpsc::channel(4);
        let (this, caller) = (self.clone(), caller.clone());
        let reading = async move {
            let _turn = turn;
            let read = async {
                // Both the list of periods and the totals are of the moment of the first query.
                let mut tx = this
                    .long_pool
                    .begin_with(TransactionKind::LongRead.begin())
                    .await?;
                this.read_totals(&caller, &mut tx, &which, &parts).await?;
                tx.commit().await?;
                send(&parts, SealedPart::End).await
            };
            if let Err(error) = read.await {
                // Where the reader does not take it, it misses the end.
                let _ = parts.send_timeout(Err(error), PART_WAIT).await;
            }
        };
        tokio::spawn(reading.in_current_span());
        Ok(receiver)
    }

    async fn read_totals(
        &self,
        caller: &Principal,
        tx: &mut PgConnection,
        which: &PeriodSelection,
        parts: &Parts,
    ) -> Result<(), AppError> {
        let platform_ids = which.platform_ids.as_deref();
        for (platform, first) in store::period::list_first(tx, platform_ids).await? {
            send(parts, SealedPart::FirstPeriod(platform, first)).await?;
        }
        let periods = store::period::list(tx, which).await?;
        let named = platform_ids.filter(|ids| ids.len() == 1);
        let only = periods.first().filter(|_| named.is_some());
        let whose = (only.map(|period| &period.platform_id), which.from);
        self.note_reading(caller, "sealed_totals", whose, periods.len())
            .await?;
        let kinds = FeeKinds::new(store::number::list_fee_kinds(tx).await?);
        for reported in periods {
            let (platform, period) = (reported.platform_id.clone(), reported.period);
            let sealed = reported.seal.is_some();
            send(parts, SealedPart::Period(Box::new(reported))).await?;
            if !sealed {
                continue;
            }
            let mut part = Builder::new(&kinds);
            let mut rows = std::pin::pin!(store::totals::read_all(tx, &platform, period));
            while let Some((merchant_id, mut totals)) = rows.try_next().await? {
                kinds.sort(&mut totals)?;
                for some in totals.chunks_mut(PART_TOTALS_MAX) {
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
}

/// The fee kinds that have a number, by name.
struct FeeKinds {
    names: Vec<String>,
    /// The position of each number's name among them.
    positions: HashMap<i32, i32>,
}

impl FeeKinds {
    fn new(kinds: HashMap<i32, String>) -> Self {
        let mut kinds: Vec<(String, i32)> =
            kinds.into_iter().map(|(no, name)| (name, no)).collect();
        kinds.sort_unstable();
        let positions = kinds.iter().zip(0..).map(|((_, no), at)| (*no, at));
        Self {
            positions: positions.collect(),
            names: kinds.into_iter().map(|(name, _)| name).collect(),
        }
    }

    /// Puts positions for numbers, and totals in the order of kinds' names and days.
    fn sort(&self, totals: &mut [Total]) -> Result<(), StoreError> {
        // The one before is mostly the same.
        let mut last = None;
        for total in &mut *totals {
            let number = total.fee_kind;
            let position = match last {
                Some((before, position)) if before == number => position,
                Some(_) | None => *self.positions.get(&number).ok_or_else(|| {
                    StoreError::corrupt("sealed_total.fee_kinds", "a number without a name")
                })?,
            };
            last = Some((number, position));
            total.fee_kind = position;
        }
        totals.sort_unstable_by_key(|total| (total.fee_kind, total.fee_date));
        Ok(())
    }
}

/// A part under way.
struct Builder<'a> {
    kinds: &'a FeeKinds,
    /// The position in the part of each kind that occurs in it.
    positions: HashMap<i32, i32>,
    part: TotalsPart,
    count: usize,
}

impl<'a> Builder<'a> {
    fn new(kinds: &'a FeeKinds) -> Self {
        Self {
            kinds,
            positions: HashMap::new(),
            part: TotalsPart::default(),
            count: 0,
        }
    }

    fn is_full(&self, more: usize) -> bool {
        self.part.merchants.len() >= PART_MERCHANTS_MAX || self.count + more > PART_TOTALS_MAX
    }

    /// Adds totals of a merchant, by kind and day.
    fn add(&mut self, merchant_id: MerchantId, totals: &mut [Total]) {
        self.count += totals.len();
        for same_kind in totals.chunk_by_mut(|a, b| a.fee_kind == b.fee_kind) {
            let kind = same_kind[0].fee_kind;
            let fee_kinds = &mut self.part.fee_kinds;
            let position = *self.positions.entry(kind).or_insert_with(|| {
                let name = usize::try_from(kind).map(|kind| self.kinds.names[kind].clone());
                fee_kinds.push(name.expect("positions are counted from 0"));
                i32::try_from(fee_kinds.len() - 1).expect("a part has few kinds")
            });
            for total in same_kind {
                total.fee_kind = position;
            }
        }
        self.part.merchants.push(MerchantTotals {
            merchant_id,
            totals: totals.to_vec(),
        });
    }

    fn take(&mut self) -> SealedPart {
        (self.count, self.positions) = (0, HashMap::new());
        SealedPart::Totals(std::mem::take(&mut self.part))
    }
}

async fn send(parts: &Parts, part: SealedPart) -> Result<(), AppError> {
    // The reader went away, or takes nothing: its connection is wanted elsewhere.
    parts
        .send_timeout(Ok(part), PART_WAIT)
        .await
        .map_err(|_| AppError::Overloaded)
}
