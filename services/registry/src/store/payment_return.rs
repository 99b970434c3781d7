//! Payments that came back, and proposals that would have counted had they been known.

use std::collections::BTreeSet;

use gazelle_kernel::{Actor, Instant, PayeeId};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::{
    account::{PaymentId, PaymentReturn, Repeat},
    revision::Revision,
};

/// Those of the payments that were noted before.
pub async fn noted(
    tx: &mut PgConnection,
    payments: &BTreeSet<PaymentId>,
) -> Result<BTreeSet<PaymentId>, StoreError> {
    let ids: Vec<&str> = payments.iter().map(PaymentId::as_str).collect();
    sqlx::query_scalar!(
        "select payment_id from payment_return where payment_id = any($1)",
        &ids[..] as &[&str],
    )
    .fetch_all(tx)
    .await?
    .iter()
    .map(|id| read("payment_return.payment_id", PaymentId::parse(id)))
    .collect()
}

/// Notes payments that came back.
pub async fn insert(
    tx: &mut PgConnection,
    next: Revision,
    items: &[PaymentReturn],
) -> Result<(), StoreError> {
    let payments: Vec<&str> = items.iter().map(|item| item.payment_id.as_str()).collect();
    let payees: Vec<&str> = items.iter().map(|item| item.payee_id.as_str()).collect();
    let instants: Vec<Instant> = items.iter().map(|item| item.returned_at).collect();
    let result = sqlx::query!(
        "insert into payment_return (payment_id, payee_id, returned_at, revision)
         select item.*, $4
         from unnest($1::text[], $2::text[], $3::timestamptz[]) item",
        &payments[..] as &[&str],
        &payees[..] as &[&str],
        &instants[..],
        next.get(),
    )
    .execute(tx)
    .await?;
    expect_rows("payment_return", &result, items.len())
}

/// Who last proposed again what is in force, of these payees.
pub async fn repeats(
    tx: &mut PgConnection,
    payees: &BTreeSet<PayeeId>,
) -> Result<Vec<Repeat>, StoreError> {
    let payees: Vec<&str> = payees.iter().map(PayeeId::as_str).collect();
    sqlx::query!(
        "select payee_id, version, repeated_by, repeated_at
         from payment_account_repeat
         where payee_id = any($1)
         order by payee_id, version",
        &payees[..] as &[&str],
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| {
        Ok(Repeat {
            payee_id: read(
                "payment_account_repeat.payee_id",
                PayeeId::parse(&row.payee_id),
            )?,
            version: row.version,
            by: read(
                "payment_account_repeat.repeated_by",
                Actor::parse(&row.repeated_by),
            )?,
            at: row.repeated_at,
        })
    })
    .collect()
}

/// Keeps who last proposed again what is in force.
pub async fn put_repeats(tx: &mut PgConnection, items: &[Repeat]) -> Result<(), StoreError> {
    let payees: Vec<&str> = items.iter().map(|item| item.payee_id.as_str()).collect();
    let versions: Vec<i32> = items.iter().map(|item| item.version).collect();
    let actors: Vec<&str> = items.iter().map(|item| item.by.as_str()).collect();
    let instants: Vec<Instant> = items.iter().map(|item| item.at).collect();
    let result = sqlx::query!(
        "insert into payment_account_repeat (payee_id, version, repeated_by, repeated_at)
         select * from unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[])
         on conflict (payee_id, version)
             do update set repeated_by = excluded.repeated_by, repeated_at = excluded.repeated_at",
        &payees[..] as &[&str],
        &versions[..],
        &actors[..] as &[&str],
        &instants[..],
    )
    .execute(tx)
    .await?;
    expect_rows("payment_account_repeat", &result, items.len())
}
