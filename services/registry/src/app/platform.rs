//! Making platforms known, and showing them: to a platform, itself alone.

use std::sync::Arc;

use gazelle_kernel::{
    PlatformId,
    batch::{Verdict, judge},
};
use gazelle_runtime::{
    auth::Principal,
    store::{snapshot, snapshot_for},
};

use super::{
    App,
    error::AppError,
    write::{Writer, all},
};
use crate::{
    domain::{
        change::Content,
        import::{Imported, Item},
        platform::Platform,
        refusal::ItemRefused,
    },
    store,
};

impl App {
    /// Makes platforms known, or changes what is recorded of them.
    pub async fn put_platforms(
        &self,
        caller: &Principal,
        items: Vec<Item<Platform>>,
    ) -> Result<Imported, AppError> {
        self.write_batch(caller, items, put).await
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
        let mut tx = match caller {
            Principal::Platform(own) => {
                snapshot_for(&self.pool, "gazelle_registry_platform", own).await?
            }
            Principal::Person { .. } | Principal::Service(_) => snapshot(&self.pool).await?,
        };
        let mut found = store::platform::current(&mut tx, &[id.clone()].into()).await?;
        found.remove(&id).ok_or(AppError::PlatformNotFound(id))
    }

    /// Platforms by id: at most `limit`, after an id where one is given.
    pub async fn list_platforms(
        &self,
        after: Option<&PlatformId>,
        limit: i64,
    ) -> Result<Vec<Platform>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let at = store::revision::get(&mut tx).await?;
        Ok(store::platform::page(&mut tx, at, after, limit).await?)
    }
}

async fn put(writer: Writer, items: Arc<[Item<Platform>]>) -> Result<Imported, AppError> {
    let mut write = writer.begin().await?;
    let ids = all(&items, |platform| platform.id.clone());
    let current = store::platform::current(&mut write.tx, &ids).await?;

    let key = |platform: &Platform| platform.id.clone();
    let judged = judge(&items, key, &ItemRefused::RepeatedInBatch, |platform| {
        Ok(Verdict::of(platform, current.get(&platform.id)))
    });
    if judged.written.is_empty() {
        return Ok(Imported::new(judged, write.present));
    }

    store::platform::close(&mut write.tx, write.next, &judged.replacing).await?;
    store::platform::insert(&mut write.tx, write.next, &judged.written).await?;
    let content = Content::default().with("platforms", &judged.written);
    let revision = write.commit("put_platforms", &content).await?;
    Ok(Imported::new(judged, revision))
}
