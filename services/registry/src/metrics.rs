//! What those who run the registry see of its tables. `deploy/metrics.md` says what each figure
//! means.

use gazelle_runtime::telemetry::metrics::{chain_head, keep_reading as keep_reading_figures};
use sqlx::PgPool;
use tokio_util::task::AbortOnDropHandle;

use crate::store::revision;

/// Shows the end of the chain of changes, until the handle is dropped.
pub(crate) fn keep_reading(pool: PgPool) -> AbortOnDropHandle<()> {
    keep_reading_figures("registry", move || {
        let pool = pool.clone();
        async move {
            let mut connection = pool.acquire().await?;
            chain_head("registry", revision::get(&mut connection).await?.get());
            Ok(())
        }
    })
}
