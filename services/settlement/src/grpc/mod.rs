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

use gazelle_proto::settlement::v1::{
    ledger_service_server::{LedgerService, LedgerServiceServer},
    payment_service_server::{PaymentService, PaymentServiceServer},
    program_service_server::{ProgramService, ProgramServiceServer},
    run_service_server::{RunService, RunServiceServer},
};
use tonic::codec::CompressionEncoding;

use self::{ledger::Ledger, payment::Payments, program::Programs, run::Runs};
use crate::app::App;

/// The service of programs and enrollments, on these verbs.
#[must_use]
pub fn programs(app: App) -> ProgramServiceServer<impl ProgramService> {
    ProgramServiceServer::new(Programs(app)).accept_compressed(CompressionEncoding::Gzip)
}

/// The service of runs and objections, likewise.
#[must_use]
pub fn runs(app: App) -> RunServiceServer<impl RunService> {
    RunServiceServer::new(Runs(app)).accept_compressed(CompressionEncoding::Gzip)
}

/// The service of orders, payments and answers, likewise.
#[must_use]
pub fn payments(app: App) -> PaymentServiceServer<impl PaymentService> {
    PaymentServiceServer::new(Payments(app)).accept_compressed(CompressionEncoding::Gzip)
}

/// The service of the books, likewise.
#[must_use]
pub fn ledger(app: App) -> LedgerServiceServer<impl LedgerService> {
    LedgerServiceServer::new(Ledger(app)).accept_compressed(CompressionEncoding::Gzip)
}
