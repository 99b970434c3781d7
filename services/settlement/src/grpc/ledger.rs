//! Serves `LedgerService`.

use std::pin::Pin;

use futures::{Stream, StreamExt as _};
use gazelle_proto::settlement::v1::{self as pb, ledger_service_server::LedgerService};
use tonic::{Request, Response, Status};

use super::{parse::ledger as parse, render::ledger as render};
use crate::app::App;

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
        let messages = progress.map(|piece| Ok(render::verified(piece?)));
        Ok(Response::new(Box::pin(messages)))
    }

    async fn get_ledger_checkpoint(
        &self,
        _: Request<pb::GetLedgerCheckpointRequest>,
    ) -> Result<Response<pb::GetLedgerCheckpointResponse>, Status> {
        let head = self.0.get_ledger_checkpoint().await?;
        Ok(Response::new(pb::GetLedgerCheckpointResponse {
            checkpoint: Some(render::checkpoint(head)),
        }))
    }

    async fn export_ledger(
        &self,
        request: Request<pb::ExportLedgerRequest>,
    ) -> Result<Response<Self::ExportLedgerStream>, Status> {
        let format = parse::format(request.get_ref().format())?;
        let pieces = self.0.export_ledger(format);
        let messages = pieces.map(|piece| Ok(pb::ExportLedgerResponse { text: piece? }));
        Ok(Response::new(Box::pin(messages)))
    }
}
