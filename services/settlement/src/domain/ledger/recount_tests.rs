//! Postings of payments, each against the payment.

use std::hash::RandomState;

use AccountKind::{Free, InPayment, Payable, Receivable, Treasury};
use CauseKind::{AnswerTaken, BudgetSet, OrderCancelled, OrderPrepared, RunApproved};

use super::*;

/// A cause, the payment if any, and what goes from which payee's account to which.
type Moved = (
    CauseKind,
    Option<&'static str>,
    [(AccountKind, &'static str); 2],
    i64,
);

const PREPARED: Moved = (
    OrderPrepared,
    Some("p"),
    [(Payable, "x"), (InPayment, "x")],
    7,
);
const SETTLED: Moved = (
    AnswerTaken,
    Some("p"),
    [(InPayment, "x"), (Treasury, "x")],
    7,
);
const BACK: Moved = (AnswerTaken, Some("p"), [(Treasury, "x"), (Payable, "x")], 7);
const RETURNED: [Moved; 2] = [
    (
        AnswerTaken,
        Some("p"),
        [(InPayment, "x"), (Receivable, "x")],
        3,
    ),
    (
        AnswerTaken,
        Some("p"),
        [(InPayment, "x"), (Payable, "x")],
        4,
    ),
];
const CANCELLED: Moved = (
    OrderCancelled,
    Some("p"),
    [(InPayment, "x"), (Payable, "x")],
    7,
);

/// Whether books with these postings say of one payment that it is in a state.
fn say(postings: &[Moved], state: &str) -> bool {
    let mut booked = Recount::new(Weights(RandomState::new(), RandomState::new()));
    let mut caused = booked.anew();
    for (cause, payment_id, sides, fen) in postings {
        let posting = StoredPosting {
            number: 1,
            entry_number: 1,
            debit_id: 1,
            credit_id: 2,
            amount: Fen::new(*fen),
            payment_id: payment_id.map(str::to_owned),
        };
        let [debit, credit] = sides.map(|(kind, whose)| Named {
            kind,
            program_id: "share",
            whose,
        });
        let texts = [cause.as_str(), "o", "share", "person:officer"];
        booked.posting(texts, &posting, debit, credit);
    }
    caused.caused_payment(&CausedPayment {
        payment_id: "p",
        payee_id: "x",
        program_id: "share",
        order_id: "o",
        amount: Fen::new(7),
        state,
    });
    // What stands on accounts is another question.
    let open = match state {
        "PENDING" => Some(InPayment),
        "SETTLED" => Some(Treasury),
        _ => None,
    };
    if let Some(kind) = open {
        booked.standing(kind, ("share", "x"), -7);
    }
    booked.agrees(&caused)
}

#[test]
fn a_payment_is_where_its_postings_brought_it() {
    let [to_owed, to_payable] = RETURNED;
    let books: [(&[Moved], &str); 5] = [
        (&[PREPARED], "PENDING"),
        (&[PREPARED, SETTLED], "SETTLED"),
        (&[PREPARED, to_owed, to_payable], "RETURNED"),
        (&[PREPARED, SETTLED, BACK], "RETURNED"),
        (&[PREPARED, CANCELLED], "CANCELLED"),
    ];
    for (postings, state) in books {
        for other in ["PENDING", "SETTLED", "RETURNED", "CANCELLED", "LOST"] {
            assert_eq!(
                say(postings, other),
                other == state,
                "{postings:?}: {other}"
            );
        }
    }
}

#[test]
fn what_no_rule_moves_is_found_though_accounts_come_to_the_same() {
    let unruly: [&[Moved]; 8] = [
        // Out and in again.
        &[
            (AnswerTaken, Some("p"), [(Payable, "x"), (Treasury, "x")], 7),
            BACK,
        ],
        &[(
            AnswerTaken,
            Some("p"),
            [(InPayment, "x"), (Treasury, "y")],
            7,
        )],
        &[(AnswerTaken, None, [(InPayment, "x"), (Treasury, "x")], 7)],
        &[(RunApproved, None, [(InPayment, "x"), (Treasury, "x")], 7)],
        &[(RunApproved, Some(""), [(Free, "2017"), (Free, "2017")], 7)],
        &[(BudgetSet, None, [(Payable, "x"), (Payable, "x")], 7)],
        &[(
            OrderPrepared,
            Some("p"),
            [(Payable, "x"), (InPayment, "x")],
            0,
        )],
        &[PREPARED],
    ];
    for more in unruly {
        let postings = [&[PREPARED, SETTLED][..], more].concat();
        assert!(!say(&postings, "SETTLED"), "{more:?}");
    }
}
