//! Serves `RunService`.

use gazelle_kernel::{FeeKind, PlatformId, ProgramId, Uscc};
use gazelle_proto::{
    optional,
    settlement::v1::{self as pb, run_service_server::RunService},
};
use gazelle_runtime::{
    access::principal,
    page::List,
    status::{FieldExt as _, Fields},
};
use tonic::{Request, Response, Status};

use super::{
    objection,
    parse::{
        self,
        common::{run_id, uscc},
    },
    render,
};
use crate::{app::App, domain::run::ResultDigest};

/// Serves runs and objections.
#[derive(Debug, Clone)]
pub struct Runs(pub App);

#[tonic::async_trait]
impl RunService for Runs {
    async fn compute_run(
        &self,
        request: Request<pb::ComputeRunRequest>,
    ) -> Result<Response<pb::ComputeRunResponse>, Status> {
        let caller = principal(&request).clone();
        let computation = parse::run::computation(request.get_ref())?;
        let run = Box::pin(self.0.compute_run(&caller, computation)).await?;
        Ok(Response::new(pb::ComputeRunResponse {
            run: Some(render::run::run_detail(&run)),
        }))
    }

    async fn get_readiness(
        &self,
        request: Request<pb::GetReadinessRequest>,
    ) -> Result<Response<pb::GetReadinessResponse>, Status> {
        let (program_id, year, through) = parse::run::readiness(request.get_ref())?;
        let readiness = self.0.get_readiness(&program_id, year, through).await?;
        Ok(Response::new(render::readiness::readiness(&readiness)))
    }

    async fn publish_run(
        &self,
        request: Request<pb::PublishRunRequest>,
    ) -> Result<Response<pb::PublishRunResponse>, Status> {
        let caller = principal(&request).clone();
        let id = run_id(&request.get_ref().run_id)?;
        let run = self.0.publish_run(&caller, id).await?;
        Ok(Response::new(pb::PublishRunResponse {
            run: Some(render::run::run_detail(&run)),
        }))
    }

    async fn approve_run(
        &self,
        request: Request<pb::ApproveRunRequest>,
    ) -> Result<Response<pb::ApproveRunResponse>, Status> {
        let caller = principal(&request).clone();
        let request = request.into_inner();
        let mut fields = Fields::default();
        let id = fields.note(run_id(&request.run_id));
        let digest = fields.read("digest", ResultDigest::parse(&request.digest));
        let (id, digest) = fields.finish(id.zip(digest))?;
        let run = self.0.approve_run(&caller, id, digest).await?;
        Ok(Response::new(pb::ApproveRunResponse {
            run: Some(render::run::run_detail(&run)),
        }))
    }

    async fn cancel_run(
        &self,
        request: Request<pb::CancelRunRequest>,
    ) -> Result<Response<pb::CancelRunResponse>, Status> {
        let caller = principal(&request).clone();
        let id = run_id(&request.get_ref().run_id)?;
        let run = self.0.cancel_run(&caller, id).await?;
        Ok(Response::new(pb::CancelRunResponse {
            run: Some(render::run::run_detail(&run)),
        }))
    }

    async fn get_run(
        &self,
        request: Request<pb::GetRunRequest>,
    ) -> Result<Response<pb::GetRunResponse>, Status> {
        let run = self
            .0
            .get_run(&parse::run::run_name(request.get_ref())?)
            .await?;
        Ok(Response::new(pb::GetRunResponse {
            run: Some(render::run::run_detail(&run)),
        }))
    }

    async fn list_runs(
        &self,
        request: Request<pb::ListRunsRequest>,
    ) -> Result<Response<pb::ListRunsResponse>, Status> {
        let request = request.into_inner();
        let program = optional::parse(&request.program_id, ProgramId::parse).field("program_id")?;
        let list = List::new("runs", &[&request.program_id]);
        let page = list.page(request.page_size, &request.page_token)?;
        let after = page.after(|[program, number]| {
            Some((ProgramId::parse(program).ok()?, number.parse().ok()?))
        })?;
        let after = after.as_ref().map(|(program, number)| (program, *number));
        let rows = self
            .0
            .list_runs(program.as_ref(), after, page.limit())
            .await?;
        let (rows, next_page_token) = list.cut(&page, rows, |run| {
            [run.program_id.to_string(), run.number.to_string()]
        });
        let runs = rows.iter().map(render::run::run).collect();
        Ok(Response::new(pb::ListRunsResponse {
            runs,
            next_page_token,
        }))
    }

    async fn list_run_enterprises(
        &self,
        request: Request<pb::ListRunEnterprisesRequest>,
    ) -> Result<Response<pb::ListRunEnterprisesResponse>, Status> {
        let request = request.into_inner();
        let id = run_id(&request.run_id)?;
        let list = List::new("run_enterprises", &[&id.to_string()]).sized(1_000, 5_000);
        let page = list.page(request.page_size, &request.page_token)?;
        let after = page.after(|[uscc]| Uscc::parse_excepted(uscc).ok())?;
        let rows = self
            .0
            .list_run_enterprises(id, after.as_ref(), page.limit())
            .await?;
        let (rows, next_page_token) = list.cut(&page, rows, |row| [row.uscc.to_string()]);
        let enterprises = rows.iter().map(render::run::enterprise).collect();
        Ok(Response::new(pb::ListRunEnterprisesResponse {
            enterprises,
            next_page_token,
        }))
    }

    async fn list_run_lines(
        &self,
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
        let rows = self
            .0
            .list_run_lines(id, after.as_ref(), page.limit())
            .await?;
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

    async fn list_run_exclusions(
        &self,
        request: Request<pb::ListRunExclusionsRequest>,
    ) -> Result<Response<pb::ListRunExclusionsResponse>, Status> {
        let rows = self
            .0
            .list_run_exclusions(run_id(&request.into_inner().run_id)?)
            .await?;
        let exclusions = rows.iter().map(render::run::exclusion).collect();
        Ok(Response::new(pb::ListRunExclusionsResponse { exclusions }))
    }

    async fn explain_share(
        &self,
        request: Request<pb::ExplainShareRequest>,
    ) -> Result<Response<pb::ExplainShareResponse>, Status> {
        let request = request.into_inner();
        let mut fields = Fields::default();
        let id = fields.note(run_id(&request.run_id));
        let uscc = fields.note(uscc(&request.uscc));
        let (id, uscc) = fields.finish(id.zip(uscc))?;
        let explanation = self.0.explain_share(id, uscc).await?;
        let explanation = Some(render::explanation::explanation(&explanation));
        Ok(Response::new(pb::ExplainShareResponse { explanation }))
    }

    async fn verify_run(
        &self,
        request: Request<pb::VerifyRunRequest>,
    ) -> Result<Response<pb::VerifyRunResponse>, Status> {
        let verified = self
            .0
            .verify_run(run_id(&request.into_inner().run_id)?)
            .await?;
        Ok(Response::new(pb::VerifyRunResponse {
            agrees: verified.agrees(),
            stored_digest: verified.stored.to_string(),
            recomputed_digest: optional::text(verified.recomputed),
        }))
    }

    async fn raise_objection(
        &self,
        request: Request<pb::RaiseObjectionRequest>,
    ) -> Result<Response<pb::RaiseObjectionResponse>, Status> {
        objection::raise(&self.0, request).await
    }

    async fn decide_objection(
        &self,
        request: Request<pb::DecideObjectionRequest>,
    ) -> Result<Response<pb::DecideObjectionResponse>, Status> {
        objection::decide(&self.0, request).await
    }

    async fn list_objections(
        &self,
        request: Request<pb::ListObjectionsRequest>,
    ) -> Result<Response<pb::ListObjectionsResponse>, Status> {
        objection::list(&self.0, request).await
    }
}
