//! Serves `SealPeriod`.

use gazelle_proto::usage::v1 as pb;
use gazelle_runtime::{access::principal, status::Fields};
use tonic::{Request, Response, Status};

use super::{parse, render};
use crate::app::App;

/// Seals a period.
pub async fn seal(
    app: &App,
    request: Request<pb::SealPeriodRequest>,
) -> Result<Response<pb::SealPeriodResponse>, Status> {
    let asked = request.get_ref();
    let mut fields = Fields::default();
    let named = parse::period(&mut fields, &asked.platform_id, &asked.period);
    let named_period = fields.finish(named)?;
    let sealed = app.seal_period(principal(&request), named_period).await?;
    let period = Some(render::period(sealed));
    Ok(Response::new(pb::SealPeriodResponse { period }))
}
