//! Serves `SealPeriod`.

use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::access::principal;
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::app::App;

/// Seals a period.
pub async fn seal(
    app: &App,
    request: Request<pb::SealPeriodRequest>,
) -> Result<Response<pb::SealPeriodResponse>, Status> {
    let (named_period, seen) = parse::seal(request.get_ref())?;
    let sealed = app.seal_period(principal(&request), named_period, seen);
    let period = Some(render::period(&sealed.await?));
    Ok(Response::new(pb::SealPeriodResponse { period }))
}
