//! Serves `WithdrawPeriod`.

use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::access::principal;
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::app::App;

/// Withdraws the calling platform's period.
pub async fn withdraw(
    app: &App,
    request: Request<pb::WithdrawPeriodRequest>,
) -> Result<Response<pb::WithdrawPeriodResponse>, Status> {
    let caller = parse::calling_platform(&request)?;
    let (named_period, meant) = parse::withdrawal(request.get_ref(), &caller)?;
    let withdrawn = app.withdraw_period(principal(&request), named_period, meant);
    let withdrawal = Some(render::withdrawal(&withdrawn.await?));
    Ok(Response::new(pb::WithdrawPeriodResponse { withdrawal }))
}
