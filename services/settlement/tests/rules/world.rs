//! Small worlds of programs, shops and fees, and what their runs come to.

use std::collections::BTreeMap;

use gazelle_kernel::{
    Bps, CodePrefix, DistrictCode, FeeKind, Fen, IndustryCode, Interval, MerchantId, Period,
    PlatformId, ProgramId, SizeClass, Uscc, Year, parse_date, parse_instant,
};
use gazelle_settlement::domain::{
    enrollment::Enrollment,
    program::{Allocation, Budget, Payee, Program, Release, Share, Terms},
    rules::facts::{Binding, Dated, EnterpriseFacts, Facts, Filing},
    rules::{
        error::SettleError,
        inputs::{Inputs, PriorLine},
        result::{Line, Settlement},
        settle::settle,
        totals::SealedTotal,
    },
};
use proptest::{collection::vec, prelude::*};

pub const USCCS: [&str; 4] = [
    "91330100799655058B",
    "914403001922038216",
    "9144030071526726XG",
    "91110000802100433B",
];
pub const PLATFORMS: [&str; 3] = ["alpha", "beta", "gamma"];
pub const KINDS: [&str; 3] = ["COMMISSION", "MEMBERSHIP", "OTHER"];

pub fn year() -> Year {
    Year::new(2017).expect("a year")
}

/// The periods of the year by their number, and after 12 those of the next.
pub fn period(number: u8) -> Period {
    year()
        .january()
        .through(Period::parse("2018-06").expect("a period"))
        .nth(usize::from(number) - 1)
        .expect("a month")
}

pub fn uscc(at: usize) -> Uscc {
    Uscc::parse(USCCS[at]).expect("a code")
}

pub fn program_id(id: &str) -> ProgramId {
    ProgramId::parse(id).expect("an id")
}

pub fn interval(from: &str, to: &str) -> Interval {
    Interval::parse(from, to).expect("an interval")
}

/// A record as a platform reports it, and what is taken back of it later.
#[derive(Debug, Clone)]
pub struct Record {
    platform: usize,
    shop: usize,
    kind: usize,
    month: u8,
    day: u8,
    periods_late: u8,
    amount: i64,
    /// How many percent are reversed how many months later.
    reversal: Option<(i64, u8)>,
}

pub fn record(amounts: impl Strategy<Value = i64>) -> impl Strategy<Value = Record> {
    let reversal = proptest::option::weighted(0.4, (1..=100_i64, 0..4_u8));
    (
        0..3_usize,
        0..6_usize,
        0..3_usize,
        1..=12_u8,
        1..=28_u8,
        0..3_u8,
        amounts,
        reversal,
    )
        .prop_map(
            |(platform, shop, kind, month, day, periods_late, amount, reversal)| Record {
                platform,
                shop,
                kind,
                month,
                day,
                periods_late,
                amount,
                reversal,
            },
        )
}

impl Record {
    /// Its sealed totals, each with the period that it is reported in.
    pub fn totals(&self) -> Vec<(u8, SealedTotal)> {
        let total = |fee| SealedTotal {
            platform_id: PlatformId::parse(PLATFORMS[self.platform]).expect("an id"),
            merchant_id: MerchantId::parse(&format!("shop-{}", self.shop)).expect("an id"),
            fee_kind: FeeKind::parse(KINDS[self.kind]).expect("a kind"),
            fee_date: parse_date(&format!("2017-{:02}-{:02}", self.month, self.day))
                .expect("a day"),
            fee_fen: Fen::new(fee),
            record_count: 1,
        };
        let reported = self.month + self.periods_late;
        let mut totals = vec![(reported, total(self.amount))];
        if let Some((percent, later)) = self.reversal {
            let taken_back =
                i64::try_from((i128::from(self.amount) * i128::from(percent) / 100).max(1))
                    .expect("a part");
            totals.push((reported + later, total(-taken_back)));
        }
        totals
    }
}

#[derive(Debug, Clone)]
pub struct World {
    pub records: Vec<Record>,
    pub bps: [(u32, u32); 2],
    pub cap: i64,
    pub budget: i64,
    pub release: Release,
    pub allocation: Allocation,
    pub yields: bool,
    pub suspended: bool,
}

pub fn world(
    amounts: impl Strategy<Value = i64>,
    budgets: impl Strategy<Value = i64>,
) -> impl Strategy<Value = World> {
    let bps = || {
        (0..=10_000_u32, 0..=10_000_u32)
            .prop_map(|(government, platform)| (government, platform.min(10_000 - government)))
    };
    let cap = prop_oneof![Just(0), 1..=2_000_000_i64];
    let release = prop_oneof![Just(Release::AtOnce), Just(Release::Monthly)];
    let allocation = prop_oneof![Just(Allocation::FirstCome), Just(Allocation::ProRata)];
    (
        vec(record(amounts), 0..40),
        [bps(), bps()],
        cap,
        budgets,
        release,
        allocation,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(records, bps, cap, budget, release, allocation, yields, suspended)| World {
                records,
                bps,
                cap,
                budget,
                release,
                allocation,
                yields,
                suspended,
            },
        )
}

/// Amounts and budgets of which some bind and some do not.
pub fn ordinary_world() -> impl Strategy<Value = World> {
    world(
        1..=1_000_000_i64,
        prop_oneof![Just(0), 1..=3_000_000_i64, Just(i64::MAX)],
    )
}

impl World {
    pub fn program(&self, id: &str) -> Program {
        let bps = |bps| Bps::new(bps).expect("a rate");
        let share = |at: usize| Share {
            fee_kind: FeeKind::parse(KINDS[at]).expect("a kind"),
            government_bps: bps(self.bps[at].0),
            platform_bps: bps(self.bps[at].1),
        };
        let own = id == "share";
        Program::new(Terms {
            program_id: program_id(id),
            name: None,
            name_zh: None,
            term: interval(if own { "2017-02-01" } else { "2017-07-01" }, ""),
            platform_ids: PLATFORMS[..2]
                .iter()
                .map(|id| PlatformId::parse(id).expect("an id"))
                .collect(),
            district_code_prefixes: vec![CodePrefix::parse("3301").expect("a prefix")],
            industry_code_prefixes: vec![],
            size_classes: vec![SizeClass::Micro, SizeClass::Small],
            shares: if own {
                vec![share(0), share(1)]
            } else {
                vec![share(1)]
            },
            enterprise_year_cap_fen: Fen::new(self.cap),
            payment_min_fen: Fen::ZERO,
            payer: None,
            budgets: vec![Budget {
                year: year(),
                amount_fen: Fen::new(self.budget),
                release: self.release,
            }],
            allocation: self.allocation,
            payee: Payee::Enterprise,
            excluded_program_ids: if own && self.yields {
                vec![program_id("other")]
            } else {
                vec![]
            },
            notice_days: 0,
        })
        .expect("a program")
    }

    /// Four enterprises, the last in another district; shops 4 and 5 change hands or are nobody's.
    pub fn rows(&self) -> (Vec<EnterpriseFacts>, Vec<Binding>, Vec<Enrollment>) {
        let enterprise = |at: usize| EnterpriseFacts {
            uscc: uscc(at),
            industry: Dated::new(
                IndustryCode::parse("5211").expect("a code"),
                BTreeMap::new(),
            ),
            district: Dated::new(
                DistrictCode::parse(if at < 3 { "330106" } else { "310104" }).expect("a code"),
                BTreeMap::new(),
            ),
            filings: [(
                2015,
                Filing {
                    headcount: 1,
                    annual_revenue_fen: Fen::new(1),
                    total_assets_fen: Fen::new(1),
                },
            )]
            .into(),
            suspensions: if self.suspended && at == 1 {
                vec![interval("2017-04-01", "2017-05-01")]
            } else {
                vec![]
            },
        };
        let bind = |shop: usize, at: usize, from, to| {
            PLATFORMS.map(|platform| Binding {
                platform_id: PlatformId::parse(platform).expect("an id"),
                merchant_id: MerchantId::parse(&format!("shop-{shop}")).expect("an id"),
                uscc: uscc(at),
                bound: interval(from, to),
            })
        };
        let own = (0..4).flat_map(|at| bind(at, at, "2010-01-01", ""));
        let sold = bind(4, 0, "2010-01-01", "2017-06-15")
            .into_iter()
            .chain(bind(4, 1, "2017-06-15", ""));
        (
            (0..4).map(enterprise).collect(),
            own.chain(sold).collect(),
            enrollments(),
        )
    }

    pub fn totals(&self, through: u8) -> Vec<SealedTotal> {
        let reported = self
            .records
            .iter()
            .flat_map(Record::totals)
            .filter(|(period, _)| *period <= through);
        reported.map(|(_, total)| total).collect()
    }

    pub fn settle(&self, through: u8, prior: &[PriorLine]) -> Result<Settlement, SettleError> {
        let (enterprises, bindings, enrollments) = self.rows();
        let facts = Facts::new(enterprises, bindings, enrollments).expect("facts");
        self.settle_with(&facts, &self.totals(through), through, prior)
    }

    pub fn settle_with(
        &self,
        facts: &Facts,
        totals: &[SealedTotal],
        through: u8,
        prior: &[PriorLine],
    ) -> Result<Settlement, SettleError> {
        let (program, others) = (self.program("share"), [self.program("other")]);
        settle(&Inputs {
            program: &program,
            others: &others,
            year: year(),
            through: period(through),
            totals: &totals.iter().cloned().collect(),
            facts,
            leaves_out: false,
            prior,
        })
    }

    /// Settles through each period, each run approved before the next.
    pub fn settle_all(&self, periods: &[u8]) -> (Vec<Settlement>, Vec<PriorLine>) {
        let (mut runs, mut prior) = (Vec::new(), Vec::new());
        for &through in periods {
            let run = self.settle(through, &prior).expect("a settlement");
            prior.extend(run.lines.iter().map(approved));
            runs.push(run);
        }
        (runs, prior)
    }
}

pub fn approved(line: &Line) -> PriorLine {
    PriorLine {
        uscc: line.uscc,
        platform_id: line.platform_id.clone(),
        fee_kind: line.fee_kind.clone(),
        fee_fen: line.fee_fen,
        government_fen: line.government_fen,
        platform_fen: line.platform_fen,
    }
}

pub type Key = (Uscc, PlatformId, FeeKind);

/// Fee, government, platform and enterprise of each component, added up.
pub fn components<'a>(lines: impl IntoIterator<Item = &'a Line>) -> BTreeMap<Key, [i64; 4]> {
    let mut sums: BTreeMap<Key, [i64; 4]> = BTreeMap::new();
    for line in lines {
        let sum = sums
            .entry((line.uscc, line.platform_id.clone(), line.fee_kind.clone()))
            .or_default();
        for (sum, part) in sum.iter_mut().zip([
            line.fee_fen,
            line.government_fen,
            line.platform_fen,
            line.enterprise_fen,
        ]) {
            *sum += part.get();
        }
    }
    sums.retain(|_, sum| *sum != [0; 4]);
    sums
}

pub fn periods() -> impl Strategy<Value = Vec<u8>> {
    vec(1..=17_u8, 1..6).prop_map(|mut periods| {
        periods.sort_unstable();
        periods
    })
}

/// U of a component whose eligible fees are `fee`.
pub fn government_share(world: &World, fee_kind: &FeeKind, fee: i64) -> i64 {
    let at = KINDS
        .iter()
        .position(|kind| *kind == fee_kind.as_str())
        .expect("a shared kind");
    i64::try_from(i128::from(fee) * i128::from(world.bps[at].0) / 10_000).expect("a part")
}

/// Who is enrolled in which program.
fn enrollments() -> Vec<Enrollment> {
    let enroll = |program: &str, at: usize, applied_at, from, to| Enrollment {
        program_id: program_id(program),
        uscc: uscc(at),
        applied_at: parse_instant(applied_at).expect("an instant"),
        effective: interval(from, to),
    };
    vec![
        enroll("share", 0, "2016-05-01T00:00:00+08:00", "2017-03-01", ""),
        enroll(
            "share",
            1,
            "2016-04-30T16:00:00Z",
            "2016-01-01",
            "2017-08-01",
        ),
        enroll("share", 1, "2017-07-01T00:00:00Z", "2017-09-01", ""),
        enroll("share", 2, "2016-01-01T00:00:00Z", "2016-01-01", ""),
        enroll("share", 3, "2016-01-01T00:00:00Z", "2016-01-01", ""),
        enroll("other", 2, "2016-01-01T00:00:00Z", "2016-01-01", ""),
    ]
}
