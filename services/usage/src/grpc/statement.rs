//! Serves `SubmitStatement`.

use gazelle_kernel::Fen;
use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::{access::principal, status::FieldViolation};
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::app::App;

/// States the totals of the calling platform's period.
pub async fn submit(
    app: &App,
    request: Request<pb::SubmitStatementRequest>,
) -> Result<Response<pb::SubmitStatementResponse>, Status> {
    let asked = request.get_ref();
    let named_period = parse::own_period(&request, &asked.platform_id, &asked.period)?;
    if asked.record_count < 0 {
        let expected = "expected 0 or more";
        return Err(FieldViolation::new("record_count", "COUNT_NEGATIVE", expected).into());
    }
    let (count, total) = (asked.record_count, Fen::new(asked.total_fen));
    let stated = app.submit_statement(principal(&request), named_period, count, total);
    let period = Some(render::period(stated.await?));
    Ok(Response::new(pb::SubmitStatementResponse { period }))
}
