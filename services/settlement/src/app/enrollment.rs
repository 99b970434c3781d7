//! Enrollments.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use gazelle_kernel::{Date, ProgramId, Uscc};
use gazelle_runtime::{database::retry_serialization, detach::detached};

use super::{
    App, AppError, FieldRefused, Item, Rejection,
    batch::{Judged, judge},
    record,
};
use crate::{
    domain::{enrollment::Enrollment, run::Actor},
    store::{self, snapshot},
};

/// Most items of a batch.
const ITEMS_MAX: usize = 1_000;

/// Questions to the registry at a time.
const QUESTIONS_AT_A_TIME: usize = 8;

/// What became of a batch.
#[derive(Debug)]
pub struct Imported {
    /// Items that were new.
    pub created_count: usize,
    /// Items that replaced an earlier version of themselves.
    pub changed_count: usize,
    /// Items that were there already.
    pub unchanged_count: usize,
    /// Items that were refused, in the order of the batch.
    pub rejections: Vec<Rejection>,
}

impl App {
    /// Enrolls enterprises; each item is judged by itself, the good ones go in together.
    pub async fn put_enrollments(
        &self,
        by: Actor,
        mut items: Vec<Item>,
    ) -> Result<Imported, AppError> {
        if !(1..=ITEMS_MAX).contains(&items.len()) {
            return Err(AppError::BatchSize(items.len()));
        }
        self.refuse_unknown_exceptions(&mut items).await?;
        let app = self.clone();
        detached(async move {
            let judged = retry_serialization(|| app.save_enrollments(&by, &items)).await?;
            Ok(Imported {
                created_count: judged.created_count,
                changed_count: judged.changed_count,
                unchanged_count: judged.unchanged_count,
                rejections: judged.rejections,
            })
        })
        .await
    }

    /// A program's enrollments after a key, by enterprise and first day.
    pub async fn enrollments(
        &self,
        program: &ProgramId,
        after: Option<(&Uscc, Date)>,
        limit: i64,
    ) -> Result<Vec<Enrollment>, AppError> {
        let mut tx = self.begin().await?;
        if store::program::latest(&mut tx, program).await?.is_none() {
            return Err(AppError::ProgramNotFound(program.clone()));
        }
        Ok(store::enrollment::page(&mut tx, program, after, limit).await?)
    }

    /// A code that fails its outer check was either officially issued so, and then the registry
    /// has it on evidence, or is mistyped.
    async fn refuse_unknown_exceptions(&self, items: &mut [Item]) -> Result<(), AppError> {
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
                *item = Err(FieldRefused {
                    field: "uscc",
                    error,
                });
            }
        }
        Ok(())
    }

    async fn save_enrollments(&self, by: &Actor, items: &[Item]) -> Result<Judged, AppError> {
        let mut tx = self.begin().await?;
        let named: BTreeSet<&ProgramId> = items
            .iter()
            .flatten()
            .map(|item| &item.program_id)
            .collect();
        let mut programs = BTreeSet::new();
        for id in named {
            if store::program::lock(&mut tx, id).await? {
                programs.insert(id.clone());
            }
        }
        let pairs: BTreeSet<(&ProgramId, &Uscc)> = items
            .iter()
            .flatten()
            .map(|item| (&item.program_id, &item.uscc))
            .collect();
        let pairs: Vec<_> = pairs.into_iter().collect();
        let existing = store::enrollment::of(&mut tx, &pairs).await?;

        let judged = judge(items, &programs, existing);

        let now = self.clock.now();
        for (program, enrollments) in &judged.written {
            let revision = store::enrollment::raise_revision(&mut tx, program).await?;
            store::enrollment::record(&mut tx, program, revision, enrollments, by.as_str(), now)
                .await?;
            let rows: Vec<String> = enrollments.iter().map(snapshot::write_enrollment).collect();
            let content = format!(
                r#"{{"revision":{revision},"enrollments":[{}]}}"#,
                rows.join(",")
            );
            record(
                &mut tx,
                by,
                now,
                "enrollment.put",
                program.as_str(),
                &content,
            )
            .await?;
        }
        tx.commit().await?;
        Ok(judged)
    }
}
