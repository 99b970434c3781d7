//! What the tables hold of orders, answers and open items, as digests: what steps write into the
//! trail, and what is compared with it when the books are checked.
//!
//! Of every row the SHA-256 of its columns as PostgreSQL writes a row, which no two rows share;
//! over those of a table, in the order of their keys, another. Only texts and whole numbers go in,
//! which no setting of a session shows otherwise. Payments and what they are made of, of which an
//! order may have a hundred thousand, are hashed here, which takes a third of the time that
//! PostgreSQL takes: each text after its length, each number big endian.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use gazelle_kernel::ProgramId;
use gazelle_runtime::store::StoreError;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

/// The digest of no rows.
pub const NOTHING: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// An order, or all of them, each with its payments, what they are made of, and whom it held.
pub async fn orders(
    tx: &mut PgConnection,
    only: Option<&str>,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut hashes = heads(&mut *tx, only).await?;
    let order_ids: Vec<String> = hashes.keys().cloned().collect();
    let mut rows = sqlx::query!(
        r#"select payment_id, order_id, payee_id, payment.amount_fen, account_version, account_name,
                  account_number, bank_code, bank_name, state, return_reason,
                  remittance.payment_id is not null as "is_made!",
                  run_number as "run_number?", year as "year?",
                  remittance.amount_fen as "remitted_fen?"
           from payment left join remittance using (payment_id)
           where order_id = any($1)
           order by payment_id, run_number"#,
        &order_ids
    )
    .fetch(tx);
    let mut payment_id = None;
    while let Some(row) = rows.try_next().await? {
        let Some(hash) = hashes.get_mut(&row.order_id) else {
            continue;
        };
        if payment_id.as_ref() != Some(&row.payment_id) {
            for text in [
                &row.payment_id,
                &row.payee_id,
                &row.account_name,
                &row.account_number,
                &row.bank_code,
                &row.bank_name,
                &row.state,
                &row.return_reason,
            ] {
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
            hash.update(row.amount_fen.to_be_bytes());
            hash.update(row.account_version.to_be_bytes());
            payment_id = Some(row.payment_id);
        }
        if row.is_made {
            // No text is as long as this says, so no payment reads the same.
            hash.update(u64::MAX.to_be_bytes());
            for number in [
                row.run_number.map(i64::from),
                row.year.map(i64::from),
                row.remitted_fen,
            ] {
                hash.update([u8::from(number.is_some())]);
                hash.update(number.unwrap_or_default().to_be_bytes());
            }
        }
    }
    let digests = hashes.into_iter();
    Ok(digests
        .map(|(order_id, hash)| (order_id, hex::encode(hash.finalize())))
        .collect())
}

/// The hash of each order, before its payments.
async fn heads(
    tx: &mut PgConnection,
    only: Option<&str>,
) -> Result<BTreeMap<String, Sha256>, StoreError> {
    let rows = sqlx::query!(
        r#"select order_id,
                  sha256(convert_to(row(
                      order_id, program_id, number, final, state, encode(digest, 'hex'),
                      payment_count, held_count, total_fen, program_name, payer_name, payer_number,
                      payer_bank_code, payer_bank_name, proposed_by, prepared_by,
                      extract(epoch from prepared_at), decided_by,
                      extract(epoch from decided_at))::text, 'UTF8'))
                  || sha256(coalesce((
                      select string_agg(sha256(convert_to(row(
                          payee_id, payable_fen, reason)::text, 'UTF8')), '' order by payee_id)
                      from held_payee where held_payee.order_id = payment_order.order_id), ''))
                      as "head!"
           from payment_order
           where $1::text is null or order_id = $1"#,
        only
    )
    .fetch_all(tx)
    .await?;
    let mut hashes = BTreeMap::new();
    for row in rows {
        let hash = Sha256::new_with_prefix(row.head);
        if hashes.insert(row.order_id, hash).is_some() {
            return Err(StoreError::corrupt(
                "payment_order.order_id",
                "it is there twice",
            ));
        }
    }
    Ok(hashes)
}

/// An answer, or all of them, each with what of it does not fit.
pub async fn answers(
    tx: &mut PgConnection,
    only: Option<Uuid>,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select answer_id, encode(sha256(
               sha256(convert_to(row(
                   answer_id, number, order_id, encode(content_digest, 'hex'), received_by,
                   extract(epoch from received_at), settled_count, returned_count, noted_count,
                   uncompared_count, refusal_reason, break_count)::text, 'UTF8'))
               || sha256(coalesce((
                   select string_agg(sha256(convert_to(row(
                       place, payment_id, kind, detail)::text, 'UTF8')), '' order by place)
                   from payment_break where payment_break.answer_id = payment_answer.answer_id), ''))
           ), 'hex') as "digest!"
           from payment_answer
           where $1::uuid is null or answer_id = $1
           order by answer_id"#,
        only
    )
    .fetch_all(tx)
    .await?;
    let digests = rows
        .into_iter()
        .map(|row| (row.answer_id.to_string(), row.digest));
    Ok(digests.collect())
}

/// The open items of a program, or of each that has any.
pub async fn open_items(
    tx: &mut PgConnection,
    only: Option<&ProgramId>,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select program_id, encode(sha256(string_agg(sha256(convert_to(row(
                      payee_id, run_number, amount_fen)::text, 'UTF8')), ''
                      order by payee_id, run_number)), 'hex') as "digest!"
           from open_item
           where $1::text is null or program_id = $1
           group by program_id
           order by program_id"#,
        only.map(ProgramId::as_str)
    )
    .fetch_all(tx)
    .await?;
    let digests = rows.into_iter().map(|row| (row.program_id, row.digest));
    Ok(digests.collect())
}

/// The digest of the only one, or of nothing.
#[must_use]
pub fn the_only(digests: Vec<(String, String)>) -> String {
    let only = digests.into_iter().next();
    only.map_or_else(|| hex::encode(NOTHING), |(_, digest)| digest)
}
