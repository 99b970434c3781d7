//! What an answer does to an order: all of it, or nothing (`PAYMENT.md`, The answer).

use std::collections::BTreeMap;

use gazelle_kernel::{Fen, Instant, PayeeId};

use super::file::pain002::{Answer, AnswerLine, Repeated, Said};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// Not answered yet.
    Pending,
    /// The money is there.
    Settled,
    /// The money came back, or never went.
    Returned,
    /// Its order was cancelled.
    Cancelled,
}

impl PaymentState {
    /// Its name, as tables have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Settled => "SETTLED",
            Self::Returned => "RETURNED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Settled,
            Self::Returned,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
    }
}

/// A payment as an answer finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answerable {
    /// Who was to be paid.
    pub payee_id: PayeeId,
    pub amount: Fen,
    pub state: PaymentState,
}

/// What an answer changes about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub payment_id: String,
    /// Who was to be paid.
    pub payee_id: PayeeId,
    pub amount: Fen,
    /// Where it stood.
    pub from: PaymentState,
    /// Where it stands now.
    pub to: PaymentState,
    /// Why it came back, in their words.
    pub reason: String,
    /// Whether the payee is held until an account of it was confirmed anew: not where the whole
    /// file was refused.
    pub holds: bool,
}

/// A payment that came back, and holds its payee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub payment_id: String,
    pub payee_id: PayeeId,
    /// When its answer was taken.
    pub returned_at: Instant,
}

/// What an answer does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// In the order of the answer. One that is settled and comes back in the same answer is here
    /// twice.
    pub changes: Vec<Change>,
    /// Payments that it says something else about, or nothing new.
    pub noted_count: usize,
    /// Payments that it settles without an amount that could be compared.
    pub uncompared_count: usize,
}

impl Taken {
    /// What came back at `at` and holds its payee.
    #[must_use]
    pub fn returned(&self, at: Instant) -> Vec<Returned> {
        let held = self.changes.iter().filter(|change| change.holds);
        let returned = held.map(|change| Returned {
            payment_id: change.payment_id.clone(),
            payee_id: change.payee_id.clone(),
            returned_at: at,
        });
        returned.collect()
    }
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The payment that the answer names.
    pub payment_id: String,
    /// What does not fit.
    pub kind: PaymentBreakKind,
    /// What stands there, and what should.
    pub detail: String,
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentBreakKind {
    /// There is no such order, it is not released, or a part of the answer is about another.
    OrderUnknown,
    /// The order has no such payment.
    PaymentUnknown,
    /// The amount is another.
    OtherAmount,
    /// It settles a payment that came back, or refuses something as a whole of which money goes.
    Contradiction,
}

impl PaymentBreakKind {
    /// Its name, as tables have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderUnknown => "ORDER_UNKNOWN",
            Self::PaymentUnknown => "PAYMENT_UNKNOWN",
            Self::OtherAmount => "OTHER_AMOUNT",
            Self::Contradiction => "CONTRADICTION",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::OrderUnknown,
            Self::PaymentUnknown,
            Self::OtherAmount,
            Self::Contradiction,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

/// An id of ours as it was made: in lower case, whatever case it comes back in. No two ids differ
/// in case alone, and banks' older systems know capitals only.
#[must_use]
pub fn own_id(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// Judges an answer beside the payments of its order, by their ids. Refused as a whole where
/// anything does not fit.
pub fn take(
    answer: &Answer,
    mut payments: BTreeMap<String, Answerable>,
) -> Result<Taken, Vec<Break>> {
    if let Some(misfit) = misfit(answer) {
        return Err(vec![misfit]);
    }
    let mut taken = Taken::default();
    if let Some((said, reason)) = &answer.whole {
        match said {
            Said::Returned => taken.changes = all_returned(payments, reason),
            Said::Settled | Said::Noted(_) => taken.noted_count = payments.len(),
        }
        return Ok(taken);
    }
    let mut breaks = Vec::new();
    for line in &answer.lines {
        let payment_id = own_id(&line.end_to_end_id);
        let payment = payments.get_mut(&payment_id);
        match judge(line, payment_id, payment) {
            Ok(Some(change)) => {
                let settles = change.to == PaymentState::Settled;
                taken.uncompared_count += usize::from(settles && line.amount.is_none());
                taken.changes.push(change);
            }
            Ok(None) => taken.noted_count += 1,
            Err((kind, detail)) => breaks.push(Break {
                payment_id: line.end_to_end_id.clone(),
                kind,
                detail,
            }),
        }
    }
    if breaks.is_empty() {
        Ok(taken)
    } else {
        Err(breaks)
    }
}

/// What does not fit of an answer as a whole.
fn misfit(answer: &Answer) -> Option<Break> {
    let of_all = |kind, detail| {
        Some(Break {
            payment_id: String::new(),
            kind,
            detail,
        })
    };
    if let Some(other) = &answer.other_order_id {
        let order_id = &answer.order_id;
        let detail = format!("it is for order {order_id:?}, and a part of it for {other:?}");
        return of_all(PaymentBreakKind::OrderUnknown, detail);
    }
    if answer.contradicts_itself {
        let detail = "it refuses something as a whole, and says that money of it goes";
        return of_all(PaymentBreakKind::Contradiction, detail.to_owned());
    }
    None
}

fn all_returned(payments: BTreeMap<String, Answerable>, reason: &str) -> Vec<Change> {
    let pending = |(_, payment): &(String, Answerable)| payment.state == PaymentState::Pending;
    let returned = |(payment_id, payment): (String, Answerable)| Change {
        payment_id,
        payee_id: payment.payee_id,
        amount: payment.amount,
        from: payment.state,
        to: PaymentState::Returned,
        reason: reason.to_owned(),
        holds: false,
    };
    payments.into_iter().filter(pending).map(returned).collect()
}

/// What a line changes about its payment, `None` for nothing.
fn judge(
    line: &AnswerLine,
    payment_id: String,
    payment: Option<&mut Answerable>,
) -> Result<Option<Change>, (PaymentBreakKind, String)> {
    let Some(payment) = payment else {
        let detail = "the order has no such payment".to_owned();
        return Err((PaymentBreakKind::PaymentUnknown, detail));
    };
    match &line.amount {
        Some(Repeated::Fen(amount)) if *amount == payment.amount => {}
        Some(Repeated::Fen(amount)) => {
            let detail = format!(
                "it says {} and {} was ordered",
                amount.to_yuan(),
                payment.amount.to_yuan()
            );
            return Err((PaymentBreakKind::OtherAmount, detail));
        }
        Some(Repeated::Other(text)) => {
            let detail = format!(
                "it says {text:?} and {} CNY was ordered",
                payment.amount.to_yuan()
            );
            return Err((PaymentBreakKind::OtherAmount, detail));
        }
        None => {}
    }
    let from = payment.state;
    let to = match (&line.said, from) {
        (Said::Settled, PaymentState::Pending) => PaymentState::Settled,
        (Said::Settled, PaymentState::Returned | PaymentState::Cancelled) => {
            let detail = "it came back before: the money may go out twice".to_owned();
            return Err((PaymentBreakKind::Contradiction, detail));
        }
        (Said::Returned, PaymentState::Pending | PaymentState::Settled) => PaymentState::Returned,
        (Said::Settled, PaymentState::Settled)
        | (Said::Returned, PaymentState::Returned | PaymentState::Cancelled)
        | (Said::Noted(_), _) => return Ok(None),
    };
    payment.state = to;
    Ok(Some(Change {
        payment_id,
        payee_id: payment.payee_id.clone(),
        amount: payment.amount,
        from,
        to,
        reason: line.reason.clone(),
        holds: to == PaymentState::Returned,
    }))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
