//! Deciding a run again from what it was decided from.

use gazelle_kernel::Uscc;
use uuid::Uuid;

use super::{
    App, AppError,
    compute::in_memory,
    run::{find_run, stored_settlement},
};
use crate::{
    domain::{
        objection,
        program::Program,
        rules::explain::{Explanation, explain},
        rules::facts::Facts,
        rules::render::ResultDigest,
        rules::settle::{Inputs, PriorLine, settle},
        rules::totals::SealedTotals,
    },
    seal::Seal,
    store::{self, StoreError, input::Kind, run::Run, snapshot},
};

/// What came of deciding a run again.
#[derive(Debug)]
pub struct Verified {
    /// The digest that is stored with the run; where the run's tables, as they are stored, have
    /// another one than was decided now, theirs.
    pub stored: ResultDigest,
    /// The digest of what was decided now; none where that was not possible, since a seal that the
    /// run was decided from is gone or another.
    pub recomputed: Option<ResultDigest>,
}

impl Verified {
    /// Whether both are the same.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.recomputed == Some(self.stored)
    }
}

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

/// What is kept of a run's inputs, as lines.
struct Kept {
    run: Run,
    program: Program,
    others: Vec<Program>,
    enrollments: Vec<String>,
    facts: Vec<String>,
    seals: Vec<Seal>,
    prior: Vec<PriorLine>,
    upheld: Vec<Uscc>,
}

impl App {
    /// Decides a run again, with the objections that were upheld, and compares the digest with the
    /// stored one and with that of the stored tables.
    pub async fn verify_run(&self, run_id: Uuid) -> Result<Verified, AppError> {
        let _turn = self.turn().await?;
        let (recorded, tables) = self.stored_digests(run_id).await?;
        let recomputed = match self.recompute(run_id).await {
            Ok(digest) => Some(digest),
            Err(
                error @ (AppError::SealChanged(..)
                | AppError::Settle(_)
                | AppError::Objection(_)
                | AppError::Facts(_)
                | AppError::Store(StoreError::Corrupt { .. })),
            ) => {
                tracing::error!(%run_id, %error, "a run can't be decided again");
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
        let mut tx = self.begin_snapshot().await?;
        let run = find_run(&mut tx, run_id).await?;
        let settlement = stored_settlement(&mut tx, &run).await?;
        drop(tx);
        let tables = in_memory(move || Ok(ResultDigest::of(&settlement))).await?;
        Ok((run.state.digest(), tables))
    }

    async fn recompute(&self, run_id: Uuid) -> Result<ResultDigest, AppError> {
        let kept = self.kept(run_id).await?;
        let evidence = self.evidence(kept).await?;
        in_memory(move || {
            let mut settlement = settle(&evidence.inputs())?;
            for uscc in &evidence.upheld {
                settlement = objection::uphold(settlement, uscc)?;
            }
            Ok(ResultDigest::of(&settlement))
        })
        .await
    }

    /// Follows one enterprise through a run.
    pub async fn explain_share(&self, run_id: Uuid, uscc: Uscc) -> Result<Explanation, AppError> {
        let _turn = self.turn().await?;
        let kept = self.kept(run_id).await?;
        let evidence = self.evidence(kept).await?;
        in_memory(move || {
            let explained = explain(&evidence.inputs(), &uscc, evidence.upheld.contains(&uscc))?;
            explained.ok_or(AppError::EnterpriseNotInRun(uscc))
        })
        .await
    }

    async fn kept(&self, run_id: Uuid) -> Result<Kept, AppError> {
        let mut tx = self.begin_snapshot().await?;
        let run = find_run(&mut tx, run_id).await?;
        let lines = store::input::lines(&mut tx, run_id, Kind::Programs).await?;
        let mut programs = Vec::with_capacity(lines.len());
        for line in &lines {
            programs.push(snapshot::read_program(line)?);
        }
        if programs.is_empty() {
            return Err(StoreError::corrupt("run_input.kind", "no program").into());
        }
        let program = programs.remove(0);
        let objections = store::objection::page(&mut tx, run_id, None, None).await?;
        let upheld = objections.into_iter().filter_map(|objection| {
            objection
                .decision
                .filter(|decision| decision.upheld)
                .map(|_| objection.uscc)
        });
        Ok(Kept {
            program,
            others: programs,
            enrollments: store::input::lines(&mut tx, run_id, Kind::Enrollments).await?,
            facts: store::input::lines(&mut tx, run_id, Kind::Facts).await?,
            seals: store::input::seals(&mut tx, run_id).await?,
            prior: store::result::prior(&mut tx, &run.program_id, run.year, run.number).await?,
            upheld: upheld.collect(),
            run,
        })
    }

    /// Reads the sealed totals of a run again, and puts its other inputs in reach.
    async fn evidence(&self, kept: Kept) -> Result<Evidence, AppError> {
        let (from, through) = (kept.run.year.january(), kept.run.through);
        let platforms = &kept.program.terms().platforms;
        let mut usage = self.peers.sealed_totals(platforms, from, through).await?;
        let mut totals = SealedTotals::default();
        for seal in &kept.seals {
            // What was sealed since is none of this run's business.
            let sealed = usage.sealed.iter_mut().find(|sealed| sealed.seal == *seal);
            let sealed = sealed
                .ok_or_else(|| AppError::SealChanged(seal.platform_id.clone(), seal.period))?;
            totals.append(std::mem::take(&mut sealed.totals));
        }
        in_memory(move || {
            let facts = read_facts(&kept.facts, &kept.enrollments)?;
            let Kept {
                run,
                program,
                others,
                prior,
                upheld,
                ..
            } = kept;
            Ok(Evidence {
                run,
                program,
                others,
                facts,
                totals,
                prior,
                upheld,
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
            through: self.run.through,
            totals: &self.totals,
            facts: &self.facts,
            prior: &self.prior,
        }
    }
}

fn read_facts(facts: &[String], enrollments: &[String]) -> Result<Facts, AppError> {
    let (mut enterprises, mut bindings) = (Vec::new(), Vec::new());
    for line in facts {
        match snapshot::read_fact(line)? {
            snapshot::Fact::Enterprise(enterprise) => enterprises.push(enterprise),
            snapshot::Fact::Binding(binding) => bindings.push(binding),
        }
    }
    let enrollments: Result<_, StoreError> = enrollments
        .iter()
        .map(|line| snapshot::read_enrollment(line))
        .collect();
    Ok(Facts::new(enterprises, bindings, enrollments?)?)
}
