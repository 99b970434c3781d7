//! Reads the totals of sealed periods as of one moment.

use std::time::Duration;

use futures::TryStreamExt;
use gazelle_kernel::MerchantId;
use sqlx::PgConnection;
use tokio::sync::mpsc;
use tracing::Instrument as _;

use super::{App, AppError, turn};
use crate::{
    domain::Account,
    store::{self, Patience, period::Selection, sealed_total::Total},
};

/// How long a reader may take for each part.
const PART_WAIT: Duration = Duration::from_mins(1);

/// Merchants in a part at most.
const MERCHANTS_MAX: usize = 1_000;

/// Totals after which a part ends with its merchant. A message stays well below the 4 MiB that
/// clients take unless they say otherwise.
const TOTALS_ENOUGH: usize = 5_000;

/// Totals in a part at most, even in the middle of a merchant.
const TOTALS_MAX: usize = 15_000;

/// A period begins, or totals of the one that began last.
#[derive(Debug)]
pub enum Part {
    /// A period in which anything was accepted or stated.
    Period(Box<Account>),
    /// Some of its totals, by merchant.
    Totals(Vec<MerchantTotals>),
    /// That was all. What ends without this is not whole.
    End,
}

/// The totals of one merchant, by kind and day.
#[derive(Debug)]
pub struct MerchantTotals {
    /// Whose.
    pub merchant_id: MerchantId,
    /// One or more.
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
        let pool = self.pool.clone();
        let reading = async move {
            let _turn = turn;
            let read = async {
                // Both the list of periods and the totals are of the moment of the first query.
                let mut tx = pool
                    .begin_with("begin isolation level repeatable read read only")
                    .await?;
                store::bound_waits(&mut tx, Patience::Long).await?;
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
    for account in store::period::list(tx, which).await? {
        let (platform, period) = (account.platform_id.clone(), account.period);
        let sealed = account.seal.is_some();
        send(parts, Part::Period(Box::new(account))).await?;
        if !sealed {
            continue;
        }
        let mut part: Vec<MerchantTotals> = Vec::new();
        let mut count = 0;
        let mut totals = std::pin::pin!(store::sealed_total::read_all(tx, &platform, period));
        while let Some(total) = totals.try_next().await? {
            let same = part
                .last()
                .is_some_and(|last| last.merchant_id == total.merchant_id);
            let full = part.len() >= MERCHANTS_MAX || count >= TOTALS_ENOUGH;
            if (full && !same) || count >= TOTALS_MAX {
                send(parts, Part::Totals(std::mem::take(&mut part))).await?;
                count = 0;
            }
            count += 1;
            match part
                .last_mut()
                .filter(|last| last.merchant_id == total.merchant_id)
            {
                Some(merchant) => merchant.totals.push(total),
                None => part.push(MerchantTotals {
                    merchant_id: total.merchant_id.clone(),
                    totals: vec![total],
                }),
            }
        }
        if !part.is_empty() {
            send(parts, Part::Totals(part)).await?;
        }
    }
    Ok(())
}

async fn send(parts: &Parts, part: Part) -> Result<(), AppError> {
    // The reader went away, or takes nothing: its connection is wanted elsewhere.
    parts
        .send_timeout(Ok(part), PART_WAIT)
        .await
        .map_err(|_| AppError::Overloaded)
}
