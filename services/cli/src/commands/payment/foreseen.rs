//! What an answer would do to its order, for whoever is about to have it taken. It is read and
//! decided as the service does it; what the service will refuse changes nothing, and is told by it.

use std::collections::BTreeMap;

use gazelle_kernel::{Fen, PayeeId};
use gazelle_proto::settlement::v1::{
    AnswerFormat, Payment, PaymentOrder, PaymentOrderState, PaymentState as Said,
};
use gazelle_settlement::domain::payment::{
    answer::{Answerable, PaymentState, Taken, own_id, take},
    file::{format, pain002::Answer},
};

use super::order::{self, each_payment};
use crate::args::RunRef;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::thousands;
use crate::words;

/// What the answer would change, in plain words; none where it would change nothing.
pub(super) async fn change(
    client: &Client,
    format: AnswerFormat,
    content: &[u8],
) -> Result<Option<String>, Failure> {
    let Some(answer) = read(format, content) else {
        return Ok(None);
    };
    let order = match order::find(client, RunRef::Id(own_id(&answer.order_id))).await {
        Ok(order) => order,
        Err(failure) if ["ORDER_NOT_FOUND", "ID_INVALID"].contains(&failure.reason()) => {
            return Ok(None);
        }
        Err(failure) => return Err(failure),
    };
    if !matches!(
        order.state(),
        PaymentOrderState::Released | PaymentOrderState::Answered
    ) {
        return Ok(None);
    }
    let payments = payments(client, &order.order_id).await?;
    let taken = take(&answer, payments).ok();
    Ok(taken.and_then(|taken| told(&order, &taken)))
}

fn read(format: AnswerFormat, content: &[u8]) -> Option<Answer> {
    let format = match format {
        AnswerFormat::Unspecified => return None,
        AnswerFormat::Pain002 => format::AnswerFormat::Pain002,
        AnswerFormat::TreasuryCsv => format::AnswerFormat::TreasuryCsv,
    };
    format.read(content).ok()
}

async fn payments(
    client: &Client,
    order_id: &str,
) -> Result<BTreeMap<String, Answerable>, Failure> {
    let mut payments = BTreeMap::new();
    each_payment(client, order_id, |payment| {
        if let Some(answerable) = answerable(&payment) {
            payments.insert(payment.payment_id, answerable);
        }
    })
    .await?;
    Ok(payments)
}

fn answerable(payment: &Payment) -> Option<Answerable> {
    let state = match payment.state() {
        Said::Unspecified => return None,
        Said::Pending => PaymentState::Pending,
        Said::Settled => PaymentState::Settled,
        Said::Returned => PaymentState::Returned,
        Said::Cancelled => PaymentState::Cancelled,
    };
    Some(Answerable {
        payee_id: PayeeId::parse(&payment.payee_id).ok()?,
        amount: Fen::new(payment.amount_fen),
        state,
    })
}

fn told(order: &PaymentOrder, taken: &Taken) -> Option<String> {
    if taken.changes.is_empty() {
        return None;
    }
    let sum = |to| {
        let changes = taken.changes.iter().filter(|change| change.to == to);
        let (count, fen) = changes.fold((0, 0_i64), |(count, fen), change| {
            (count + 1, fen.saturating_add(change.amount.get()))
        });
        (thousands(count), Fen::new(fen).to_yuan())
    };
    let number = |count: usize| thousands(i64::try_from(count).unwrap_or(i64::MAX));
    let (settled, settled_yuan) = sum(PaymentState::Settled);
    let (returned, returned_yuan) = sum(PaymentState::Returned);
    let mut lines = vec![
        order::summary(order),
        words::ANSWER_SAYS.with(&[
            ("settled", &settled),
            ("settled_yuan", &settled_yuan),
            ("returned", &returned),
            ("returned_yuan", &returned_yuan),
            ("noted", &number(taken.noted_count)),
        ]),
    ];
    if taken.uncompared_count > 0 {
        let count = number(taken.uncompared_count);
        lines.push(words::ANSWER_UNCOMPARED.with(&[("count", &count)]));
    }
    lines.push(words::ABOUT_TO_TAKE_ANSWER.say().to_owned());
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payments() -> BTreeMap<String, Answerable> {
        let payment = |id: &str, amount_fen| {
            let payment = Payment {
                payee_id: "alpha-mall".to_owned(),
                amount_fen,
                state: Said::Pending.into(),
                ..Payment::default()
            };
            (id.to_owned(), answerable(&payment).unwrap())
        };
        BTreeMap::from([
            payment("p-1", 123_400),
            payment("p-2", 500),
            payment("p-3", 7),
        ])
    }

    fn foreseen(list: &str) -> Option<String> {
        let answer = read(AnswerFormat::TreasuryCsv, list.as_bytes())?;
        let taken = take(&answer, payments()).ok()?;
        let order = PaymentOrder {
            order_id: "o-1".to_owned(),
            program_id: "relief".to_owned(),
            number: 3,
            ..PaymentOrder::default()
        };
        told(&order, &taken)
    }

    #[test]
    fn an_answer_is_told_by_what_it_would_change() {
        let list = "批次号,支付单号,结果\no-1,p-1,成功\no-1,p-2,退回\no-1,p-3,处理中\n";
        let told = foreseen(list).unwrap();
        for said in [
            "relief#3",
            "1 settled, 1,234.00 yuan",
            "1 returned, 5.00 yuan",
            "1 otherwise",
            "ATTENTION",
            "cannot be undone",
        ] {
            assert!(told.contains(said), "{said}: {told}");
        }
    }

    #[test]
    fn what_would_change_nothing_is_not_asked_about() {
        for list in [
            "no list",
            "批次号,支付单号,结果\no-1,p-9,成功\n",
            "批次号,支付单号,结果\no-1,p-1,处理中\n",
        ] {
            assert_eq!(foreseen(list), None, "{list}");
        }
    }
}
