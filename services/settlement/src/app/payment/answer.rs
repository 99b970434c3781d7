//! Taking the answer of whoever pays: whole, or not at all.
//!
//! What comes back is written down with it, and told to the registry once it is committed
//! ([`super::returns`]).

use std::collections::BTreeMap;

use gazelle_kernel::{Actor, Instant};
use gazelle_runtime::{
    auth::Principal,
    detach::detached,
    store::{StoreError, begin, event::Doing, snapshot},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{Gifts, cancel::parts, detail, find_order, items_fingerprint, order_fingerprint};
use crate::{
    app::{
        App,
        error::{AnswerRefused, AppError},
        ledger::book,
    },
    domain::{
        ledger::CauseKind,
        payment::{
            answer::{self, Break, Change, PaymentBreakKind, PaymentState, Taken},
            file::{format::AnswerFormat, pain002},
            order::{Order, OrderState},
            shown::{AnswerDetail, AnswerRow, OrderDetail, TakenAnswer},
        },
    },
    store,
};

/// What does not fit is kept up to so many times an answer.
const BREAKS_KEPT_MAX: usize = 1_000;

/// An answer that can be read.
#[derive(Clone)]
struct Read {
    digest: [u8; 32],
    /// The order that it is about, by the id that we gave it.
    order_id: String,
    answer: pain002::Answer,
}

/// What became of it.
enum Outcome {
    /// It was taken now, or before.
    Taken(Box<TakenAnswer>),
    /// It does not fit.
    Refused(Vec<Break>),
}

impl App {
    /// Takes an answer; the same bytes again change nothing.
    pub async fn take_answer(
        &self,
        caller: &Principal,
        format: AnswerFormat,
        content: Vec<u8>,
    ) -> Result<TakenAnswer, AppError> {
        let turn = self.payment_turns.take().await?;
        let by = caller.actor();
        let digest: [u8; 32] = Sha256::digest(&content).into();
        // Reading a large one takes a second of a processor.
        let read = tokio::task::spawn_blocking(move || format.read(&content)).await;
        let answer = match read.map_err(gazelle_runtime::detach::WorkLost::new)? {
            Ok(answer) => answer,
            Err(detail) => {
                let reason = AnswerRefused::Unreadable(detail);
                return Err(self
                    .keep_refused(by, digest, String::new(), reason, Vec::new())
                    .await?);
            }
        };
        let order_id = answer::own_id(&answer.order_id);
        let read = Read {
            digest,
            order_id,
            answer,
        };
        let breaks = match self.decide_answer(&by, &read).await? {
            Outcome::Taken(taken) => {
                // The registry may take its time, and others their turn.
                drop(turn);
                if taken.answer.answer.returned_count > 0 {
                    self.tell_returns_or_leave().await;
                }
                return Ok(*taken);
            }
            Outcome::Refused(breaks) => breaks,
        };
        let contradicts = breaks.iter().all(|found| {
            found.kind == PaymentBreakKind::Contradiction && !found.payment_id.is_empty()
        });
        let reason = if contradicts {
            AnswerRefused::PaymentClosed
        } else {
            AnswerRefused::Mismatch
        };
        let is_unknown = |found: &Break| found.kind == PaymentBreakKind::OrderUnknown;
        let order_id = if read.answer.other_order_id.is_none() && breaks.iter().any(is_unknown) {
            read.answer.order_id
        } else {
            read.order_id
        };
        Err(self
            .keep_refused(by, digest, order_id, reason, breaks)
            .await?)
    }

    async fn decide_answer(&self, by: &Actor, read: &Read) -> Result<Outcome, AppError> {
        let (app, by, read) = (self.clone(), by.clone(), read.clone());
        detached(async move {
            let mut tx = begin(&app.pool).await?;
            if let Ok(order) = find_order(&mut tx, &read.order_id).await {
                store::program::lock(&mut tx, &order.program_id).await?;
            }
            if let Some(known) = store::payment::taken(&mut tx, &read.digest).await? {
                let order = find_order(&mut tx, &known.order_id).await?;
                let order = detail(&mut tx, order).await?;
                return Ok(taken_answer(known, true, order));
            }
            let taken = match judge(&mut tx, &read).await? {
                Ok(taken) => taken,
                Err(breaks) => return Ok(Outcome::Refused(breaks)),
            };
            let at = store::clock::now(&mut tx).await?;
            let doing = Doing { by: &by, at };
            let (answer, order) = app.apply_answer(&mut tx, &doing, &read, &taken).await?;
            tx.commit().await?;
            Ok(taken_answer(answer, false, order))
        })
        .await
    }

    async fn apply_answer(
        &self,
        tx: &mut PgConnection,
        doing: &Doing<'_>,
        read: &Read,
        taken: &Taken,
    ) -> Result<(AnswerRow, OrderDetail), AppError> {
        let order = find_order(&mut *tx, &read.order_id).await?;
        let moved = |to| {
            taken
                .changes
                .iter()
                .filter(|change| change.to == to)
                .count()
        };
        let mut answer = row(
            self.clock.id(),
            read.digest,
            &order.order_id,
            doing.by,
            doing.at,
        );
        answer.settled_count = count(moved(PaymentState::Settled));
        answer.returned_count = count(moved(PaymentState::Returned));
        answer.noted_count = count(taken.noted_count);
        answer.uncompared_count = count(taken.uncompared_count);
        answer.number = store::payment::insert_answer(&mut *tx, &answer, &[]).await?;

        let order_before = order_fingerprint(&mut *tx, &order.order_id).await?;
        let items_before = items_fingerprint(&mut *tx, &order.program_id).await?;
        let postings = book_changes(&mut *tx, &order, &taken.changes).await?;
        store::payment::apply(&mut *tx, &taken.changes).await?;
        store::payment::insert_untold(&mut *tx, &taken.returned(doing.at)).await?;
        store::payment::settle(&mut *tx, &order.order_id).await?;
        let cause = (CauseKind::AnswerTaken, answer.answer_id.to_string());
        book(&mut *tx, doing, cause, &order.program_id, postings).await?;
        let content = json!({
            "program_id": order.program_id,
            "order_id": order.order_id,
            "content_digest": hex::encode(read.digest),
            "settled_count": answer.settled_count,
            "returned_count": answer.returned_count,
            "uncompared_count": answer.uncompared_count,
            "answer": answer_fingerprint(&mut *tx, answer.answer_id).await?,
            "order_before": order_before,
            "open_items_before": items_before,
            "order": order_fingerprint(&mut *tx, &order.order_id).await?,
            "open_items": items_fingerprint(&mut *tx, &order.program_id).await?,
        });
        doing
            .record(
                &mut *tx,
                "answer.take",
                &answer.answer_id.to_string(),
                &content,
            )
            .await?;
        let order = find_order(&mut *tx, &read.order_id).await?;
        Ok((answer, detail(tx, order).await?))
    }

    /// Keeps a refused answer to be shown; returns what its sender is told.
    async fn keep_refused(
        &self,
        by: Actor,
        digest: [u8; 32],
        order_id: String,
        reason: AnswerRefused,
        breaks: Vec<Break>,
    ) -> Result<AppError, AppError> {
        let app = self.clone();
        detached(async move {
            let mut tx = begin(&app.pool).await?;
            let at = store::clock::now(&mut tx).await?;
            let mut answer = row(app.clock.id(), digest, &order_id, &by, at);
            reason.code().clone_into(&mut answer.refusal_reason);
            answer.break_count = count(breaks.len());
            let kept = &breaks[..breaks.len().min(BREAKS_KEPT_MAX)];
            store::payment::insert_answer(&mut tx, &answer, kept).await?;
            let content = json!({
                "order_id": order_id,
                "content_digest": hex::encode(digest),
                "reason": reason.code(),
                "answer": answer_fingerprint(&mut tx, answer.answer_id).await?,
            });
            let doing = Doing { by: &by, at };
            doing
                .record(
                    &mut tx,
                    "answer.refuse",
                    &answer.answer_id.to_string(),
                    &content,
                )
                .await?;
            tx.commit().await?;
            Ok(AppError::Answer {
                answer_id: answer.answer_id,
                break_count: breaks.len(),
                first: breaks.into_iter().next(),
                reason,
            })
        })
        .await
    }

    /// Answers before a number, newest first.
    pub async fn list_answers(
        &self,
        order_id: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AnswerDetail>, AppError> {
        let mut tx = snapshot(&self.pool).await?;
        let mut answers = Vec::new();
        for answer in store::payment::answers(&mut tx, order_id, before, limit).await? {
            let breaks = match answer.break_count {
                0 => Vec::new(),
                _ => store::payment::breaks(&mut tx, answer.answer_id).await?,
            };
            answers.push(AnswerDetail { answer, breaks });
        }
        Ok(answers)
    }
}

/// An answer that was taken fits as a whole.
fn taken_answer(answer: AnswerRow, repeated: bool, order: OrderDetail) -> Outcome {
    let breaks = Vec::new();
    Outcome::Taken(Box::new(TakenAnswer {
        answer: AnswerDetail { answer, breaks },
        repeated,
        order,
    }))
}

/// What an answer does now, or what of it does not fit.
async fn judge(
    tx: &mut PgConnection,
    read: &Read,
) -> Result<Result<Taken, Vec<Break>>, StoreError> {
    let order = store::payment::find(&mut *tx, &read.order_id).await?;
    let answerable =
        |order: &Order| matches!(order.state, OrderState::Released | OrderState::Answered);
    let Some(order) = order.filter(answerable) else {
        let unknown = Break {
            payment_id: String::new(),
            kind: PaymentBreakKind::OrderUnknown,
            detail: format!("no released order is called {:?}", read.answer.order_id),
        };
        return Ok(Err(vec![unknown]));
    };
    let payments = store::payment::answerable(tx, &order.order_id).await?;
    Ok(answer::take(&read.answer, payments))
}

/// What an answer's changes are for the books, and the open items that they give back.
async fn book_changes(
    tx: &mut PgConnection,
    order: &Order,
    changes: &[Change],
) -> Result<Vec<crate::domain::ledger::Posting>, AppError> {
    let payees: Vec<_> = changes
        .iter()
        .map(|change| change.payee_id.clone())
        .collect();
    let comes_back = changes
        .iter()
        .any(|change| change.to == PaymentState::Returned);
    let parts = if comes_back {
        parts(&mut *tx, &order.order_id).await?
    } else {
        BTreeMap::new()
    };
    let mut gifts = Gifts::load(&mut *tx, &order.program_id, &payees).await?;
    for change in changes {
        if change.to == PaymentState::Settled {
            gifts.settle(&change.payee_id, &change.payment_id, change.amount)?;
        } else {
            let made_of = parts.get(&change.payment_id).map_or(&[][..], Vec::as_slice);
            let was_settled = change.from == PaymentState::Settled;
            let payment = (&*change.payment_id, change.amount);
            gifts.give_back(&change.payee_id, payment, made_of, was_settled)?;
        }
    }
    Ok(gifts.save(tx).await?)
}

/// What an answer is kept as, for the trail.
async fn answer_fingerprint(
    tx: &mut PgConnection,
    answer_id: uuid::Uuid,
) -> Result<String, StoreError> {
    let digests = store::payment::fingerprint::answers(tx, Some(answer_id)).await?;
    Ok(store::payment::fingerprint::the_only(digests))
}

fn row(
    answer_id: uuid::Uuid,
    content_digest: [u8; 32],
    order_id: &str,
    by: &Actor,
    at: Instant,
) -> AnswerRow {
    AnswerRow {
        answer_id,
        number: 0,
        order_id: order_id.to_owned(),
        content_digest,
        received_by: by.clone(),
        received_at: at,
        settled_count: 0,
        returned_count: 0,
        noted_count: 0,
        uncompared_count: 0,
        refusal_reason: String::new(),
        break_count: 0,
    }
}

/// An answer of 64 MiB has fewer lines.
fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
