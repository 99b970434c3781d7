//! Whose account is paid to, from the registry, and what it is told of payments that came back.

use std::collections::BTreeMap;

use gazelle_client::retry::is_unavailable;
use gazelle_kernel::{Actor, PayeeId};
use gazelle_proto::{
    registry::v1::{
        NotePaymentReturnsRequest, PaymentAccount, PaymentReturn, ReadPaymentAccountsRequest,
    },
    time::timestamp,
};

use super::{
    error::{PeerError, called, parsed},
    registry::{REGISTRY, Registry},
    stream::next,
};
use crate::domain::payment::{account::PayeeAccount, answer::Returned};

/// Payees that are asked for by name; more are read with all others.
const NAMED_MAX: usize = 10_000;

/// Payments that the registry is told of at a time.
pub const RETURNS_A_CALL: i64 = 1_000;

impl Registry {
    /// The accounts in force of these payees.
    pub(super) async fn payment_accounts(
        &self,
        payees: &[PayeeId],
    ) -> Result<BTreeMap<PayeeId, PayeeAccount>, PeerError> {
        if payees.is_empty() {
            return Ok(BTreeMap::new());
        }
        let named = payees.len() <= NAMED_MAX;
        let named = payees.iter().filter(|_| named).map(ToString::to_string);
        let payee_ids: Vec<String> = named.collect();
        let read = || self.read_accounts(payee_ids.clone());
        self.budget.retry(PeerError::is_unavailable, read).await
    }

    async fn read_accounts(
        &self,
        payee_ids: Vec<String>,
    ) -> Result<BTreeMap<PayeeId, PayeeAccount>, PeerError> {
        let request = ReadPaymentAccountsRequest { payee_ids };
        let answer = self.client.clone().read_payment_accounts(request).await;
        let mut stream = answer
            .map_err(|status| called(REGISTRY, status))?
            .into_inner();
        let mut accounts = BTreeMap::new();
        while let Some(message) = next(REGISTRY, &mut stream).await? {
            for row in message.accounts {
                let account = account(row).map_err(|error| parsed(REGISTRY, &error))?;
                accounts.insert(account.payee_id.clone(), account);
            }
        }
        Ok(accounts)
    }

    /// Notes at most [`RETURNS_A_CALL`] payments that came back; each is known by its id, so again
    /// changes nothing.
    pub(super) async fn note_payment_returns(
        &self,
        returned: &[Returned],
    ) -> Result<(), PeerError> {
        let returns = returned.iter().map(|payment| PaymentReturn {
            payment_id: payment.payment_id.clone(),
            payee_id: payment.payee_id.to_string(),
            returned_at: Some(timestamp(payment.returned_at)),
        });
        let request = NotePaymentReturnsRequest {
            returns: returns.collect(),
        };
        let note = || {
            let (mut client, request) = (self.client.clone(), request.clone());
            async move { client.note_payment_returns(request).await }
        };
        let noted = self.budget.retry(is_unavailable, note).await;
        noted.map_err(|status| called(REGISTRY, status))?;
        Ok(())
    }
}

fn account(row: PaymentAccount) -> Result<PayeeAccount, gazelle_kernel::ParseError> {
    Ok(PayeeAccount {
        payee_id: PayeeId::parse(&row.payee_id)?,
        version: row.version,
        name: row.account_name,
        number: row.account_number,
        bank_code: row.bank_code,
        bank_name: row.bank_name,
        proposed_by: Actor::parse(&row.proposed_by)?,
        payment_returned: row.payment_returned_at.is_some(),
    })
}
