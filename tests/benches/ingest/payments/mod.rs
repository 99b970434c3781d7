//! A run's money from its approval to the bank's answer, and the books of all of it.
//!
//! Three programs, of a fee kind each, give every payee something; so there are three rounds. In
//! each, the postings of the run are first written by set-based SQL, which is rolled back, and
//! then the run is approved: both write the same rows, under the same foreign keys, checks and
//! triggers. What a step adds to the memory of the service is its peak less what it had before.

mod floor;

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use gazelle_client::Client;
use gazelle_proto::settlement::v1::{PaymentFileFormat, PaymentOrder, Run, VerifyLedgerRequest};
use gazelle_runtime::auth::Role;
use gazelle_tests::bulk::{Makers, program_id};
use gazelle_tests::city;
use gazelle_tests::memory::Grown;
use gazelle_tests::payments::{all_payments, answer_list, export, prepare, release, take_answer};
use sqlx::{Executor as _, PgConnection};

use crate::data::{FEE_KINDS, PLATFORMS};
use crate::progress::Progress;
use crate::server::{Memory, Servers};
use crate::service::Service;

/// A step of the service.
#[derive(Debug, Clone, Copy, Default)]
pub struct Step {
    /// From the call to its end.
    pub seconds: f64,
    /// What it added to the memory of the service.
    pub grown_mib: f64,
}

/// A run's money.
#[derive(Debug)]
pub struct Paid {
    /// Its postings by set-based SQL.
    pub floor_seconds: f64,
    pub approve: Step,
    pub prepare: Step,
    pub export: Step,
    pub answer: Step,
}

/// All of it.
#[derive(Debug)]
pub struct Payments {
    pub payees: usize,
    pub rounds: Vec<Paid>,
    /// Postings by one call of a function each, each durable before the next.
    pub transfers_per_second: f64,
    /// Postings that are in the books at the end.
    pub postings: i64,
    /// Reading them, their accounts and balances, from first to last.
    pub read_seconds: f64,
    /// Reading what they are of too: runs, payments, enrollments and the trail.
    pub read_all_seconds: f64,
    /// Following their chain, with every balance made anew.
    pub chain_seconds: f64,
    /// That, and comparing them with what they are of: runs, orders, answers and the trail.
    pub verify: Step,
}

/// Pays so many payees, once for each fee kind.
pub async fn pay(servers: &Servers, payees: usize, progress: &Progress) -> Result<Payments> {
    progress.step("payments: payees, accounts, fees and programs");
    servers.clear().await?;
    let usage_database = servers.create(Memory::Ample, "usage").await?;
    let usage = Service::usage(&usage_database).await?;
    let registry_database = servers.create(Memory::Ample, "registry").await?;
    let registry = Service::registry(&registry_database).await?;
    let database = servers.create(Memory::Ample, "settlement").await?;
    let service = Service::settlement(&database, &registry, &usage).await?;
    let makers = Makers {
        registrar: registry.person(Role::Registrar)?,
        approver: registry.person(Role::Approver)?,
        platform: usage.platform(PLATFORMS[0])?,
        sealer: usage.person(Role::Officer)?,
        officer: service.person(Role::Officer)?,
    };
    makers.make(PLATFORMS[0], &FEE_KINDS, payees).await;

    let mut owner = database.session().await?;
    let mut rounds = Vec::new();
    for kind in FEE_KINDS {
        progress.step("payments: a run approved, paid and answered");
        rounds.push(round(servers, &service, &mut owner, kind).await?);
    }
    progress.step("payments: the books verified");
    owner.execute("vacuum analyze").await?;
    let postings = sqlx::query_scalar("select posting_count from ledger_head");
    let postings = postings.fetch_one(&mut owner).await?;
    let read_seconds = floor::read(&mut owner, floor::BOOKS).await?;
    let read_all_seconds = read_seconds + floor::read(&mut owner, floor::CAUSES).await?;
    let (chain_seconds, verify) = verify(&service).await?;
    service.stop().await?;
    registry.stop().await?;
    usage.stop().await?;
    let transfers_per_second = floor::transfers(&mut owner).await?;
    Ok(Payments {
        payees,
        rounds,
        transfers_per_second,
        postings,
        read_seconds,
        read_all_seconds,
        chain_seconds,
        verify,
    })
}

async fn round(
    servers: &Servers,
    service: &Service,
    owner: &mut PgConnection,
    kind: &str,
) -> Result<Paid> {
    let officer = service.person(Role::Officer)?;
    let approver = service.person(Role::Approver)?;
    let program_id = program_id(kind);
    let run = city::compute(&officer, &program_id, 2017, "2017-01").await?;
    let run = city::publish(&officer, &run).await?;
    owner.execute("vacuum analyze").await?;
    let floor_seconds = floor::approve(owner, &run).await?;
    owner.execute("vacuum").await?;
    servers.checkpoint().await?;
    let (approve, run) = step(service, city::approve(&approver, &run)).await?;
    paid_whole(owner, &run).await?;

    servers.checkpoint().await?;
    let (prepare, order) = step(service, prepare(&officer, &program_id)).await?;
    release(&approver, &order).await?;
    let file = export(&officer, &order.order_id, PaymentFileFormat::Pain001);
    let (export, file) = step(service, file).await?;
    ensure!(!file.is_empty(), "an empty payment file");
    let list = settled(&officer, &order).await?;
    servers.checkpoint().await?;
    let (answer, taken) = step(service, take_answer(&officer, &list)).await?;
    let taken = taken.answer.context("no answer")?;
    ensure!(taken.settled_count == order.payment_count, "{taken:?}");
    Ok(Paid {
        floor_seconds,
        approve,
        prepare,
        export,
        answer,
    })
}

/// How long a call of the service takes, and what it adds to the service's memory.
async fn step<T, E: Into<anyhow::Error>>(
    service: &Service,
    call: impl Future<Output = Result<T, E>>,
) -> Result<(Step, T)> {
    let grown = Grown::since_now(service.pid()?);
    let started = Instant::now();
    let made = call.await.map_err(Into::into)?;
    let seconds = started.elapsed().as_secs_f64();
    let grown_mib = grown.mib();
    Ok((Step { seconds, grown_mib }, made))
}

/// The service has posted as much as the floor did.
async fn paid_whole(owner: &mut PgConnection, run: &Run) -> Result<()> {
    let given = "select count(*) from open_item where program_id = $1";
    let given: i64 = sqlx::query_scalar(given)
        .bind(&run.program_id)
        .fetch_one(&mut *owner)
        .await?;
    let owed = "select count(*) from run_enterprise where run_id = $1::uuid and granted_fen > 0";
    let owed: i64 = sqlx::query_scalar(owed)
        .bind(&run.run_id)
        .fetch_one(owner)
        .await?;
    ensure!(
        given == owed && given > 0,
        "{owed} are owed, {given} were given"
    );
    Ok(())
}

/// The answer that settles all of an order.
async fn settled(officer: &Client, order: &PaymentOrder) -> Result<String> {
    let made = all_payments(officer, order).await?;
    let rows: Vec<_> = made.iter().map(|it| (&*it.payment_id, "成功")).collect();
    Ok(answer_list(order, &rows))
}

/// Checks the books, and how long it takes until the last entry was found right.
async fn verify(service: &Service) -> Result<(f64, Step)> {
    let mut ledger = service.person(Role::Auditor)?.ledger.clone();
    let (mut chain_seconds, mut verified_count) = (0.0, 0);
    let (step, ()) = step(service, async {
        let started = Instant::now();
        let request = VerifyLedgerRequest { checkpoint: None };
        let mut progress = ledger.verify_ledger(request).await?.into_inner();
        while let Some(verified) = progress.message().await? {
            // Nothing is added any more while they are compared.
            if verified.verified_count > verified_count {
                verified_count = verified.verified_count;
                chain_seconds = started.elapsed().as_secs_f64();
            }
        }
        Ok::<_, tonic::Status>(())
    })
    .await?;
    Ok((chain_seconds, step))
}
