//! Objections to published runs.

use gazelle_kernel::{Actor, Fen, Uscc};
use gazelle_runtime::{
    auth::Principal,
    detach::detached,
    store::{StoreError, begin, event::Doing, snapshot},
};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    App,
    error::{AppError, NotFound, ObjectionRefused},
    run::{detail, find_run, lock_run, post, stored_settlement},
};
use crate::{
    domain::{
        objection::{self, Objection, ObjectionError, Ruling},
        rules::result::Settlement,
        run::{ResultDigest, Run, RunDetail, RunError, RunState},
    },
    store,
};

impl App {
    /// Records an enterprise's objection to what a published run grants it.
    pub async fn raise_objection(
        &self,
        caller: &Principal,
        run_id: Uuid,
        uscc: Uscc,
        statement: String,
    ) -> Result<Objection, AppError> {
        let (app, by) = (self.clone(), caller.actor());
        detached(async move {
            let mut tx = begin(&app.pool).await?;
            let run = lock_run(&mut tx, run_id).await?;
            let RunState::Published(_) = &run.state else {
                return Err(RunError::NotPublished(run.state.name()).into());
            };
            let existing = store::objection::find(&mut tx, run_id, &uscc).await?;
            if existing.is_some() {
                return Err(ObjectionRefused::Exists(uscc).into());
            }
            let row = store::run::result::enterprise(&mut tx, run_id, &uscc).await?;
            let granted = row.map_or(Fen::ZERO, |row| row.granted_fen);
            let at = store::clock::now(&mut tx).await?;

            let objection = Objection::raise(uscc, granted, statement, by.clone(), at)
                .map_err(|error| ObjectionRefused::Rules { uscc, error })?;

            store::objection::insert(&mut tx, run_id, &objection).await?;
            let doing = Doing { by: &by, at };
            let content = json!({ "uscc": uscc, "statement": objection.statement });
            let subject = run_id.to_string();
            doing
                .record(&mut tx, "objection.raise", &subject, &content)
                .await?;
            tx.commit().await?;
            Ok(objection)
        })
        .await
    }

    /// Decides an open objection; upheld, the run grants the enterprise nothing.
    pub async fn decide_objection(
        &self,
        caller: &Principal,
        run_id: Uuid,
        uscc: Uscc,
        ruling: Ruling,
    ) -> Result<(Objection, RunDetail), AppError> {
        let (app, by) = (self.clone(), caller.actor());
        detached(async move {
            let mut tx = begin(&app.pool).await?;
            let run = lock_run(&mut tx, run_id).await?;
            if !run.state.is_open() {
                return Err(RunError::Closed(run.state.name()).into());
            }
            let objection = store::objection::find(&mut tx, run_id, &uscc).await?;
            let objection = objection.ok_or(NotFound::Objection(uscc))?;
            let at = store::clock::now(&mut tx).await?;

            let decided = match objection.decide(ruling.upheld, ruling.decision, by.clone(), at) {
                Err(ObjectionError::Decided) => return Err(NotFound::Objection(uscc).into()),
                Err(error) => return Err(ObjectionRefused::Rules { uscc, error }.into()),
                Ok(decided) => decided,
            };
            let after = if ruling.upheld {
                uphold(&mut tx, run.clone(), &uscc, &by).await?
            } else {
                let digest = run.state.digest();
                Run {
                    state: run.state.clone().decide_objection(by.clone(), digest)?,
                    ..run.clone()
                }
            };

            let doing = Doing { by: &by, at };
            post(&mut tx, &doing, &run, &after, Some(&uscc)).await?;
            save(&mut tx, &doing, &after, &decided).await?;
            let after = detail(&mut tx, after).await?;
            tx.commit().await?;
            Ok((decided, after))
        })
        .await
    }

    /// Objections to a run after a key, by enterprise.
    pub async fn list_objections(
        &self,
        run_id: Uuid,
        after: Option<&Uscc>,
        limit: i64,
    ) -> Result<Vec<Objection>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        find_run(&mut tx, run_id).await?;
        Ok(store::objection::page(&mut tx, run_id, after, Some(limit)).await?)
    }
}

/// Saves a run and its objection as they were decided.
async fn save(
    tx: &mut PgConnection,
    doing: &Doing<'_>,
    run: &Run,
    objection: &Objection,
) -> Result<(), StoreError> {
    store::run::update(&mut *tx, run).await?;
    let Some(decision) = &objection.decision else {
        return Ok(());
    };
    store::objection::decide(&mut *tx, run.run_id, &objection.uscc, decision).await?;
    let content = json!({
        "uscc": objection.uscc,
        "upheld": decision.upheld,
        "decision": decision.text,
        "digest": run.state.digest().to_string(),
    });
    let subject = run.run_id.to_string();
    doing
        .record(tx, "objection.decide", &subject, &content)
        .await
}

/// Takes the grant of an enterprise out of a run's tables; returns the run with its new sums.
async fn uphold(tx: &mut PgConnection, run: Run, uscc: &Uscc, by: &Actor) -> Result<Run, AppError> {
    let settlement = stored_settlement(&mut *tx, &run).await?;
    let settlement = objection::uphold(settlement, uscc)
        .map_err(|error| ObjectionRefused::Rules { uscc: *uscc, error })?;
    let digest = ResultDigest::of(&settlement, &run.scope);
    let state = run.state.decide_objection(by.clone(), digest)?;

    let Settlement {
        mut enterprises,
        mut lines,
        totals,
        ..
    } = settlement;
    enterprises.retain(|row| row.uscc == *uscc);
    lines.retain(|line| line.uscc == *uscc);
    store::run::result::delete_enterprise(&mut *tx, run.run_id, uscc).await?;
    store::run::result::insert_enterprises(&mut *tx, run.run_id, &enterprises).await?;
    store::run::result::insert_lines(tx, run.run_id, &lines).await?;
    Ok(Run {
        totals,
        state,
        ..run
    })
}
