//! `ProgramService`.

use gazelle_kernel::{ProgramId, Uscc, parse_date};
use gazelle_proto::settlement::v1::{self as pb, program_service_server::ProgramService};
use gazelle_runtime::{access::principal, auth::Principal, page::List};
use tonic::{Request, Response, Status};

use super::{
    parse::{self, program_id, refused},
    render,
};
use crate::app::App;

/// Serves programs and enrollments.
#[derive(Debug, Clone)]
pub struct Programs(pub App);

#[tonic::async_trait]
impl ProgramService for Programs {
    async fn apply_program(
        &self,
        request: Request<pb::ApplyProgramRequest>,
    ) -> Result<Response<pb::ApplyProgramResponse>, Status> {
        let caller = principal(&request).clone();
        let program = request.into_inner().program;
        let program = program.ok_or_else(|| refused("program", "MISSING", "", "a program"))?;
        let applied = self
            .0
            .apply_program(&caller, parse::terms(&program)?)
            .await?;
        Ok(Response::new(pb::ApplyProgramResponse {
            program: Some(render::program(&applied.version)),
            changed: applied.changed,
        }))
    }

    async fn get_program(
        &self,
        request: Request<pb::GetProgramRequest>,
    ) -> Result<Response<pb::GetProgramResponse>, Status> {
        let request = request.into_inner();
        let id = program_id(&request.program_id)?;
        let version = match request.version {
            0 => None,
            version @ 1.. => Some(version),
            version => {
                let expected = "a version from 1, or 0 for the newest";
                let version = version.to_string();
                return Err(refused("version", "VERSION_INVALID", &version, expected));
            }
        };
        let version = self.0.program(&id, version).await?;
        Ok(Response::new(pb::GetProgramResponse {
            program: Some(render::program(&version)),
        }))
    }

    async fn list_programs(
        &self,
        request: Request<pb::ListProgramsRequest>,
    ) -> Result<Response<pb::ListProgramsResponse>, Status> {
        let render = match principal(&request) {
            Principal::Platform(_) => render::public_program,
            Principal::Person { .. } | Principal::Service(_) => render::program,
        };
        let request = request.into_inner();
        let list = List::new("programs", &[]);
        let page = list.page(request.page_size, &request.page_token)?;
        let after = page.after(|[id]| ProgramId::parse(id).ok())?;
        let rows = self.0.programs(after.as_ref(), page.limit()).await?;
        let (rows, next_page_token) = list.cut(&page, rows, |row| [row.program.id().to_string()]);
        Ok(Response::new(pb::ListProgramsResponse {
            programs: rows.iter().map(render).collect(),
            next_page_token,
        }))
    }

    async fn put_enrollments(
        &self,
        request: Request<pb::PutEnrollmentsRequest>,
    ) -> Result<Response<pb::PutEnrollmentsResponse>, Status> {
        let caller = principal(&request).clone();
        let enrollments = request.into_inner().enrollments;
        let items = enrollments.iter().map(parse::enrollment).collect();
        let imported = self.0.put_enrollments(&caller, items).await?;
        Ok(Response::new(pb::PutEnrollmentsResponse {
            result: Some(render::imported(&imported)),
        }))
    }

    async fn list_enrollments(
        &self,
        request: Request<pb::ListEnrollmentsRequest>,
    ) -> Result<Response<pb::ListEnrollmentsResponse>, Status> {
        let request = request.into_inner();
        let id = program_id(&request.program_id)?;
        let list = List::new("enrollments", &[id.as_str()]);
        let page = list.page(request.page_size, &request.page_token)?;
        let after = page.after(|[uscc, from]| {
            Some((Uscc::parse_excepted(uscc).ok()?, parse_date(from).ok()?))
        })?;
        let after = after.as_ref().map(|(uscc, from)| (uscc, *from));
        let rows = self.0.enrollments(&id, after, page.limit()).await?;
        let (rows, next_page_token) = list.cut(&page, rows, |row| {
            [row.uscc.to_string(), row.effective.from().to_string()]
        });
        Ok(Response::new(pb::ListEnrollmentsResponse {
            enrollments: rows.iter().map(render::enrollment).collect(),
            next_page_token,
        }))
    }
}
