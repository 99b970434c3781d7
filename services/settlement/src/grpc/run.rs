//! Serves what `RunService` is asked of runs.

use gazelle_kernel::{FeeKind, PlatformId, ProgramId, Uscc};
use gazelle_proto::{optional, settlement::v1 as pb};
use gazelle_runtime::{
    access::principal,
    page::List,
    status::{FieldExt as _, Fields},
};
use tonic::{Request, Response, Status};

use super::{
    parse::{
        self,
        common::{run_id, uscc},
    },
    render,
};
use crate::{app::App, domain::run::ResultDigest};

/// Computes a run.
pub async fn compute(
    app: &App,
    request: Request<pb::ComputeRunRequest>,
) -> Result<Response<pb::ComputeRunResponse>, Status> {
    let caller = principal(&request).clone();
    let computation = parse::run::computation(request.get_ref())?;
    let run = Box::pin(app.compute_run(&caller, computation)).await?;
    Ok(Response::new(pb::ComputeRunResponse {
        run: Some(render::run::run_detail(&run)),
    }))
}

/// Says where each month stands that a run would read.
pub async fn readiness(
    app: &App,
    request: Request<pb::GetReadinessRequest>,
) -> Result<Response<pb::GetReadinessResponse>, Status> {
    let (program_id, year, through) = parse::run::readiness(request.get_ref())?;
    let readiness = app.get_readiness(&program_id, year, through).await?;
    Ok(Response::new(render::readiness::readiness(&readiness)))
}

/// Publishes a run.
pub async fn publish(
    app: &App,
    request: Request<pb::PublishRunRequest>,
) -> Result<Response<pb::PublishRunResponse>, Status> {
    let caller = principal(&request).clone();
    let id = run_id(&request.get_ref().run_id)?;
    let run = app.publish_run(&caller, id).await?;
    Ok(Response::new(pb::PublishRunResponse {
        run: Some(render::run::run_detail(&run)),
    }))
}

/// Approves a run by its digest.
pub async fn approve(
    app: &App,
    request: Request<pb::ApproveRunRequest>,
) -> Result<Response<pb::ApproveRunResponse>, Status> {
    let caller = principal(&request).clone();
    let request = request.into_inner();
    let mut fields = Fields::default();
    let id = fields.note(run_id(&request.run_id));
    let digest = fields.read("digest", ResultDigest::parse(&request.digest));
    let (id, digest) = fields.finish(id.zip(digest))?;
    let run = app.approve_run(&caller, id, digest).await?;
    Ok(Response::new(pb::ApproveRunResponse {
        run: Some(render::run::run_detail(&run)),
    }))
}

/// Cancels a run.
pub async fn cancel(
    app: &App,
    request: Request<pb::CancelRunRequest>,
) -> Result<Response<pb::CancelRunResponse>, Status> {
    let caller = principal(&request).clone();
    let id = run_id(&request.get_ref().run_id)?;
    let run = app.cancel_run(&caller, id).await?;
    Ok(Response::new(pb::CancelRunResponse {
        run: Some(render::run::run_detail(&run)),
    }))
}

/// Shows a run.
pub async fn get(
    app: &App,
    request: Request<pb::GetRunRequest>,
) -> Result<Response<pb::GetRunResponse>, Status> {
    let run = app
        .get_run(&parse::run::run_name(request.get_ref())?)
        .await?;
    Ok(Response::new(pb::GetRunResponse {
        run: Some(render::run::run_detail(&run)),
    }))
}

/// Lists runs.
pub async fn list(
    app: &App,
    request: Request<pb::ListRunsRequest>,
) -> Result<Response<pb::ListRunsResponse>, Status> {
    let request = request.into_inner();
    let program = optional::parse(&request.program_id, ProgramId::parse).field("program_id")?;
    let list = List::new("runs", &[&request.program_id]);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page
        .after(|[program, number]| Some((ProgramId::parse(program).ok()?, number.parse().ok()?)))?;
    let after = after.as_ref().map(|(program, number)| (program, *number));
    let rows = app.list_runs(program.as_ref(), after, page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |run| {
        [run.program_id.to_string(), run.number.to_string()]
    });
    let runs = rows.iter().map(render::run::run).collect();
    Ok(Response::new(pb::ListRunsResponse {
        runs,
        next_page_token,
    }))
}

/// Lists what a run comes to for each enterprise.
pub async fn list_enterprises(
    app: &App,
    request: Request<pb::ListRunEnterprisesRequest>,
) -> Result<Response<pb::ListRunEnterprisesResponse>, Status> {
    let request = request.into_inner();
    let id = run_id(&request.run_id)?;
    let list = List::new("run_enterprises", &[&id.to_string()]).sized(1_000, 5_000);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[uscc]| Uscc::parse_excepted(uscc).ok())?;
    let rows = app
        .list_run_enterprises(id, after.as_ref(), page.limit())
        .await?;
    let (rows, next_page_token) = list.cut(&page, rows, |row| [row.uscc.to_string()]);
    let enterprises = rows.iter().map(render::run::enterprise).collect();
    Ok(Response::new(pb::ListRunEnterprisesResponse {
        enterprises,
        next_page_token,
    }))
}

/// Lists a run's lines.
pub async fn list_lines(
    app: &App,
    request: Request<pb::ListRunLinesRequest>,
) -> Result<Response<pb::ListRunLinesResponse>, Status> {
    let request = request.into_inner();
    let id = run_id(&request.run_id)?;
    let list = List::new("run_lines", &[&id.to_string()]).sized(1_000, 5_000);
    let page = list.page(request.page_size, &request.page_token)?;
    let after = page.after(|[uscc, platform, fee_kind]| {
        Some((
            Uscc::parse_excepted(uscc).ok()?,
            PlatformId::parse(platform).ok()?,
            FeeKind::parse(fee_kind).ok()?,
        ))
    })?;
    let rows = app.list_run_lines(id, after.as_ref(), page.limit()).await?;
    let (rows, next_page_token) = list.cut(&page, rows, |line| {
        [
            line.uscc.to_string(),
            line.platform_id.to_string(),
            line.fee_kind.to_string(),
        ]
    });
    let lines = rows.iter().map(render::run::line).collect();
    Ok(Response::new(pb::ListRunLinesResponse {
        lines,
        next_page_token,
    }))
}

/// Lists what a run excluded, and why.
pub async fn list_exclusions(
    app: &App,
    request: Request<pb::ListRunExclusionsRequest>,
) -> Result<Response<pb::ListRunExclusionsResponse>, Status> {
    let rows = app
        .list_run_exclusions(run_id(&request.into_inner().run_id)?)
        .await?;
    let exclusions = rows.iter().map(render::run::exclusion).collect();
    Ok(Response::new(pb::ListRunExclusionsResponse { exclusions }))
}

/// Explains what a run comes to for an enterprise.
pub async fn explain(
    app: &App,
    request: Request<pb::ExplainShareRequest>,
) -> Result<Response<pb::ExplainShareResponse>, Status> {
    let request = request.into_inner();
    let mut fields = Fields::default();
    let id = fields.note(run_id(&request.run_id));
    let uscc = fields.note(uscc(&request.uscc));
    let (id, uscc) = fields.finish(id.zip(uscc))?;
    let explanation = app.explain_share(id, uscc).await?;
    let explanation = Some(render::explanation::explanation(&explanation));
    Ok(Response::new(pb::ExplainShareResponse { explanation }))
}

/// Computes a run again, and compares.
pub async fn verify(
    app: &App,
    request: Request<pb::VerifyRunRequest>,
) -> Result<Response<pb::VerifyRunResponse>, Status> {
    let verified = app
        .verify_run(run_id(&request.into_inner().run_id)?)
        .await?;
    Ok(Response::new(pb::VerifyRunResponse {
        agrees: verified.agrees(),
        stored_digest: verified.stored.to_string(),
        recomputed_digest: optional::text(verified.recomputed),
    }))
}
