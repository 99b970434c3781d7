//! What must be true of every settlement, whatever the world looks like (`SETTLEMENT.md`).

use std::collections::BTreeMap;

use gazelle_kernel::{
    Bps, CodePrefix, DistrictCode, FeeKind, Fen, IndustryCode, Interval, MerchantId, Period,
    PlatformId, ProgramId, SizeClass, Uscc, Year, parse_date, parse_instant,
};
use gazelle_settlement::domain::{
    enrollment::Enrollment,
    objection::uphold,
    program::{Allocation, Budget, Payee, Program, Release, Share, Terms},
    rules::explain::explain,
    rules::facts::{Binding, Dated, EnterpriseFacts, Facts, Filing},
    rules::{
        error::SettleError,
        inputs::{Inputs, PriorLine},
        result::{Line, Settlement},
        settle::settle,
        totals::SealedTotal,
    },
    run::{ResultDigest, Scope},
};
use proptest::{collection::vec, prelude::*};

const USCCS: [&str; 4] = [
    "91330100799655058B",
    "914403001922038216",
    "9144030071526726XG",
    "91110000802100433B",
];
const PLATFORMS: [&str; 3] = ["alpha", "beta", "gamma"];
const KINDS: [&str; 3] = ["COMMISSION", "MEMBERSHIP", "OTHER"];

fn year() -> Year {
    Year::new(2017).expect("a year")
}

/// Months of the year, and after 12 those of the next.
fn period(month: u8) -> Period {
    year()
        .january()
        .through(Period::parse("2018-06").expect("a period"))
        .nth(usize::from(month) - 1)
        .expect("a month")
}

fn uscc(at: usize) -> Uscc {
    Uscc::parse(USCCS[at]).expect("a code")
}

fn program_id(id: &str) -> ProgramId {
    ProgramId::parse(id).expect("an id")
}

fn interval(from: &str, to: &str) -> Interval {
    Interval::parse(from, to).expect("an interval")
}

/// A record as a platform reports it, and what is taken back of it later.
#[derive(Debug, Clone)]
struct Record {
    platform: usize,
    shop: usize,
    kind: usize,
    month: u8,
    day: u8,
    months_late: u8,
    amount: i64,
    /// How many percent are reversed how many months later.
    reversal: Option<(i64, u8)>,
}

fn record(amounts: impl Strategy<Value = i64>) -> impl Strategy<Value = Record> {
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
            |(platform, shop, kind, month, day, months_late, amount, reversal)| Record {
                platform,
                shop,
                kind,
                month,
                day,
                months_late,
                amount,
                reversal,
            },
        )
}

impl Record {
    /// Its sealed totals, each with the month that it is reported in.
    fn totals(&self) -> Vec<(u8, SealedTotal)> {
        let total = |fee| SealedTotal {
            platform_id: PlatformId::parse(PLATFORMS[self.platform]).expect("an id"),
            merchant_id: MerchantId::parse(&format!("shop-{}", self.shop)).expect("an id"),
            fee_kind: FeeKind::parse(KINDS[self.kind]).expect("a kind"),
            fee_date: parse_date(&format!("2017-{:02}-{:02}", self.month, self.day))
                .expect("a day"),
            fee_fen: Fen::new(fee),
            record_count: 1,
        };
        let reported = self.month + self.months_late;
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
struct World {
    records: Vec<Record>,
    bps: [(u32, u32); 2],
    cap: i64,
    budget: i64,
    release: Release,
    allocation: Allocation,
    yields: bool,
    suspended: bool,
}

fn world(
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
fn ordinary_world() -> impl Strategy<Value = World> {
    world(
        1..=1_000_000_i64,
        prop_oneof![Just(0), 1..=3_000_000_i64, Just(i64::MAX)],
    )
}

impl World {
    fn program(&self, id: &str) -> Program {
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
            platforms: PLATFORMS[..2]
                .iter()
                .map(|id| PlatformId::parse(id).expect("an id"))
                .collect(),
            districts: vec![CodePrefix::parse("3301").expect("a prefix")],
            industries: vec![],
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
            excludes: if own && self.yields {
                vec![program_id("other")]
            } else {
                vec![]
            },
            notice_days: 0,
        })
        .expect("a program")
    }

    /// Four enterprises, the last in another district; shops 4 and 5 change hands or are nobody's.
    fn rows(&self) -> (Vec<EnterpriseFacts>, Vec<Binding>, Vec<Enrollment>) {
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
        let enroll = |program: &str, at: usize, applied_at, from, to| Enrollment {
            program_id: program_id(program),
            uscc: uscc(at),
            applied_at: parse_instant(applied_at).expect("an instant"),
            effective: interval(from, to),
        };
        let enrollments = vec![
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
        ];
        (
            (0..4).map(enterprise).collect(),
            own.chain(sold).collect(),
            enrollments,
        )
    }

    fn totals(&self, through: u8) -> Vec<SealedTotal> {
        let reported = self
            .records
            .iter()
            .flat_map(Record::totals)
            .filter(|(month, _)| *month <= through);
        reported.map(|(_, total)| total).collect()
    }

    fn settle(&self, through: u8, prior: &[PriorLine]) -> Result<Settlement, SettleError> {
        let (enterprises, bindings, enrollments) = self.rows();
        let facts = Facts::new(enterprises, bindings, enrollments).expect("facts");
        self.settle_with(&facts, &self.totals(through), through, prior)
    }

    fn settle_with(
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
            prior,
        })
    }

    /// Settles through each month, each run approved before the next.
    fn settle_all(&self, months: &[u8]) -> (Vec<Settlement>, Vec<PriorLine>) {
        let (mut runs, mut prior) = (Vec::new(), Vec::new());
        for &month in months {
            let run = self.settle(month, &prior).expect("a settlement");
            prior.extend(run.lines.iter().map(approved));
            runs.push(run);
        }
        (runs, prior)
    }
}

fn approved(line: &Line) -> PriorLine {
    PriorLine {
        uscc: line.uscc,
        platform_id: line.platform_id.clone(),
        fee_kind: line.fee_kind.clone(),
        fee_fen: line.fee_fen,
        government_fen: line.government_fen,
        platform_fen: line.platform_fen,
    }
}

type Key = (Uscc, PlatformId, FeeKind);

/// Fee, government, platform and enterprise of each component, added up.
fn components<'a>(lines: impl IntoIterator<Item = &'a Line>) -> BTreeMap<Key, [i64; 4]> {
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

fn months() -> impl Strategy<Value = Vec<u8>> {
    vec(1..=17_u8, 1..6).prop_map(|mut months| {
        months.sort_unstable();
        months
    })
}

/// U of a component whose eligible fees are `fee`.
fn government_share(world: &World, fee_kind: &FeeKind, fee: i64) -> i64 {
    let at = KINDS
        .iter()
        .position(|kind| *kind == fee_kind.as_str())
        .expect("a shared kind");
    i64::try_from(i128::from(fee) * i128::from(world.bps[at].0) / 10_000).expect("a part")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_fen_is_in_exactly_one_place(world in ordinary_world(), months in months()) {
        let (runs, _) = world.settle_all(&months);
        for (run, &through) in runs.iter().zip(&months) {
            let in_scope = |total: &&SealedTotal| total.fee_kind.as_str() != "OTHER" && total.platform_id.as_str() != "gamma";
            let sealed: i64 = world.totals(through).iter().filter(in_scope).map(|total| total.fee_fen.get()).sum();
            let excluded: i64 = run.exclusions.iter().map(|exclusion| exclusion.fee_fen.get()).sum();
            prop_assert_eq!(run.totals.in_scope_fen.get(), sealed);
            prop_assert_eq!(run.totals.eligible_fen.get() + excluded, sealed);
            for line in &run.lines {
                prop_assert_eq!(line.fee_fen.get(), line.government_fen.get() + line.platform_fen.get() + line.enterprise_fen.get());
            }
            let granted: i64 = run.enterprises.iter().map(|row| row.granted_fen.get()).sum();
            prop_assert_eq!(run.lines.iter().map(|line| line.government_fen.get()).sum::<i64>(), granted);
        }
        // Of all fees so far, the lines of all runs hold what is eligible now.
        let lines: i64 = runs.iter().flat_map(|run| &run.lines).map(|line| line.fee_fen.get()).sum();
        prop_assert_eq!(lines, runs.last().map_or(0, |run| run.totals.eligible_fen.get()));
    }

    #[test]
    fn no_run_grants_more_than_is_available_or_due(world in ordinary_world(), months in months()) {
        let (runs, _) = world.settle_all(&months);
        let mut granted_so_far = 0;
        for run in &runs {
            prop_assert_eq!(run.totals.available_fen.get(), (run.totals.released_fen.get() - granted_so_far).max(0));
            let positive: i64 = run.enterprises.iter().map(|row| row.granted_fen.get().max(0)).sum();
            prop_assert!(positive <= run.totals.available_fen.get());
            let wanted: i64 = run.enterprises.iter().map(|row| row.due_fen.get().max(0)).sum();
            prop_assert_eq!(positive, wanted.min(run.totals.available_fen.get()), "money is left only when nothing is due");
            for row in &run.enterprises {
                prop_assert!(row.due_fen.get() != 0 && row.granted_fen.get() <= row.due_fen.get().max(0));
                prop_assert!(row.due_fen.get() > 0 || row.granted_fen.get() == row.due_fen.get(), "a clawback is taken in full");
                prop_assert_eq!(row.unfunded_fen.get(), row.due_fen.get() - row.granted_fen.get());
                prop_assert!(world.cap == 0 || row.granted_before_fen.get() + row.granted_fen.get() <= world.cap);
            }
            granted_so_far += run.enterprises.iter().map(|row| row.granted_fen.get()).sum::<i64>();
        }
    }

    #[test]
    fn no_component_gets_more_than_it_is_due_or_loses_to_another(world in ordinary_world(), months in months()) {
        let (runs, _) = world.settle_all(&months);
        let mut lines: Vec<&Line> = Vec::new();
        for run in &runs {
            let before = components(lines.iter().copied());
            lines.extend(&run.lines);
            for (key, [fee, given, ..]) in components(lines.iter().copied()) {
                let given_before = before.get(&key).map_or(0, |sum| sum[1]);
                let share = government_share(&world, &key.2, fee);
                let open = share - given_before;
                let part = given - given_before;
                prop_assert!(if open < 0 { part == open } else { (0..=open).contains(&part) }, "{:?}: {} of {}", key, part, open);
                prop_assert!((0..=share).contains(&given));
            }
        }
    }

    #[test]
    fn the_order_of_inputs_does_not_matter(world in ordinary_world(), seed in any::<u64>(), through in 2..=17_u8) {
        let (_, mut prior) = world.settle_all(&[through / 2]);
        let expected = world.settle(through, &prior).expect("a settlement");
        let mut state = seed | 1;
        let mut draw = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        };
        let (mut enterprises, mut bindings, mut enrollments) = world.rows();
        let mut totals = world.totals(through);
        enterprises.sort_by_cached_key(|_| draw());
        bindings.sort_by_cached_key(|_| draw());
        enrollments.sort_by_cached_key(|_| draw());
        totals.sort_by_cached_key(|_| draw());
        prior.sort_by_cached_key(|_| draw());
        let facts = Facts::new(enterprises, bindings, enrollments).expect("facts");
        let shuffled = world.settle_with(&facts, &totals, through, &prior).expect("a settlement");
        prop_assert_eq!(ResultDigest::of(&shuffled, &Scope::default()), ResultDigest::of(&expected, &Scope::default()));
        prop_assert_eq!(shuffled, expected);
    }

    #[test]
    fn many_runs_come_to_what_one_run_comes_to(world in world(1..=1_000_000_i64, Just(i64::MAX)), months in months()) {
        let world = World { release: Release::AtOnce, ..world };
        let (runs, _) = world.settle_all(&months);
        let once = world.settle(months[months.len() - 1], &[]).expect("a settlement");
        // A cap may leave a share with another component than one run would; by enterprise it is the same.
        let by_enterprise = |components: BTreeMap<Key, [i64; 4]>| {
            let mut sums: BTreeMap<Uscc, [i64; 4]> = BTreeMap::new();
            for ((uscc, ..), parts) in components {
                let sum = sums.entry(uscc).or_default();
                sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            }
            sums
        };
        let (many, one) = (components(runs.iter().flat_map(|run| &run.lines)), components(&once.lines));
        if world.cap == 0 {
            prop_assert_eq!(&many, &one);
        }
        prop_assert_eq!(by_enterprise(many), by_enterprise(one));
        prop_assert_eq!(&runs[runs.len() - 1].exclusions, &once.exclusions);
    }

    #[test]
    fn settling_again_what_is_settled_changes_nothing(world in ordinary_world(), months in months()) {
        let (runs, prior) = world.settle_all(&months);
        let last = &runs[runs.len() - 1];
        let again = world.settle(months[months.len() - 1], &prior).expect("a settlement");
        if last.totals.clawed_back_fen.get() == 0 {
            prop_assert_eq!(&again.lines, &[]);
            prop_assert_eq!(again.totals.granted_fen.get(), 0);
        }
        // What was clawed back is available from now on; a third run finds nothing left to do.
        let mut prior = prior;
        prior.extend(again.lines.iter().map(approved));
        let third = world.settle(months[months.len() - 1], &prior).expect("a settlement");
        prop_assert_eq!((third.lines.len(), third.totals.granted_fen.get(), third.totals.clawed_back_fen.get()), (0, 0, 0));
        prop_assert_eq!(&third.exclusions, &last.exclusions);
    }

    #[test]
    fn an_upheld_objection_only_puts_off(world in ordinary_world(), through in 1..=17_u8, at in 0..4_usize) {
        let run = world.settle(through, &[]).expect("a settlement");
        let Ok(upheld) = uphold(run.clone(), &uscc(at)) else {
            prop_assert!(run.enterprises.iter().all(|row| row.uscc != uscc(at) || row.granted_fen.get() <= 0));
            return Ok(());
        };
        prop_assert!(upheld.lines.iter().all(|line| line.uscc != uscc(at) || line.government_fen.get() == 0));
        let others = |run: &Settlement| run.lines.iter().filter(|line| line.uscc != uscc(at)).cloned().collect::<Vec<_>>();
        prop_assert_eq!(others(&upheld), others(&run));
        let fees = |run: &Settlement| components(&run.lines).into_iter().map(|(key, [fee, _, platform, _])| (key, fee, platform)).collect::<Vec<_>>();
        prop_assert_eq!(fees(&upheld), fees(&run));
        let prior: Vec<PriorLine> = upheld.lines.iter().map(approved).collect();
        let next = world.settle(through, &prior).expect("a settlement");
        let due = |run: &Settlement| run.enterprises.iter().find(|row| row.uscc == uscc(at)).map(|row| row.due_fen.get());
        prop_assert_eq!(due(&next), due(&run));
    }

    #[test]
    fn an_explanation_comes_to_what_the_run_decided(world in ordinary_world(), months in months(), at in 0..4_usize) {
        let (_, prior) = world.settle_all(&months[..months.len() - 1]);
        let through = months[months.len() - 1];
        let run = world.settle(through, &prior).expect("a settlement");
        let (enterprises, bindings, enrollments) = world.rows();
        let facts = Facts::new(enterprises, bindings, enrollments).expect("facts");
        let (program, others, totals) = (world.program("share"), [world.program("other")], world.totals(through));
        let inputs = Inputs { program: &program, others: &others, year: year(), through: period(through), totals: &totals.into_iter().collect(), facts: &facts, prior: &prior };
        let explained = explain(&inputs, &uscc(at), false).expect("an explanation").expect("a known enterprise");
        let eligible: i64 = explained.fees.iter().filter(|fee| fee.exclusion.is_none()).map(|fee| fee.fee_fen.get()).sum();
        prop_assert_eq!(eligible, explained.components.iter().map(|part| part.component.eligible_fen.get()).sum::<i64>());
        let row = run.enterprises.iter().find(|row| row.uscc == uscc(at));
        prop_assert_eq!(explained.claim.map_or(0, |claim| claim.due_fen.get()), row.map_or(0, |row| row.due_fen.get()));
        let granted = row.map_or(0, |row| row.granted_fen.get());
        prop_assert_eq!(explained.budget.map_or(0, |budget| budget.granted_fen.get()), granted);
        prop_assert_eq!(explained.components.iter().map(|part| part.government_fen.get()).sum::<i64>(), granted);
        let left = explained.budget.map_or(0, |budget| (budget.available_fen.get() - budget.ahead_fen.get()).max(0));
        if world.allocation == Allocation::FirstCome && granted > 0 {
            prop_assert_eq!(granted, left.min(explained.claim.map_or(0, |claim| claim.due_fen.get())));
        }
    }

    #[test]
    fn figures_at_the_edge_of_64_bits_fail_the_run_or_add_up(
        world in world(prop_oneof![Just(i64::MAX), Just(i64::MAX - 1), Just(i64::MAX / 2), Just(i64::MAX / 3), 1..=9_i64], prop_oneof![Just(i64::MAX), Just(1)]),
        months in months(),
    ) {
        let mut prior = Vec::new();
        for &month in &months {
            match world.settle(month, &prior) {
                Ok(run) => {
                    let parts = |line: &Line| line.government_fen.wide() + line.platform_fen.wide() + line.enterprise_fen.wide();
                    prop_assert!(run.lines.iter().all(|line| parts(line) == line.fee_fen.wide()));
                    prior.extend(run.lines.iter().map(approved));
                }
                Err(SettleError::Overflow(_)) => (),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}
