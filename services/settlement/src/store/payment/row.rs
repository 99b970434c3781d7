//! Payments, what they are made of, and payees that were held.

use std::collections::BTreeMap;

use gazelle_kernel::{Fen, PayeeId, Year};
use gazelle_runtime::store::{StoreError, expect_rows, read};
use sqlx::PgConnection;

use crate::domain::payment::{
    answer::{Answerable, Change, PaymentState},
    file::order::{FileAccount, FilePayment},
    order::{Held, HeldReason, Payment, Remittance},
    shown::PaymentRow,
};

/// Writes an order's payments with what they are made of.
pub async fn insert(
    tx: &mut PgConnection,
    order_id: &str,
    payments: &[Payment],
) -> Result<(), StoreError> {
    let texts = |text: fn(&Payment) -> &str| payments.iter().map(text).collect::<Vec<&str>>();
    let amounts: Vec<i64> = payments
        .iter()
        .map(|payment| payment.amount.get())
        .collect();
    let versions: Vec<i32> = payments
        .iter()
        .map(|payment| payment.account.version)
        .collect();
    let written = sqlx::query!(
        "insert into payment (payment_id, order_id, payee_id, amount_fen, account_version,
                              account_name, account_number, bank_code, bank_name, state)
         select payment_id, $1, payee_id, amount, version, name, number, bank_code, bank_name,
                'PENDING'
         from unnest($2::text[], $3::text[], $4::bigint[], $5::integer[], $6::text[], $7::text[],
                     $8::text[], $9::text[])
             as made (payment_id, payee_id, amount, version, name, number, bank_code, bank_name)",
        order_id,
        &texts(|payment| &payment.payment_id) as &[&str],
        &texts(|payment| payment.payee_id.as_str()) as &[&str],
        &amounts,
        &versions,
        &texts(|payment| &payment.account.name) as &[&str],
        &texts(|payment| &payment.account.number) as &[&str],
        &texts(|payment| &payment.account.bank_code) as &[&str],
        &texts(|payment| &payment.account.bank_name) as &[&str]
    )
    .execute(&mut *tx)
    .await?;
    expect_rows("payment", &written, payments.len())?;
    insert_remittances(tx, payments).await
}

async fn insert_remittances(tx: &mut PgConnection, payments: &[Payment]) -> Result<(), StoreError> {
    let parts = || {
        payments
            .iter()
            .flat_map(|made| made.parts.iter().map(move |part| (made, part)))
    };
    let owners: Vec<&str> = parts()
        .map(|(payment, _)| payment.payment_id.as_str())
        .collect();
    let runs: Vec<i32> = parts().map(|(_, part)| part.run_number).collect();
    let years: Vec<i32> = parts().map(|(_, part)| part.year.get()).collect();
    let amounts: Vec<i64> = parts().map(|(_, part)| part.amount.get()).collect();
    let written = sqlx::query!(
        "insert into remittance (payment_id, run_number, year, amount_fen)
         select * from unnest($1::text[], $2::integer[], $3::integer[], $4::bigint[])",
        &owners as &[&str],
        &runs,
        &years,
        &amounts
    )
    .execute(tx)
    .await?;
    expect_rows("remittance", &written, owners.len())
}

/// Writes the payees that an order held.
pub async fn insert_held(
    tx: &mut PgConnection,
    order_id: &str,
    held: &[Held],
) -> Result<(), StoreError> {
    let payees: Vec<&str> = held.iter().map(|held| held.payee_id.as_str()).collect();
    let payable: Vec<i64> = held.iter().map(|held| held.payable.get()).collect();
    let reasons: Vec<&str> = held.iter().map(|held| held.reason.as_str()).collect();
    let written = sqlx::query!(
        "insert into held_payee (order_id, payee_id, payable_fen, reason)
         select $1, * from unnest($2::text[], $3::bigint[], $4::text[])",
        order_id,
        &payees as &[&str],
        &payable,
        &reasons as &[&str]
    )
    .execute(tx)
    .await?;
    expect_rows("held_payee", &written, held.len())
}

fn state(name: String) -> Result<PaymentState, StoreError> {
    PaymentState::parse(&name).ok_or_else(|| StoreError::corrupt("payment.state", name))
}

fn payee(id: &str) -> Result<PayeeId, StoreError> {
    read("payment.payee_id", PayeeId::parse(id))
}

/// An order's payments after a payee, by payee.
pub async fn page(
    tx: &mut PgConnection,
    order_id: &str,
    after: Option<&PayeeId>,
    limit: i64,
) -> Result<Vec<PaymentRow>, StoreError> {
    let rows = sqlx::query!(
        "select payment_id, payee_id, amount_fen, state, return_reason, account_name,
                account_number, bank_code
         from payment where order_id = $1 and payee_id > $2
         order by payee_id
         limit $3",
        order_id,
        after.map_or("", PayeeId::as_str),
        limit
    )
    .fetch_all(tx)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(PaymentRow {
            payment_id: row.payment_id,
            payee_id: payee(&row.payee_id)?,
            amount: Fen::new(row.amount_fen),
            state: state(row.state)?,
            return_reason: row.return_reason,
            account_name: row.account_name,
            account_number: row.account_number,
            bank_code: row.bank_code,
        })
    });
    read.collect()
}

/// An order's payments after a payee, by payee, as files show them.
pub async fn chunk(
    tx: &mut PgConnection,
    order_id: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, FilePayment)>, StoreError> {
    let rows = sqlx::query!(
        r#"select payment_id, payee_id, amount_fen, account_name, account_number, bank_code,
                  bank_name,
                  array(select distinct year from remittance
                        where remittance.payment_id = payment.payment_id order by year) as "years!"
           from payment where order_id = $1 and payee_id > $2
           order by payee_id
           limit $3"#,
        order_id,
        after,
        limit
    )
    .fetch_all(tx)
    .await?;
    let made = rows.into_iter().map(|row| {
        let years = row
            .years
            .into_iter()
            .map(|year| read("remittance.year", Year::new(year)));
        let payment = FilePayment {
            end_to_end_id: row.payment_id,
            payee: FileAccount {
                name: row.account_name,
                number: row.account_number,
                bank_code: row.bank_code,
                bank_name: row.bank_name,
            },
            amount: Fen::new(row.amount_fen),
            years: years.collect::<Result<_, _>>()?,
        };
        Ok((row.payee_id, payment))
    });
    made.collect()
}

/// The version of the account that each payee of an order is paid to.
pub async fn versions(
    tx: &mut PgConnection,
    order_id: &str,
) -> Result<BTreeMap<PayeeId, i32>, StoreError> {
    let rows = sqlx::query!(
        "select payee_id, account_version from payment where order_id = $1",
        order_id
    )
    .fetch_all(tx)
    .await?;
    let versions = rows
        .into_iter()
        .map(|row| Ok((payee(&row.payee_id)?, row.account_version)));
    versions.collect()
}

/// An order's payments as an answer finds them, by id.
pub async fn answerable(
    tx: &mut PgConnection,
    order_id: &str,
) -> Result<BTreeMap<String, Answerable>, StoreError> {
    let rows = sqlx::query!(
        "select payment_id, payee_id, amount_fen, state from payment where order_id = $1",
        order_id
    )
    .fetch_all(tx)
    .await?;
    let found = rows.into_iter().map(|row| {
        let payment = Answerable {
            payee_id: payee(&row.payee_id)?,
            amount: Fen::new(row.amount_fen),
            state: state(row.state)?,
        };
        Ok((row.payment_id, payment))
    });
    found.collect()
}

/// Writes what an answer changed: settled payments first, since one may be settled and come back
/// in one answer.
pub async fn apply(tx: &mut PgConnection, changes: &[Change]) -> Result<(), StoreError> {
    for to in [PaymentState::Settled, PaymentState::Returned] {
        let moved = || changes.iter().filter(move |change| change.to == to);
        let ids: Vec<&str> = moved().map(|change| change.payment_id.as_str()).collect();
        let reasons: Vec<&str> = moved().map(|change| change.reason.as_str()).collect();
        let written = sqlx::query!(
            "update payment set state = $1,
                    return_reason = case when $1 = 'RETURNED' then change.reason else '' end
             from unnest($2::text[], $3::text[]) as change (payment_id, reason)
             where payment.payment_id = change.payment_id",
            to.as_str(),
            &ids as &[&str],
            &reasons as &[&str]
        )
        .execute(&mut *tx)
        .await?;
        expect_rows("payment", &written, ids.len())?;
    }
    Ok(())
}

/// Cancels all payments of an order, and says what each was made of.
pub async fn cancel_all(
    tx: &mut PgConnection,
    order_id: &str,
) -> Result<Vec<(String, PayeeId, Fen)>, StoreError> {
    let rows = sqlx::query!(
        "with gone as (
             update payment set state = 'CANCELLED' where order_id = $1
             returning payment_id, payee_id, amount_fen)
         select * from gone order by payee_id",
        order_id
    )
    .fetch_all(tx)
    .await?;
    let gone = rows.into_iter().map(|row| {
        Ok((
            row.payment_id,
            payee(&row.payee_id)?,
            Fen::new(row.amount_fen),
        ))
    });
    gone.collect()
}

/// What the payments of an order are made of, after a payee, year and run, by these.
pub async fn remittances(
    tx: &mut PgConnection,
    order_id: &str,
    after: Option<(&PayeeId, i32, i32)>,
    limit: Option<i64>,
) -> Result<Vec<(PayeeId, String, Remittance)>, StoreError> {
    let rows = sqlx::query!(
        "select payee_id, payment_id, run_number, year, remittance.amount_fen
         from payment join remittance using (payment_id)
         where order_id = $1 and (payee_id, year, run_number) > ($2, $3, $4)
         order by payee_id, year, run_number
         limit $5",
        order_id,
        after.map_or("", |(payee, ..)| payee.as_str()),
        after.map_or(0, |(_, year, _)| year),
        after.map_or(0, |(.., run)| run),
        limit
    )
    .fetch_all(tx)
    .await?;
    let parts = rows.into_iter().map(|row| {
        let part = Remittance {
            run_number: row.run_number,
            year: read("remittance.year", Year::new(row.year))?,
            amount: Fen::new(row.amount_fen),
        };
        Ok((payee(&row.payee_id)?, row.payment_id, part))
    });
    parts.collect()
}

/// The payees that an order held, after a payee, by payee.
pub async fn held(
    tx: &mut PgConnection,
    order_id: &str,
    after: Option<&PayeeId>,
    limit: i64,
) -> Result<Vec<Held>, StoreError> {
    let rows = sqlx::query!(
        "select payee_id, payable_fen, reason from held_payee
         where order_id = $1 and payee_id > $2
         order by payee_id
         limit $3",
        order_id,
        after.map_or("", PayeeId::as_str),
        limit
    )
    .fetch_all(tx)
    .await?;
    let held = rows.into_iter().map(|row| {
        Ok(Held {
            payee_id: payee(&row.payee_id)?,
            payable: Fen::new(row.payable_fen),
            reason: HeldReason::parse(&row.reason)
                .ok_or_else(|| StoreError::corrupt("held_payee.reason", row.reason))?,
        })
    });
    held.collect()
}
