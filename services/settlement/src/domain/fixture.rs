//! A small world for the tests of the rules: one program, its enterprises and their shops.

use std::collections::BTreeMap;

use gazelle_kernel::{
    Bps, CodePrefix, Date, DistrictCode, FeeKind, Fen, IndustryCode, Instant, Interval, MerchantId,
    Name, Period, PlatformId, ProgramId, SizeClass, Uscc, Year, parse_date, parse_instant,
};

use super::{
    enrollment::Enrollment,
    program::{Allocation, Budget, Payee, Release, Share, Terms},
    rules::{
        eligibility::ExclusionReason,
        facts::{Binding, Dated, EnterpriseFacts, Filing},
        result::{Exclusion, Line, Settlement, Totals},
        totals::SealedTotal,
    },
};

/// Codes in byte order.
pub const USCCS: [&str; 3] = [
    "91330100799655058B",
    "914403001922038216",
    "9144030071526726XG",
];

pub fn uscc(at: usize) -> Uscc {
    Uscc::parse(USCCS[at]).expect("a code")
}

pub fn platform(text: &str) -> PlatformId {
    PlatformId::parse(text).expect("an id")
}

pub fn program_id(text: &str) -> ProgramId {
    ProgramId::parse(text).expect("an id")
}

pub fn kind(text: &str) -> FeeKind {
    FeeKind::parse(text).expect("a kind")
}

pub fn prefix(text: &str) -> CodePrefix {
    CodePrefix::parse(text).expect("a prefix")
}

pub fn date(text: &str) -> Date {
    parse_date(text).expect("a day")
}

pub fn instant(text: &str) -> Instant {
    parse_instant(text).expect("an instant")
}

pub fn interval(from: &str, to: &str) -> Interval {
    Interval::parse(from, to).expect("an interval")
}

pub fn year(year: i32) -> Year {
    Year::new(year).expect("a year")
}

pub fn period(text: &str) -> Period {
    Period::parse(text).expect("a period")
}

pub fn share(fee_kind: &str, government_bps: u32, platform_bps: u32) -> Share {
    let bps = |bps| Bps::new(bps).expect("a rate");
    Share {
        fee_kind: kind(fee_kind),
        government_bps: bps(government_bps),
        platform_bps: bps(platform_bps),
    }
}

pub fn budget(of_year: i32, amount_fen: i64) -> Budget {
    Budget {
        year: year(of_year),
        amount_fen: Fen::new(amount_fen),
        release: Release::AtOnce,
    }
}

/// Half of commissions and memberships for micro enterprises, with money enough.
pub fn terms(id: &str) -> Terms {
    Terms {
        program_id: program_id(id),
        name: Name::parse("Share").ok(),
        name_zh: Name::parse("分担").ok(),
        term: interval("2016-01-01", "2030-01-01"),
        platform_ids: vec![],
        district_code_prefixes: vec![],
        industry_code_prefixes: vec![],
        size_classes: vec![SizeClass::Micro],
        shares: vec![
            share("COMMISSION", 5_000, 1_000),
            share("MEMBERSHIP", 5_000, 0),
        ],
        enterprise_year_cap_fen: Fen::ZERO,
        budgets: vec![budget(2017, 1_000_000)],
        allocation: Allocation::FirstCome,
        payee: Payee::Enterprise,
        payment_min_fen: Fen::ZERO,
        payer: None,
        excluded_program_ids: vec![],
        notice_days: 7,
    }
}

/// A micro retailer in Xihu that filed for 2016.
pub fn enterprise(at: usize) -> EnterpriseFacts {
    EnterpriseFacts {
        uscc: uscc(at),
        industry: Dated::new(
            IndustryCode::parse("5294").expect("a code"),
            BTreeMap::new(),
        ),
        district: Dated::new(
            DistrictCode::parse("330106").expect("a code"),
            BTreeMap::new(),
        ),
        filings: [(
            2016,
            Filing {
                headcount: 1,
                annual_revenue_fen: Fen::new(1),
                total_assets_fen: Fen::new(1),
            },
        )]
        .into(),
        suspensions: vec![],
    }
}

/// The enterprise's shop on a platform, `shop-AT`, since 2015.
pub fn binding(platform_id: &str, at: usize) -> Binding {
    Binding {
        platform_id: platform(platform_id),
        merchant_id: merchant(at),
        uscc: uscc(at),
        bound: interval("2015-01-01", ""),
    }
}

pub fn merchant(at: usize) -> MerchantId {
    MerchantId::parse(&format!("shop-{at}")).expect("an id")
}

/// Enrolled in `share` since 2015; the first enterprise applied last.
pub fn enrollment(at: usize) -> Enrollment {
    Enrollment {
        program_id: program_id("share"),
        uscc: uscc(at),
        applied_at: instant(&format!("2015-06-0{}T00:00:00Z", 9 - at)),
        effective: interval("2015-01-01", ""),
    }
}

/// A sealed total of one record of the shop `shop-AT`.
pub fn fee(
    platform_id: &str,
    at: usize,
    fee_kind: &str,
    fee_date: &str,
    fee_fen: i64,
) -> SealedTotal {
    SealedTotal {
        platform_id: platform(platform_id),
        merchant_id: merchant(at),
        fee_kind: kind(fee_kind),
        fee_date: date(fee_date),
        fee_fen: Fen::new(fee_fen),
        record_count: 1,
    }
}

/// One line, and fees of one enterprise that was not enrolled.
pub fn settlement() -> Settlement {
    let line = Line {
        uscc: uscc(0),
        platform_id: platform("alpha-mall"),
        fee_kind: kind("COMMISSION"),
        fee_fen: Fen::new(100),
        government_fen: Fen::new(30),
        platform_fen: Fen::new(5),
        enterprise_fen: Fen::new(65),
    };
    Settlement {
        enterprises: vec![],
        lines: vec![line],
        exclusions: vec![Exclusion {
            reason: ExclusionReason::NotEnrolled,
            fee_fen: Fen::new(-7),
        }],
        totals: Totals::default(),
    }
}
