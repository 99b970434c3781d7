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
    /// It settles a payment that came back.
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
    if let Some(other) = &answer.other_order_id {
        let detail = format!(
            "it is for order {:?}, and a part of it for {other:?}",
            answer.order_id
        );
        return Err(vec![Break {
            payment_id: String::new(),
            kind: PaymentBreakKind::OrderUnknown,
            detail,
        }]);
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
mod tests {
    use super::*;

    fn payments(state: PaymentState) -> BTreeMap<String, Answerable> {
        let payment = |payee: &str, fen| Answerable {
            payee_id: PayeeId::parse(payee).unwrap(),
            amount: Fen::new(fen),
            state,
        };
        BTreeMap::from([
            ("p-1".to_owned(), payment("alpha-mall", 100)),
            ("p-2".to_owned(), payment("beta-mall", 200)),
        ])
    }

    fn line(id: &str, said: Said, fen: Option<i64>) -> AnswerLine {
        AnswerLine {
            end_to_end_id: id.to_owned(),
            said,
            reason: String::new(),
            amount: fen.map(|fen| Repeated::Fen(Fen::new(fen))),
        }
    }

    fn answer(lines: Vec<AnswerLine>) -> Answer {
        Answer {
            order_id: "o-1".to_owned(),
            other_order_id: None,
            lines,
            whole: None,
        }
    }

    #[test]
    fn what_is_said_of_a_part_of_another_order_changes_nothing() {
        let mut answer = answer(Vec::new());
        answer.other_order_id = Some("o-2".to_owned());
        answer.whole = Some((Said::Returned, String::new()));
        let breaks = take(&answer, payments(PaymentState::Pending)).unwrap_err();
        assert_eq!(breaks.len(), 1);
        assert_eq!(breaks[0].kind, PaymentBreakKind::OrderUnknown);
    }

    fn moves(taken: Result<Taken, Vec<Break>>) -> Vec<(String, PaymentState, PaymentState)> {
        let changes = taken.unwrap().changes.into_iter();
        changes
            .map(|change| (change.payment_id, change.from, change.to))
            .collect()
    }

    #[test]
    fn each_answer_moves_each_state_as_it_should() {
        use PaymentState::{Pending, Returned, Settled};
        let noted = || Said::Noted("PDNG".to_owned());
        for (state, said, to) in [
            (Pending, Said::Settled, Some(Settled)),
            (Pending, Said::Returned, Some(Returned)),
            (Pending, noted(), None),
            (Settled, Said::Settled, None),
            (Settled, Said::Returned, Some(Returned)),
            (Settled, noted(), None),
            (Returned, Said::Returned, None),
            (Returned, noted(), None),
        ] {
            let taken = take(
                &answer(vec![line("p-1", said.clone(), None)]),
                payments(state),
            );
            let expected: Vec<_> = to
                .map(|to| ("p-1".to_owned(), state, to))
                .into_iter()
                .collect();
            assert_eq!(moves(taken), expected, "{state:?} {said:?}");
        }
    }

    #[test]
    fn a_settled_payment_that_came_back_is_a_contradiction() {
        let settled = || line("p-1", Said::Settled, None);
        let refused = take(&answer(vec![settled()]), payments(PaymentState::Returned));
        assert_eq!(
            refused.unwrap_err()[0].kind,
            PaymentBreakKind::Contradiction
        );
        let both = vec![line("p-1", Said::Returned, None), settled()];
        let refused = take(&answer(both), payments(PaymentState::Pending));
        assert_eq!(
            refused.unwrap_err()[0].kind,
            PaymentBreakKind::Contradiction
        );
    }

    #[test]
    fn one_line_that_does_not_fit_refuses_all() {
        let good = || line("p-1", Said::Settled, Some(100));
        for (bad, kind) in [
            (
                line("p-2", Said::Settled, Some(201)),
                PaymentBreakKind::OtherAmount,
            ),
            (
                line("p-3", Said::Settled, None),
                PaymentBreakKind::PaymentUnknown,
            ),
            (
                line("", Said::Settled, None),
                PaymentBreakKind::PaymentUnknown,
            ),
        ] {
            let refused = take(&answer(vec![good(), bad]), payments(PaymentState::Pending));
            let breaks = refused.unwrap_err();
            assert_eq!((breaks.len(), breaks[0].kind), (1, kind));
        }
    }

    #[test]
    fn a_payment_is_known_whatever_case_its_id_comes_back_in() {
        let lines = vec![line("P-1", Said::Settled, Some(100))];
        let taken = take(&answer(lines), payments(PaymentState::Pending));
        let settled = (
            "p-1".to_owned(),
            PaymentState::Pending,
            PaymentState::Settled,
        );
        assert_eq!(moves(taken), [settled]);
        let both = vec![
            line("p-1", Said::Returned, None),
            line("P-1", Said::Settled, None),
        ];
        let refused = take(&answer(both), payments(PaymentState::Pending)).unwrap_err();
        let told = (&*refused[0].payment_id, refused[0].kind);
        assert_eq!(told, ("P-1", PaymentBreakKind::Contradiction));
    }

    #[test]
    fn what_is_settled_without_a_look_at_its_amount_is_counted() {
        let uncompared = |lines| {
            let taken = take(&answer(lines), payments(PaymentState::Pending));
            taken.unwrap().uncompared_count
        };
        let compared = || line("p-1", Said::Settled, Some(100));
        assert_eq!(
            uncompared(vec![compared(), line("p-2", Said::Settled, None)]),
            1
        );
        assert_eq!(
            uncompared(vec![compared(), line("p-2", Said::Returned, None)]),
            0
        );
    }

    #[test]
    fn a_refused_file_returns_what_is_not_answered_and_holds_nobody() {
        let mut mixed = payments(PaymentState::Pending);
        mixed.get_mut("p-1").unwrap().state = PaymentState::Settled;
        let whole = Answer {
            whole: Some((Said::Returned, "FORMAT".to_owned())),
            ..answer(Vec::new())
        };
        let taken = take(&whole, mixed).unwrap();
        let change = &taken.changes[0];
        assert_eq!(taken.changes.len(), 1);
        assert_eq!((change.payment_id.as_str(), change.holds), ("p-2", false));
        assert_eq!(change.reason, "FORMAT");
    }
}
