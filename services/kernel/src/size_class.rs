//! Size classes of enterprises, by the national standard of 2011 (No. 300) with its statistical
//! method of 2017 (`SETTLEMENT.md`, Size class).

use std::fmt;

use crate::{Fen, IndustryCode, ParseError, serde_text::serde_text};

/// The size class of an enterprise, the smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SizeClass {
    /// Below the bounds of all others.
    Micro,
    /// Reaches the lower bounds of small enterprises.
    Small,
    /// Reaches the lower bounds of medium enterprises.
    Medium,
    /// Reaches the lower bounds of large enterprises.
    Large,
}

impl SizeClass {
    /// All classes, the smallest first.
    pub const ALL: [Self; 4] = [Self::Micro, Self::Small, Self::Medium, Self::Large];

    /// Reads `MICRO`, `SMALL`, `MEDIUM` or `LARGE`; else `SIZE_CLASS_INVALID`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == text)
            .ok_or_else(|| {
                ParseError::new("SIZE_CLASS_INVALID", text, "MICRO, SMALL, MEDIUM or LARGE")
            })
    }

    /// The name, in capitals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Micro => "MICRO",
            Self::Small => "SMALL",
            Self::Medium => "MEDIUM",
            Self::Large => "LARGE",
        }
    }
}

impl fmt::Display for SizeClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

serde_text!(SizeClass);

/// Lower bounds of a class: persons, and yearly revenue and total assets in 10,000 yuan.
struct Bounds {
    headcount: i64,
    revenue: i64,
    assets: i64,
}

/// Below every figure: no bound.
const ANY: i64 = i64::MIN;

const FEN_PER_10_000_YUAN: i64 = 1_000_000;

/// X: persons; Y: revenue; Z: assets.
const fn x(headcount: i64) -> Bounds {
    Bounds {
        headcount,
        revenue: ANY,
        assets: ANY,
    }
}

const fn y(revenue: i64) -> Bounds {
    Bounds {
        headcount: ANY,
        revenue,
        assets: ANY,
    }
}

const fn xy(headcount: i64, revenue: i64) -> Bounds {
    Bounds {
        headcount,
        revenue,
        assets: ANY,
    }
}

const fn xz(headcount: i64, assets: i64) -> Bounds {
    Bounds {
        headcount,
        revenue: ANY,
        assets,
    }
}

const fn yz(revenue: i64, assets: i64) -> Bounds {
    Bounds {
        headcount: ANY,
        revenue,
        assets,
    }
}

/// Industries, the first and the last code of each, with the bounds of LARGE, MEDIUM and SMALL.
#[rustfmt::skip] // one industry a line, as in the standard
const TABLE: [(u16, u16, [Bounds; 3]); 16] = [
    ( 100,  599, [y(20_000), y(500), y(50)]),                              // agriculture
    ( 600, 4699, [xy(1_000, 40_000), xy(300, 2_000), xy(20, 300)]),        // industry
    (4700, 5099, [yz(80_000, 80_000), yz(6_000, 5_000), yz(300, 300)]),    // construction
    (5100, 5199, [xy(200, 40_000), xy(20, 5_000), xy(5, 1_000)]),          // wholesale
    (5200, 5299, [xy(300, 20_000), xy(50, 500), xy(10, 100)]),             // retail
    (5400, 5899, [xy(1_000, 30_000), xy(300, 3_000), xy(20, 200)]),        // transport
    (5900, 5999, [xy(200, 30_000), xy(100, 1_000), xy(20, 100)]),          // warehousing
    (6000, 6099, [xy(1_000, 30_000), xy(300, 2_000), xy(20, 100)]),        // post
    (6100, 6199, [xy(300, 10_000), xy(100, 2_000), xy(10, 100)]),          // accommodation
    (6200, 6299, [xy(300, 10_000), xy(100, 2_000), xy(10, 100)]),          // catering
    (6300, 6499, [xy(2_000, 100_000), xy(100, 1_000), xy(10, 100)]),       // telecom, internet
    (6500, 6599, [xy(300, 10_000), xy(100, 1_000), xy(10, 50)]),           // software, IT services
    (7010, 7010, [yz(200_000, 10_000), yz(1_000, 5_000), yz(100, 2_000)]), // real estate
    (7020, 7020, [xy(1_000, 5_000), xy(300, 1_000), xy(100, 500)]),        // property management
    (7100, 7299, [xz(300, 120_000), xz(100, 8_000), xz(10, 100)]),         // leasing, business
    OTHER,
];

/// Every industry that the table does not name, those that the standard leaves out included.
const OTHER: (u16, u16, [Bounds; 3]) = (0, 9999, [x(300), x(100), x(10)]);

/// The largest class all of whose lower bounds are reached, else [`SizeClass::Micro`]
/// (`SETTLEMENT.md`, Size class). Reaching a bound is enough.
#[must_use]
pub fn classify(
    industry: &IndustryCode,
    headcount: i64,
    annual_revenue: Fen,
    total_assets: Fen,
) -> SizeClass {
    let code = industry.number();
    let (_, _, bounds) = TABLE
        .iter()
        .find(|(first, last, _)| (*first..=*last).contains(&code))
        .expect("the last row takes all codes");
    let reached = |bound: &Bounds| {
        headcount >= bound.headcount
            && annual_revenue.get() >= bound.revenue.saturating_mul(FEN_PER_10_000_YUAN)
            && total_assets.get() >= bound.assets.saturating_mul(FEN_PER_10_000_YUAN)
    };
    let [large, medium, small] = bounds;
    if reached(large) {
        SizeClass::Large
    } else if reached(medium) {
        SizeClass::Medium
    } else if reached(small) {
        SizeClass::Small
    } else {
        SizeClass::Micro
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Money in 10,000 yuan.
    fn class(industry: &str, headcount: i64, revenue: i64, assets: i64) -> SizeClass {
        let industry = IndustryCode::parse(industry).expect("a code");
        classify(
            &industry,
            headcount,
            Fen::new(revenue * FEN_PER_10_000_YUAN),
            Fen::new(assets * FEN_PER_10_000_YUAN),
        )
    }

    #[test]
    fn published_examples_are_classified_as_published() {
        use SizeClass::{Large, Medium, Micro, Small};
        let cases = [
            ("5211", 350, 300, 0, Small),
            ("5211", 9, 50_000, 0, Micro),
            ("5211", 299, 20_000, 0, Medium),
            ("5211", 300, 20_000, 0, Large),
            ("5110", 5, 1_000, 0, Small),
            ("7110", 400, 0, 7_000, Small),
            ("4710", 0, 90_000, 4_000, Small),
            ("6311", 500, 50_000, 0, Medium),
            ("5910", 150, 2_000, 0, Medium),
            ("9999", 300, 0, 0, Large),
            ("6510", 103, 15_735, 0, Medium),
            ("3911", 103, 15_735, 0, Small),
        ];
        for (industry, headcount, revenue, assets, expected) in cases {
            assert_eq!(
                class(industry, headcount, revenue, assets),
                expected,
                "{industry} {headcount} {revenue} {assets}"
            );
        }
    }

    type Figures = (i64, i64, i64);

    /// First and last code, then persons, revenue and assets of LARGE, MEDIUM, SMALL; 0: no bound.
    #[rustfmt::skip] // one industry a line, as in the standard
    const STANDARD: [(&str, &str, [Figures; 3]); 21] = [
        ("0000", "0099", [(300, 0, 0), (100, 0, 0), (10, 0, 0)]),
        ("0100", "0599", [(0, 20_000, 0), (0, 500, 0), (0, 50, 0)]),
        ("0600", "4699", [(1_000, 40_000, 0), (300, 2_000, 0), (20, 300, 0)]),
        ("4700", "5099", [(0, 80_000, 80_000), (0, 6_000, 5_000), (0, 300, 300)]),
        ("5100", "5199", [(200, 40_000, 0), (20, 5_000, 0), (5, 1_000, 0)]),
        ("5200", "5299", [(300, 20_000, 0), (50, 500, 0), (10, 100, 0)]),
        ("5300", "5399", [(300, 0, 0), (100, 0, 0), (10, 0, 0)]),
        ("5400", "5899", [(1_000, 30_000, 0), (300, 3_000, 0), (20, 200, 0)]),
        ("5900", "5999", [(200, 30_000, 0), (100, 1_000, 0), (20, 100, 0)]),
        ("6000", "6099", [(1_000, 30_000, 0), (300, 2_000, 0), (20, 100, 0)]),
        ("6100", "6199", [(300, 10_000, 0), (100, 2_000, 0), (10, 100, 0)]),
        ("6200", "6299", [(300, 10_000, 0), (100, 2_000, 0), (10, 100, 0)]),
        ("6300", "6499", [(2_000, 100_000, 0), (100, 1_000, 0), (10, 100, 0)]),
        ("6500", "6599", [(300, 10_000, 0), (100, 1_000, 0), (10, 50, 0)]),
        ("6600", "7009", [(300, 0, 0), (100, 0, 0), (10, 0, 0)]),
        ("7010", "7010", [(0, 200_000, 10_000), (0, 1_000, 5_000), (0, 100, 2_000)]),
        ("7011", "7019", [(300, 0, 0), (100, 0, 0), (10, 0, 0)]),
        ("7020", "7020", [(1_000, 5_000, 0), (300, 1_000, 0), (100, 500, 0)]),
        ("7021", "7099", [(300, 0, 0), (100, 0, 0), (10, 0, 0)]),
        ("7100", "7299", [(300, 0, 120_000), (100, 0, 8_000), (10, 0, 100)]),
        ("7300", "9999", [(300, 0, 0), (100, 0, 0), (10, 0, 0)]),
    ];

    #[test]
    fn every_industry_has_the_bounds_of_the_standard() {
        for (first, last, bounds) in STANDARD {
            let industries = [first, last].map(|code| IndustryCode::parse(code).expect("a code"));
            for (class, (x, y, z)) in [SizeClass::Large, SizeClass::Medium, SizeClass::Small]
                .into_iter()
                .zip(bounds)
            {
                for industry in industries {
                    let below_by = |dx, dy, dz| {
                        classify(
                            &industry,
                            x - dx,
                            Fen::new(y * FEN_PER_10_000_YUAN - dy),
                            Fen::new(z * FEN_PER_10_000_YUAN - dz),
                        )
                    };
                    assert_eq!(below_by(0, 0, 0), class, "{industry}");
                    for (bound, missed) in [
                        (x, below_by(1, 0, 0)),
                        (y, below_by(0, 1, 0)),
                        (z, below_by(0, 0, 1)),
                    ] {
                        assert_eq!(missed < class, bound > 0, "{industry} {class}");
                    }
                }
            }
        }
    }

    #[test]
    fn names_are_read_as_printed_and_nothing_else_is() {
        for class in SizeClass::ALL {
            assert_eq!(SizeClass::parse(&class.to_string()), Ok(class));
        }
        assert_eq!(
            SizeClass::parse("micro").map_err(|e| e.reason()),
            Err("SIZE_CLASS_INVALID")
        );
        assert!(SizeClass::Micro < SizeClass::Small && SizeClass::Medium < SizeClass::Large);
    }
}
