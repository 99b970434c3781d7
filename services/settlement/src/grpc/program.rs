//! Serves what `ProgramService` is asked of programs.

use gazelle_kernel::ProgramId;
use gazelle_proto::settlement::v1 as pb;
use gazelle_runtime::{access::principal, auth::Principal, page::List, status::Fields};
use tonic::{Request, Response, Status};

use super::{
    parse::{
        self,
        common::{program_id, refused},
    },
    render,
};
use crate::app::App;

/// Applies a program, or a change of one.
pub async fn apply(
    app: &App,
    request: Request<pb::ApplyProgramRequest>,
) -> Result<Response<pb::ApplyProgramResponse>, Status> {
    let caller = principal(&request).clone();
    let program = request.into_inner().program;
    let program = program.ok_or_else(|| refused("program", "MISSING", "", "a program"))?;
    let applied = app
        .apply_program(&caller, parse::program::terms(&program)?)
        .await?;
    Ok(Response::new(pb::ApplyProgramResponse {
        program: Some(render::program::program(&applied.version)),
        changed: applied.changed,
    }))
}

/// Shows a version of a program.
pub async fn get(
    app: &App,
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
    let version = app.get_program(&id, version).await?;
    Ok(Response::new(pb::GetProgramResponse {
        program: Some(render::program::program(&version)),
    }))
}

/// Lists programs, to a platform what is public of them.
pub async fn list(
    app: &App,
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
    let rows = app.list_programs(after.as_ref(), page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| [row.program.id().to_string()]);
    Ok(Response::new(pb::ListProgramsResponse {
        programs: rows.iter().map(render).collect(),
        next_page_token,
    }))
}
