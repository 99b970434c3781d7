//! Computing a run: read everything, decide in memory, save in one transaction.
//!
//! Nothing is locked while other services are asked. So what was read from the own tables is
//! compared again under the program's lock before the run is saved; where it changed meanwhile,
//! the run is computed again.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use gazelle_kernel::{Period, ProgramId, Year};
use gazelle_runtime::detach::detached;
use sqlx::PgConnection;
use tokio::{sync::SemaphorePermit, time::timeout};

use super::{App, AppError, KnownFacts, RunDetail, record};
use crate::{
    domain::{
        catalog::Versions,
        enrollment::Enrollment,
        program::Program,
        rules::facts::Facts,
        rules::render::ResultDigest,
        rules::settle::{Inputs, PriorLine, Settlement, settle},
        rules::totals::SealedTotals,
        run::{Actor, RunState, check_period},
    },
    peers::RegistryFacts,
    seal::Seal,
    store::{
        self,
        input::{Kind, Parts},
        program::Standing,
        run::Run,
        snapshot,
    },
};

/// How often a run is computed when programs or enrollments change under it.
const ATTEMPTS_MAX: u32 = 4;

/// How long a computation waits for others to end.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// A run to compute.
#[derive(Debug, Clone)]
pub struct Order {
    /// The program.
    pub program_id: ProgramId,
    /// The program year.
    pub year: Year,
    /// The last period to read.
    pub through: Period,
}

/// What the own tables say a run is to be decided from.
#[derive(Debug, Clone)]
struct Basis {
    stamp: Stamp,
    /// The program as it is in force for the year.
    program: Program,
    /// The programs that it yields to, likewise.
    others: Vec<Program>,
    enrollments: Vec<Enrollment>,
    prior: Vec<PriorLine>,
}

/// Tells whether a basis is still current: equal stamps, equal bases.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    program: ProgramStamp,
    others: BTreeMap<ProgramId, ProgramStamp>,
    /// Of the program's last run, closed or not.
    last_number: i32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ProgramStamp {
    version: i32,
    latest_version: i32,
    enrollment_revision: i64,
}

/// A decided run, and what is kept of its inputs.
struct Decided {
    settlement: Settlement,
    digest: ResultDigest,
    seals: Vec<Seal>,
    programs: Parts,
    enrollments: Parts,
    facts: Arc<Parts>,
    registry_revision: i64,
}

impl App {
    /// Computes a run from sealed totals and the registry's facts of this moment.
    pub async fn compute_run(&self, by: Actor, order: Order) -> Result<RunDetail, AppError> {
        let _turn = self.turn().await?;
        for _ in 0..ATTEMPTS_MAX {
            let basis = self.read_basis(&order).await?;
            let decided = self.decide(&order, &basis).await?;
            let (app, by, order) = (self.clone(), by.clone(), order.clone());
            let saved =
                detached(async move { app.save_run(&by, &order, &basis.stamp, decided).await });
            if let Some(detail) = saved.await? {
                return Ok(detail);
            }
            tracing::info!("what the run is decided from changed; it is computed again");
        }
        Err(AppError::Overloaded)
    }

    /// Waits for a free place among the computations.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, AppError> {
        match timeout(TURN_WAIT, self.computations.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(AppError::Overloaded),
        }
    }

    async fn read_basis(&self, order: &Order) -> Result<Basis, AppError> {
        let mut tx = self.begin_snapshot().await?;
        let (program, standing) = in_force(&mut tx, &order.program_id, order.year).await?;
        if let Some(open) = store::run::open(&mut tx, &order.program_id).await? {
            return Err(AppError::RunOpen(open));
        }
        let last =
            store::run::last_approved_through(&mut tx, &order.program_id, order.year).await?;
        check_period(order.year, order.through, last)?;

        let mut others = Vec::new();
        for id in &program.terms().excludes {
            others.push(in_force(&mut tx, id, order.year).await?);
        }
        let last_number = store::run::last_number(&mut tx, &order.program_id).await?;
        let stamp = Stamp::new(&standing, &others, last_number);
        let others: Vec<Program> = others.into_iter().map(|(program, _)| program).collect();
        let programs: Vec<ProgramId> = [&program]
            .into_iter()
            .chain(&others)
            .map(|program| program.id().clone())
            .collect();
        let enrollments = store::enrollment::in_programs(&mut tx, &programs).await?;
        let prior = store::result::prior(&mut tx, &order.program_id, order.year, i32::MAX).await?;
        Ok(Basis {
            stamp,
            program,
            others,
            enrollments,
            prior,
        })
    }

    async fn decide(&self, order: &Order, basis: &Basis) -> Result<Decided, AppError> {
        let platforms = &basis.program.terms().platforms;
        let (usage, known) = futures::future::try_join(
            async {
                let from = order.year.january();
                Ok(self
                    .peers
                    .sealed_totals(platforms, from, order.through)
                    .await?)
            },
            self.current_facts(),
        )
        .await?;
        if !usage.open.is_empty() {
            return Err(AppError::PeriodNotSealed(usage.open));
        }
        let mut seals = Vec::with_capacity(usage.sealed.len());
        let mut totals = SealedTotals::default();
        for period in usage.sealed {
            seals.push(period.seal);
            totals.append(period.totals);
        }
        let (basis, order) = (basis.clone(), order.clone());
        in_memory(move || {
            let facts = facts_of(&known.facts, basis.enrollments.clone())?;
            let settlement = decide_run(&order, &basis, &totals, &facts)?;
            Ok(Decided {
                digest: ResultDigest::of(&settlement),
                settlement,
                seals,
                programs: programs_parts(&basis),
                enrollments: Parts::of_lines(
                    basis.enrollments.iter().map(snapshot::write_enrollment),
                ),
                registry_revision: known.facts.revision,
                facts: known.parts,
            })
        })
        .await
    }

    /// The registry's facts of this moment, with their text.
    async fn current_facts(&self) -> Result<KnownFacts, AppError> {
        let known = self.known_facts();
        let facts = self
            .peers
            .facts(known.as_ref().map(|known| known.facts.clone()))
            .await?;
        if let Some(known) = known.filter(|known| Arc::ptr_eq(&known.facts, &facts)) {
            return Ok(known);
        }
        let known = in_memory(move || {
            let enterprises = facts.enterprises.iter().map(snapshot::write_enterprise);
            let bindings = facts.bindings.iter().map(snapshot::write_binding);
            let parts = Arc::new(Parts::of_lines(enterprises.chain(bindings)));
            Ok(KnownFacts { facts, parts })
        })
        .await?;
        self.remember_facts(&known);
        Ok(known)
    }

    /// Saves a run; `None` where what it was decided from is no longer current.
    async fn save_run(
        &self,
        by: &Actor,
        order: &Order,
        stamp: &Stamp,
        decided: Decided,
    ) -> Result<Option<RunDetail>, AppError> {
        let mut tx = self.begin().await?;
        store::program::share_catalog(&mut tx).await?;
        store::program::lock(&mut tx, &order.program_id).await?;
        if let Some(open) = store::run::open(&mut tx, &order.program_id).await? {
            return Err(AppError::RunOpen(open));
        }
        if current_stamp(&mut tx, order).await? != *stamp {
            return Ok(None);
        }

        let run = Run {
            run_id: self.clock.id(),
            program_id: order.program_id.clone(),
            number: stamp.last_number + 1,
            year: order.year,
            through: order.through,
            program_version: stamp.program.version,
            budget_version: stamp.program.latest_version,
            enrollment_revision: stamp.program.enrollment_revision,
            registry_revision: decided.registry_revision,
            totals: decided.settlement.totals,
            state: RunState::computed(by.clone(), self.clock.now(), decided.digest),
        };
        let id = run.run_id;
        store::run::insert(&mut tx, &run).await?;
        store::result::insert_enterprises(&mut tx, id, &decided.settlement.enterprises).await?;
        store::result::insert_lines(&mut tx, id, &decided.settlement.lines).await?;
        store::result::insert_exclusions(&mut tx, id, &decided.settlement.exclusions).await?;
        store::input::insert_seals(&mut tx, id, &decided.seals).await?;
        store::input::insert(&mut tx, id, Kind::Programs, &decided.programs).await?;
        store::input::insert(&mut tx, id, Kind::Enrollments, &decided.enrollments).await?;
        store::input::insert(&mut tx, id, Kind::Facts, &decided.facts).await?;
        let content = event_content(&run, &decided.seals);
        record(
            &mut tx,
            by,
            self.clock.now(),
            "run.compute",
            &id.to_string(),
            &content,
        )
        .await?;
        tx.commit().await?;
        Ok(Some(RunDetail {
            run,
            seals: decided.seals,
        }))
    }
}

impl Stamp {
    fn new(program: &Standing, others: &[(Program, Standing)], last_number: i32) -> Self {
        let other = |(program, standing): &(Program, Standing)| {
            (program.id().clone(), ProgramStamp::of(standing))
        };
        Self {
            program: ProgramStamp::of(program),
            others: others.iter().map(other).collect(),
            last_number,
        }
    }
}

impl ProgramStamp {
    fn of(standing: &Standing) -> Self {
        Self {
            version: standing.pinned.as_ref().unwrap_or(&standing.latest).version,
            latest_version: standing.latest.version,
            enrollment_revision: standing.enrollment_revision,
        }
    }
}

async fn current_stamp(tx: &mut PgConnection, order: &Order) -> Result<Stamp, AppError> {
    let (program, standing) = in_force(&mut *tx, &order.program_id, order.year).await?;
    let mut others = Vec::new();
    for id in &program.terms().excludes {
        others.push(in_force(&mut *tx, id, order.year).await?);
    }
    let last_number = store::run::last_number(tx, &order.program_id).await?;
    Ok(Stamp::new(&standing, &others, last_number))
}

/// A program as it is in force for a year, and how it stands.
async fn in_force(
    tx: &mut PgConnection,
    id: &ProgramId,
    year: Year,
) -> Result<(Program, Standing), AppError> {
    let standing = store::program::standing(tx, id, year).await?;
    let standing = standing.ok_or_else(|| AppError::ProgramNotFound(id.clone()))?;
    let mut versions = Versions::new(standing.latest.program.clone());
    let pinned = standing
        .pinned
        .as_ref()
        .map(|pinned| pinned.program.clone());
    versions.settled.extend(pinned.map(|pinned| (year, pinned)));
    Ok((versions.in_force(year), standing))
}

pub(super) fn facts_of(
    registry: &RegistryFacts,
    enrollments: Vec<Enrollment>,
) -> Result<Facts, AppError> {
    Ok(Facts::new(
        registry.enterprises.clone(),
        registry.bindings.clone(),
        enrollments,
    )?)
}

fn decide_run(
    order: &Order,
    basis: &Basis,
    totals: &SealedTotals,
    facts: &Facts,
) -> Result<Settlement, AppError> {
    Ok(settle(&Inputs {
        program: &basis.program,
        others: &basis.others,
        year: order.year,
        through: order.through,
        totals,
        facts,
        prior: &basis.prior,
    })?)
}

/// The program first, then those that it yields to.
fn programs_parts(basis: &Basis) -> Parts {
    let programs = [&basis.program].into_iter().chain(&basis.others);
    Parts::of_lines(programs.map(snapshot::write_program))
}

fn event_content(run: &Run, seals: &[Seal]) -> String {
    let seals: Vec<_> = seals
        .iter()
        .map(|seal| {
            serde_json::json!([
                seal.platform_id.as_str(),
                seal.period.to_string(),
                hex::encode(seal.digest)
            ])
        })
        .collect();
    serde_json::json!({
        "program_id": run.program_id.as_str(),
        "number": run.number,
        "year": run.year.get(),
        "through": run.through.to_string(),
        "program_version": run.program_version,
        "budget_version": run.budget_version,
        "enrollment_revision": run.enrollment_revision,
        "registry_revision": run.registry_revision,
        "seals": seals,
        "digest": run.state.digest().to_string(),
    })
    .to_string()
}

/// Runs work that keeps a processor busy where it keeps nobody else waiting.
pub(super) async fn in_memory<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    detached(async move {
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            // A panic, which `detached` makes an error.
            Err(lost) => std::panic::resume_unwind(lost.into_panic()),
        }
    })
    .await
}
