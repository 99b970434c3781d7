//! Payments that came back and that the registry was not told of yet.

use std::collections::BTreeSet;

use gazelle_kernel::PayeeId;
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::payment::answer::Returned;

/// Writes down what is to be told.
pub async fn insert(tx: &mut PgConnection, returned: &[Returned]) -> Result<(), StoreError> {
    let payments: Vec<&str> = returned.iter().map(|it| it.payment_id.as_str()).collect();
    let payees: Vec<&str> = returned.iter().map(|it| it.payee_id.as_str()).collect();
    let instants: Vec<_> = returned.iter().map(|it| it.returned_at).collect();
    let written = sqlx::query!(
        "insert into untold_return (payment_id, payee_id, returned_at)
         select * from unnest($1::text[], $2::text[], $3::timestamptz[])",
        &payments as &[&str],
        &payees as &[&str],
        &instants
    )
    .execute(tx)
    .await?;
    expect_rows("untold_return", &written, returned.len())
}

/// What came back first of what is to be told.
pub async fn first(tx: &mut PgConnection, limit: i64) -> Result<Vec<Returned>, StoreError> {
    let rows = sqlx::query!(
        "select payment_id, payee_id, returned_at from untold_return
         order by returned_at, payment_id
         limit $1",
        limit
    )
    .fetch_all(tx)
    .await?;
    let returned = rows.into_iter().map(|row| {
        Ok(Returned {
            payee_id: read("untold_return.payee_id", PayeeId::parse(&row.payee_id))?,
            payment_id: row.payment_id,
            returned_at: row.returned_at,
        })
    });
    returned.collect()
}

/// Those of the payees of which there is anything to tell.
pub async fn payees(
    tx: &mut PgConnection,
    asked: &[PayeeId],
) -> Result<BTreeSet<PayeeId>, StoreError> {
    let asked: Vec<&str> = asked.iter().map(PayeeId::as_str).collect();
    let rows = sqlx::query_scalar!(
        "select distinct payee_id from untold_return where payee_id = any ($1::text[])",
        &asked as &[&str]
    )
    .fetch_all(tx)
    .await?;
    let payees = rows
        .into_iter()
        .map(|id| read("untold_return.payee_id", PayeeId::parse(&id)));
    payees.collect()
}

/// Takes away what was told; somebody else may have done so.
pub async fn delete(tx: &mut PgConnection, told: &[Returned]) -> Result<(), StoreError> {
    let payments: Vec<&str> = told.iter().map(|it| it.payment_id.as_str()).collect();
    sqlx::query!(
        "delete from untold_return where payment_id = any ($1::text[])",
        &payments as &[&str]
    )
    .execute(tx)
    .await?;
    Ok(())
}
