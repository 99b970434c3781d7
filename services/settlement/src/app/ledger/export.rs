//! The books as a journal for other programs, as of one moment.

use foldhash::HashMap;
use gazelle_kernel::day_in_shanghai;
use gazelle_runtime::store::{StoreError, snapshot};
use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::PIECES_WAITING_MAX;
use crate::{
    app::{App, error::AppError},
    domain::ledger::{
        journal::{self, Format, JournalLine},
        name_in_exports,
        verify::{StoredEntry, StoredPosting},
    },
    store,
};

/// From this size on a piece is sent.
const PIECE_BYTES: usize = 64 * 1024;

impl App {
    /// The books as a journal, piece by piece.
    #[must_use]
    pub fn export_ledger(&self, format: Format) -> ReceiverStream<Result<String, AppError>> {
        let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
        let pool = self.pool.clone();
        tokio::spawn(async move {
            if let Err(error) = export(&pool, format, &sender).await {
                // Nobody listens any more where this fails.
                let _ = sender.send(Err(error)).await;
            }
        });
        ReceiverStream::new(receiver)
    }
}

async fn export(
    pool: &PgPool,
    format: Format,
    sender: &mpsc::Sender<Result<String, AppError>>,
) -> Result<(), AppError> {
    let mut tx = snapshot(pool).await?;
    let chart = store::ledger::chart(&mut tx, name_in_exports).await?;
    let mut from = 1;
    let mut text = String::new();
    loop {
        let page = store::ledger::entries(&mut tx, from).await?;
        if from == 1 {
            // The first that was written may have begun after others.
            let first = page
                .entries
                .iter()
                .map(|entry| day_in_shanghai(entry.recorded_at))
                .min();
            let names = chart.values().map(String::as_str);
            text = first.map_or_else(String::new, |day| journal::head(format, day, names));
        }
        let Some(last) = page.entries.last() else {
            break;
        };
        from = last.number + 1;
        let by_number: HashMap<i64, &StoredEntry> = page
            .entries
            .iter()
            .map(|entry| (entry.number, entry))
            .collect();
        for posting in &page.postings {
            write(format, &by_number, &chart, posting, &mut text)?;
            if text.len() >= PIECE_BYTES
                && sender.send(Ok(std::mem::take(&mut text))).await.is_err()
            {
                return Ok(());
            }
        }
    }
    // Nobody listens any more where this fails.
    let _ = sender.send(Ok(text)).await;
    Ok(())
}

fn write(
    format: Format,
    entries: &HashMap<i64, &StoredEntry>,
    chart: &HashMap<i64, String>,
    posting: &StoredPosting,
    text: &mut String,
) -> Result<(), StoreError> {
    let missing = || StoreError::corrupt("ledger_posting", format!("posting {}", posting.number));
    let entry = entries.get(&posting.entry_number).ok_or_else(missing)?;
    let name = |id: i64| chart.get(&id).map(String::as_str).ok_or_else(missing);
    let line = JournalLine {
        entry_number: entry.number,
        recorded_at: entry.recorded_at,
        cause: &format!("{} {}", entry.texts[0], entry.texts[1]),
        debit: name(posting.debit_id)?,
        credit: name(posting.credit_id)?,
        amount: posting.amount,
        payment_id: posting.payment_id.as_deref(),
    };
    journal::posting(format, &line, text);
    Ok(())
}
