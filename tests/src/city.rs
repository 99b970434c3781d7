//! A city's offices at work: enterprises, shops, programs, months and runs, with what a test does
//! not care about filled in.

use gazelle_client::Client;
use gazelle_proto::registry::v1 as registry;
use gazelle_proto::settlement::v1::{
    Allocation, ApplyProgramRequest, ApproveRunRequest, Budget, ComputeRunRequest, Enrollment,
    GetRunRequest, ImportResult, OwedPeriod, Payee, Program, PublishRunRequest,
    PutEnrollmentsRequest, Release, Run, Share, SizeClass, VerifyRunRequest, VerifyRunResponse,
};
use gazelle_proto::usage::v1::UsageRecord;
use tonic::Status;

use crate::instant::at;
use crate::suite::Suite;
use crate::{fresh, report};

/// An enrollment from 2010 on, applied for before 2017.
#[must_use]
pub fn enrollment(program: &str, uscc: &str) -> Enrollment {
    Enrollment {
        program_id: program.to_owned(),
        uscc: uscc.to_owned(),
        applied_at: at("2016-12-01T09:00:00+08:00"),
        effective_from: "2010-01-01".to_owned(),
        effective_to: String::new(),
    }
}

/// The people of the offices, on one suite.
#[derive(Debug)]
pub struct City<'a> {
    /// The suite that it lives in.
    pub suite: &'a Suite,
    /// Keeps the registry.
    pub registrar: Client,
    /// Defines programs, seals, computes and publishes.
    pub officer: Client,
    /// Approves runs, and releases orders.
    pub approver: Client,
    /// Reads everything, and changes nothing.
    pub auditor: Client,
}

/// A micro enterprise in retail, without a filing.
#[must_use]
pub fn shopkeeper(uscc: &str) -> registry::Enterprise {
    registry::Enterprise {
        uscc: uscc.to_owned(),
        name: "杭州市西湖区龙井茶庄".to_owned(),
        district_code: "330106".to_owned(),
        industry_code: "5294".to_owned(),
        ..registry::Enterprise::default()
    }
}

/// A filing that makes a retailer MICRO: 5 persons, revenue and assets of 500,000 yuan.
#[must_use]
pub fn micro(uscc: &str, fiscal_year: i32) -> registry::Filing {
    registry::Filing {
        uscc: uscc.to_owned(),
        fiscal_year,
        headcount: 5,
        annual_revenue_fen: 50_000_000,
        total_assets_fen: 50_000_000,
        size_class: String::new(),
    }
}

/// A share of fees of a kind.
#[must_use]
pub fn share(fee_kind: &str, government_bps: i32, platform_bps: i32) -> Share {
    Share {
        fee_kind: fee_kind.to_owned(),
        government_bps,
        platform_bps,
    }
}

/// A budget of 2017, all of it at once.
#[must_use]
pub fn at_once(amount_fen: i64) -> Budget {
    Budget {
        year: 2017,
        amount_fen,
        release: Release::AtOnce.into(),
    }
}

/// A program for micro enterprises on these platforms: half of each commission is the
/// government's, as long as its million fen of 2017 last.
#[must_use]
pub fn program(id: &str, platforms: &[&str]) -> Program {
    Program {
        program_id: id.to_owned(),
        name: "Fee share".to_owned(),
        name_zh: "平台费用分担".to_owned(),
        valid_from: "2010-01-01".to_owned(),
        platform_ids: platforms.iter().map(|&id| id.to_owned()).collect(),
        size_classes: vec![SizeClass::Micro.into()],
        shares: vec![share("COMMISSION", 5_000, 0)],
        budgets: vec![at_once(1_000_000)],
        allocation: Allocation::FirstCome.into(),
        payee: Payee::Enterprise.into(),
        ..Program::default()
    }
}

impl<'a> City<'a> {
    /// Everybody, on `suite`.
    #[must_use]
    pub fn on(suite: &'a Suite) -> Self {
        Self {
            suite,
            registrar: suite.registrar(),
            officer: suite.officer(),
            approver: suite.approver(),
            auditor: suite.auditor(),
        }
    }

    /// Registers enterprises, all of which must be new.
    pub async fn register(&self, enterprises: Vec<registry::Enterprise>) {
        let count = i32::try_from(enterprises.len()).unwrap();
        let request = registry::PutEnterprisesRequest { enterprises };
        let answer = self
            .registrar
            .registry
            .clone()
            .put_enterprises(request)
            .await
            .unwrap();
        let result = answer.into_inner().result.unwrap();
        assert_eq!((result.created_count, result.rejections), (count, vec![]));
    }

    /// Files what must be accepted.
    pub async fn file(&self, filings: Vec<registry::Filing>) -> registry::ImportResult {
        let request = registry::PutFilingsRequest { filings };
        let answer = self
            .registrar
            .registry
            .clone()
            .put_filings(request)
            .await
            .unwrap();
        let result = answer.into_inner().result.unwrap();
        assert_eq!(result.rejections, []);
        result
    }

    /// A new micro enterprise, with a filing for 2016.
    pub async fn micro_enterprise(&self) -> String {
        let uscc = fresh::uscc();
        self.register(vec![shopkeeper(&uscc)]).await;
        self.file(vec![micro(&uscc, 2016)]).await;
        uscc
    }

    /// Ends the months that a platform owes whether or not it reports: with this one, which it
    /// owes no more. What it does report stays owed.
    pub async fn reports_to(&self, platform: &str, period: &str) {
        self.reports_over(platform, ["", period]).await;
    }

    /// Says which months a platform owes: from the first of `periods` on, before the second.
    pub async fn reports_over(&self, platform: &str, periods: [&str; 2]) {
        let known = registry::Platform {
            platform_id: platform.to_owned(),
            reports_from: periods[0].to_owned(),
            reports_to: periods[1].to_owned(),
            ..registry::Platform::default()
        };
        let request = registry::PutPlatformsRequest {
            platforms: vec![known],
        };
        let put = self.registrar.registry.clone().put_platforms(request).await;
        assert_eq!(put.unwrap().into_inner().result.unwrap().rejections, []);
    }

    /// Binds an account over some days, which must go in.
    pub async fn bind_over(&self, platform: &str, merchant: &str, uscc: &str, days: [&str; 2]) {
        let binding = registry::MerchantBinding {
            platform_id: platform.to_owned(),
            merchant_id: merchant.to_owned(),
            uscc: uscc.to_owned(),
            bound_from: days[0].to_owned(),
            bound_to: days[1].to_owned(),
        };
        let request = registry::PutMerchantBindingsRequest {
            bindings: vec![binding],
        };
        let put = self
            .registrar
            .registry
            .clone()
            .put_merchant_bindings(request)
            .await;
        assert_eq!(put.unwrap().into_inner().result.unwrap().rejections, []);
    }

    /// Binds an account for good.
    pub async fn bind(&self, platform: &str, merchant: &str, uscc: &str) {
        self.bind_over(platform, merchant, uscc, ["2010-01-01", ""])
            .await;
    }

    /// A platform that the registry knows, by a shop of its own.
    pub async fn known_platform(&self) -> String {
        let platform = fresh::platform("mall");
        let uscc = self.micro_enterprise().await;
        self.bind(&platform, "shop", &uscc).await;
        platform
    }

    /// Applies a program.
    pub async fn apply(&self, program: Program) -> Result<Program, Status> {
        let request = ApplyProgramRequest {
            program: Some(program),
        };
        let applied = self.officer.programs.clone().apply_program(request).await?;
        Ok(applied.into_inner().program.unwrap())
    }

    /// Records enrollments, as an officer.
    pub async fn put_enrollments(
        &self,
        enrollments: Vec<Enrollment>,
    ) -> Result<ImportResult, Status> {
        let request = PutEnrollmentsRequest { enrollments };
        let put = self
            .officer
            .programs
            .clone()
            .put_enrollments(request)
            .await?;
        Ok(put.into_inner().result.unwrap())
    }

    /// Enrolls an enterprise from 2010 on, which must go in. `minute` of 2016-12-01 is when it
    /// applied.
    pub async fn enroll(&self, program: &str, uscc: &str, minute: u32) {
        let enrollment = Enrollment {
            applied_at: at(&format!("2016-12-01T09:{minute:02}:00+08:00")),
            ..enrollment(program, uscc)
        };
        assert_eq!(
            self.put_enrollments(vec![enrollment])
                .await
                .unwrap()
                .rejections,
            []
        );
    }

    /// Reports a month, states it and has it sealed.
    pub async fn seal_period(&self, platform: &str, period: &str, records: &[UsageRecord]) {
        let client = self.suite.platform(platform);
        report::report_all(&client, platform, period, records).await;
        let count = i64::try_from(records.len()).unwrap();
        let total = records.iter().map(|record| record.amount_fen).sum();
        report::state(&client, platform, period, count, total)
            .await
            .unwrap();
        report::seal(&self.officer, platform, period).await.unwrap();
    }

    /// Computes a run as the officer; year 0 is the period's.
    pub async fn compute(&self, program: &str, year: i32, through: &str) -> Result<Run, Status> {
        compute(&self.officer, program, year, through).await
    }

    /// Publishes a run as the officer.
    pub async fn publish(&self, run: &Run) -> Result<Run, Status> {
        publish(&self.officer, run).await
    }

    /// Approves a run as the approver, as it was handed in.
    pub async fn approve(&self, run: &Run) -> Result<Run, Status> {
        approve(&self.approver, run).await
    }

    /// Computes, publishes and approves a run.
    pub async fn settle(&self, program: &str, year: i32, through: &str) -> Run {
        let run = self.compute(program, year, through).await.unwrap();
        let run = self.publish(&run).await.unwrap();
        self.approve(&run).await.unwrap()
    }

    /// What an auditor is told who has a run computed again.
    pub async fn verify(&self, run: &Run) -> VerifyRunResponse {
        let request = VerifyRunRequest {
            run_id: run.run_id.clone(),
        };
        let verified = self.auditor.runs.clone().verify_run(request).await;
        verified.unwrap().into_inner()
    }

    /// A run as it stands.
    pub async fn run(&self, run_id: &str) -> Run {
        let request = GetRunRequest {
            run_id: run_id.to_owned(),
            ..GetRunRequest::default()
        };
        let found = self.auditor.runs.clone().get_run(request).await.unwrap();
        found.into_inner().run.unwrap()
    }
}

/// Computes a run.
pub async fn compute(
    officer: &Client,
    program: &str,
    year: i32,
    through: &str,
) -> Result<Run, Status> {
    compute_without(officer, program, (year, through), &[]).await
}

/// Computes a run knowingly without some platforms' months.
pub async fn compute_without(
    officer: &Client,
    program: &str,
    (year, through): (i32, &str),
    left_out: &[(&str, &str)],
) -> Result<Run, Status> {
    let left_out = left_out.iter().map(|(platform, period)| OwedPeriod {
        platform_id: (*platform).to_owned(),
        period: (*period).to_owned(),
    });
    let request = ComputeRunRequest {
        program_id: program.to_owned(),
        through_period: through.to_owned(),
        year,
        left_out: left_out.collect(),
    };
    let computed = officer.runs.clone().compute_run(request).await?;
    Ok(computed.into_inner().run.unwrap())
}

/// Publishes a run.
pub async fn publish(officer: &Client, run: &Run) -> Result<Run, Status> {
    let request = PublishRunRequest {
        run_id: run.run_id.clone(),
    };
    let published = officer.runs.clone().publish_run(request).await?;
    Ok(published.into_inner().run.unwrap())
}

/// Approves a run with the digest that it was handed in with.
pub async fn approve(approver: &Client, run: &Run) -> Result<Run, Status> {
    let request = ApproveRunRequest {
        run_id: run.run_id.clone(),
        digest: run.digest.clone(),
    };
    let answer = approver.runs.clone().approve_run(request).await?;
    Ok(answer.into_inner().run.unwrap())
}
