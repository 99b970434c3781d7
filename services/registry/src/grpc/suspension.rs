//! Serves `PutSuspensions`.

use gazelle_proto::registry::v1 as pb;
use gazelle_runtime::access::principal;
use tonic::{Request, Response, Status};

use super::{
    parse::{common::batch, suspension::suspension},
    render::import::imported,
};
use crate::app::App;

/// Records suspensions.
pub async fn put(
    app: &App,
    request: Request<pb::PutSuspensionsRequest>,
) -> Result<Response<pb::PutSuspensionsResponse>, Status> {
    let items = batch(&request.get_ref().suspensions, suspension)?;
    let result = app.put_suspensions(principal(&request), items).await?;
    Ok(Response::new(pb::PutSuspensionsResponse {
        result: Some(imported(&result)),
    }))
}
