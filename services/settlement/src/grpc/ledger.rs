//! `LedgerService`.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use gazelle_proto::{
    settlement::v1::{self as pb, ledger_service_server::LedgerService},
    time::timestamp,
};
use tonic::{Request, Response, Status};

use super::parse;
use crate::{
    app::{App, VerifyProgress},
    domain::ledger::verify::Head,
};

/// Serves the books.
#[derive(Debug, Clone)]
pub struct Ledger(pub App);

/// Messages that are sent one by one.
type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl LedgerService for Ledger {
    type VerifyLedgerStream = Messages<pb::VerifyLedgerResponse>;
    type ExportLedgerStream = Messages<pb::ExportLedgerResponse>;

    async fn verify_ledger(
        &self,
        request: Request<pb::VerifyLedgerRequest>,
    ) -> Result<Response<Self::VerifyLedgerStream>, Status> {
        let checkpoint = request.into_inner().checkpoint;
        let checkpoint = checkpoint.as_ref().map(parse::checkpoint).transpose()?;
        let progress = self.0.verify_ledger(checkpoint);
        let messages = progress.map(|piece| Ok(verified(piece?)));
        Ok(Response::new(Box::pin(messages)))
    }

    async fn get_ledger_checkpoint(
        &self,
        _: Request<pb::GetLedgerCheckpointRequest>,
    ) -> Result<Response<pb::GetLedgerCheckpointResponse>, Status> {
        let head = self.0.ledger_head().await?;
        Ok(Response::new(pb::GetLedgerCheckpointResponse {
            checkpoint: Some(checkpoint(head)),
        }))
    }

    async fn export_ledger(
        &self,
        request: Request<pb::ExportLedgerRequest>,
    ) -> Result<Response<Self::ExportLedgerStream>, Status> {
        let format = parse::ledger_format(request.get_ref().format())?;
        let pieces = self.0.export_ledger(format);
        let messages = pieces.map(|piece| Ok(pb::ExportLedgerResponse { text: piece? }));
        Ok(Response::new(Box::pin(messages)))
    }
}

fn verified(progress: VerifyProgress) -> pb::VerifyLedgerResponse {
    pb::VerifyLedgerResponse {
        entry_count: progress.entry_count,
        verified_count: progress.verified_count,
        checkpoint: progress.done.map(checkpoint),
    }
}

fn checkpoint(head: Head) -> pb::LedgerCheckpoint {
    pb::LedgerCheckpoint {
        entry_number: head.checkpoint.entry_number,
        digest: hex::encode(head.checkpoint.digest),
        recorded_at: head.recorded_at.map(timestamp),
    }
}
