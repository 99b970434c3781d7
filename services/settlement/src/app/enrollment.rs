//! Enrolling enterprises in programs.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use gazelle_kernel::{Actor, Date, ProgramId, Uscc};
use gazelle_runtime::{
    auth::Principal,
    database::retry_serialization,
    detach::detached,
    store::{begin_by_key, event::Doing, snapshot},
};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    App,
    error::{AppError, NotFound},
};
use crate::{
    domain::enrollment::{Enrollment, EnrollmentItem, EnrollmentRefused, JudgedEnrollments, judge},
    store::{self, enrollment::EnrollmentChange},
};

/// Questions to the registry at a time.
const QUESTIONS_AT_A_TIME: usize = 8;

impl App {
    /// Enrolls enterprises; each item is judged by itself, the good ones go in together.
    pub async fn put_enrollments(
        &self,
        caller: &Principal,
        mut items: Vec<EnrollmentItem>,
    ) -> Result<JudgedEnrollments, AppError> {
        self.refuse_unknown_exceptions(&mut items).await?;
        let (app, by) = (self.clone(), caller.actor());
        detached(async move { retry_serialization(|| app.save_enrollments(&by, &items)).await })
            .await
    }

    /// A program's enrollments after a key, by enterprise and first day.
    pub async fn list_enrollments(
        &self,
        program: &ProgramId,
        after: Option<(&Uscc, Date)>,
        limit: i64,
    ) -> Result<Vec<Enrollment>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        if store::program::latest(&mut tx, program).await?.is_none() {
            return Err(NotFound::Program(program.clone()).into());
        }
        Ok(store::enrollment::page(&mut tx, program, after, limit).await?)
    }

    /// A code that fails its outer check was either officially issued so, and then the registry
    /// has it on evidence, or is mistyped.
    async fn refuse_unknown_exceptions(
        &self,
        items: &mut [EnrollmentItem],
    ) -> Result<(), AppError> {
        let irregular: BTreeSet<Uscc> = items
            .iter()
            .flatten()
            .map(|item| item.uscc)
            .filter(|code| !code.is_regular())
            .collect();
        let answers: BTreeMap<Uscc, bool> = stream::iter(irregular)
            .map(|code| async move { Ok((code, self.peers.knows_enterprise(&code).await?)) })
            .buffer_unordered(QUESTIONS_AT_A_TIME)
            .try_collect()
            .await
            .map_err(AppError::Peer)?;
        for item in items {
            let unknown = item
                .as_ref()
                .ok()
                .filter(|item| answers.get(&item.uscc) == Some(&false));
            if let Some(Err(error)) = unknown.map(|item| Uscc::parse(item.uscc.as_str())) {
                let field = "uscc";
                *item = Err(EnrollmentRefused::Field { field, error });
            }
        }
        Ok(())
    }

    async fn save_enrollments(
        &self,
        by: &Actor,
        items: &[EnrollmentItem],
    ) -> Result<JudgedEnrollments, AppError> {
        let mut tx = begin_by_key(&self.pool).await?;
        let programs = lock_programs(&mut tx, items).await?;
        let readable: Vec<&Enrollment> = items.iter().flatten().collect();
        let existing = store::enrollment::near(&mut tx, &readable).await?;

        let judged = judge(items, &programs, &existing);

        let at = store::clock::now(&mut tx).await?;
        let doing = Doing { by, at };
        for program in &programs {
            save_in_program(&mut tx, &doing, program, &judged).await?;
        }
        tx.commit().await?;
        Ok(judged)
    }
}

/// Locks the programs that a batch names, in order; returns those that there are.
async fn lock_programs(
    tx: &mut PgConnection,
    items: &[EnrollmentItem],
) -> Result<BTreeSet<ProgramId>, AppError> {
    let named: BTreeSet<&ProgramId> = items
        .iter()
        .flatten()
        .map(|item| &item.program_id)
        .collect();
    let mut programs = BTreeSet::new();
    for id in named {
        if store::program::lock(&mut *tx, id).await? {
            programs.insert(id.clone());
        }
    }
    Ok(programs)
}

/// Writes what of a judged batch is a program's.
async fn save_in_program(
    tx: &mut PgConnection,
    doing: &Doing<'_>,
    program_id: &ProgramId,
    judged: &JudgedEnrollments,
) -> Result<(), AppError> {
    fn its<'a>(rows: &'a [Enrollment], program_id: &ProgramId) -> Vec<&'a Enrollment> {
        let its = rows.iter().filter(|row| row.program_id == *program_id);
        its.collect()
    }
    let written = its(&judged.written, program_id);
    if written.is_empty() {
        return Ok(());
    }
    let change = EnrollmentChange {
        program_id,
        revision: store::enrollment::raise_revision(&mut *tx, program_id).await?,
        recorded_by: doing.by,
        recorded_at: doing.at,
    };
    let replacing = its(&judged.replacing, program_id);
    if !replacing.is_empty() {
        store::enrollment::end(&mut *tx, &change, &replacing).await?;
    }
    store::enrollment::insert(&mut *tx, &change, &written).await?;
    let content = json!({ "revision": change.revision, "enrollments": written });
    doing
        .record(tx, "enrollment.put", program_id.as_str(), &content)
        .await?;
    Ok(())
}
