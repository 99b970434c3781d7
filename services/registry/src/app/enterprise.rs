//! Enterprises, and what hangs on them.

use std::{collections::BTreeMap, sync::Arc};

use gazelle_kernel::{
    Uscc,
    batch::{Verdict, judge},
};
use gazelle_runtime::{
    auth::Principal,
    store::{StoreError, snapshot},
};
use sqlx::PgConnection;

use super::{
    App,
    error::AppError,
    write::{Writer, all},
};
use crate::{
    domain::{
        change::Content,
        enterprise::{CodeChange, Enterprise, EnterpriseRecord, NotRegistered},
        import::{Imported, Item},
        merchant_binding::MerchantBinding,
        refusal::ItemRefused,
        revision::Revision,
    },
    store,
};

/// Most accounts that are shown with an enterprise; the list has them all, in pages.
const SHOWN_MAX: i64 = 1_000;

impl App {
    /// Creates or changes enterprises.
    pub async fn put_enterprises(
        &self,
        caller: &Principal,
        items: Vec<Item<Enterprise>>,
    ) -> Result<Imported, AppError> {
        self.write_batch(caller, items, put).await
    }

    /// Records that a code changed on a day; returns the enterprise after it and the revision.
    pub async fn change_enterprise_code(
        &self,
        caller: &Principal,
        change: CodeChange,
    ) -> Result<(EnterpriseRecord, Revision), AppError> {
        self.write(caller, move |writer| change_code(writer, change.clone()))
            .await
    }

    /// An enterprise with all that hangs on it, and its first accounts.
    pub async fn get_enterprise(
        &self,
        uscc: Uscc,
    ) -> Result<(EnterpriseRecord, Vec<MerchantBinding>), AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let present = store::revision::get(&mut tx).await?;
        let record = record(&mut tx, present, uscc)
            .await?
            .ok_or_else(|| AppError::NotRegistered(NotRegistered::new(uscc)))?;
        let bindings =
            store::merchant_binding::page(&mut tx, present, None, Some(uscc), None, SHOWN_MAX)
                .await?;
        Ok((record, bindings))
    }

    /// Enterprises with the changes of their codes, by code: at most `limit`, after a code where
    /// one is given.
    pub async fn list_enterprises(
        &self,
        after: Option<Uscc>,
        limit: i64,
    ) -> Result<Vec<(Enterprise, Vec<CodeChange>)>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let present = store::revision::get(&mut tx).await?;
        let enterprises = store::enterprise::page(&mut tx, present, after, limit).await?;
        let (Some(first), Some(last)) = (enterprises.first(), enterprises.last()) else {
            return Ok(Vec::new());
        };
        let changes =
            store::enterprise_code::between(&mut tx, present, first.uscc, last.uscc).await?;
        let mut changes = group(changes, |change| change.uscc);
        Ok(enterprises
            .into_iter()
            .map(|enterprise| {
                let own = changes.remove(&enterprise.uscc).unwrap_or_default();
                (enterprise, own)
            })
            .collect())
    }
}

async fn put(writer: Writer, items: Arc<[Item<Enterprise>]>) -> Result<Imported, AppError> {
    let mut write = writer.begin().await?;
    let usccs = all(&items, |enterprise| enterprise.uscc);
    let current = store::enterprise::current(&mut write.tx, &usccs).await?;

    let key = |enterprise: &Enterprise| enterprise.uscc;
    let judged = judge(&items, key, &ItemRefused::RepeatedInBatch, |enterprise| {
        Ok(Verdict::of(enterprise, current.get(&enterprise.uscc)))
    });
    if judged.written.is_empty() {
        return Ok(Imported::new(judged, write.present));
    }

    store::enterprise::close(&mut write.tx, write.next, &judged.replacing).await?;
    store::enterprise::insert(&mut write.tx, write.next, &judged.written).await?;
    let content = Content::default().with("enterprises", &judged.written);
    let revision = write.commit("put_enterprises", &content).await?;
    Ok(Imported::new(judged, revision))
}

async fn change_code(
    writer: Writer,
    change: CodeChange,
) -> Result<(EnterpriseRecord, Revision), AppError> {
    let mut write = writer.begin().await?;
    let uscc = change.uscc;
    let mut record = record(&mut write.tx, write.present, uscc)
        .await?
        .ok_or_else(|| AppError::NotRegistered(NotRegistered::new(uscc)))?;

    match record.put_code_change(&change) {
        Verdict::Unchanged => return Ok((record, write.present)),
        Verdict::Changed => {
            store::enterprise_code::close(&mut write.tx, write.next, &change).await?;
        }
        Verdict::Created => {}
    }

    store::enterprise_code::insert(&mut write.tx, write.next, &change).await?;
    let content = Content::default().with("code_changes", &[change]);
    let revision = write.commit("change_enterprise_code", &content).await?;
    Ok((record, revision))
}

/// An enterprise with what hangs on it, at a revision that is the present one.
async fn record(
    tx: &mut PgConnection,
    present: Revision,
    uscc: Uscc,
) -> Result<Option<EnterpriseRecord>, StoreError> {
    let found = store::enterprise::current(tx, &[uscc].into()).await?;
    Ok(records(tx, present, found.into_values().collect())
        .await?
        .pop())
}

/// A page of the enterprises at a revision, with what hangs on them.
pub(super) async fn records(
    tx: &mut PgConnection,
    at: Revision,
    page: Vec<Enterprise>,
) -> Result<Vec<EnterpriseRecord>, StoreError> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else {
        return Ok(Vec::new());
    };
    let (first, last) = (first.uscc, last.uscc);
    let changes = store::enterprise_code::between(tx, at, first, last).await?;
    let mut changes = group(changes, |change| change.uscc);
    let filings = store::filing::between(tx, at, first, last).await?;
    let mut filings = group(filings, |filing| filing.uscc);
    let suspensions = store::suspension::between(tx, at, first, last).await?;
    let mut suspensions = group(suspensions, |suspension| suspension.uscc);
    Ok(page
        .into_iter()
        .map(|enterprise| EnterpriseRecord {
            code_changes: changes.remove(&enterprise.uscc).unwrap_or_default(),
            filings: filings.remove(&enterprise.uscc).unwrap_or_default(),
            suspensions: suspensions.remove(&enterprise.uscc).unwrap_or_default(),
            enterprise,
        })
        .collect())
}

/// Rows by their enterprise, in the order that they have.
fn group<T>(rows: Vec<T>, uscc: impl Fn(&T) -> Uscc) -> BTreeMap<Uscc, Vec<T>> {
    let mut groups: BTreeMap<Uscc, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(uscc(&row)).or_default().push(row);
    }
    groups
}
