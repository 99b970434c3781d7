//! Payments, orders and answers as they are shown.

use gazelle_kernel::{Actor, Fen, Instant, PayeeId};
use uuid::Uuid;

use super::answer::PaymentState;

/// A payment as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// Its id.
    pub payment_id: String,
    /// Who is paid.
    pub payee_id: PayeeId,
    /// How much.
    pub amount: Fen,
    /// Where it stands.
    pub state: PaymentState,
    /// Why it came back.
    pub return_reason: String,
    /// The account's name.
    pub account_name: String,
    /// The account's number.
    pub account_number: String,
    /// The bank's code.
    pub bank_code: String,
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

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// Its id.
    pub answer_id: Uuid,
    /// Which of all answers, from 1.
    pub number: i64,
    /// The order that it names; empty: it can't be read.
    pub order_id: String,
    /// SHA-256 of its bytes.
    pub content_digest: [u8; 32],
    /// Who entered it.
    pub received_by: Actor,
    /// When.
    pub received_at: Instant,
    /// Payments that it settled.
    pub settled_count: i32,
    /// Payments that it returned.
    pub returned_count: i32,
    /// Payments about which it says nothing new.
    pub noted_count: i32,
    /// Why it was refused; empty: it was taken.
    pub refusal_reason: String,
    /// How many things do not fit.
    pub break_count: i32,
}
