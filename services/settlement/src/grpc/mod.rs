//! The contract, served: parse, call, render.

mod enrollment;
mod ledger;
mod objection;
mod parse;
mod payment;
mod program;
mod render;
mod run;
mod status;
mod stream;

use gazelle_proto::settlement::v1::{
    self as pb,
    ledger_service_server::{LedgerService, LedgerServiceServer},
    payment_service_server::{PaymentService, PaymentServiceServer},
    program_service_server::{ProgramService, ProgramServiceServer},
    run_service_server::{RunService, RunServiceServer},
};
use tonic::{Request, Response, Status, Streaming, codec::CompressionEncoding};

use self::stream::Messages;
use crate::app::App;

/// The service of programs and enrollments, on these verbs.
#[must_use]
pub fn programs(app: App) -> ProgramServiceServer<impl ProgramService> {
    ProgramServiceServer::new(Served { app }).accept_compressed(CompressionEncoding::Gzip)
}

/// The service of runs and objections, likewise.
#[must_use]
pub fn runs(app: App) -> RunServiceServer<impl RunService> {
    RunServiceServer::new(Served { app }).accept_compressed(CompressionEncoding::Gzip)
}

/// The service of orders, payments and answers, likewise.
#[must_use]
pub fn payments(app: App) -> PaymentServiceServer<impl PaymentService> {
    PaymentServiceServer::new(Served { app }).accept_compressed(CompressionEncoding::Gzip)
}

/// The service of the books, likewise.
#[must_use]
pub fn ledger(app: App) -> LedgerServiceServer<impl LedgerService> {
    LedgerServiceServer::new(Served { app }).accept_compressed(CompressionEncoding::Gzip)
}

/// The services of settlement.
#[derive(Debug)]
struct Served {
    app: App,
}

#[tonic::async_trait]
impl ProgramService for Served {
    async fn apply_program(
        &self,
        request: Request<pb::ApplyProgramRequest>,
    ) -> Result<Response<pb::ApplyProgramResponse>, Status> {
        program::apply(&self.app, request).await
    }

    async fn get_program(
        &self,
        request: Request<pb::GetProgramRequest>,
    ) -> Result<Response<pb::GetProgramResponse>, Status> {
        program::get(&self.app, request).await
    }

    async fn list_programs(
        &self,
        request: Request<pb::ListProgramsRequest>,
    ) -> Result<Response<pb::ListProgramsResponse>, Status> {
        program::list(&self.app, request).await
    }

    async fn put_enrollments(
        &self,
        request: Request<pb::PutEnrollmentsRequest>,
    ) -> Result<Response<pb::PutEnrollmentsResponse>, Status> {
        enrollment::put(&self.app, request).await
    }

    async fn list_enrollments(
        &self,
        request: Request<pb::ListEnrollmentsRequest>,
    ) -> Result<Response<pb::ListEnrollmentsResponse>, Status> {
        enrollment::list(&self.app, request).await
    }
}

#[tonic::async_trait]
impl RunService for Served {
    async fn compute_run(
        &self,
        request: Request<pb::ComputeRunRequest>,
    ) -> Result<Response<pb::ComputeRunResponse>, Status> {
        run::compute(&self.app, request).await
    }

    async fn get_readiness(
        &self,
        request: Request<pb::GetReadinessRequest>,
    ) -> Result<Response<pb::GetReadinessResponse>, Status> {
        run::readiness(&self.app, request).await
    }

    async fn publish_run(
        &self,
        request: Request<pb::PublishRunRequest>,
    ) -> Result<Response<pb::PublishRunResponse>, Status> {
        run::publish(&self.app, request).await
    }

    async fn approve_run(
        &self,
        request: Request<pb::ApproveRunRequest>,
    ) -> Result<Response<pb::ApproveRunResponse>, Status> {
        run::approve(&self.app, request).await
    }

    async fn cancel_run(
        &self,
        request: Request<pb::CancelRunRequest>,
    ) -> Result<Response<pb::CancelRunResponse>, Status> {
        run::cancel(&self.app, request).await
    }

    async fn get_run(
        &self,
        request: Request<pb::GetRunRequest>,
    ) -> Result<Response<pb::GetRunResponse>, Status> {
        run::get(&self.app, request).await
    }

    async fn list_runs(
        &self,
        request: Request<pb::ListRunsRequest>,
    ) -> Result<Response<pb::ListRunsResponse>, Status> {
        run::list(&self.app, request).await
    }

    async fn list_run_enterprises(
        &self,
        request: Request<pb::ListRunEnterprisesRequest>,
    ) -> Result<Response<pb::ListRunEnterprisesResponse>, Status> {
        run::list_enterprises(&self.app, request).await
    }

    async fn list_run_lines(
        &self,
        request: Request<pb::ListRunLinesRequest>,
    ) -> Result<Response<pb::ListRunLinesResponse>, Status> {
        run::list_lines(&self.app, request).await
    }

    async fn list_run_exclusions(
        &self,
        request: Request<pb::ListRunExclusionsRequest>,
    ) -> Result<Response<pb::ListRunExclusionsResponse>, Status> {
        run::list_exclusions(&self.app, request).await
    }

    async fn explain_share(
        &self,
        request: Request<pb::ExplainShareRequest>,
    ) -> Result<Response<pb::ExplainShareResponse>, Status> {
        run::explain(&self.app, request).await
    }

    async fn verify_run(
        &self,
        request: Request<pb::VerifyRunRequest>,
    ) -> Result<Response<pb::VerifyRunResponse>, Status> {
        run::verify(&self.app, request).await
    }

    async fn raise_objection(
        &self,
        request: Request<pb::RaiseObjectionRequest>,
    ) -> Result<Response<pb::RaiseObjectionResponse>, Status> {
        objection::raise(&self.app, request).await
    }

    async fn decide_objection(
        &self,
        request: Request<pb::DecideObjectionRequest>,
    ) -> Result<Response<pb::DecideObjectionResponse>, Status> {
        objection::decide(&self.app, request).await
    }

    async fn list_objections(
        &self,
        request: Request<pb::ListObjectionsRequest>,
    ) -> Result<Response<pb::ListObjectionsResponse>, Status> {
        objection::list(&self.app, request).await
    }
}

#[tonic::async_trait]
impl PaymentService for Served {
    async fn prepare_order(
        &self,
        request: Request<pb::PrepareOrderRequest>,
    ) -> Result<Response<pb::PrepareOrderResponse>, Status> {
        payment::prepare_order(&self.app, request).await
    }

    async fn release_order(
        &self,
        request: Request<pb::ReleaseOrderRequest>,
    ) -> Result<Response<pb::ReleaseOrderResponse>, Status> {
        payment::release_order(&self.app, request).await
    }

    async fn cancel_order(
        &self,
        request: Request<pb::CancelOrderRequest>,
    ) -> Result<Response<pb::CancelOrderResponse>, Status> {
        payment::cancel_order(&self.app, request).await
    }

    type ExportOrderStream = Messages<pb::ExportOrderResponse>;

    async fn export_order(
        &self,
        request: Request<pb::ExportOrderRequest>,
    ) -> Result<Response<Self::ExportOrderStream>, Status> {
        payment::export_order(&self.app, request).await
    }

    async fn take_answer(
        &self,
        request: Request<Streaming<pb::TakeAnswerRequest>>,
    ) -> Result<Response<pb::TakeAnswerResponse>, Status> {
        payment::take_answer(&self.app, request).await
    }

    async fn get_order(
        &self,
        request: Request<pb::GetOrderRequest>,
    ) -> Result<Response<pb::GetOrderResponse>, Status> {
        payment::get_order(&self.app, request).await
    }

    async fn list_orders(
        &self,
        request: Request<pb::ListOrdersRequest>,
    ) -> Result<Response<pb::ListOrdersResponse>, Status> {
        payment::list_orders(&self.app, request).await
    }

    async fn list_payments(
        &self,
        request: Request<pb::ListPaymentsRequest>,
    ) -> Result<Response<pb::ListPaymentsResponse>, Status> {
        payment::list_payments(&self.app, request).await
    }

    async fn list_held_payees(
        &self,
        request: Request<pb::ListHeldPayeesRequest>,
    ) -> Result<Response<pb::ListHeldPayeesResponse>, Status> {
        payment::list_held_payees(&self.app, request).await
    }

    async fn list_remittances(
        &self,
        request: Request<pb::ListRemittancesRequest>,
    ) -> Result<Response<pb::ListRemittancesResponse>, Status> {
        payment::list_remittances(&self.app, request).await
    }

    async fn list_balances(
        &self,
        request: Request<pb::ListBalancesRequest>,
    ) -> Result<Response<pb::ListBalancesResponse>, Status> {
        payment::list_balances(&self.app, request).await
    }

    async fn list_answers(
        &self,
        request: Request<pb::ListAnswersRequest>,
    ) -> Result<Response<pb::ListAnswersResponse>, Status> {
        payment::list_answers(&self.app, request).await
    }

    async fn get_program_money(
        &self,
        request: Request<pb::GetProgramMoneyRequest>,
    ) -> Result<Response<pb::GetProgramMoneyResponse>, Status> {
        payment::get_program_money(&self.app, request).await
    }

    async fn list_account_statement(
        &self,
        request: Request<pb::ListAccountStatementRequest>,
    ) -> Result<Response<pb::ListAccountStatementResponse>, Status> {
        payment::list_account_statement(&self.app, request).await
    }
}

#[tonic::async_trait]
impl LedgerService for Served {
    type VerifyLedgerStream = Messages<pb::VerifyLedgerResponse>;

    async fn verify_ledger(
        &self,
        request: Request<pb::VerifyLedgerRequest>,
    ) -> Result<Response<Self::VerifyLedgerStream>, Status> {
        ledger::verify(&self.app, request)
    }

    async fn get_ledger_checkpoint(
        &self,
        request: Request<pb::GetLedgerCheckpointRequest>,
    ) -> Result<Response<pb::GetLedgerCheckpointResponse>, Status> {
        ledger::checkpoint(&self.app, request).await
    }

    type ExportLedgerStream = Messages<pb::ExportLedgerResponse>;

    async fn export_ledger(
        &self,
        request: Request<pb::ExportLedgerRequest>,
    ) -> Result<Response<Self::ExportLedgerStream>, Status> {
        ledger::export(&self.app, request)
    }
}
