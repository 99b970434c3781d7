//! Serves `SubmitStatement`.

use gazelle_kernel::Fen;
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::{access::principal, status::Fields};
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::app::App;

/// States the totals of the calling platform's period.
pub async fn submit(
    app: &App,
    request: Request<pb::SubmitStatementRequest>,
) -> Result<Response<pb::SubmitStatementResponse>, Status> {
    let (caller, asked) = (parse::calling_platform(&request)?, request.get_ref());
    let mut fields = Fields::default();
    let named = parse::own_period(&mut fields, &caller, &asked.platform_id, &asked.period)?;
    let count = fields.note(parse::count("record_count", asked.record_count));
    let (named_period, count) = fields.finish(named.zip(count))?;
    let total = Fen::new(asked.total_fen);
    let stated = app.submit_statement(principal(&request), named_period, count, total);
    let period = Some(render::period(&stated.await?));
    Ok(Response::new(pb::SubmitStatementResponse { period }))
}
