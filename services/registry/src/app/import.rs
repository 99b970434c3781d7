//! The verbs that write. Each batch is judged under the lock of the revision and written in one
//! transaction.

use std::collections::BTreeSet;

use gazelle_runtime::{auth::Principal, database::retry_serialization, detach::detached};

use super::{
    AppError, Registry, read,
    write::{Write, Writer},
};
use crate::{
    domain::{
        batch::{self, Item, Judged, Rejection, Verdict},
        binding::{Accounts, MerchantBinding},
        enterprise::{CodeChange, Enterprise, EnterpriseRecord, NotRegistered},
        filing::Filing,
        platform::Platform,
        revision::Revision,
        suspension::Suspension,
    },
    store::{self, content::Content},
};

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
    /// The revision after the batch.
    pub revision: Revision,
}

impl Imported {
    fn new<T>(judged: Judged<T>, revision: Revision) -> Self {
        Self {
            created_count: judged.written.len() - judged.replacing.len(),
            changed_count: judged.replacing.len(),
            unchanged_count: judged.unchanged_count,
            rejections: judged.rejections,
            revision,
        }
    }
}

impl Registry {
    /// Creates or changes enterprises.
    pub async fn put_enterprises(
        &self,
        by: &Principal,
        items: Vec<Item<Enterprise>>,
    ) -> Result<Imported, AppError> {
        let writer = self.writer(by).await?;
        detached(async move { retry_serialization(|| writer.put_enterprises(&items)).await }).await
    }

    /// Records that a code changed on a day; returns the enterprise after it and the revision.
    pub async fn change_enterprise_code(
        &self,
        by: &Principal,
        change: CodeChange,
    ) -> Result<(EnterpriseRecord, Revision), AppError> {
        let writer = self.writer(by).await?;
        detached(async move { retry_serialization(|| writer.change_code(&change)).await }).await
    }

    /// Records filings.
    pub async fn put_filings(
        &self,
        by: &Principal,
        items: Vec<Item<Filing>>,
    ) -> Result<Imported, AppError> {
        let writer = self.writer(by).await?;
        detached(async move { retry_serialization(|| writer.put_filings(&items)).await }).await
    }

    /// Records suspensions.
    pub async fn put_suspensions(
        &self,
        by: &Principal,
        items: Vec<Item<Suspension>>,
    ) -> Result<Imported, AppError> {
        let writer = self.writer(by).await?;
        detached(async move { retry_serialization(|| writer.put_suspensions(&items)).await }).await
    }

    /// Binds accounts, and makes their platforms known.
    pub async fn put_merchant_bindings(
        &self,
        by: &Principal,
        items: Vec<Item<MerchantBinding>>,
    ) -> Result<Imported, AppError> {
        let writer = self.writer(by).await?;
        detached(async move { retry_serialization(|| writer.put_bindings(&items)).await }).await
    }

    /// Makes platforms known, or names them.
    pub async fn put_platforms(
        &self,
        by: &Principal,
        items: Vec<Item<Platform>>,
    ) -> Result<Imported, AppError> {
        let writer = self.writer(by).await?;
        detached(async move { retry_serialization(|| writer.put_platforms(&items)).await }).await
    }
}

/// A property of all items that could be read.
fn all<T, P: Ord>(items: &[Item<T>], of: impl Fn(&T) -> P) -> BTreeSet<P> {
    items.iter().flatten().map(of).collect()
}

impl Writer {
    async fn put_enterprises(&self, items: &[Item<Enterprise>]) -> Result<Imported, AppError> {
        let mut write = self.begin().await?;
        let usccs = all(items, |enterprise| enterprise.uscc);
        let current = store::enterprise::current(&mut write.tx, &usccs).await?;

        let judged = batch::judge(
            items,
            |enterprise| enterprise.uscc,
            |enterprise| Ok(Verdict::of(enterprise, current.get(&enterprise.uscc))),
        );
        if judged.written.is_empty() {
            return Ok(Imported::new(judged, write.present));
        }

        store::enterprise::close(&mut write.tx, write.next, &judged.replacing).await?;
        store::enterprise::insert(&mut write.tx, write.next, &judged.written).await?;
        let content = Content::default().enterprises(&judged.written);
        let revision = self.commit(write, "put_enterprises", &content).await?;
        Ok(Imported::new(judged, revision))
    }

    async fn change_code(
        &self,
        change: &CodeChange,
    ) -> Result<(EnterpriseRecord, Revision), AppError> {
        let mut write = self.begin().await?;
        let uscc = change.uscc;
        let mut record = read::record(&mut write.tx, write.present, uscc)
            .await?
            .ok_or_else(|| AppError::NotRegistered(NotRegistered::new(uscc)))?;

        match record.put_code_change(change) {
            Verdict::Unchanged => return Ok((record, write.present)),
            Verdict::Changed => {
                store::enterprise_code::close(&mut write.tx, write.next, change).await?;
            }
            Verdict::Created => {}
        }

        store::enterprise_code::insert(&mut write.tx, write.next, change).await?;
        let content = Content::default().code_change(change);
        let revision = self
            .commit(write, "change_enterprise_code", &content)
            .await?;
        Ok((record, revision))
    }

    async fn put_filings(&self, items: &[Item<Filing>]) -> Result<Imported, AppError> {
        let mut write = self.begin().await?;
        let usccs = all(items, |filing| filing.uscc);
        let registered = store::enterprise::registered(&mut write.tx, &usccs).await?;
        let current = store::filing::current(&mut write.tx, &usccs).await?;

        let judged = batch::judge(items, Filing::key, |filing| {
            batch::require(&registered, filing.uscc)?;
            Ok(Verdict::of(filing, current.get(&filing.key())))
        });
        if judged.written.is_empty() {
            return Ok(Imported::new(judged, write.present));
        }

        store::filing::close(&mut write.tx, write.next, &judged.replacing).await?;
        store::filing::insert(&mut write.tx, write.next, &judged.written).await?;
        let content = Content::default().filings(&judged.written);
        let revision = self.commit(write, "put_filings", &content).await?;
        Ok(Imported::new(judged, revision))
    }

    async fn put_suspensions(&self, items: &[Item<Suspension>]) -> Result<Imported, AppError> {
        let mut write = self.begin().await?;
        let usccs = all(items, |suspension| suspension.uscc);
        let registered = store::enterprise::registered(&mut write.tx, &usccs).await?;
        let current = store::suspension::current(&mut write.tx, &usccs).await?;

        let judged = batch::judge(items, Suspension::key, |suspension| {
            batch::require(&registered, suspension.uscc)?;
            Ok(Verdict::of(suspension, current.get(&suspension.key())))
        });
        if judged.written.is_empty() {
            return Ok(Imported::new(judged, write.present));
        }

        store::suspension::close(&mut write.tx, write.next, &judged.replacing).await?;
        store::suspension::insert(&mut write.tx, write.next, &judged.written).await?;
        let content = Content::default().suspensions(&judged.written);
        let revision = self.commit(write, "put_suspensions", &content).await?;
        Ok(Imported::new(judged, revision))
    }

    async fn put_bindings(&self, items: &[Item<MerchantBinding>]) -> Result<Imported, AppError> {
        let mut write = self.begin().await?;
        let usccs = all(items, |binding| binding.uscc);
        let registered = store::enterprise::registered(&mut write.tx, &usccs).await?;
        let accounts = all(items, MerchantBinding::account);
        let recorded = store::binding::current(&mut write.tx, &accounts).await?;

        let mut accounts = Accounts::new(recorded);
        let judged = batch::judge(items, MerchantBinding::key, |binding| {
            batch::require(&registered, binding.uscc)?;
            accounts.bind(binding)
        });
        if judged.written.is_empty() {
            return Ok(Imported::new(judged, write.present));
        }

        let platforms = self.make_known(&mut write, &judged.written).await?;
        store::binding::close(&mut write.tx, write.next, &judged.replacing).await?;
        store::binding::insert(&mut write.tx, write.next, &judged.written).await?;
        let content = Content::default()
            .bindings(&judged.written)
            .platforms(&platforms);
        let revision = self
            .commit(write, "put_merchant_bindings", &content)
            .await?;
        Ok(Imported::new(judged, revision))
    }

    async fn put_platforms(&self, items: &[Item<Platform>]) -> Result<Imported, AppError> {
        let mut write = self.begin().await?;
        let ids = all(items, |platform| platform.platform_id.clone());
        let current = store::platform::current(&mut write.tx, &ids).await?;

        let judged = batch::judge(
            items,
            |platform| platform.platform_id.clone(),
            |platform| Ok(Verdict::of(platform, current.get(&platform.platform_id))),
        );
        if judged.written.is_empty() {
            return Ok(Imported::new(judged, write.present));
        }

        store::platform::close(&mut write.tx, write.next, &judged.replacing).await?;
        store::platform::insert(&mut write.tx, write.next, &judged.written).await?;
        let content = Content::default().platforms(&judged.written);
        let revision = self.commit(write, "put_platforms", &content).await?;
        Ok(Imported::new(judged, revision))
    }

    /// Makes those platforms of the bindings known that are not yet; returns these, by id.
    async fn make_known(
        &self,
        write: &mut Write,
        bindings: &[MerchantBinding],
    ) -> Result<Vec<Platform>, AppError> {
        let ids: BTreeSet<_> = bindings
            .iter()
            .map(|item| item.platform_id.clone())
            .collect();
        let known = store::platform::current(&mut write.tx, &ids).await?;
        let unknown: Vec<Platform> = ids
            .into_iter()
            .filter(|id| !known.contains_key(id))
            .map(|platform_id| Platform {
                platform_id,
                name: None,
            })
            .collect();
        if !unknown.is_empty() {
            store::platform::insert(&mut write.tx, write.next, &unknown).await?;
        }
        Ok(unknown)
    }
}
