//! Serves `PutFilings`.

use gazelle_proto::registry::v1 as pb;
use gazelle_runtime::access::principal;
use tonic::{Request, Response, Status};

use super::{
    parse::{common::batch, filing::filing},
    render::import::imported,
};
use crate::app::App;

/// Records filings.
pub async fn put(
    app: &App,
    request: Request<pb::PutFilingsRequest>,
) -> Result<Response<pb::PutFilingsResponse>, Status> {
    let items = batch(&request.get_ref().filings, filing)?;
    let result = app.put_filings(principal(&request), items).await?;
    Ok(Response::new(pb::PutFilingsResponse {
        result: Some(imported(&result)),
    }))
}
