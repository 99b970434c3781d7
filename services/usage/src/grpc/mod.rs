//! Translates the contract's calls into verbs, and their results into messages.

mod convert;
mod list;
mod report;
mod status;

use std::pin::Pin;

use futures::{Stream, StreamExt};
use gazelle_kernel::{Fen, Period, PlatformId};
use gazelle_proto::{batch::ReportUsageRequest, usage::v1 as pb};
use gazelle_runtime::{
    access::principal,
    auth::Principal,
    status::{FieldExt, FieldViolation, Refusal},
};
use pb::usage_service_server::{UsageService, UsageServiceServer};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};

pub use convert::sent;
pub use report::Reports;

use crate::{
    app::{App, AppError, Part},
    store::period::Selection,
};

/// The longest message that is read.
const MESSAGE_BYTES_MAX: usize = 512 * 1024;

/// The service of the contract, on these verbs.
pub fn service(app: App, reports: Reports) -> UsageServiceServer<Usage> {
    UsageServiceServer::new(Usage { app, reports }).max_decoding_message_size(MESSAGE_BYTES_MAX)
}

/// The usage service.
#[derive(Debug)]
pub struct Usage {
    app: App,
    reports: Reports,
}

/// The platform that calls what only platforms may call.
fn calling_platform<T>(request: &Request<T>) -> Result<PlatformId, Status> {
    match principal(request) {
        Principal::Platform(id) => Ok(id.clone()),
        Principal::Person { .. } | Principal::Service(_) => Err(Refusal::shared(
            Code::PermissionDenied,
            gazelle_proto::access::ErrorReason::PermissionDenied,
            "only platforms call this",
        )
        .into()),
    }
}

/// Whose data the caller may see: a platform its own only.
fn may_see<T>(request: &Request<T>, platform: &PlatformId) -> bool {
    match principal(request) {
        Principal::Platform(id) => id == platform,
        Principal::Person { .. } | Principal::Service(_) => true,
    }
}

fn parse_period(platform_id: &str, period: &str) -> Result<(PlatformId, Period), FieldViolation> {
    Ok((
        PlatformId::parse(platform_id).field("platform_id")?,
        Period::parse(period).field("period")?,
    ))
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl UsageService for Usage {
    type ReportUsageStream = Answers<pb::ReportUsageResponse>;
    type ReadSealedTotalsStream = Answers<pb::ReadSealedTotalsResponse>;

    async fn report_usage(
        &self,
        request: Request<Streaming<ReportUsageRequest>>,
    ) -> Result<Response<Self::ReportUsageStream>, Status> {
        let platform = calling_platform(&request)?;
        let answers = self.reports.take(platform, request.into_inner())?;
        Ok(Response::new(Box::pin(answers)))
    }

    async fn submit_statement(
        &self,
        request: Request<pb::SubmitStatementRequest>,
    ) -> Result<Response<pb::SubmitStatementResponse>, Status> {
        let caller = calling_platform(&request)?;
        let actor = principal(&request).actor().to_string();
        let request = request.into_inner();
        let platform = report::own_platform(&request.platform_id, &caller)?;
        let period = Period::parse(&request.period).field("period")?;
        if request.record_count < 0 {
            let expected = "expected 0 or more";
            return Err(FieldViolation::new("record_count", "COUNT_NEGATIVE", expected).into());
        }
        let total = Fen::new(request.total_fen);
        let account = self
            .app
            .submit_statement(platform, period, request.record_count, total, actor)
            .await?;
        let period = Some(account.into());
        Ok(Response::new(pb::SubmitStatementResponse { period }))
    }

    async fn seal_period(
        &self,
        request: Request<pb::SealPeriodRequest>,
    ) -> Result<Response<pb::SealPeriodResponse>, Status> {
        let actor = principal(&request).actor().to_string();
        let request = request.into_inner();
        let (platform, period) = parse_period(&request.platform_id, &request.period)?;
        let account = self.app.seal_period(platform, period, actor).await?;
        let period = Some(account.into());
        Ok(Response::new(pb::SealPeriodResponse { period }))
    }

    async fn get_period(
        &self,
        request: Request<pb::GetPeriodRequest>,
    ) -> Result<Response<pb::GetPeriodResponse>, Status> {
        let asked = request.get_ref();
        let (platform, period) = parse_period(&asked.platform_id, &asked.period)?;
        if !may_see(&request, &platform) {
            return Err(AppError::PeriodNotFound.into());
        }
        let period = Some(self.app.get_period(&platform, period).await?.into());
        Ok(Response::new(pb::GetPeriodResponse { period }))
    }

    async fn list_periods(
        &self,
        request: Request<pb::ListPeriodsRequest>,
    ) -> Result<Response<pb::ListPeriodsResponse>, Status> {
        self.periods(&request).await.map(Response::new)
    }

    async fn list_records(
        &self,
        request: Request<pb::ListRecordsRequest>,
    ) -> Result<Response<pb::ListRecordsResponse>, Status> {
        self.records(&request).await.map(Response::new)
    }

    async fn list_refused_records(
        &self,
        request: Request<pb::ListRefusedRecordsRequest>,
    ) -> Result<Response<pb::ListRefusedRecordsResponse>, Status> {
        self.refused_records(&request).await.map(Response::new)
    }

    async fn read_sealed_totals(
        &self,
        request: Request<pb::ReadSealedTotalsRequest>,
    ) -> Result<Response<Self::ReadSealedTotalsStream>, Status> {
        let request = request.into_inner();
        let mut platform_ids = Vec::with_capacity(request.platform_ids.len());
        for (i, id) in request.platform_ids.iter().enumerate() {
            let id = PlatformId::parse(id).field(&format!("platform_ids[{i}]"))?;
            platform_ids.push(id.as_str().to_owned());
        }
        let which = Selection {
            platform_ids: (!platform_ids.is_empty()).then_some(platform_ids),
            from: Some(Period::parse(&request.from_period).field("from_period")?),
            through: Some(Period::parse(&request.through_period).field("through_period")?),
            ..Selection::default()
        };
        let parts = self.app.read_sealed_totals(which).await?;
        Ok(Response::new(Box::pin(totals(ReceiverStream::new(parts)))))
    }
}

/// Renders the parts; where they stop short of the end, the stream fails.
fn totals(
    parts: impl Stream<Item = Result<Part, AppError>> + Send,
) -> impl Stream<Item = Result<pb::ReadSealedTotalsResponse, Status>> + Send {
    use pb::read_sealed_totals_response::Part as Message;
    let cut_off = futures::stream::once(async { Err(AppError::Overloaded) });
    parts
        .chain(cut_off)
        .scan(false, |ended, part| {
            let part = match part {
                _ if *ended => None,
                Ok(Part::End) => None,
                Ok(Part::Period(account)) => {
                    let mut period = pb::Period::from(*account);
                    (period.received, period.refused_count) = (None, 0);
                    Some(Ok(Message::Period(period)))
                }
                Ok(Part::Totals(part)) => Some(Ok(Message::Totals(part.into()))),
                Err(error) => {
                    *ended = true;
                    Some(Err(error.into()))
                }
            };
            std::future::ready(part)
        })
        .map(|part| part.map(|part| pb::ReadSealedTotalsResponse { part: Some(part) }))
}
