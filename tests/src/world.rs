//! A small city: two platforms, three enterprises, three programs, and what was charged.
//!
//! Program `share` takes 30 % of commissions and half of memberships (the platforms bear another
//! 20 % of commissions), at most 100.00 yuan an enterprise and year, first come first served out
//! of 200.00 yuan that are released month by month. `relief` takes 10 % of commissions on `one`,
//! in proportion out of 10.00 yuan. `extra` takes 20 % there of what `share` does not.

use crate::city::{City, at_once, program, share};
use crate::fresh;
use crate::report::{fee, reversal};
use crate::suite::Suite;
use gazelle_proto::settlement::v1::{Allocation, Budget, Program, Release, Run};

const COMMISSION: &str = "COMMISSION";

/// Who and what there is.
#[derive(Debug)]
pub struct World {
    /// Whose offices act.
    pub city: City<'static>,
    /// The first platform.
    pub one: String,
    /// The second platform.
    pub two: String,
    /// The enterprises, in the order of their codes.
    pub e: [String; 3],
    /// First come, first served, with a cap.
    pub share: String,
    /// Pays in proportion to what is due.
    pub relief: String,
    /// What yields to `share`.
    pub extra: String,
}

/// `share`, `relief` and `extra`, under these ids.
fn programs((share_id, relief, extra): (&str, &str, &str), one: &str, two: &str) -> [Program; 3] {
    [
        Program {
            shares: vec![
                share(COMMISSION, 3_000, 2_000),
                share("MEMBERSHIP", 5_000, 0),
            ],
            enterprise_year_cap_fen: 10_000,
            budgets: vec![Budget {
                year: 2017,
                amount_fen: 20_000,
                release: Release::Monthly.into(),
            }],
            ..program(share_id, &[one, two])
        },
        Program {
            shares: vec![share(COMMISSION, 1_000, 0)],
            budgets: vec![at_once(1_000)],
            allocation: Allocation::ProRata.into(),
            ..program(relief, &[one])
        },
        Program {
            shares: vec![share(COMMISSION, 2_000, 0)],
            excluded_program_ids: vec![share_id.to_owned()],
            ..program(extra, &[one])
        },
    ]
}

impl World {
    /// Everybody registered, bound and enrolled, and nothing charged.
    pub async fn found() -> Self {
        let city = City::on(Suite::shared());
        let (one, two) = (fresh::platform("one"), fresh::platform("two"));
        let e = [
            city.micro_enterprise().await,
            city.micro_enterprise().await,
            city.micro_enterprise().await,
        ];
        for (platform, merchant, owner) in [
            (&one, "s1", 0),
            (&one, "s2", 1),
            (&one, "s3", 2),
            (&two, "t1", 0),
            (&two, "t2", 1),
        ] {
            city.bind(platform, merchant, &e[owner]).await;
        }
        for platform in [&one, &two] {
            city.reports_to(platform, "2017-03").await;
        }
        let [share_id, relief, extra] = ["share", "relief", "extra"].map(fresh::program);
        for program in programs((&share_id, &relief, &extra), &one, &two) {
            city.apply(program).await.unwrap();
        }
        // The second enterprise applies first, wherever both do.
        for (program, who) in [
            (&share_id, vec![1, 0]),
            (&relief, vec![1, 0, 2]),
            (&extra, vec![0, 2]),
        ] {
            for (minute, at) in (0..).zip(who) {
                city.enroll(program, &e[at], minute).await;
            }
        }
        Self {
            city,
            one,
            two,
            e,
            share: share_id,
            relief,
            extra,
        }
    }

    /// `one` and `two`, `e1` to `e3` in place of the names that they stand for.
    fn told(&self, lines: Vec<String>) -> Vec<String> {
        let names = [
            (&self.one, "one"),
            (&self.two, "two"),
            (&self.e[0], "e1"),
            (&self.e[1], "e2"),
            (&self.e[2], "e3"),
        ];
        let tell = |line: String| {
            names
                .iter()
                .fold(line, |line, (name, short)| line.replace(*name, short))
        };
        lines.into_iter().map(tell).collect()
    }

    /// Sees that a run has these three tables.
    pub async fn expect(
        &self,
        run: &Run,
        enterprises: &[&str],
        lines: &[&str],
        exclusions: &[&str],
    ) {
        assert_eq!(self.told(self.city.enterprises(run).await), enterprises);
        assert_eq!(self.told(self.city.lines(run).await), lines);
        assert_eq!(self.city.exclusions(run).await, exclusions);
        let verified = self.city.verify(run).await;
        assert!(verified.agrees);
        assert_eq!(
            (&verified.stored_digest, &verified.recomputed_digest),
            (&run.digest, &run.digest)
        );
    }

    /// January on both platforms.
    pub async fn january(&self) {
        let one = [
            fee("r1", "s1", COMMISSION, "2017-01-05", 10_000),
            fee("r2", "s2", COMMISSION, "2017-01-06", 10_001),
            fee("r3", "s3", COMMISSION, "2017-01-07", 3_333),
            fee("r4", "stranger", COMMISSION, "2017-01-08", 500),
            fee("r5", "s1", "MEMBERSHIP", "2017-01-09", 1_001),
            fee("r6", "s1", "ADVERTISING", "2017-01-09", 99), // no program's
        ];
        let two = [
            fee("q1", "t1", COMMISSION, "2017-01-10", 7_777),
            fee("q2", "t2", COMMISSION, "2017-01-11", 20_000),
        ];
        self.city.seal_period(&self.one, "2017-01", &one).await;
        self.city.seal_period(&self.two, "2017-01", &two).await;
    }

    /// February: a late fee, all of `r2` taken back, and more.
    pub async fn february(&self) {
        let r2 = fee("r2", "s2", COMMISSION, "2017-02-03", 10_001);
        let one = [
            fee("r7", "s1", COMMISSION, "2017-01-20", 5_000),
            reversal("r8", &r2, 10_001),
            fee("r9", "s3", COMMISSION, "2017-02-10", 1),
        ];
        self.city.seal_period(&self.one, "2017-02", &one).await;
        self.city
            .seal_period(
                &self.two,
                "2017-02",
                &[fee("q3", "t1", COMMISSION, "2017-02-11", 30_000)],
            )
            .await;
    }

    /// January of the next year: a late fee of the year, a part of `q2` taken back, and a fee of
    /// the next year, which is none of this year's business.
    pub async fn january_after(&self) {
        self.city
            .seal_period(
                &self.one,
                "2018-01",
                &[fee("r10", "s2", COMMISSION, "2017-12-31", 100)],
            )
            .await;
        let q2 = fee("q2", "t2", COMMISSION, "2018-01-05", 20_000);
        let two = [
            reversal("q4", &q2, 15_000),
            fee("q5", "t1", COMMISSION, "2018-01-06", 900),
        ];
        self.city.seal_period(&self.two, "2018-01", &two).await;
    }
}
