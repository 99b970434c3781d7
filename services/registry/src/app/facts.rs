//! All facts as of one revision, in parts.

use sqlx::{Postgres, Transaction};

use super::{
    App, enterprise,
    error::AppError,
    stream::{PART_MAX, Parts, Streamed},
};
use crate::{
    domain::{facts::FactsPart, revision::Revision},
    store,
};

impl App {
    /// Begins to read the facts as of a revision, the present one when none is given: platforms
    /// by id, enterprises by code, then bindings by platform, account and first day.
    pub async fn read_facts(
        &self,
        asked: Option<Revision>,
    ) -> Result<Streamed<FactsPart>, AppError> {
        let mut snapshot = self.snapshot_to_stream().await?;
        let present = store::revision::get(&mut snapshot.tx).await?;
        let revision = asked.unwrap_or(present);
        if revision > present {
            return Err(AppError::RevisionAhead {
                asked: revision,
                present,
            });
        }
        Ok(snapshot.stream(revision, move |tx, parts| send(tx, revision, parts)))
    }
}

async fn send(
    mut tx: Transaction<'static, Postgres>,
    at: Revision,
    parts: Parts<FactsPart>,
) -> Result<(), AppError> {
    let mut after = None;
    loop {
        let page = store::platform::page(&mut tx, at, after.as_ref(), PART_MAX).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        if !parts.send(FactsPart::Platforms(page)).await? {
            return Ok(());
        }
    }
    let mut after = None;
    loop {
        let page = store::enterprise::page(&mut tx, at, after, PART_MAX).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.uscc);
        let records = enterprise::records(&mut tx, at, page).await?;
        if !parts.send(FactsPart::Enterprises(records)).await? {
            return Ok(());
        }
    }
    let mut after = None;
    loop {
        let after_key = after.as_ref();
        let page =
            store::merchant_binding::page(&mut tx, at, None, None, after_key, PART_MAX).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.key());
        if !parts.send(FactsPart::Bindings(page)).await? {
            return Ok(());
        }
    }
    Ok(())
}
