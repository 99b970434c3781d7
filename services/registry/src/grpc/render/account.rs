//! Payment accounts as messages.

use gazelle_proto::{optional, registry::v1 as pb, time::timestamp};

use crate::domain::account::{PaymentAccount, State};

/// A version of an account with its number, for those who need it.
pub fn whole(account: &PaymentAccount) -> pb::PaymentAccount {
    pb::PaymentAccount {
        account_number: account.account.number.as_str().into(),
        ..masked(account)
    }
}

/// A version of an account, with the last four characters of its number.
pub fn masked(version: &PaymentAccount) -> pb::PaymentAccount {
    let account = &version.account;
    let confirmed = version.standing.confirmed.as_ref();
    let rejected = version.standing.rejected.as_ref();
    pb::PaymentAccount {
        payee_id: account.payee_id.to_string(),
        account_name: account.holder.as_str().into(),
        account_number: String::new(),
        account_number_last_four: account.number.last_four().into(),
        bank_code: account.bank_code.to_string(),
        bank_name: account.bank_name.as_str().into(),
        name_exception_evidence: optional::text(account.name_exception_evidence.as_ref()),
        version: version.version,
        state: state(version.standing.state).into(),
        proposed_by: version.proposed_by.to_string(),
        proposed_at: Some(timestamp(version.proposed_at)),
        confirmed_by: optional::text(confirmed.map(|decision| &decision.by)),
        confirmed_at: confirmed.map(|decision| timestamp(decision.at)),
        rejected_by: optional::text(rejected.map(|decision| &decision.by)),
        rejected_at: rejected.map(|decision| timestamp(decision.at)),
        payment_returned_at: version.payment_returned_at.map(timestamp),
        proposed_revision: version.proposed_revision.get(),
        revision: version.revision.get(),
        bank_code_check_failed: !account.bank_code.is_checked(),
    }
}

fn state(state: State) -> pb::PaymentAccountState {
    match state {
        State::Proposed => pb::PaymentAccountState::Proposed,
        State::Confirmed => pb::PaymentAccountState::Confirmed,
        State::Rejected => pb::PaymentAccountState::Rejected,
        State::Replaced => pb::PaymentAccountState::Replaced,
    }
}
