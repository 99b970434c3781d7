//! Recording suspensions, and their ends once these are known.

use std::sync::Arc;

use gazelle_kernel::batch::{Refused, Verdict, judge};
use gazelle_runtime::auth::Principal;

use super::{
    App,
    error::AppError,
    write::{Writer, all},
};
use crate::{
    domain::{
        change::Content,
        import::{Imported, Item},
        refusal::{ItemRefused, require},
        suspension::Suspension,
    },
    store,
};

impl App {
    /// Records suspensions, or gives them an end.
    pub async fn put_suspensions(
        &self,
        caller: &Principal,
        items: Vec<Item<Suspension>>,
    ) -> Result<Imported, AppError> {
        self.write_batch(caller, items, put).await
    }
}

async fn put(writer: Writer, items: Arc<[Item<Suspension>]>) -> Result<Imported, AppError> {
    let mut write = writer.begin().await?;
    let usccs = all(&items, |suspension| suspension.uscc);
    let registered = store::enterprise::registered(&mut write.tx, &usccs).await?;
    let current = store::suspension::current(&mut write.tx, &all(&items, Suspension::key)).await?;

    let judged = judge(
        &items,
        Suspension::key,
        &ItemRefused::RepeatedInBatch,
        |suspension| {
            require(&registered, suspension.uscc).map_err(Refused::ForGood)?;
            Ok(Verdict::of(suspension, current.get(&suspension.key())))
        },
    );
    if judged.written.is_empty() {
        return Ok(Imported::new(judged, write.present));
    }

    store::suspension::close(&mut write.tx, write.next, &judged.replacing).await?;
    store::suspension::insert(&mut write.tx, write.next, &judged.written).await?;
    let content = Content::default().with("suspensions", &judged.written);
    let revision = write.commit("put_suspensions", &content).await?;
    Ok(Imported::new(judged, revision))
}
