//! What requests say about payment accounts, whose they are, and payments that came back.

use std::collections::BTreeSet;

use gazelle_kernel::{
    Instant, ParseError, PayeeId,
    account::{AccountNumber, BankCode, LastFour},
    text,
};
use gazelle_proto::{optional, registry::v1 as pb, time::instant};
use gazelle_runtime::status::{FieldExt, Fields};
use tonic::Status;

use super::common::{InItem, explanation, size};
use crate::domain::{
    account::{Account, BankName, Choice, Given, HolderName, PaymentId, PaymentReturn, State},
    import::{ITEMS_MAX, Item},
};

/// Most payees that a request names.
const PAYEES_MAX: usize = 10_000;

/// An account of a batch: whole, or without its number as a list shows it.
pub fn given(item: &pb::PaymentAccount) -> Item<Given> {
    if item.account_number.is_empty() && !item.account_number_last_four.is_empty() {
        let end = LastFour::parse(&item.account_number_last_four);
        return account(item, end.at("account_number_last_four")).map(Given::Shown);
    }
    let number = AccountNumber::parse(&item.account_number);
    account(item, number.at("account_number")).map(Given::Whole)
}

fn account<Number>(item: &pb::PaymentAccount, number: Item<Number>) -> Item<Account<Number>> {
    let evidence = &item.name_exception_evidence;
    Ok(Account {
        payee_id: PayeeId::parse(&item.payee_id).at("payee_id")?,
        holder: text::no_formula(&item.account_name)
            .and_then(HolderName::parse)
            .at("account_name")?,
        number: number?,
        bank_code: BankCode::parse(&item.bank_code).at("bank_code")?,
        bank_name: text::no_formula(&item.bank_name)
            .and_then(BankName::parse)
            .at("bank_name")?,
        name_exception_evidence: optional::parse(evidence, explanation)
            .at("name_exception_evidence")?,
    })
}

/// Payees that a request names, at least one.
pub fn payees(ids: &[String]) -> Result<BTreeSet<PayeeId>, Status> {
    size(ids.len(), PAYEES_MAX)?;
    let mut fields = Fields::default();
    let payees = fields.read_all("payee_ids", ids, |id| PayeeId::parse(id));
    Ok(fields.finish(Some(payees.into_iter().collect()))?)
}

/// Payees that a request may name.
pub fn only_payees(ids: &[String]) -> Result<Option<BTreeSet<PayeeId>>, Status> {
    if ids.is_empty() {
        return Ok(None);
    }
    payees(ids).map(Some)
}

/// The proposals that are to be confirmed: all, or those of named payees.
pub fn choice(request: &pb::ConfirmPaymentAccountsRequest) -> Result<Choice, Status> {
    match (request.all, request.payee_ids.is_empty()) {
        (true, true) => Ok(Choice::All),
        (true, false) => {
            let expected = "no payees where all are confirmed";
            let given = request.payee_ids.len().to_string();
            let refused: Result<Choice, _> =
                Err(ParseError::new("PAYEE_INVALID", &given, expected));
            Ok(refused.field("payee_ids")?)
        }
        (false, _) => payees(&request.payee_ids).map(Choice::Payees),
    }
}

/// The state that a list is limited to.
pub fn state(state: i32) -> Result<Option<State>, ParseError> {
    use pb::PaymentAccountState as Wire;
    match Wire::try_from(state) {
        Ok(Wire::Unspecified) => Ok(None),
        Ok(Wire::Proposed) => Ok(Some(State::Proposed)),
        Ok(Wire::Confirmed) => Ok(Some(State::Confirmed)),
        Ok(Wire::Rejected) => Ok(Some(State::Rejected)),
        Ok(Wire::Replaced) => Ok(Some(State::Replaced)),
        Err(_) => {
            let expected = "a PaymentAccountState";
            Err(ParseError::new(
                "KIND_INVALID",
                &state.to_string(),
                expected,
            ))
        }
    }
}

/// Payments that came back; all can be read, or the request is refused.
pub fn returns(items: &[pb::PaymentReturn]) -> Result<Vec<PaymentReturn>, Status> {
    size(items.len(), ITEMS_MAX)?;
    let mut fields = Fields::default();
    let mut returns = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        returns.extend(payment_return(&mut fields, index, item));
    }
    Ok(fields.finish(Some(returns))?)
}

fn payment_return(
    fields: &mut Fields,
    index: usize,
    item: &pb::PaymentReturn,
) -> Option<PaymentReturn> {
    let at = |field: &str| format!("returns[{index}].{field}");
    let payment_id = fields.read(at("payment_id"), PaymentId::parse(&item.payment_id));
    let payee_id = fields.read(at("payee_id"), PayeeId::parse(&item.payee_id));
    // As it is stored, so that the trail says the same.
    let returned_at = instant(&item.returned_at.unwrap_or_default());
    let returned_at = returned_at.map(Instant::truncate_to_microsecond);
    let returned_at = fields.read(at("returned_at"), returned_at);
    Some(PaymentReturn {
        payment_id: payment_id?,
        payee_id: payee_id?,
        returned_at: returned_at?,
    })
}
