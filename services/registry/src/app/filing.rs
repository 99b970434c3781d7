//! Recording what enterprises filed: one filing a year, of which the last holds.

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
        filing::Filing,
        import::{Imported, Item},
        refusal::{ItemRefused, require},
    },
    store,
};

impl App {
    /// Records filings; one for a year that has one already replaces it.
    pub async fn put_filings(
        &self,
        caller: &Principal,
        items: Vec<Item<Filing>>,
    ) -> Result<Imported, AppError> {
        self.write_batch(caller, items, put).await
    }
}

async fn put(writer: Writer, items: Arc<[Item<Filing>]>) -> Result<Imported, AppError> {
    let mut write = writer.begin().await?;
    let usccs = all(&items, |filing| filing.uscc);
    let registered = store::enterprise::registered(&mut write.tx, &usccs).await?;
    let current = store::filing::current(&mut write.tx, &all(&items, Filing::key)).await?;

    let judged = judge(
        &items,
        Filing::key,
        &ItemRefused::RepeatedInBatch,
        |filing| {
            require(&registered, filing.uscc).map_err(Refused::ForGood)?;
            Ok(Verdict::of(filing, current.get(&filing.key())))
        },
    );
    if judged.written.is_empty() {
        return Ok(Imported::new(judged, write.present));
    }

    store::filing::close(&mut write.tx, write.next, &judged.replacing).await?;
    store::filing::insert(&mut write.tx, write.next, &judged.written).await?;
    let content = Content::default().with("filings", &judged.written);
    let revision = write.commit("put_filings", &content).await?;
    Ok(Imported::new(judged, revision))
}
