//! The contract, served: parse, call, render.

mod parse;
mod period;
mod record;
mod refused;
mod render;
mod report;
mod seal;
mod statement;
mod status;
mod totals;
mod withdrawal;

use gazelle_proto::{batch::ReportUsageRequest, usage::v1 as pb};
use pb::usage_service_server::{UsageService, UsageServiceServer};
use tonic::{Request, Response, Status, Streaming, codec::CompressionEncoding};

pub use parse::sent;
pub use report::Reports;

use crate::app::App;

/// The longest message that is read, after inflation where it came compressed.
const MESSAGE_BYTES_MAX: usize = 512 * 1024;

/// The service of the contract, on these verbs.
pub fn service(app: App, reports: Reports) -> UsageServiceServer<Usage> {
    UsageServiceServer::new(Usage { app, reports })
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
}

/// The usage service.
#[derive(Debug)]
pub struct Usage {
    app: App,
    reports: Reports,
}

#[tonic::async_trait]
impl UsageService for Usage {
    type ReportUsageStream = report::Acknowledgements;
    type ReadSealedTotalsStream = totals::TotalsParts;

    async fn report_usage(
        &self,
        request: Request<Streaming<ReportUsageRequest>>,
    ) -> Result<Response<Self::ReportUsageStream>, Status> {
        report::take(&self.reports, &self.app, request)
    }

    async fn submit_statement(
        &self,
        request: Request<pb::SubmitStatementRequest>,
    ) -> Result<Response<pb::SubmitStatementResponse>, Status> {
        statement::submit(&self.app, request).await
    }

    async fn withdraw_period(
        &self,
        request: Request<pb::WithdrawPeriodRequest>,
    ) -> Result<Response<pb::WithdrawPeriodResponse>, Status> {
        withdrawal::withdraw(&self.app, request).await
    }

    async fn seal_period(
        &self,
        request: Request<pb::SealPeriodRequest>,
    ) -> Result<Response<pb::SealPeriodResponse>, Status> {
        seal::seal(&self.app, request).await
    }

    async fn get_period(
        &self,
        request: Request<pb::GetPeriodRequest>,
    ) -> Result<Response<pb::GetPeriodResponse>, Status> {
        period::get(&self.app, request).await
    }

    async fn list_periods(
        &self,
        request: Request<pb::ListPeriodsRequest>,
    ) -> Result<Response<pb::ListPeriodsResponse>, Status> {
        period::list(&self.app, request).await
    }

    async fn list_records(
        &self,
        request: Request<pb::ListRecordsRequest>,
    ) -> Result<Response<pb::ListRecordsResponse>, Status> {
        record::list(&self.app, request).await
    }

    async fn list_refused_records(
        &self,
        request: Request<pb::ListRefusedRecordsRequest>,
    ) -> Result<Response<pb::ListRefusedRecordsResponse>, Status> {
        refused::list(&self.app, request).await
    }

    async fn read_sealed_totals(
        &self,
        request: Request<pb::ReadSealedTotalsRequest>,
    ) -> Result<Response<Self::ReadSealedTotalsStream>, Status> {
        totals::read(&self.app, request).await
    }
}
