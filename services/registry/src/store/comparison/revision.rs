//! The counter of revisions, and the revision that each entry made.

use gazelle_runtime::{audit::Difference, store::StoreError};
use sqlx::PgConnection;

/// There is one counter, and it stands where the last change left it.
pub(super) async fn counter(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"select number as "entry_number?",
                  format('the registry is not at revision %s, which the last change made', made)
                      as "detail!"
           from (select max(number) as number, coalesce(max(subject::bigint), 0) as made
                 from event where action not in ('refuse', 'read')) last
           where (select count(*) = 1 and coalesce(bool_and(only_row and revision = made), false)
                  from revision) is not true"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}

/// Which revision an entry made stands in a column of its own, which its digest does not cover.
pub(super) async fn entries(tx: &mut PgConnection) -> Result<Option<Difference>, StoreError> {
    let found = sqlx::query_as!(
        Difference,
        r#"select number as "entry_number?", 'the entry made another revision' as "detail!"
           from event
           where revision is distinct from
                 case when action not in ('refuse', 'read') then subject::bigint end
           order by number
           limit 1"#
    )
    .fetch_optional(tx)
    .await?;
    Ok(found)
}
