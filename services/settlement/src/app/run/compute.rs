//! Computing a run: read everything, decide in memory, save in one transaction. Where what it was
//! decided from changed meanwhile, it is computed again.

use std::sync::Arc;

use gazelle_kernel::Actor;
use gazelle_runtime::{
    auth::Principal,
    detach::detached,
    store::{begin, event::Doing},
};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    basis::{Basis, Stamp, current_stamp, refuse_second},
    facts::enrolled_facts,
};
use crate::{
    app::{
        App,
        attempt::until_unchanged,
        blocking::blocking,
        error::{AppError, ComputeRefused},
    },
    domain::{
        rules::{
            facts::Facts, inputs::Inputs, result::Settlement, settle::settle, totals::SealedTotals,
        },
        run::{Computation, Owing, ResultDigest, Run, RunDetail, RunState, Scope, Seal},
    },
    store::{
        self,
        run::input::{Kind, Parts},
    },
};

/// A decided run, and what is kept of its inputs.
struct Decided {
    settlement: Settlement,
    scope: Scope,
    digest: ResultDigest,
    seals: Vec<Seal>,
    programs: Parts,
    enrollments: Parts,
    facts: Arc<Parts>,
    registry_revision: i64,
}

impl App {
    /// Computes a run from sealed totals and the registry's facts of this moment.
    pub async fn compute_run(
        &self,
        caller: &Principal,
        computation: Computation,
    ) -> Result<RunDetail, AppError> {
        let _turn = self.turns.take().await?;
        until_unchanged(|| async {
            let basis = self.read_basis(&computation).await?;
            let decided = self.decide(&computation, &basis).await?;
            let (app, by, computation) = (self.clone(), caller.actor(), computation.clone());
            let saved =
                detached(
                    async move { app.save_run(&by, &computation, &basis.stamp, decided).await },
                );
            let run = saved.await?;
            if run.is_none() {
                tracing::info!("what the run is decided from changed; it is computed again");
            }
            Ok(run)
        })
        .await
    }

    async fn decide(&self, computation: &Computation, basis: &Basis) -> Result<Decided, AppError> {
        let platforms = &basis.program.terms().platform_ids;
        let (usage, known) = futures::future::try_join(
            async {
                let span = computation.span();
                Ok(self.peers.sealed_totals(platforms, span).await?)
            },
            self.current_facts(),
        )
        .await?;
        let owing = Owing::new(
            &basis.program,
            computation.span(),
            &known.facts.platforms,
            &usage.first_periods,
            &usage.reported(),
        );
        let scope = owing.scope(&computation.left_out);
        let scope = scope.map_err(ComputeRefused::Scope)?;
        let mut seals = Vec::with_capacity(usage.sealed.len());
        let mut totals = SealedTotals::default();
        for period in usage.sealed {
            seals.push(period.seal);
            totals.append(period.totals);
        }
        let (basis, computation) = (basis.clone(), computation.clone());
        blocking(move || {
            let facts = enrolled_facts(&known.facts, basis.enrollments.clone())?;
            let settlement = settle_run(&computation, &basis, &totals, &facts)?;
            // The program first, then those that it yields to.
            let programs = std::iter::once(&basis.program).chain(&basis.others);
            Ok(Decided {
                digest: ResultDigest::of(&settlement, &scope),
                settlement,
                scope,
                seals,
                programs: Parts::of_rows(programs),
                enrollments: Parts::of_rows(&basis.enrollments),
                registry_revision: known.facts.revision,
                facts: known.parts,
            })
        })
        .await
    }

    /// Saves a run; `None` where what it was decided from is no longer current.
    async fn save_run(
        &self,
        by: &Actor,
        computation: &Computation,
        stamp: &Stamp,
        decided: Decided,
    ) -> Result<Option<RunDetail>, AppError> {
        let mut tx = begin(&self.pool).await?;
        store::program::share_catalog(&mut tx).await?;
        store::program::lock(&mut tx, &computation.program_id).await?;
        refuse_second(&mut tx, &computation.program_id).await?;
        if current_stamp(&mut tx, computation).await? != *stamp {
            return Ok(None);
        }

        let now = store::clock::now(&mut tx).await?;
        let run = Run {
            run_id: self.clock.id(),
            program_id: computation.program_id.clone(),
            number: stamp.last_number + 1,
            year: computation.year,
            through_period: computation.through_period,
            program_version: stamp.program.deciding_version,
            budget_version: stamp.program.latest_version,
            enrollment_revision: stamp.program.enrollment_revision,
            registry_revision: decided.registry_revision,
            scope: decided.scope.clone(),
            totals: decided.settlement.totals,
            state: RunState::computed(by.clone(), now, decided.digest),
        };
        store::run::insert(&mut tx, &run).await?;
        save_decided(&mut tx, run.run_id, &decided).await?;
        let doing = Doing { by, at: now };
        let content = event_content(&run, &decided.seals);
        let subject = run.run_id.to_string();
        doing
            .record(&mut tx, "run.compute", &subject, &content)
            .await?;
        tx.commit().await?;
        Ok(Some(RunDetail {
            run,
            seals: decided.seals,
        }))
    }
}

/// Writes a run's tables, and what it was decided from.
async fn save_decided(
    tx: &mut PgConnection,
    run_id: Uuid,
    decided: &Decided,
) -> Result<(), AppError> {
    let settlement = &decided.settlement;
    store::run::result::insert_enterprises(&mut *tx, run_id, &settlement.enterprises).await?;
    store::run::result::insert_lines(&mut *tx, run_id, &settlement.lines).await?;
    store::run::result::insert_exclusions(&mut *tx, run_id, &settlement.exclusions).await?;
    store::run::input::insert_seals(&mut *tx, run_id, &decided.seals).await?;
    store::run::input::insert(&mut *tx, run_id, Kind::Programs, &decided.programs).await?;
    store::run::input::insert(&mut *tx, run_id, Kind::Enrollments, &decided.enrollments).await?;
    store::run::input::insert(tx, run_id, Kind::Facts, &decided.facts).await?;
    Ok(())
}

fn settle_run(
    computation: &Computation,
    basis: &Basis,
    totals: &SealedTotals,
    facts: &Facts,
) -> Result<Settlement, AppError> {
    let settlement = settle(&Inputs {
        program: &basis.program,
        others: &basis.others,
        year: computation.year,
        through: computation.through_period,
        totals,
        facts,
        leaves_out: !computation.left_out.is_empty(),
        prior: &basis.prior,
    });
    settlement.map_err(|error| ComputeRefused::Settle(error).into())
}

fn event_content(run: &Run, seals: &[Seal]) -> serde_json::Value {
    let seals: Vec<_> = seals
        .iter()
        .map(|seal| json!([seal.platform_id, seal.period, hex::encode(seal.digest)]))
        .collect();
    let left_out: Vec<_> = run
        .scope
        .left_out
        .iter()
        .map(|owed| json!([owed.platform_id, owed.period]))
        .collect();
    json!({
        "program_id": run.program_id,
        "number": run.number,
        "year": run.year,
        "through_period": run.through_period,
        "program_version": run.program_version,
        "budget_version": run.budget_version,
        "enrollment_revision": run.enrollment_revision,
        "registry_revision": run.registry_revision,
        "seals": seals,
        "left_out": left_out,
        "silent_platform_ids": run.scope.silent_platform_ids,
        "digest": run.state.digest().to_string(),
    })
}
