//! Serves `ProgramService`.

use gazelle_kernel::ProgramId;
use gazelle_proto::settlement::v1::{self as pb, program_service_server::ProgramService};
use gazelle_runtime::{access::principal, auth::Principal, page::List, status::Fields};
use tonic::{Request, Response, Status};

use super::{
    enrollment,
    parse::{
        self,
        common::{program_id, refused},
    },
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
            .apply_program(&caller, parse::program::terms(&program)?)
            .await?;
        Ok(Response::new(pb::ApplyProgramResponse {
            program: Some(render::program::program(&applied.version)),
            changed: applied.changed,
        }))
    }

    async fn get_program(
        &self,
        request: Request<pb::GetProgramRequest>,
    ) -> Result<Response<pb::GetProgramResponse>, Status> {
        let request = request.into_inner();
        let mut fields = Fields::default();
        let id = fields.note(program_id(&request.program_id));
        let version = fields.note(match request.version {
            0 => Ok(None),
            version @ 1.. => Ok(Some(version)),
            version => {
                let expected = "a version from 1, or 0 for the newest";
                let version = version.to_string();
                Err(refused("version", "VERSION_INVALID", &version, expected))
            }
        });
        let (id, version) = fields.finish(id.zip(version))?;
        let version = self.0.get_program(&id, version).await?;
        Ok(Response::new(pb::GetProgramResponse {
            program: Some(render::program::program(&version)),
        }))
    }

    async fn list_programs(
        &self,
        request: Request<pb::ListProgramsRequest>,
    ) -> Result<Response<pb::ListProgramsResponse>, Status> {
        let render = match principal(&request) {
            Principal::Platform(_) => render::program::public_program,
            Principal::Person { .. } | Principal::Service(_) => render::program::program,
        };
        let request = request.into_inner();
        let list = List::new("programs", &[]);
        let page = list.page(request.page_size, &request.page_token)?;
        let after = page.after(|[id]| ProgramId::parse(id).ok())?;
        let rows = self.0.list_programs(after.as_ref(), page.limit()).await?;
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
        enrollment::put(&self.0, request).await
    }

    async fn list_enrollments(
        &self,
        request: Request<pb::ListEnrollmentsRequest>,
    ) -> Result<Response<pb::ListEnrollmentsResponse>, Status> {
        enrollment::list(&self.0, request).await
    }
}
