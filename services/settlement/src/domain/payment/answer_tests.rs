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
        contradicts_itself: false,
        lines,
        whole: None,
    }
}

#[test]
fn what_does_not_fit_as_a_whole_changes_nothing() {
    let breaks = |change: fn(&mut Answer)| {
        let mut answer = answer(Vec::new());
        answer.whole = Some((Said::Returned, String::new()));
        change(&mut answer);
        take(&answer, payments(PaymentState::Pending)).unwrap_err()
    };
    let other = breaks(|answer| answer.other_order_id = Some("o-2".to_owned()));
    assert_eq!(
        (other.len(), other[0].kind),
        (1, PaymentBreakKind::OrderUnknown)
    );
    let itself = breaks(|answer| answer.contradicts_itself = true);
    assert_eq!(
        (itself.len(), itself[0].kind),
        (1, PaymentBreakKind::Contradiction)
    );
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
