//! Binding merchant accounts to enterprises, each to one at a time.

use std::{collections::BTreeSet, sync::Arc};

use gazelle_kernel::{
    Date, MerchantId, PlatformId, Uscc,
    batch::{Refused, judge},
};
use gazelle_runtime::{auth::Principal, store::snapshot};

use super::{
    App,
    error::AppError,
    write::{Write, Writer, all},
};
use crate::{
    domain::{
        change::Content,
        import::{Imported, Item},
        merchant_binding::{MerchantAccounts, MerchantBinding},
        platform::Platform,
        refusal::{ItemRefused, require},
    },
    store,
};

impl App {
    /// Binds accounts, and makes their platforms known.
    pub async fn put_merchant_bindings(
        &self,
        caller: &Principal,
        items: Vec<Item<MerchantBinding>>,
    ) -> Result<Imported, AppError> {
        self.write_batch(caller, items, put).await
    }

    /// Bindings by platform, account and first day: at most `limit`, only one platform's, one
    /// enterprise's and after a key where these are given.
    pub async fn list_merchant_bindings(
        &self,
        platform_id: Option<&PlatformId>,
        uscc: Option<Uscc>,
        after: Option<&(PlatformId, MerchantId, Date)>,
        limit: i64,
    ) -> Result<Vec<MerchantBinding>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let at = store::revision::get(&mut tx).await?;
        let page =
            store::merchant_binding::page(&mut tx, at, platform_id, uscc, after, limit).await?;
        Ok(page)
    }
}

async fn put(writer: Writer, items: Arc<[Item<MerchantBinding>]>) -> Result<Imported, AppError> {
    let mut write = writer.begin().await?;
    let usccs = all(&items, |binding| binding.uscc);
    let registered = store::enterprise::registered(&mut write.tx, &usccs).await?;
    let readable: Vec<&MerchantBinding> = items.iter().flatten().collect();
    let recorded = store::merchant_binding::near(&mut write.tx, &readable).await?;

    let mut accounts = MerchantAccounts::new(&recorded);
    let key = MerchantBinding::key;
    let judged = judge(&items, key, &ItemRefused::RepeatedInBatch, |binding| {
        require(&registered, binding.uscc).map_err(Refused::ForGood)?;
        accounts.bind(binding).map_err(|other| Refused::Blocked {
            by: other.key(),
            refusal: ItemRefused::BindingOverlap(Box::new(other.clone())),
        })
    });
    if judged.written.is_empty() {
        return Ok(Imported::new(judged, write.present));
    }

    let platforms = make_known(&mut write, &judged.written).await?;
    store::merchant_binding::close(&mut write.tx, write.next, &judged.replacing).await?;
    store::merchant_binding::insert(&mut write.tx, write.next, &judged.written).await?;
    let content = Content::default()
        .with("merchant_bindings", &judged.written)
        .with("platforms", &platforms);
    let revision = write.commit("put_merchant_bindings", &content).await?;
    Ok(Imported::new(judged, revision))
}

/// Makes those platforms of the bindings known that are not yet; returns these, by id.
async fn make_known(
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
        .map(Platform::new)
        .collect();
    if !unknown.is_empty() {
        store::platform::insert(&mut write.tx, write.next, &unknown).await?;
    }
    Ok(unknown)
}
