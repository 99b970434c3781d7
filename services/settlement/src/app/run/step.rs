//! A run's steps, from its publication to its end.

use gazelle_kernel::{Actor, Instant};
use gazelle_runtime::{
    auth::Principal,
    detach::detached,
    store::{StoreError, begin, event::Doing},
};
use serde_json::json;
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::{
    find::{detail, lock_run},
    posting::post,
};
use crate::{
    app::{App, error::AppError, payment::items_fingerprint},
    domain::{
        program::Version,
        run::{AppliedBy, ResultDigest, Run, RunDetail, RunState},
    },
    store,
};

impl App {
    /// Puts a computed run on public notice.
    pub async fn publish_run(
        &self,
        caller: &Principal,
        run_id: Uuid,
    ) -> Result<RunDetail, AppError> {
        let step = Step::of(caller, "run.publish");
        let app = self.clone();
        detached(async move {
            let mut tx = begin(&app.pool).await?;
            let run = lock_run(&mut tx, run_id).await?;
            let version = version(&mut tx, &run, run.program_version).await?;
            let now = store::clock::now(&mut tx).await?;

            let notice_days = version.program.terms().notice_days;
            let state = run.state.clone();
            let state = state.publish(step.by.clone(), now, notice_days)?;

            step.save(tx, now, run, state).await
        })
        .await
    }

    /// Approves what was published: grants its lines and posts them.
    pub async fn approve_run(
        &self,
        caller: &Principal,
        run_id: Uuid,
        digest: ResultDigest,
    ) -> Result<RunDetail, AppError> {
        let step = Step::of(caller, "run.approve");
        let app = self.clone();
        detached(async move {
            let mut tx = begin(&app.pool).await?;
            store::program::share_catalog(&mut tx).await?;
            let run = lock_run(&mut tx, run_id).await?;
            let objection_open = store::objection::any_open(&mut tx, run_id).await?;
            let applied = AppliedBy {
                program: version(&mut tx, &run, run.program_version)
                    .await?
                    .applied_by,
                budget: version(&mut tx, &run, run.budget_version).await?.applied_by,
            };
            let now = store::clock::now(&mut tx).await?;

            let state = run.state.clone();
            let state = state.approve(step.by.clone(), now, digest, objection_open, &applied)?;

            step.save(tx, now, run, state).await
        })
        .await
    }

    /// Drops an open run.
    pub async fn cancel_run(
        &self,
        caller: &Principal,
        run_id: Uuid,
    ) -> Result<RunDetail, AppError> {
        let step = Step::of(caller, "run.cancel");
        let app = self.clone();
        detached(async move {
            let mut tx = begin(&app.pool).await?;
            let run = lock_run(&mut tx, run_id).await?;
            let now = store::clock::now(&mut tx).await?;

            let state = run.state.clone().cancel(step.by.clone(), now)?;

            step.save(tx, now, run, state).await
        })
        .await
    }
}

/// A version of the program that a run was decided by.
async fn version(tx: &mut PgConnection, run: &Run, number: i32) -> Result<Version, StoreError> {
    let version = store::program::version(tx, &run.program_id, number).await?;
    version.ok_or_else(|| {
        StoreError::corrupt(
            "run.program_version",
            format!("{number}, which is not there"),
        )
    })
}

/// Who takes which step.
struct Step {
    by: Actor,
    action: &'static str,
}

impl Step {
    fn of(caller: &Principal, action: &'static str) -> Self {
        Self {
            by: caller.actor(),
            action,
        }
    }

    /// Saves the state that a run came to, if it is another, and ends the transaction.
    async fn save(
        &self,
        mut tx: Transaction<'static, Postgres>,
        at: Instant,
        before: Run,
        state: RunState,
    ) -> Result<RunDetail, AppError> {
        if state == before.state {
            return Ok(detail(&mut tx, before).await?);
        }
        let run = Run {
            state,
            ..before.clone()
        };
        let doing = Doing { by: &self.by, at };
        let mut content = json!({ "digest": run.state.digest().to_string() });
        let gives = matches!(run.state, RunState::Approved(_));
        if gives {
            content["program_id"] = json!(run.program_id);
            content["open_items_before"] =
                json!(items_fingerprint(&mut tx, &run.program_id).await?);
        }
        store::run::update(&mut tx, &run).await?;
        post(&mut tx, &doing, &before, &run, None).await?;
        if gives {
            content["open_items"] = json!(items_fingerprint(&mut tx, &run.program_id).await?);
        }
        let run = detail(&mut tx, run).await?;
        let subject = run.run.run_id.to_string();
        doing
            .record(&mut tx, self.action, &subject, &content)
            .await?;
        tx.commit().await?;
        Ok(run)
    }
}
