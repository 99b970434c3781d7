//! Orders, payments and money as messages.

use gazelle_kernel::{PayeeId, Year};
use gazelle_proto::{optional, settlement::v1 as pb, time::timestamp};

use crate::domain::{
    ledger::book::Balance,
    payment::{
        account::last_four,
        answer::{Break, PaymentBreakKind, PaymentState},
        money::{ProgramMoney, RunMoney, StatementLine, YearMoney},
        order::{Held, OrderState, Remittance},
        shown::{AnswerDetail, OrderDetail, PaymentRow},
    },
};

#[must_use]
pub fn order(detail: &OrderDetail) -> pb::PaymentOrder {
    let (order, sums) = (&detail.order, &detail.sums);
    let state = match order.state {
        OrderState::Prepared => pb::PaymentOrderState::Prepared,
        OrderState::Released => pb::PaymentOrderState::Released,
        OrderState::Answered => pb::PaymentOrderState::Answered,
        OrderState::Cancelled => pb::PaymentOrderState::Cancelled,
    };
    let decided = order.decided.as_ref();
    pb::PaymentOrder {
        order_id: order.order_id.clone(),
        program_id: order.program_id.to_string(),
        number: order.number,
        r#final: order.is_final,
        state: state.into(),
        digest: hex::encode(order.digest),
        payment_count: order.payment_count,
        total_fen: order.total.get(),
        held_count: order.held_count,
        settled_count: sums.settled_count,
        settled_fen: sums.settled.get(),
        returned_count: sums.returned_count,
        returned_fen: sums.returned.get(),
        prepared_by: order.prepared_by.to_string(),
        prepared_at: Some(timestamp(order.prepared_at)),
        decided_by: optional::text(decided.map(|(by, _)| by)),
        decided_at: decided.map(|(_, at)| timestamp(*at)),
        payer_account_name: order.payer.name.clone(),
        payer_account_number_last_four: last_four(&order.payer.number).to_owned(),
    }
}

/// A payment; of its account's number the last four characters.
#[must_use]
pub fn payment(row: &PaymentRow) -> pb::Payment {
    let state = match row.state {
        PaymentState::Pending => pb::PaymentState::Pending,
        PaymentState::Settled => pb::PaymentState::Settled,
        PaymentState::Returned => pb::PaymentState::Returned,
        PaymentState::Cancelled => pb::PaymentState::Cancelled,
    };
    pb::Payment {
        payment_id: row.payment_id.clone(),
        payee_id: row.payee_id.to_string(),
        amount_fen: row.amount.get(),
        state: state.into(),
        return_reason: row.return_reason.clone(),
        account_name: row.account_name.clone(),
        account_number_last_four: last_four(&row.account_number).to_owned(),
        bank_code: row.bank_code.clone(),
    }
}

/// A held payee.
#[must_use]
pub fn held(held: &Held) -> pb::HeldPayee {
    pb::HeldPayee {
        payee_id: held.payee_id.to_string(),
        payable_fen: held.payable.get(),
        reason: held.reason.as_str().to_owned(),
    }
}

/// A part of a payment.
#[must_use]
pub fn remittance((payee, part): &(PayeeId, Remittance)) -> pb::Remittance {
    pb::Remittance {
        payee_id: payee.to_string(),
        year: part.year.get(),
        run_number: part.run_number,
        amount_fen: part.amount.get(),
    }
}

/// What was given: the sum of what it became.
fn given(balance: &Balance) -> i64 {
    let sum: i128 = [balance.payable, balance.in_payment, balance.paid]
        .iter()
        .map(|amount| i128::from(amount.get()))
        .sum();
    let given = sum - i128::from(balance.receivable.get());
    i64::try_from(given).unwrap_or(i64::MAX)
}

/// A payee's balance.
#[must_use]
pub fn balance((payee, balance): &(PayeeId, Balance)) -> pb::PayeeBalance {
    pb::PayeeBalance {
        payee_id: payee.to_string(),
        given_fen: given(balance),
        payable_fen: balance.payable.get(),
        in_payment_fen: balance.in_payment.get(),
        paid_fen: balance.paid.get(),
        receivable_fen: balance.receivable.get(),
    }
}

/// An answer with what does not fit.
#[must_use]
pub fn answer(detail: &AnswerDetail) -> pb::PaymentAnswer {
    let answer = &detail.answer;
    pb::PaymentAnswer {
        answer_id: answer.answer_id.to_string(),
        order_id: answer.order_id.clone(),
        content_digest: hex::encode(answer.content_digest),
        received_by: answer.received_by.to_string(),
        received_at: Some(timestamp(answer.received_at)),
        settled_count: answer.settled_count,
        returned_count: answer.returned_count,
        noted_count: answer.noted_count,
        refusal_reason: answer.refusal_reason.clone(),
        breaks: detail.breaks.iter().map(found).collect(),
        break_count: answer.break_count,
        uncompared_count: answer.uncompared_count,
    }
}

fn found(found: &Break) -> pb::PaymentBreak {
    let kind = match found.kind {
        PaymentBreakKind::OrderUnknown => pb::PaymentBreakKind::OrderUnknown,
        PaymentBreakKind::PaymentUnknown => pb::PaymentBreakKind::PaymentUnknown,
        PaymentBreakKind::OtherAmount => pb::PaymentBreakKind::OtherAmount,
        PaymentBreakKind::Contradiction => pb::PaymentBreakKind::Contradiction,
    };
    pb::PaymentBreak {
        payment_id: found.payment_id.clone(),
        kind: kind.into(),
        detail: found.detail.clone(),
    }
}

/// A program's money.
#[must_use]
pub fn program_money(money: &ProgramMoney) -> pb::GetProgramMoneyResponse {
    let year = |(year, row): (&Year, &YearMoney)| pb::YearMoney {
        year: year.get(),
        budget_fen: row.budget.get(),
        free_fen: row.free.get(),
        committed_fen: row.committed.get(),
        granted_fen: row.granted.get(),
    };
    let total = &money.total;
    pb::GetProgramMoneyResponse {
        years: money.years.iter().map(year).collect(),
        runs: money.runs.iter().map(run_money).collect(),
        total: Some(pb::ProgramMoney {
            given_fen: given(total),
            payable_fen: total.payable.get(),
            in_payment_fen: total.in_payment.get(),
            paid_fen: total.paid.get(),
            receivable_fen: total.receivable.get(),
            returned_fen: money.returned.get(),
        }),
    }
}

fn run_money(run: &RunMoney) -> pb::RunMoney {
    pb::RunMoney {
        run_number: run.run_number,
        year: run.year.get(),
        granted_fen: run.granted.get(),
        clawed_back_fen: run.clawed_back.get(),
        payable_fen: run.payable.get(),
        in_payment_fen: run.in_payment.get(),
        paid_fen: run.paid.get(),
        receivable_fen: run.receivable.get(),
        returned_fen: run.returned.get(),
    }
}

/// A line of a payee's statement.
#[must_use]
pub fn statement_line(line: &StatementLine) -> pb::StatementLine {
    pb::StatementLine {
        posting_number: line.posting_number,
        recorded_at: Some(timestamp(line.recorded_at)),
        program_id: line.program_id.to_string(),
        cause: line.cause.clone(),
        cause_id: line.cause_id.clone(),
        debit_account: line.debit.clone(),
        credit_account: line.credit.clone(),
        amount_fen: line.amount.get(),
        payment_id: optional::text(line.payment_id.as_ref()),
    }
}
