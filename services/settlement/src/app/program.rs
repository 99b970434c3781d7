//! Applying programs, version by version, and what that makes of their budgets.

use std::collections::BTreeMap;

use gazelle_kernel::{Fen, ProgramId, Year};
use gazelle_runtime::{
    auth::Principal,
    detach::detached,
    store::{StoreError, begin, event::Doing, snapshot},
};
use sqlx::PgConnection;

use super::{
    App,
    error::{AppError, NotFound},
    ledger,
};
use crate::{
    domain::{
        ledger::{AccountKind, CauseKind, book},
        program::{
            Applied, Program, Terms, Version,
            catalog::{Application, Catalog, Versions},
        },
    },
    store,
};

impl App {
    /// Creates a program or adds a version to it; the same content again changes nothing.
    pub async fn apply_program(
        &self,
        caller: &Principal,
        terms: Terms,
    ) -> Result<Applied, AppError> {
        let (app, by) = (self.clone(), caller.actor());
        detached(async move {
            let program = Program::new(terms)?;
            let mut tx = begin(&app.pool).await?;
            store::program::lock_catalog(&mut tx).await?;
            let mut catalog = catalog(&mut tx).await?;
            let latest = store::program::latest(&mut tx, program.id()).await?;

            let application = catalog.apply(program.clone())?;
            let version = match (application, latest) {
                (Application::Unchanged, Some(version)) => {
                    return Ok(Applied {
                        version,
                        changed: false,
                    });
                }
                (_, latest) => Version {
                    program,
                    number: latest.map_or(1, |latest| latest.number + 1),
                    applied_by: by.clone(),
                    applied_at: store::clock::now(&mut tx).await?,
                },
            };

            store::program::insert_version(&mut tx, &version).await?;
            let doing = Doing {
                by: &by,
                at: version.applied_at,
            };
            book_budgets(&mut tx, &doing, &version).await?;
            let id = version.program.id().as_str();
            doing
                .record(&mut tx, "program.apply", id, &version.program)
                .await?;
            tx.commit().await?;
            Ok(Applied {
                version,
                changed: true,
            })
        })
        .await
    }

    /// A version of a program; the newest where none is named.
    pub async fn get_program(
        &self,
        id: &ProgramId,
        version: Option<i32>,
    ) -> Result<Version, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let found = match version {
            Some(version) => store::program::version(&mut tx, id, version).await?,
            None => store::program::latest(&mut tx, id).await?,
        };
        found.ok_or_else(|| NotFound::Program(id.clone()).into())
    }

    /// The newest versions of programs after `after`, by id.
    pub async fn list_programs(
        &self,
        after: Option<&ProgramId>,
        limit: i64,
    ) -> Result<Vec<Version>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        Ok(store::program::page(&mut tx, after, limit).await?)
    }
}

/// Books what a version makes of the budgets of its years.
async fn book_budgets(
    tx: &mut PgConnection,
    doing: &Doing<'_>,
    version: &Version,
) -> Result<(), AppError> {
    let program_id = version.program.id();
    let mut before = BTreeMap::new();
    for ((year, kind), fen) in store::ledger::budgets(&mut *tx, program_id).await? {
        if kind == AccountKind::Budget {
            before.insert(year, Fen::new(-fen.get()));
        }
    }
    let budgets = version.program.terms().budgets.iter();
    let mut now: BTreeMap<Year, Fen> = budgets
        .map(|budget| (budget.year, budget.amount_fen))
        .collect();
    for year in before.keys() {
        now.entry(*year).or_default();
    }
    let set = now.into_iter().filter_map(|(year, amount)| {
        let known = before.get(&year).copied().unwrap_or_default();
        book::budget_set(program_id, year, known, amount)
    });
    let cause = (
        CauseKind::BudgetSet,
        format!("{program_id} {}", version.number),
    );
    ledger::book(tx, doing, cause, program_id, set.collect()).await
}

/// All programs, each with the versions that its years are or may be settled by.
async fn catalog(tx: &mut PgConnection) -> Result<Catalog, StoreError> {
    let mut settled = store::program::settled(&mut *tx).await?;
    let mut open = store::program::open(&mut *tx).await?;
    let versions = store::program::all(tx).await?.into_iter().map(|latest| {
        let id = latest.program.id().clone();
        let is_its = |(_, version): &mut (_, Version)| *version.program.id() == id;
        let mut versions = Versions::new(latest.program);
        versions.settled = settled
            .extract_if(.., is_its)
            .map(|(year, version)| (year, version.program))
            .collect();
        versions.open = open
            .extract_if(.., is_its)
            .map(|(year, version)| (year, version.program))
            .next();
        versions
    });
    Ok(Catalog::new(versions))
}
