//! Serves what `RunService` is asked of objections.

use gazelle_kernel::Uscc;
use gazelle_proto::settlement::v1 as pb;
use gazelle_runtime::{access::principal, page::List, status::Fields};
use tonic::{Request, Response, Status};

use super::{
    parse::{
        common::{run_id, uscc},
        objection::argument,
    },
    render,
};
use crate::{app::App, domain::objection::Ruling};

/// Records an objection.
pub async fn raise(
    app: &App,
    request: Request<pb::RaiseObjectionRequest>,
) -> Result<Response<pb::RaiseObjectionResponse>, Status> {
    let caller = principal(&request).clone();
    let request = request.into_inner();
    let mut fields = Fields::default();
    let run = fields.note(run_id(&request.run_id));
    let run = run.zip(fields.note(uscc(&request.uscc)));
    let statement = fields.note(argument("statement", &request.statement));
    let ((id, uscc), statement) = fields.finish(run.zip(statement))?;
    let objection = app.raise_objection(&caller, id, uscc, statement).await?;
    let objection = Some(render::objection::objection(id, &objection));
    Ok(Response::new(pb::RaiseObjectionResponse { objection }))
}

/// Decides an objection.
pub async fn decide(
    app: &App,
    request: Request<pb::DecideObjectionRequest>,
) -> Result<Response<pb::DecideObjectionResponse>, Status> {
    let caller = principal(&request).clone();
    let request = request.into_inner();
    let mut fields = Fields::default();
    let run = fields.note(run_id(&request.run_id));
    let run = run.zip(fields.note(uscc(&request.uscc)));
    let decision = fields.note(argument("decision", &request.decision));
    let ((id, uscc), decision) = fields.finish(run.zip(decision))?;
    let ruling = Ruling {
        upheld: request.uphold,
        decision,
    };
    let (objection, run) = app.decide_objection(&caller, id, uscc, ruling).await?;
    Ok(Response::new(pb::DecideObjectionResponse {
        objection: Some(render::objection::objection(id, &objection)),
        run: Some(render::run::run_detail(&run)),
    }))
}

/// Lists the objections to a run.
pub async fn list(
    app: &App,
    request: Request<pb::ListObjectionsRequest>,
) -> Result<Response<pb::ListObjectionsResponse>, Status> {
    let request = request.into_inner();
    let id = run_id(&request.run_id)?;
    let list = List::new("objections", &[&id.to_string()]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[uscc]| Uscc::parse_excepted(uscc).ok())?;
    let rows = app
        .list_objections(id, after.as_ref(), page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| [row.uscc.to_string()]);
    let objections = rows
        .iter()
        .map(|row| render::objection::objection(id, row))
        .collect();
    Ok(Response::new(pb::ListObjectionsResponse {
        objections,
        next_page_token,
    }))
}
