//! Serves what is asked of platforms.

use gazelle_kernel::PlatformId;
use gazelle_proto::registry::v1 as pb;
use gazelle_runtime::{access::principal, page::List, status::FieldExt};
use tonic::{Request, Response, Status};

use super::{
    parse::{common::batch, platform::platform},
    render::{self, import::imported},
};
use crate::app::App;

/// Makes platforms known, or changes what is recorded of them.
pub async fn put(
    app: &App,
    request: Request<pb::PutPlatformsRequest>,
) -> Result<Response<pb::PutPlatformsResponse>, Status> {
    let items = batch(&request.get_ref().platforms, platform)?;
    let result = app.put_platforms(principal(&request), items).await?;
    Ok(Response::new(pb::PutPlatformsResponse {
        result: Some(imported(&result)),
    }))
}

/// Shows a platform.
pub async fn get(
    app: &App,
    request: Request<pb::GetPlatformRequest>,
) -> Result<Response<pb::GetPlatformResponse>, Status> {
    let id = PlatformId::parse(&request.get_ref().platform_id).field("platform_id")?;
    let platform = app.get_platform(principal(&request), id).await?;
    Ok(Response::new(pb::GetPlatformResponse {
        platform: Some(render::platform::platform(&platform)),
    }))
}

/// Lists platforms.
pub async fn list(
    app: &App,
    request: Request<pb::ListPlatformsRequest>,
) -> Result<Response<pb::ListPlatformsResponse>, Status> {
    let request = request.get_ref();
    let list = List::new("platforms", &[]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[id]| PlatformId::parse(id).ok())?;
    let rows = app.list_platforms(after.as_ref(), page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |last| [last.id.to_string()]);
    Ok(Response::new(pb::ListPlatformsResponse {
        platforms: rows.iter().map(render::platform::platform).collect(),
        next_page_token,
    }))
}
