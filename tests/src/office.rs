//! An office that keeps accounts: proposed by one person, confirmed by another, paid to by
//! settlement.

use gazelle_client::Client;
use gazelle_proto::registry::v1::{
    ConfirmPaymentAccountsRequest, ConfirmPaymentAccountsResponse, GetPaymentAccountRequest,
    ImportResult, NotePaymentReturnsRequest, PaymentAccount, PaymentAccountState as State,
    PaymentReturn, PutPaymentAccountsRequest, ReadPaymentAccountsRequest,
    RejectPaymentAccountsRequest,
};
use gazelle_proto::time::timestamp;
use gazelle_runtime::auth::{Principal, Role};
use time::OffsetDateTime;
use tonic::Status;

use crate::city::{City, shopkeeper};
use crate::fresh;
use crate::suite::Suite;

/// Accounts, as an office uses them.
#[derive(Debug)]
pub struct Office<'a> {
    /// Registers, proposes and confirms.
    pub city: City<'a>,
    /// Proposes and confirms.
    pub admin: Client,
    /// The settlement service.
    pub service: Client,
}

impl Office<'static> {
    /// On the suite that tests share.
    #[must_use]
    pub fn open() -> Self {
        Self::on(Suite::shared())
    }
}

impl<'a> Office<'a> {
    /// On a suite.
    #[must_use]
    pub fn on(suite: &'a Suite) -> Self {
        let roles = [Role::Registrar, Role::Approver];
        Self {
            city: City::on(suite),
            admin: suite.person(&fresh::person("admin"), &roles),
            service: suite.client(Principal::Service("settlement".to_owned())),
        }
    }

    /// A registered enterprise, and an account in its name.
    pub async fn payee(&self) -> PaymentAccount {
        let enterprise = shopkeeper(&fresh::uscc());
        self.city.register(vec![enterprise.clone()]).await;
        account(&enterprise.uscc, &enterprise.name)
    }

    /// Has accounts proposed by `client`.
    pub async fn put_as(client: &Client, accounts: &[&PaymentAccount]) -> ImportResult {
        let request = PutPaymentAccountsRequest {
            accounts: accounts.iter().copied().cloned().collect(),
        };
        let put = client.registry.clone().put_payment_accounts(request).await;
        put.unwrap().into_inner().result.unwrap()
    }

    /// Has accounts proposed by the registrar.
    pub async fn put(&self, accounts: &[&PaymentAccount]) -> ImportResult {
        Self::put_as(&self.city.registrar, accounts).await
    }

    /// Has proposals confirmed by `client`, of up to a revision; of all payees where none is named.
    pub async fn confirm_as(
        client: &Client,
        payees: &[&PaymentAccount],
        through_revision: i64,
    ) -> Result<ConfirmPaymentAccountsResponse, Status> {
        let request = ConfirmPaymentAccountsRequest {
            payee_ids: payees.iter().map(|it| it.payee_id.clone()).collect(),
            all: payees.is_empty(),
            through_revision,
        };
        let mut registry = client.registry.clone();
        let confirmed = registry.confirm_payment_accounts(request);
        confirmed.await.map(tonic::Response::into_inner)
    }

    /// Has proposals confirmed by the approver; how many were.
    pub async fn confirm(&self, payees: &[&PaymentAccount]) -> i32 {
        let confirmed = Self::confirm_as(&self.city.approver, payees, 0).await;
        confirmed.unwrap().confirmed_count
    }

    /// Has a payee's newest account rejected: how many proposals, and how many in force.
    pub async fn reject(&self, payee: &PaymentAccount) -> Result<(i32, i32), Status> {
        self.reject_seen(payee, 0).await
    }

    /// The same, where it stands so since this revision or before.
    pub async fn reject_seen(
        &self,
        payee: &PaymentAccount,
        through_revision: i64,
    ) -> Result<(i32, i32), Status> {
        let request = RejectPaymentAccountsRequest {
            payee_ids: vec![payee.payee_id.clone()],
            through_revision,
        };
        let mut registry = self.city.approver.registry.clone();
        let rejected = registry
            .reject_payment_accounts(request)
            .await?
            .into_inner();
        Ok((rejected.proposed_count, rejected.confirmed_count))
    }

    /// All versions with their numbers.
    pub async fn versions(&self, payee: &PaymentAccount) -> Vec<PaymentAccount> {
        let payee_id = payee.payee_id.clone();
        let mut registry = self.city.approver.registry.clone();
        let request = GetPaymentAccountRequest { payee_id };
        let shown = registry.get_payment_account(request).await.unwrap();
        shown.into_inner().accounts
    }

    /// Where the versions stand.
    pub async fn states(&self, payee: &PaymentAccount) -> Vec<State> {
        let versions = self.versions(payee).await;
        versions.iter().map(PaymentAccount::state).collect()
    }

    /// The account in force, as settlement reads it.
    pub async fn in_force(&self, payee: &PaymentAccount) -> Option<PaymentAccount> {
        let payee_ids = vec![payee.payee_id.clone()];
        let mut registry = self.service.registry.clone();
        let request = ReadPaymentAccountsRequest { payee_ids };
        let stream = registry.read_payment_accounts(request).await;
        let mut stream = stream.unwrap().into_inner();
        let mut accounts = Vec::new();
        while let Some(part) = stream.message().await.unwrap() {
            accounts.extend(part.accounts);
        }
        assert!(accounts.len() <= 1);
        accounts.pop()
    }

    /// Notes that a payment to the payee came back, and the same again; how many are new.
    pub async fn note(&self, payee: &PaymentAccount, payment_id: &str, at: OffsetDateTime) -> i32 {
        let returned = PaymentReturn {
            payment_id: payment_id.to_owned(),
            payee_id: payee.payee_id.clone(),
            returned_at: Some(timestamp(at)),
        };
        let returns = vec![returned.clone(), returned];
        let mut registry = self.service.registry.clone();
        let request = NotePaymentReturnsRequest { returns };
        let noted = registry.note_payment_returns(request).await.unwrap();
        noted.into_inner().noted_count
    }
}

/// An account in that name.
#[must_use]
pub fn account(payee_id: &str, name: &str) -> PaymentAccount {
    PaymentAccount {
        payee_id: payee_id.to_owned(),
        account_name: name.to_owned(),
        account_number: "6222020200012345678".to_owned(),
        bank_code: "102100099996".to_owned(),
        bank_name: "工商银行杭州分行".to_owned(),
        ..PaymentAccount::default()
    }
}
