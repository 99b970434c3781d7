//! Serves `LedgerService`.

use futures::StreamExt as _;
use gazelle_proto::settlement::v1 as pb;
use tonic::{Request, Response, Status};

use super::{parse::ledger as parse, render::ledger as render, stream::Messages};
use crate::app::App;

/// Checks the books, and tells how far that is.
pub fn verify(
    app: &App,
    request: Request<pb::VerifyLedgerRequest>,
) -> Result<Response<Messages<pb::VerifyLedgerResponse>>, Status> {
    let checkpoint = request.into_inner().checkpoint;
    let checkpoint = checkpoint.as_ref().map(parse::checkpoint).transpose()?;
    let progress = app.verify_ledger(checkpoint);
    let messages = progress.map(|piece| Ok(render::verified(piece?)));
    Ok(Response::new(Box::pin(messages)))
}

/// Shows the end of the books, to be kept elsewhere.
pub async fn checkpoint(
    app: &App,
    _: Request<pb::GetLedgerCheckpointRequest>,
) -> Result<Response<pb::GetLedgerCheckpointResponse>, Status> {
    let head = app.get_ledger_checkpoint().await?;
    Ok(Response::new(pb::GetLedgerCheckpointResponse {
        checkpoint: Some(render::checkpoint(head)),
    }))
}

/// Streams the books as a journal.
pub fn export(
    app: &App,
    request: Request<pb::ExportLedgerRequest>,
) -> Result<Response<Messages<pb::ExportLedgerResponse>>, Status> {
    let format = parse::format(request.into_inner().format())?;
    let pieces = app.export_ledger(format);
    let messages = pieces.map(|piece| Ok(pb::ExportLedgerResponse { text: piece? }));
    Ok(Response::new(Box::pin(messages)))
}
