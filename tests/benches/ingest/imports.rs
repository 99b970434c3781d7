//! How fast the registry and settlement take in what offices import, and whether the second half
//! of it takes longer than the first.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use gazelle_proto::registry::v1 as registry;
use gazelle_proto::settlement::v1 as settlement;
use gazelle_runtime::auth::Role;
use gazelle_tests::{city, fresh};

use crate::data::PLATFORMS;
use crate::progress::Progress;
use crate::server::{Memory, Servers};
use crate::service::Service;

/// Rows of a half.
pub const HALF_ROWS: usize = 20_000;

/// Rows of a call, one after the other, as the command line sends them.
const CALL_ROWS: usize = 1_000;

const PROGRAM: &str = "bench";

/// Two halves of a kind of rows, by how long each took.
#[derive(Debug, Clone, Copy)]
pub struct Halves {
    pub first_seconds: f64,
    pub second_seconds: f64,
}

impl std::fmt::Display for Halves {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            first_seconds,
            second_seconds,
        } = self;
        write!(f, "{first_seconds:.2} and {second_seconds:.2} s")
    }
}

/// All kinds of rows that are imported in numbers.
#[derive(Debug)]
pub struct Imports {
    pub enterprises: Halves,
    pub filings: Halves,
    pub suspensions: Halves,
    pub merchants: Halves,
    pub enrollments: Halves,
    pub accounts: Halves,
}

impl Imports {
    fn all(&self) -> [Halves; 6] {
        [
            self.enterprises,
            self.filings,
            self.suspensions,
            self.merchants,
            self.enrollments,
            self.accounts,
        ]
    }

    /// Of the slowest kind, its slower half.
    pub fn longest_seconds(&self) -> f64 {
        let longest = |halves: &Halves| halves.first_seconds.max(halves.second_seconds);
        self.all().iter().map(longest).fold(0.0, f64::max)
    }

    /// Of the kind that grows worst, how much longer the second half took than the first.
    pub fn worst_growth(&self) -> f64 {
        let growth = |halves: &Halves| halves.second_seconds / halves.first_seconds;
        self.all().iter().map(growth).fold(0.0, f64::max)
    }
}

/// Imports all kinds into services that hold nothing yet.
pub async fn imports(servers: &Servers, progress: &Progress) -> Result<Imports> {
    progress.step("imports");
    let usage_database = servers.fresh(Memory::Ample).await?;
    let usage = Service::usage(&usage_database).await?;
    let registry_database = servers.create(Memory::Ample, "registry").await?;
    let registry = Service::registry(&registry_database).await?;
    let settlement_database = servers.create(Memory::Ample, "settlement").await?;
    let settlement = Service::settlement(&settlement_database, &registry, &usage).await?;
    let codes: Vec<String> = (0..2 * HALF_ROWS).map(|_| fresh::uscc()).collect();
    let imports = Imports {
        enterprises: enterprises(&registry, &codes).await?,
        filings: filings(&registry, &codes).await?,
        suspensions: suspensions(&registry, &codes).await?,
        merchants: merchants(&registry, &codes).await?,
        enrollments: enrollments(&settlement, &codes).await?,
        accounts: accounts(&registry, &codes).await?,
    };
    for service in [settlement, registry, usage] {
        service.stop().await?;
    }
    Ok(imports)
}

/// Puts rows, a half at a time.
async fn halves(codes: &[String], put: impl AsyncFn(&[String]) -> Result<usize>) -> Result<Halves> {
    let mut seconds = [0.0; 2];
    for (codes, seconds) in codes.chunks(HALF_ROWS).zip(&mut seconds) {
        let started = Instant::now();
        for codes in codes.chunks(CALL_ROWS) {
            let rejected = put(codes).await?;
            ensure!(rejected == 0, "{rejected} rows were refused");
        }
        *seconds = started.elapsed().as_secs_f64();
    }
    let [first_seconds, second_seconds] = seconds;
    Ok(Halves {
        first_seconds,
        second_seconds,
    })
}

/// How many rows the registry refused.
fn refused(result: Option<registry::ImportResult>) -> Result<usize> {
    Ok(result.context("no result")?.rejections.len())
}

async fn enterprises(service: &Service, codes: &[String]) -> Result<Halves> {
    let client = service.person(Role::Registrar)?.registry;
    halves(codes, async |codes| {
        let enterprises = codes.iter().map(|code| city::shopkeeper(code)).collect();
        let request = registry::PutEnterprisesRequest { enterprises };
        let put = client.clone().put_enterprises(request).await?;
        refused(put.into_inner().result)
    })
    .await
}

async fn filings(service: &Service, codes: &[String]) -> Result<Halves> {
    let client = service.person(Role::Registrar)?.registry;
    halves(codes, async |codes| {
        let filings = codes.iter().map(|code| city::micro(code, 2016)).collect();
        let request = registry::PutFilingsRequest { filings };
        let put = client.clone().put_filings(request).await?;
        refused(put.into_inner().result)
    })
    .await
}

async fn suspensions(service: &Service, codes: &[String]) -> Result<Halves> {
    let client = service.person(Role::Registrar)?.registry;
    let suspension = |code: &String| registry::Suspension {
        uscc: code.clone(),
        suspended_from: "2016-01-01".to_owned(),
        suspended_to: "2016-02-01".to_owned(),
        reason: "年报逾期".to_owned(),
    };
    halves(codes, async |codes| {
        let suspensions = codes.iter().map(suspension).collect();
        let request = registry::PutSuspensionsRequest { suspensions };
        let put = client.clone().put_suspensions(request).await?;
        refused(put.into_inner().result)
    })
    .await
}

async fn merchants(service: &Service, codes: &[String]) -> Result<Halves> {
    let client = service.person(Role::Registrar)?.registry;
    let binding = |code: &String| registry::MerchantBinding {
        platform_id: PLATFORMS[0].to_owned(),
        merchant_id: code.clone(),
        uscc: code.clone(),
        bound_from: "2010-01-01".to_owned(),
        bound_to: String::new(),
    };
    halves(codes, async |codes| {
        let bindings = codes.iter().map(binding).collect();
        let request = registry::PutMerchantBindingsRequest { bindings };
        let put = client.clone().put_merchant_bindings(request).await?;
        refused(put.into_inner().result)
    })
    .await
}

async fn enrollments(service: &Service, codes: &[String]) -> Result<Halves> {
    let client = service.person(Role::Officer)?.programs;
    let request = settlement::ApplyProgramRequest {
        program: Some(city::program(PROGRAM, &[])),
    };
    client.clone().apply_program(request).await?;
    let enrollment = |code: &String| city::enrollment(PROGRAM, code);
    halves(codes, async |codes| {
        let enrollments = codes.iter().map(enrollment).collect();
        let request = settlement::PutEnrollmentsRequest { enrollments };
        let put = client.clone().put_enrollments(request).await?;
        let result = put.into_inner().result;
        Ok(result.context("no result")?.rejections.len())
    })
    .await
}

async fn accounts(service: &Service, codes: &[String]) -> Result<Halves> {
    let client = service.person(Role::Registrar)?.registry;
    let account = |code: &String| registry::PaymentAccount {
        payee_id: code.clone(),
        account_name: city::shopkeeper(code).name,
        account_number: code.chars().filter(char::is_ascii_digit).collect(),
        bank_code: "102100099996".to_owned(),
        bank_name: "工商银行杭州分行".to_owned(),
        ..registry::PaymentAccount::default()
    };
    halves(codes, async |codes| {
        let accounts = codes.iter().map(account).collect();
        let request = registry::PutPaymentAccountsRequest { accounts };
        let put = client.clone().put_payment_accounts(request).await?;
        refused(put.into_inner().result)
    })
    .await
}
