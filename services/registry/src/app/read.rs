//! The verbs that read what is recorded now, each from one snapshot.

use std::collections::BTreeMap;

use gazelle_kernel::{Date, MerchantId, PlatformId, Uscc};
use gazelle_runtime::auth::Principal;
use sqlx::{PgConnection, Postgres, Transaction};

use super::{AppError, Change, Registry};
use crate::{
    domain::{
        binding::MerchantBinding,
        enterprise::{CodeChange, Enterprise, EnterpriseRecord, NotRegistered},
        platform::Platform,
        revision::Revision,
    },
    store::{self, StoreError},
};

/// Most content of a page of changes: a batch may have some megabytes, and an answer must fit
/// into a message of 4 MiB.
const CHANGES_BYTES_MAX: i64 = 1024 * 1024;

/// Most accounts that are shown with an enterprise; the list has them all, in pages.
const SHOWN_MAX: i64 = 1_000;

impl Registry {
    /// A transaction that sees one state of the tables, whatever others commit.
    async fn snapshot(&self) -> Result<Transaction<'static, Postgres>, AppError> {
        let begin = "begin isolation level repeatable read read only";
        self.pool
            .begin_with(begin)
            .await
            .map_err(AppError::Transaction)
    }

    /// An enterprise with all that hangs on it, and its first accounts.
    pub async fn get_enterprise(
        &self,
        uscc: Uscc,
    ) -> Result<(EnterpriseRecord, Vec<MerchantBinding>), AppError> {
        let mut tx = self.snapshot().await?;
        let present = store::revision::get(&mut tx).await?;
        let record = record(&mut tx, present, uscc)
            .await?
            .ok_or_else(|| AppError::NotRegistered(NotRegistered::new(uscc)))?;
        let bindings =
            store::binding::page(&mut tx, present, None, Some(uscc), None, SHOWN_MAX).await?;
        Ok((record, bindings))
    }

    /// Enterprises with the changes of their codes, by code: at most `limit`, after a code where
    /// one is given.
    pub async fn list_enterprises(
        &self,
        after: Option<Uscc>,
        limit: i64,
    ) -> Result<Vec<(Enterprise, Vec<CodeChange>)>, AppError> {
        let mut tx = self.snapshot().await?;
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
                let of_it = changes.remove(&enterprise.uscc).unwrap_or_default();
                (enterprise, of_it)
            })
            .collect())
    }

    /// Bindings by platform, account and first day: at most `limit`, only one platform's, one
    /// enterprise's and after a key where these are given.
    pub async fn list_merchant_bindings(
        &self,
        only: Option<&PlatformId>,
        of: Option<Uscc>,
        after: Option<&(PlatformId, MerchantId, Date)>,
        limit: i64,
    ) -> Result<Vec<MerchantBinding>, AppError> {
        let mut tx = self.snapshot().await?;
        let present = store::revision::get(&mut tx).await?;
        Ok(store::binding::page(&mut tx, present, only, of, after, limit).await?)
    }

    /// A platform; for a platform that asks, itself alone.
    pub async fn get_platform(
        &self,
        caller: &Principal,
        id: PlatformId,
    ) -> Result<Platform, AppError> {
        if matches!(caller, Principal::Platform(own) if *own != id) {
            return Err(AppError::PlatformNotFound(id));
        }
        let mut tx = self.snapshot().await?;
        let mut found = store::platform::current(&mut tx, &[id.clone()].into()).await?;
        found.remove(&id).ok_or(AppError::PlatformNotFound(id))
    }

    /// Platforms by id: at most `limit`, after an id where one is given.
    pub async fn list_platforms(
        &self,
        after: Option<&PlatformId>,
        limit: i64,
    ) -> Result<Vec<Platform>, AppError> {
        let mut tx = self.snapshot().await?;
        Ok(store::platform::page(&mut tx, after, limit).await?)
    }

    /// Changes after a revision (from the first on when none is given), in order: at most
    /// `limit`, fewer where they are large. And whether there are more.
    pub async fn list_changes(
        &self,
        after: Option<Revision>,
        limit: i64,
    ) -> Result<(Vec<Change>, bool), AppError> {
        let mut tx = self.snapshot().await?;
        let present = store::revision::get(&mut tx).await?;
        let changes = store::change::page(&mut tx, after, limit, CHANGES_BYTES_MAX).await?;
        let more = changes.last().is_some_and(|last| last.revision < present);
        Ok((changes, more))
    }
}

/// An enterprise with what hangs on it, at a revision that is the present one.
pub(super) async fn record(
    conn: &mut PgConnection,
    present: Revision,
    uscc: Uscc,
) -> Result<Option<EnterpriseRecord>, StoreError> {
    let found = store::enterprise::current(conn, &[uscc].into()).await?;
    Ok(records(conn, present, found.into_values().collect())
        .await?
        .pop())
}

/// A page of the enterprises at a revision, with what hangs on them.
pub(super) async fn records(
    conn: &mut PgConnection,
    at: Revision,
    page: Vec<Enterprise>,
) -> Result<Vec<EnterpriseRecord>, StoreError> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else {
        return Ok(Vec::new());
    };
    let (first, last) = (first.uscc, last.uscc);
    let changes = store::enterprise_code::between(conn, at, first, last).await?;
    let mut changes = group(changes, |change| change.uscc);
    let filings = store::filing::between(conn, at, first, last).await?;
    let mut filings = group(filings, |filing| filing.uscc);
    let suspensions = store::suspension::between(conn, at, first, last).await?;
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
fn group<T>(rows: Vec<T>, of: impl Fn(&T) -> Uscc) -> BTreeMap<Uscc, Vec<T>> {
    let mut groups: BTreeMap<Uscc, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(of(&row)).or_default().push(row);
    }
    groups
}
