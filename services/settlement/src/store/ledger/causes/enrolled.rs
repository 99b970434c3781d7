//! Every version of an enrollment, to be compared with what was put.

use gazelle_runtime::store::{StoreError, copy_out::for_each};
use sqlx::PgConnection;

use crate::domain::ledger::{
    enrolled::{self, EnrolledVersion},
    weighed::{WeighedSum, Weights},
};

const VERSIONS: &str = "copy (
    select program_id, uscc, effective_from, since, effective_to, applied_at, recorded_by,
           recorded_at, until
    from enrollment) to stdout (format binary)";

/// What all versions come to.
pub(super) async fn versions(
    tx: &mut PgConnection,
    weights: &Weights,
) -> Result<WeighedSum, StoreError> {
    let mut versions = WeighedSum::new(weights.clone());
    for_each(tx, VERSIONS, 9, |mut row| {
        let version = EnrolledVersion {
            program_id: row.text()?,
            uscc: row.text()?,
            effective_from: row.int4()?,
            since: row.int8()?,
            effective_to: row.optional_int4()?,
            applied_at: row.text()?,
            recorded_by: row.text()?,
            recorded_at: row.int8()?.into(),
        };
        enrolled::add(&mut versions, &version, row.optional_int8()?);
        Ok(())
    })
    .await?;
    Ok(versions)
}
