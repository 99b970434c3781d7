//! Objections to published runs.

use gazelle_kernel::Uscc;
use gazelle_runtime::detach::detached;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    App, AppError, RunDetail, record,
    run::{find_run, lock_run, stored_settlement},
};
use crate::{
    domain::{
        objection::{self, Objection, ObjectionError},
        rules::render::ResultDigest,
        rules::settle::Settlement,
        run::{Actor, RunError, RunState},
    },
    store::{self, run::Run},
};

impl App {
    /// Records an enterprise's objection to what a published run grants it.
    pub async fn raise_objection(
        &self,
        by: Actor,
        run_id: Uuid,
        uscc: Uscc,
        statement: String,
    ) -> Result<Objection, AppError> {
        let app = self.clone();
        detached(async move {
            let mut tx = app.begin().await?;
            let run = lock_run(&mut tx, run_id).await?;
            let RunState::Published(_) = &run.state else {
                return Err(RunError::NotPublished.into());
            };
            if store::objection::find(&mut tx, run_id, &uscc)
                .await?
                .is_some()
            {
                return Err(AppError::ObjectionExists(uscc));
            }
            let row = store::result::enterprise(&mut tx, run_id, &uscc).await?;
            let granted_fen = row.map_or(0, |row| row.granted_fen);
            let now = app.clock.now();

            let objection = Objection::raise(uscc, granted_fen, statement, by.clone(), now)?;

            store::objection::insert(&mut tx, run_id, &objection).await?;
            let content =
                serde_json::json!({ "uscc": uscc.as_str(), "statement": objection.statement });
            let (subject, content) = (run_id.to_string(), content.to_string());
            record(&mut tx, &by, now, "objection.raise", &subject, &content).await?;
            tx.commit().await?;
            Ok(objection)
        })
        .await
    }

    /// Decides an open objection; upheld, the run grants the enterprise nothing.
    pub async fn decide_objection(
        &self,
        by: Actor,
        run_id: Uuid,
        uscc: Uscc,
        upheld: bool,
        decision: String,
    ) -> Result<(Objection, RunDetail), AppError> {
        let app = self.clone();
        detached(async move {
            let mut tx = app.begin().await?;
            let run = lock_run(&mut tx, run_id).await?;
            if !run.state.is_open() {
                return Err(RunError::Closed.into());
            }
            let objection = store::objection::find(&mut tx, run_id, &uscc).await?;
            let objection = objection.ok_or(AppError::ObjectionNotFound(uscc))?;
            let now = app.clock.now();

            let objection = match objection.decide(upheld, decision, by.clone(), now) {
                Err(ObjectionError::Decided) => return Err(AppError::ObjectionNotFound(uscc)),
                decided => decided?,
            };
            let run = if upheld {
                uphold(&mut tx, run, &uscc, &by).await?
            } else {
                let digest = run.state.digest();
                Run {
                    state: run.state.decide_objection(by.clone(), digest)?,
                    ..run
                }
            };

            store::run::update(&mut tx, &run).await?;
            if let Some(decision) = &objection.decision {
                store::objection::decide(&mut tx, run_id, &uscc, decision).await?;
                let content = serde_json::json!({
                    "uscc": uscc.as_str(),
                    "upheld": upheld,
                    "decision": decision.text,
                    "digest": run.state.digest().to_string(),
                });
                let (subject, content) = (run_id.to_string(), content.to_string());
                record(&mut tx, &by, now, "objection.decide", &subject, &content).await?;
            }
            let seals = store::input::seals(&mut tx, run_id).await?;
            tx.commit().await?;
            Ok((objection, RunDetail { run, seals }))
        })
        .await
    }

    /// Objections to a run after a key, by enterprise.
    pub async fn objections(
        &self,
        run_id: Uuid,
        after: Option<&Uscc>,
        limit: i64,
    ) -> Result<Vec<Objection>, AppError> {
        let mut tx = self.begin().await?;
        find_run(&mut tx, run_id).await?;
        Ok(store::objection::page(&mut tx, run_id, after, Some(limit)).await?)
    }
}

/// Takes the grant of an enterprise out of a run's tables; returns the run with its new sums.
async fn uphold(tx: &mut PgConnection, run: Run, uscc: &Uscc, by: &Actor) -> Result<Run, AppError> {
    let settlement = stored_settlement(&mut *tx, &run).await?;
    let settlement = objection::uphold(settlement, uscc)?;
    let state = run
        .state
        .decide_objection(by.clone(), ResultDigest::of(&settlement))?;

    let Settlement {
        mut enterprises,
        mut lines,
        totals,
        ..
    } = settlement;
    enterprises.retain(|row| row.uscc == *uscc);
    lines.retain(|line| line.uscc == *uscc);
    store::result::delete_enterprise(&mut *tx, run.run_id, uscc).await?;
    store::result::insert_enterprises(&mut *tx, run.run_id, &enterprises).await?;
    store::result::insert_lines(tx, run.run_id, &lines).await?;
    Ok(Run {
        totals,
        state,
        ..run
    })
}
