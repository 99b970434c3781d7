//! Answers that came, taken and refused.

use gazelle_kernel::{Actor, Instant};
use gazelle_runtime::store::{StoreError, expect_rows, read, read_digest};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::payment::{
    answer::{Break, PaymentBreakKind},
    shown::AnswerRow,
};

#[derive(Debug)]
struct StoredAnswer {
    answer_id: Uuid,
    number: i64,
    order_id: String,
    content_digest: Vec<u8>,
    received_by: String,
    received_at: Instant,
    settled_count: i32,
    returned_count: i32,
    noted_count: i32,
    uncompared_count: i32,
    refusal_reason: String,
    break_count: i32,
}

impl StoredAnswer {
    fn read(self) -> Result<AnswerRow, StoreError> {
        Ok(AnswerRow {
            answer_id: self.answer_id,
            number: self.number,
            order_id: self.order_id,
            content_digest: read_digest("payment_answer.content_digest", &self.content_digest)?,
            received_by: read(
                "payment_answer.received_by",
                Actor::parse(&self.received_by),
            )?,
            received_at: self.received_at,
            settled_count: self.settled_count,
            returned_count: self.returned_count,
            noted_count: self.noted_count,
            uncompared_count: self.uncompared_count,
            refusal_reason: self.refusal_reason,
            break_count: self.break_count,
        })
    }
}

/// How many payments ever came back.
pub async fn returned_count(tx: &mut PgConnection) -> Result<i64, StoreError> {
    let returned = sqlx::query_scalar!(
        r#"select coalesce(sum(returned_count), 0) as "returned!" from payment_answer"#
    )
    .fetch_one(tx)
    .await?;
    Ok(returned)
}

/// The answer of these bytes that was taken.
pub async fn taken(
    tx: &mut PgConnection,
    content_digest: &[u8; 32],
) -> Result<Option<AnswerRow>, StoreError> {
    let row = sqlx::query_as!(
        StoredAnswer,
        "select * from payment_answer where content_digest = $1 and refusal_reason = ''",
        &content_digest[..]
    )
    .fetch_optional(tx)
    .await?;
    row.map(StoredAnswer::read).transpose()
}

/// Writes an answer, whose number follows the last one's, with what does not fit of it. The same
/// bytes a second time are refused by `payment_answer_taken_once`.
pub async fn insert(
    tx: &mut PgConnection,
    answer: &AnswerRow,
    breaks: &[Break],
) -> Result<i64, StoreError> {
    let number = sqlx::query_scalar!(
        "insert into payment_answer (answer_id, order_id, content_digest, received_by, received_at,
                                     settled_count, returned_count, noted_count,
                                     uncompared_count, refusal_reason, break_count)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         returning number",
        answer.answer_id,
        answer.order_id,
        &answer.content_digest[..],
        answer.received_by.as_str(),
        answer.received_at,
        answer.settled_count,
        answer.returned_count,
        answer.noted_count,
        answer.uncompared_count,
        answer.refusal_reason,
        answer.break_count
    )
    .fetch_one(&mut *tx)
    .await?;
    let places: Vec<i32> = (1..).take(breaks.len()).collect();
    let payments: Vec<&str> = breaks
        .iter()
        .map(|found| found.payment_id.as_str())
        .collect();
    let kinds: Vec<&str> = breaks.iter().map(|found| found.kind.as_str()).collect();
    let details: Vec<&str> = breaks.iter().map(|found| found.detail.as_str()).collect();
    let written = sqlx::query!(
        "insert into payment_break (answer_id, place, payment_id, kind, detail)
         select $1, * from unnest($2::integer[], $3::text[], $4::text[], $5::text[])",
        answer.answer_id,
        &places,
        &payments as &[&str],
        &kinds as &[&str],
        &details as &[&str]
    )
    .execute(tx)
    .await?;
    expect_rows("payment_break", &written, breaks.len())?;
    Ok(number)
}

/// Answers before a number, newest first, of one order or all.
pub async fn after(
    tx: &mut PgConnection,
    order_id: Option<&str>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AnswerRow>, StoreError> {
    let rows = sqlx::query_as!(
        StoredAnswer,
        "select * from payment_answer
         where ($1::text is null or order_id = $1) and ($2::bigint is null or number < $2)
         order by number desc
         limit $3",
        order_id,
        before,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(StoredAnswer::read).collect()
}

/// What does not fit of an answer, in its order.
pub async fn breaks(tx: &mut PgConnection, answer_id: Uuid) -> Result<Vec<Break>, StoreError> {
    let rows = sqlx::query!(
        "select payment_id, kind, detail from payment_break where answer_id = $1 order by place",
        answer_id
    )
    .fetch_all(tx)
    .await?;
    let found = rows.into_iter().map(|row| {
        Ok(Break {
            payment_id: row.payment_id,
            kind: PaymentBreakKind::parse(&row.kind)
                .ok_or_else(|| StoreError::corrupt("payment_break.kind", row.kind))?,
            detail: row.detail,
        })
    });
    found.collect()
}
