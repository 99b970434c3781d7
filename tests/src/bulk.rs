//! Very many payees: with accounts, a month of fees of some kinds, and a program for each kind.

use gazelle_client::Client;
use gazelle_proto::registry::v1 as registry;
use gazelle_proto::settlement::v1 as settlement;

use crate::{city, fresh, report};

/// Items of a call to the registry or to settlement.
const ITEMS: usize = 1_000;

/// Who makes it.
#[derive(Debug)]
pub struct Makers {
    /// Registers payees and proposes their accounts.
    pub registrar: Client,
    /// Confirms accounts that others proposed.
    pub approver: Client,
    /// Reports the fees of its merchants.
    pub platform: Client,
    /// Seals the month, on the platform's usage service.
    pub sealer: Client,
    /// Defines programs and enrolls payees.
    pub officer: Client,
}

/// The program that shares fees of a kind.
#[must_use]
pub fn program_id(kind: &str) -> String {
    format!("pays-{}", kind.to_lowercase())
}

impl Makers {
    /// So many payees of a platform, each with a fee of each kind in 2017-01, which is sealed.
    pub async fn make(&self, platform_id: &str, kinds: &[&str], payees: usize) {
        let codes: Vec<String> = (0..payees).map(|_| fresh::uscc()).collect();
        for codes in codes.chunks(ITEMS) {
            self.register(platform_id, codes).await;
        }
        let request = registry::ConfirmPaymentAccountsRequest {
            all: true,
            ..registry::ConfirmPaymentAccountsRequest::default()
        };
        let mut approver = self.approver.registry.clone();
        let confirmed = approver.confirm_payment_accounts(request).await.unwrap();
        let confirmed = confirmed.into_inner().confirmed_count;
        assert!(usize::try_from(confirmed).unwrap() >= payees, "{confirmed}");
        self.report_and_seal(platform_id, kinds, &codes).await;
        for kind in kinds {
            self.enroll(platform_id, kind, &codes).await;
        }
    }

    async fn register(&self, platform_id: &str, codes: &[String]) {
        let mut client = self.registrar.registry.clone();
        let put = |result: Option<registry::ImportResult>| {
            assert_eq!(result.unwrap().rejections, []);
        };
        let enterprises = codes.iter().map(|code| city::shopkeeper(code)).collect();
        let request = registry::PutEnterprisesRequest { enterprises };
        let done = client.put_enterprises(request).await;
        put(done.unwrap().into_inner().result);
        let filings = codes.iter().map(|code| city::micro(code, 2016)).collect();
        let request = registry::PutFilingsRequest { filings };
        let done = client.put_filings(request).await;
        put(done.unwrap().into_inner().result);
        let binding = |code: &String| registry::MerchantBinding {
            platform_id: platform_id.to_owned(),
            merchant_id: code.clone(),
            uscc: code.clone(),
            bound_from: "2010-01-01".to_owned(),
            bound_to: String::new(),
        };
        let bindings = codes.iter().map(binding).collect();
        let request = registry::PutMerchantBindingsRequest { bindings };
        let done = client.put_merchant_bindings(request).await;
        put(done.unwrap().into_inner().result);
        let accounts = codes.iter().map(|code| account(code)).collect();
        let request = registry::PutPaymentAccountsRequest { accounts };
        let done = client.put_payment_accounts(request).await;
        put(done.unwrap().into_inner().result);
    }

    async fn report_and_seal(&self, platform_id: &str, kinds: &[&str], codes: &[String]) {
        let (mut count, mut total) = (0, 0);
        for kind in kinds {
            let fee = |(place, code): (usize, &String)| {
                let amount = 1_000 + 2 * i64::try_from(place % 5_000).unwrap();
                report::fee(&format!("{kind}-{place}"), code, kind, "2017-01-05", amount)
            };
            let records: Vec<_> = codes.iter().enumerate().map(fee).collect();
            count += i64::try_from(records.len()).unwrap();
            total += records.iter().map(|record| record.amount_fen).sum::<i64>();
            report::report_all(&self.platform, platform_id, "2017-01", &records).await;
        }
        let stated = report::state(&self.platform, platform_id, "2017-01", count, total).await;
        stated.unwrap();
        let sealed = report::seal(&self.sealer, platform_id, "2017-01").await;
        sealed.unwrap();
    }

    async fn enroll(&self, platform_id: &str, kind: &str, codes: &[String]) {
        let mut client = self.officer.programs.clone();
        let program = settlement::Program {
            shares: vec![city::share(kind, 5_000, 0)],
            budgets: vec![city::at_once(1_000_000_000_000)],
            payer: Some(settlement::Payer {
                account_name: "杭州市财政局".to_owned(),
                account_number: "3300-0000-0000-0001".to_owned(),
                bank_code: "102331002026".to_owned(),
                bank_name: String::new(),
            }),
            ..city::program(&program_id(kind), &[platform_id])
        };
        let request = settlement::ApplyProgramRequest {
            program: Some(program),
        };
        client.apply_program(request).await.unwrap();
        for codes in codes.chunks(ITEMS) {
            let enrollment = |code: &String| city::enrollment(&program_id(kind), code);
            let enrollments = codes.iter().map(enrollment).collect();
            let request = settlement::PutEnrollmentsRequest { enrollments };
            let put = client.put_enrollments(request).await.unwrap().into_inner();
            assert_eq!(put.result.unwrap().rejections, []);
        }
    }
}

/// An account in the name of such a payee.
#[must_use]
pub fn account(code: &str) -> registry::PaymentAccount {
    registry::PaymentAccount {
        payee_id: code.to_owned(),
        account_name: city::shopkeeper(code).name,
        account_number: account_number(code),
        bank_code: "102100099996".to_owned(),
        bank_name: "工商银行杭州分行".to_owned(),
        ..registry::PaymentAccount::default()
    }
}

/// The account number of the enterprise of a code.
#[must_use]
pub fn account_number(code: &str) -> String {
    format!("6222{code}")
}
