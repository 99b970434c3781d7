//! An order as a file for whoever pays, piece by piece.

use gazelle_runtime::{
    auth::Principal,
    detach::WorkLost,
    store::{begin, event::Doing, snapshot},
};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{PAYMENTS_A_TIME, find_order, stored_digest};
use crate::{
    app::{
        App,
        error::{AppError, PaymentRefused},
        ledger::PIECES_WAITING_MAX,
    },
    domain::payment::file::{
        format::FileFormat,
        order::{FileOrder, FilePayment},
        pain001, treasury,
    },
    store,
};

/// The largest piece.
const PIECE_BYTES: usize = 64 * 1024;

impl App {
    /// A released order as a file: the same bytes, whenever it is exported.
    ///
    /// That somebody has it, with all of its account numbers, stands in the trail before its first
    /// byte is sent.
    pub async fn export_order(
        &self,
        caller: &Principal,
        order_id: &str,
        format: FileFormat,
    ) -> Result<ReceiverStream<Result<Vec<u8>, AppError>>, AppError> {
        let mut tx = begin(&self.pool).await?;
        let order = find_order(&mut tx, order_id).await?;
        let file = order.file().map_err(PaymentRefused::from)?;
        if format == FileFormat::TreasuryXlsx {
            order.check_sheet().map_err(PaymentRefused::from)?;
        }
        // It leaves as it was released, or not at all.
        let stored = stored_digest(&mut tx, &order).await?;
        order
            .check_payments(&stored)
            .map_err(PaymentRefused::from)?;
        let by = caller.actor();
        let at = store::clock::now(&mut tx).await?;
        let content = json!({ "format": format.as_str(), "digest": hex::encode(stored) });
        Doing { by: &by, at }
            .record(&mut tx, "order.export", order_id, &content)
            .await?;
        tx.commit().await?;
        let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
        let app = self.clone();
        tokio::spawn(async move {
            let written = match format {
                FileFormat::TreasuryXlsx => app.write_workbook(&file, &sender).await,
                FileFormat::Pain001 | FileFormat::TreasuryCsv => {
                    app.write_text(&file, format, &sender).await
                }
            };
            if let Err(error) = written {
                // Nobody listens any more where this fails.
                let _ = sender.send(Err(error)).await;
            }
        });
        Ok(ReceiverStream::new(receiver))
    }

    async fn write_text(
        &self,
        order: &FileOrder,
        format: FileFormat,
        sender: &mpsc::Sender<Result<Vec<u8>, AppError>>,
    ) -> Result<(), AppError> {
        let is_list = format == FileFormat::TreasuryCsv;
        let mut text = if is_list {
            treasury::csv_head()
        } else {
            pain001::head(order)
        };
        let mut after = String::new();
        loop {
            let payments = self.payments_to_write(&order.order_id, &after).await?;
            let Some((last, _)) = payments.last() else {
                break;
            };
            after.clone_from(last);
            for (_, payment) in &payments {
                let line = if is_list {
                    treasury::csv_line(order, payment)
                } else {
                    pain001::payment(order, payment)
                };
                text.push_str(&line);
                if text.len() >= PIECE_BYTES {
                    let piece = std::mem::take(&mut text).into_bytes();
                    if sender.send(Ok(piece)).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
        if !is_list {
            text.push_str(pain001::TAIL);
        }
        // Nobody listens any more where this fails.
        let _ = sender.send(Ok(text.into_bytes())).await;
        Ok(())
    }

    async fn write_workbook(
        &self,
        order: &FileOrder,
        sender: &mpsc::Sender<Result<Vec<u8>, AppError>>,
    ) -> Result<(), AppError> {
        let _turn = self.payment_turns.take().await?;
        let mut payments: Vec<(String, FilePayment)> = Vec::new();
        loop {
            let after = payments.last().map_or("", |(payee, _)| payee);
            let more = self.payments_to_write(&order.order_id, after).await?;
            if more.is_empty() {
                break;
            }
            payments.extend(more);
        }
        let order = order.clone();
        let written = tokio::task::spawn_blocking(move || {
            treasury::xlsx(&order, payments.iter().map(|(_, payment)| payment))
        });
        let written = written.await.map_err(WorkLost::new)?;
        let bytes = written.map_err(WorkLost::new)?;
        for piece in bytes.chunks(PIECE_BYTES) {
            if sender.send(Ok(piece.to_vec())).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    async fn payments_to_write(
        &self,
        order_id: &str,
        after: &str,
    ) -> Result<Vec<(String, FilePayment)>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        Ok(store::payment::chunk(&mut tx, order_id, after, PAYMENTS_A_TIME).await?)
    }
}
