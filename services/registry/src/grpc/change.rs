//! Serves `ListChanges`.

use gazelle_proto::registry::v1 as pb;
use gazelle_runtime::page::List;
use tonic::{Request, Response, Status};

use super::render::change::change;
use crate::{app::App, domain::revision::Revision};

/// Lists changes. A page has fewer rows than asked for where batches were large, so its token says
/// whether it is the last, and not its length.
pub async fn list(
    app: &App,
    request: Request<pb::ListChangesRequest>,
) -> Result<Response<pb::ListChangesResponse>, Status> {
    let request = request.get_ref();
    let list = List::new("changes", &[]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[revision]| revision.parse().ok().and_then(Revision::new))?;
    let (rows, more) = app.list_changes(after, page.size()).await?;
    let next = rows.last().filter(|_| more);
    Ok(Response::new(pb::ListChangesResponse {
        next_page_token: next
            .map_or_else(String::new, |last| list.token(&[last.revision.to_string()])),
        changes: rows.iter().map(change).collect(),
    }))
}
