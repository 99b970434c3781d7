//! Months in every state, and everything that can happen to a record.

use std::slice;

use gazelle_client::Client;
use gazelle_proto::audit::v1::{VerifyChainRequest, VerifyChainResponse};
use gazelle_proto::usage::v1::UsageRecord;
use gazelle_runtime::auth::Role;
use gazelle_tests::apart::Apart;
use gazelle_tests::receipt::receipt;
use gazelle_tests::refusal::{metadata, refused};
use gazelle_tests::report::{fee, report, report_all, reversal, seal, some_fee, state, withdraw};
use gazelle_tests::running::Running;
use gazelle_tests::suite::person;
use gazelle_tests::trail::{trail, verify};
use tonic::{Code, Status};

/// A usage service that remembers no ids, so that sealing has some to refuse, and its database.
pub struct Usage {
    pub apart: Apart,
    _running: Running,
    auditor: Client,
    officer: Client,
}

impl Usage {
    pub async fn start() -> Self {
        let apart = Apart::new().await;
        let settings = [("INGEST__REMEMBERED_RECORDS", "0")];
        Self {
            _running: apart.serve("usage", &settings).await,
            auditor: apart.client(person("auditor", &[Role::Auditor])),
            officer: apart.officer(),
            apart,
        }
    }

    /// Holds everything that is stored against the trail.
    pub async fn verify(&self) -> Result<VerifyChainResponse, Status> {
        let request = VerifyChainRequest {
            with_state: true,
            ..VerifyChainRequest::default()
        };
        verify(&trail(&self.auditor, "usage"), request).await
    }

    /// At which entry something is found that is not what the trail tells, once somebody did that.
    pub async fn found(&self, did: &str) -> i64 {
        let broken = self.verify().await;
        assert!(broken.is_err(), "not found: {did}");
        let status = refused(broken, Code::DataLoss, "CHAIN_BROKEN");
        let (kind, number) = (metadata(&status, "kind"), metadata(&status, "entry_number"));
        assert_eq!(kind, "STATE_DISAGREES", "{did}: {status}");
        number.parse().unwrap()
    }

    /// Two platforms with months in every state, and everything that can happen to a record.
    pub async fn live_in(&self) {
        for platform in ["alpha-mall", "beta-mall"] {
            let platform = self.platform(platform);
            Box::pin(platform.seal_some()).await;
            Box::pin(platform.withdraw_some()).await;
            Box::pin(platform.leave_some_open()).await;
        }
    }

    fn platform<'a>(&'a self, id: &'a str) -> UsagePlatform<'a> {
        let client = self.apart.platform(id);
        UsagePlatform {
            id,
            client,
            officer: &self.officer,
        }
    }
}

struct UsagePlatform<'a> {
    id: &'a str,
    client: Client,
    officer: &'a Client,
}

impl UsagePlatform<'_> {
    async fn report(&self, period: &str, records: &[UsageRecord]) {
        report_all(&self.client, self.id, period, records).await;
    }

    async fn refuse(&self, period: &str, record: UsageRecord) {
        let answer = report(&self.client, self.id, period, &[record]).await;
        assert_eq!(answer.unwrap().refused_count, 1);
    }

    async fn state(&self, period: &str, records: &[UsageRecord]) {
        let total = records.iter().map(|record| record.amount_fen).sum();
        let count = i64::try_from(records.len()).unwrap();
        state(&self.client, self.id, period, count, total)
            .await
            .unwrap();
    }

    async fn seal(&self, period: &str) {
        seal(self.officer, self.id, period).await.unwrap();
    }

    async fn withdraw(&self, period: &str, records: &[UsageRecord]) {
        let own = receipt(self.id, period, records);
        withdraw(&self.client, self.id, period, Some(own))
            .await
            .unwrap();
    }

    /// A month that was withdrawn and then sealed, one whose records fall in part when it is, and
    /// one that takes back what an open month holds.
    async fn seal_some(&self) {
        let (one, other) = (some_fee("r1", 100), some_fee("r2", 50));
        let wrong = [one.clone(), other, reversal("v", &one, 30)];
        self.report("2017-03", &wrong).await;
        self.refuse("2017-03", some_fee("bad", 0)).await;
        self.state("2017-03", &wrong).await;
        self.withdraw("2017-03", &wrong).await;
        let member = fee("m", "other-shop", "MEMBERSHIP", "2017-03-09", 5);
        let right = [one.clone(), member, reversal("v", &one, 20)];
        self.report("2017-03", &right).await;
        self.refuse("2017-03", some_fee("bad", -1)).await;
        let april = [some_fee("a1", 7), reversal("w", &one, 10)];
        self.report("2017-04", &april).await;
        self.report("2017-04", &[some_fee("m", 8)]).await;
        self.state("2017-03", &right).await;
        self.seal("2017-03").await;
        self.state("2017-04", &april).await;
        self.seal("2017-04").await;
        let may = [some_fee("g", 300), some_fee("h", 10)];
        self.report("2017-05", &may).await;
        self.state("2017-05", &may).await;
        let june = [some_fee("k", 40), reversal("x", &may[0], 60)];
        self.report("2017-06", &june).await;
        self.state("2017-06", &june).await;
        self.seal("2017-06").await;
    }

    /// What was withdrawn and took back what stands, what was withdrawn too, and what fell.
    async fn withdraw_some(&self) {
        let (one, other, fallen) = (some_fee("p", 3), some_fee("q", 9), some_fee("d", 6));
        self.report("2017-07", slice::from_ref(&one)).await;
        self.report("2017-08", slice::from_ref(&other)).await;
        self.report("2017-09", slice::from_ref(&fallen)).await;
        let october = [
            reversal("s", &one, 1),
            reversal("t", &other, 2),
            reversal("u", &fallen, 3),
            some_fee("o", 4),
        ];
        self.report("2017-10", &october).await;
        self.withdraw("2017-10", &october).await;
        self.withdraw("2017-08", &[other]).await;
        self.report("2017-02", &[some_fee_of_february("d", 2)])
            .await;
        self.state("2017-02", &[some_fee_of_february("d", 2)]).await;
        self.seal("2017-02").await;
        self.state("2017-09", &[]).await;
        self.seal("2017-09").await;
    }

    async fn leave_some_open(&self) {
        let fee = some_fee("n", 11);
        self.report("2017-11", &[fee.clone(), reversal("y", &fee, 2)])
            .await;
        self.refuse("2017-11", reversal("z", &fee, 10)).await;
        self.refuse("2017-12", some_fee("bad", 0)).await;
    }
}

fn some_fee_of_february(id: &str, fen: i64) -> UsageRecord {
    fee(id, "shop", "COMMISSION", "2017-02-05", fen)
}
