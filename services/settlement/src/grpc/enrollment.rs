//! Serves what `ProgramService` is asked of enrollments.

use gazelle_kernel::{Uscc, parse_date};
use gazelle_proto::settlement::v1 as pb;
use gazelle_runtime::{access::principal, page::List};
use tonic::{Request, Response, Status};

use super::{
    parse::{
        common::{batch, program_id},
        enrollment::enrollment,
    },
    render,
};
use crate::app::App;

/// Enrolls the enterprises of a batch.
pub async fn put(
    app: &App,
    request: Request<pb::PutEnrollmentsRequest>,
) -> Result<Response<pb::PutEnrollmentsResponse>, Status> {
    let items = batch(&request.get_ref().enrollments, enrollment)?;
    let judged = app.put_enrollments(principal(&request), items).await?;
    Ok(Response::new(pb::PutEnrollmentsResponse {
        result: Some(render::enrollment::imported(&judged)),
    }))
}

/// Lists a program's enrollments.
pub async fn list(
    app: &App,
    request: Request<pb::ListEnrollmentsRequest>,
) -> Result<Response<pb::ListEnrollmentsResponse>, Status> {
    let request = request.into_inner();
    let id = program_id(&request.program_id)?;
    let list = List::new("enrollments", &[id.as_str()]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page
        .after(|[uscc, from]| Some((Uscc::parse_excepted(uscc).ok()?, parse_date(from).ok()?)))?;
    let after = after.as_ref().map(|(uscc, from)| (uscc, *from));
    let rows = app.list_enrollments(&id, after, page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| {
        [row.uscc.to_string(), row.effective.from().to_string()]
    });
    let enrollments = rows.iter().map(render::enrollment::enrollment).collect();
    Ok(Response::new(pb::ListEnrollmentsResponse {
        enrollments,
        next_page_token,
    }))
}
