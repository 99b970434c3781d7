//! Deciding a run again from what it was decided from.

use gazelle_kernel::Uscc;
use gazelle_runtime::{
    failure::told,
    store::{StoreError, snapshot},
};
use uuid::Uuid;

use super::find::{find_run, stored_settlement};
use crate::{
    app::{
        App,
        blocking::blocking,
        error::{AppError, EvidenceError, NotFound},
    },
    domain::{
        enrollment::Enrollment,
        objection,
        program::Program,
        rules::{
            explain::{Explanation, explain},
            facts::Facts,
            inputs::{Inputs, PriorLine},
            settle::settle,
            totals::SealedTotals,
        },
        run::{ResultDigest, Run, Seal, Verified},
    },
    store::{
        self,
        run::input::{Fact, Kind, Lines},
    },
};

/// Everything that a run was decided from, and which of its objections were upheld.
struct Evidence {
    run: Run,
    program: Program,
    others: Vec<Program>,
    facts: Facts,
    totals: SealedTotals,
    prior: Vec<PriorLine>,
    upheld: Vec<Uscc>,
}

/// The same as it is kept.
struct Stored {
    run: Run,
    program: Program,
    others: Vec<Program>,
    enrollments: Lines,
    facts: Lines,
    seals: Vec<Seal>,
    prior: Vec<PriorLine>,
    upheld: Vec<Uscc>,
}

impl App {
    /// Decides a run again, with the objections that were upheld, and compares the digest with the
    /// stored one and with that of the stored tables.
    pub async fn verify_run(&self, run_id: Uuid) -> Result<Verified, AppError> {
        let _turn = self.turns.take().await?;
        let (recorded, tables) = self.stored_digests(run_id).await?;
        let recomputed = match self.recompute(run_id).await {
            Ok(digest) => Some(digest),
            Err(error @ (AppError::Evidence(_) | AppError::Store(StoreError::Corrupt { .. }))) => {
                let cause = told(&error);
                tracing::error!(%run_id, cause, "a run can't be decided again");
                None
            }
            Err(error) => return Err(error),
        };
        let stored = if Some(recorded) == recomputed {
            tables
        } else {
            recorded
        };
        if recomputed != Some(stored) {
            tracing::error!(%run_id, %recorded, %tables, ?recomputed, "a run does not verify");
        }
        Ok(Verified { stored, recomputed })
    }

    /// A run's digest, and that of its tables as they are stored.
    async fn stored_digests(&self, run_id: Uuid) -> Result<(ResultDigest, ResultDigest), AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let run = find_run(&mut tx, run_id).await?;
        let settlement = stored_settlement(&mut tx, &run).await?;
        drop(tx);
        let recorded = run.state.digest();
        let tables = blocking(move || Ok(ResultDigest::of(&settlement, &run.scope))).await?;
        Ok((recorded, tables))
    }

    async fn recompute(&self, run_id: Uuid) -> Result<ResultDigest, AppError> {
        let stored = self.stored(run_id).await?;
        let evidence = self.evidence(stored).await?;
        blocking(move || evidence.digest().map_err(AppError::Evidence)).await
    }

    /// Follows one enterprise through a run.
    pub async fn explain_share(&self, run_id: Uuid, uscc: Uscc) -> Result<Explanation, AppError> {
        let _turn = self.turns.take().await?;
        let stored = self.stored(run_id).await?;
        let evidence = self.evidence(stored).await?;
        blocking(move || {
            let upheld = evidence.upheld.contains(&uscc);
            let explained = explain(&evidence.inputs(), &uscc, upheld);
            let explained = explained.map_err(|error| AppError::Evidence(error.into()))?;
            explained.ok_or_else(|| NotFound::EnterpriseInRun(uscc).into())
        })
        .await
    }

    async fn stored(&self, run_id: Uuid) -> Result<Stored, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let run = find_run(&mut tx, run_id).await?;
        let programs = store::run::input::lines(&mut tx, run_id, Kind::Programs).await?;
        let mut programs = programs.rows::<Program>()?.into_iter();
        let program = programs.next();
        let program = program.ok_or_else(|| StoreError::corrupt("run_input.kind", "no program"))?;
        let objections = store::objection::page(&mut tx, run_id, None, None).await?;
        let upheld = objections.into_iter().filter_map(|objection| {
            let decision = objection.decision;
            decision.filter(|d| d.upheld).map(|_| objection.uscc)
        });
        Ok(Stored {
            program,
            others: programs.collect(),
            enrollments: store::run::input::lines(&mut tx, run_id, Kind::Enrollments).await?,
            facts: store::run::input::lines(&mut tx, run_id, Kind::Facts).await?,
            seals: store::run::input::seals(&mut tx, run_id).await?,
            prior: store::run::result::prior(&mut tx, &run.program_id, run.year, run.number)
                .await?,
            upheld: upheld.collect(),
            run,
        })
    }

    /// Reads the sealed totals of a run again, and puts its other inputs in reach.
    async fn evidence(&self, stored: Stored) -> Result<Evidence, AppError> {
        let span = (stored.run.year.january(), stored.run.through_period);
        let platforms = &stored.program.terms().platform_ids;
        let mut usage = self.peers.sealed_totals(platforms, span).await?;
        let mut totals = SealedTotals::default();
        for seal in &stored.seals {
            // What was sealed since is none of this run's business.
            let sealed = usage.sealed.iter_mut().find(|sealed| sealed.seal == *seal);
            let sealed = sealed.ok_or_else(|| {
                let changed = EvidenceError::SealChanged(seal.platform_id.clone(), seal.period);
                AppError::Evidence(changed)
            })?;
            totals.append(std::mem::take(&mut sealed.totals));
        }
        blocking(move || {
            let facts = read_facts(&stored.facts, &stored.enrollments)?;
            Ok(Evidence {
                run: stored.run,
                program: stored.program,
                others: stored.others,
                facts,
                totals,
                prior: stored.prior,
                upheld: stored.upheld,
            })
        })
        .await
    }
}

impl Evidence {
    fn inputs(&self) -> Inputs<'_> {
        Inputs {
            program: &self.program,
            others: &self.others,
            year: self.run.year,
            through: self.run.through_period,
            totals: &self.totals,
            facts: &self.facts,
            leaves_out: !self.run.scope.left_out.is_empty(),
            prior: &self.prior,
        }
    }

    /// What is decided now.
    fn digest(&self) -> Result<ResultDigest, EvidenceError> {
        let mut settlement = settle(&self.inputs())?;
        for uscc in &self.upheld {
            settlement = objection::uphold(settlement, uscc)?;
        }
        Ok(ResultDigest::of(&settlement, &self.run.scope))
    }
}

fn read_facts(facts: &Lines, enrollments: &Lines) -> Result<Facts, AppError> {
    let (mut enterprises, mut bindings) = (Vec::new(), Vec::new());
    for fact in facts.rows::<Fact>()? {
        match fact {
            Fact::Enterprise(enterprise) => enterprises.push(enterprise),
            Fact::Binding(binding) => bindings.push(binding),
            // Which months it owed is in the run's scope.
            Fact::Platform(_) => {}
        }
    }
    let enrollments = enrollments.rows::<Enrollment>()?;
    let facts = Facts::new(enterprises, bindings, enrollments);
    facts.map_err(|error| AppError::Evidence(error.into()))
}
