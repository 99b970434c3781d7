//! Payments, orders and answers as they are shown.

use gazelle_kernel::{Actor, Fen, Instant, PayeeId};
use uuid::Uuid;

use super::{
    answer::{Break, PaymentState},
    order::Order,
};

/// A payment as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    pub payment_id: String,
    pub payee_id: PayeeId,
    pub amount: Fen,
    pub state: PaymentState,
    /// Why it came back.
    pub return_reason: String,
    pub account_name: String,
    pub account_number: String,
    pub bank_code: String,
}

/// An order with what of it was answered.
#[derive(Debug, Clone)]
pub struct OrderDetail {
    pub order: Order,
    /// What of it was answered.
    pub sums: OrderSums,
}

/// What of an order was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderSums {
    /// Payments that are settled.
    pub settled_count: i32,
    /// What those add up to.
    pub settled: Fen,
    /// Payments that came back.
    pub returned_count: i32,
    /// What those add up to.
    pub returned: Fen,
}

/// An answer as it is kept.
#[derive(Debug, Clone)]
pub struct AnswerDetail {
    /// Without what does not fit.
    pub answer: AnswerRow,
    /// What does not fit, the first of it.
    pub breaks: Vec<Break>,
}

/// What came of an answer that was taken.
#[derive(Debug, Clone)]
pub struct TakenAnswer {
    pub answer: AnswerDetail,
    /// The same bytes were taken before, and nothing changed.
    pub repeated: bool,
    pub order: OrderDetail,
}

/// An answer that was taken or refused, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    pub answer_id: Uuid,
    /// Which of all answers, from 1.
    pub number: i64,
    /// The order that it names; empty: it can't be read.
    pub order_id: String,
    /// SHA-256 of its bytes.
    pub content_digest: [u8; 32],
    pub received_by: Actor,
    pub received_at: Instant,
    /// Payments that it settled.
    pub settled_count: i32,
    /// Payments that it returned.
    pub returned_count: i32,
    /// Payments about which it says nothing new.
    pub noted_count: i32,
    /// Payments that it settled without an amount that could be compared.
    pub uncompared_count: i32,
    /// Why it was refused; empty: it was taken.
    pub refusal_reason: String,
    /// How many things do not fit.
    pub break_count: i32,
}
