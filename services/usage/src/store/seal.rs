//! The seals of periods.

use gazelle_kernel::{Actor, Instant};
use gazelle_runtime::store::{StoreError, read_digest};
use sqlx::PgConnection;

use crate::domain::{
    key::{PlatformNumber, PlatformPeriod},
    seal::Seal,
};

/// Seals a period that is locked.
pub async fn save(
    tx: &mut PgConnection,
    PlatformPeriod { platform, period }: PlatformPeriod,
    seal: &Seal,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update period set sealed_at = $3, sealed_by = $4, seal_digest = $5
         where platform = $1 and period = $2",
        platform.0,
        period.index(),
        seal.sealed_at,
        seal.sealed_by.as_str(),
        &seal.digest,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One more of the platform's periods is sealed.
pub async fn count_sealed(
    tx: &mut PgConnection,
    platform: PlatformNumber,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update platform set sealed_count = sealed_count + 1 where platform = $1",
        platform.0
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A seal, where its columns have one.
pub fn read_seal(
    sealed_at: Option<Instant>,
    sealed_by: Option<String>,
    digest: Option<Vec<u8>>,
) -> Result<Option<Seal>, StoreError> {
    let (Some(sealed_at), Some(sealed_by), Some(digest)) = (sealed_at, sealed_by, digest) else {
        return Ok(None);
    };
    Ok(Some(Seal {
        sealed_at,
        sealed_by: Actor::new(sealed_by),
        digest: read_digest("period.seal_digest", &digest)?,
    }))
}
