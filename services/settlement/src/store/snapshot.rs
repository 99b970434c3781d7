//! What a run was decided from, as the text that is kept.
//!
//! JSON, one row a line where there are many; the same rows always give the same bytes, so that
//! equal contents have equal digests. Reading gives back equal values.

use gazelle_kernel::{
    Bps, CodePrefix, Date, DistrictCode, FeeKind, IndustryCode, Interval, MerchantId, ParseError,
    PlatformId, ProgramId, SizeClass, Uscc, Year, parse_date, parse_instant,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{StoreError, enrollment::utc};
use crate::domain::{
    enrollment::Enrollment,
    program::{Allocation, Budget, Payee, Program, Release, Share, Terms},
    rules::facts::{Binding, EnterpriseFacts, Filing, Timeline},
};

/// The text of a program; equal programs have equal texts.
#[must_use]
pub fn write_program(program: &Program) -> String {
    json(&ProgramText::of(program))
}

/// The program of a text.
pub fn read_program(text: &str) -> Result<Program, StoreError> {
    let program: ProgramText = parse("program_version.content", text)?;
    let terms = program
        .terms()
        .map_err(|e| StoreError::corrupt("program_version.content", &e))?;
    Program::new(terms).map_err(|e| StoreError::corrupt("program_version.content", &e))
}

/// An enrollment, as a line.
#[must_use]
pub fn write_enrollment(enrollment: &Enrollment) -> String {
    json(&EnrollmentText {
        program_id: enrollment.program_id.to_string(),
        uscc: enrollment.uscc.to_string(),
        applied_at: utc(enrollment.applied_at),
        effective: Days::of(enrollment.effective),
    })
}

/// The enrollment of a line.
pub fn read_enrollment(line: &str) -> Result<Enrollment, StoreError> {
    let text: EnrollmentText = parse("input.content", line)?;
    let read = || {
        Ok(Enrollment {
            program_id: ProgramId::parse(&text.program_id)?,
            uscc: Uscc::parse_excepted(&text.uscc)?,
            applied_at: parse_instant(&text.applied_at)?,
            effective: text.effective.interval()?,
        })
    };
    super::read("input.content", read())
}

/// A row of the registry's facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// An enterprise.
    Enterprise(EnterpriseFacts),
    /// A binding.
    Binding(Binding),
}

/// An enterprise, as a line.
#[must_use]
pub fn write_enterprise(enterprise: &EnterpriseFacts) -> String {
    fn timeline<T: ToString>(timeline: &Timeline<T>) -> TimelineText {
        let change = |(day, code): (&Date, &T)| (day.to_string(), code.to_string());
        TimelineText(
            timeline.first().to_string(),
            timeline.changes().iter().map(change).collect(),
        )
    }
    let filing = |(year, filing): (&i32, &Filing)| FilingText {
        fiscal_year: *year,
        headcount: filing.headcount,
        annual_revenue_fen: filing.annual_revenue_fen,
        total_assets_fen: filing.total_assets_fen,
    };
    json(&FactText::Enterprise {
        uscc: enterprise.uscc.to_string(),
        industry: timeline(&enterprise.industry),
        district: timeline(&enterprise.district),
        filings: enterprise.filings.iter().map(filing).collect(),
        suspensions: enterprise
            .suspensions
            .iter()
            .copied()
            .map(Days::of)
            .collect(),
    })
}

/// A binding, as a line.
#[must_use]
pub fn write_binding(binding: &Binding) -> String {
    json(&FactText::Binding {
        platform_id: binding.platform_id.to_string(),
        merchant_id: binding.merchant_id.to_string(),
        uscc: binding.uscc.to_string(),
        bound: Days::of(binding.bound),
    })
}

/// The fact of a line.
pub fn read_fact(line: &str) -> Result<Fact, StoreError> {
    let text: FactText = parse("input.content", line)?;
    super::read("input.content", text.fact())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers are plain JSON")
}

fn parse<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(column, &error))
}

/// First day, and first day after.
#[derive(Serialize, Deserialize)]
struct Days(String, Option<String>);

impl Days {
    fn of(interval: Interval) -> Self {
        Self(
            interval.from().to_string(),
            interval.to().map(|to| to.to_string()),
        )
    }

    fn interval(&self) -> Result<Interval, ParseError> {
        Interval::parse(&self.0, self.1.as_deref().unwrap_or_default())
    }
}

#[derive(Serialize, Deserialize)]
struct EnrollmentText {
    program_id: String,
    uscc: String,
    applied_at: String,
    effective: Days,
}

/// The value from the start, and each change with its day.
#[derive(Serialize, Deserialize)]
struct TimelineText(String, Vec<(String, String)>);

impl TimelineText {
    fn timeline<T>(
        &self,
        code: fn(&str) -> Result<T, ParseError>,
    ) -> Result<Timeline<T>, ParseError> {
        let change = |(day, text): &(String, String)| Ok((parse_date(day)?, code(text)?));
        let changes = self.1.iter().map(change).collect::<Result<_, _>>()?;
        Ok(Timeline::new(code(&self.0)?, changes))
    }
}

#[derive(Serialize, Deserialize)]
struct FilingText {
    fiscal_year: i32,
    headcount: i64,
    annual_revenue_fen: i64,
    total_assets_fen: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FactText {
    Enterprise {
        uscc: String,
        industry: TimelineText,
        district: TimelineText,
        filings: Vec<FilingText>,
        suspensions: Vec<Days>,
    },
    Binding {
        platform_id: String,
        merchant_id: String,
        uscc: String,
        bound: Days,
    },
}

impl FactText {
    fn fact(&self) -> Result<Fact, ParseError> {
        Ok(match self {
            Self::Enterprise {
                uscc,
                industry,
                district,
                filings,
                suspensions,
            } => {
                let filing = |text: &FilingText| {
                    let filing = Filing {
                        headcount: text.headcount,
                        annual_revenue_fen: text.annual_revenue_fen,
                        total_assets_fen: text.total_assets_fen,
                    };
                    (text.fiscal_year, filing)
                };
                Fact::Enterprise(EnterpriseFacts {
                    uscc: Uscc::parse_excepted(uscc)?,
                    industry: industry.timeline(IndustryCode::parse)?,
                    district: district.timeline(DistrictCode::parse)?,
                    filings: filings.iter().map(filing).collect(),
                    suspensions: suspensions
                        .iter()
                        .map(Days::interval)
                        .collect::<Result<_, _>>()?,
                })
            }
            Self::Binding {
                platform_id,
                merchant_id,
                uscc,
                bound,
            } => Fact::Binding(Binding {
                platform_id: PlatformId::parse(platform_id)?,
                merchant_id: MerchantId::parse(merchant_id)?,
                uscc: Uscc::parse_excepted(uscc)?,
                bound: bound.interval()?,
            }),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct ProgramText {
    program_id: String,
    name: String,
    name_zh: String,
    term: Days,
    platforms: Vec<String>,
    districts: Vec<String>,
    industries: Vec<String>,
    size_classes: Vec<String>,
    shares: Vec<ShareText>,
    enterprise_year_cap_fen: i64,
    budgets: Vec<BudgetText>,
    allocation: AllocationText,
    payee: PayeeText,
    excludes: Vec<String>,
    notice_days: i32,
}

#[derive(Serialize, Deserialize)]
struct ShareText {
    fee_kind: String,
    government_bps: u16,
    platform_bps: u16,
}

#[derive(Serialize, Deserialize)]
struct BudgetText {
    year: i32,
    amount_fen: i64,
    release: ReleaseText,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ReleaseText {
    AtOnce,
    Monthly,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum AllocationText {
    FirstCome,
    ProRata,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PayeeText {
    Enterprise,
    Platform,
}

impl ProgramText {
    fn of(program: &Program) -> Self {
        let terms = program.terms();
        Self {
            program_id: terms.program_id.to_string(),
            name: terms.name.clone(),
            name_zh: terms.name_zh.clone(),
            term: Days::of(terms.term),
            platforms: texts(&terms.platforms),
            districts: texts(&terms.districts),
            industries: texts(&terms.industries),
            size_classes: texts(&terms.size_classes),
            shares: terms.shares.iter().map(ShareText::of).collect(),
            enterprise_year_cap_fen: terms.enterprise_year_cap_fen,
            budgets: terms.budgets.iter().map(BudgetText::of).collect(),
            allocation: match terms.allocation {
                Allocation::FirstCome => AllocationText::FirstCome,
                Allocation::ProRata => AllocationText::ProRata,
            },
            payee: match terms.payee {
                Payee::Enterprise => PayeeText::Enterprise,
                Payee::Platform => PayeeText::Platform,
            },
            excludes: texts(&terms.excludes),
            notice_days: terms.notice_days,
        }
    }

    fn terms(&self) -> Result<Terms, ParseError> {
        Ok(Terms {
            program_id: ProgramId::parse(&self.program_id)?,
            name: self.name.clone(),
            name_zh: self.name_zh.clone(),
            term: self.term.interval()?,
            platforms: values(&self.platforms, PlatformId::parse)?,
            districts: values(&self.districts, CodePrefix::parse)?,
            industries: values(&self.industries, CodePrefix::parse)?,
            size_classes: values(&self.size_classes, SizeClass::parse)?,
            shares: self
                .shares
                .iter()
                .map(ShareText::share)
                .collect::<Result<_, _>>()?,
            enterprise_year_cap_fen: self.enterprise_year_cap_fen,
            budgets: self
                .budgets
                .iter()
                .map(BudgetText::budget)
                .collect::<Result<_, _>>()?,
            allocation: match self.allocation {
                AllocationText::FirstCome => Allocation::FirstCome,
                AllocationText::ProRata => Allocation::ProRata,
            },
            payee: match self.payee {
                PayeeText::Enterprise => Payee::Enterprise,
                PayeeText::Platform => Payee::Platform,
            },
            excludes: values(&self.excludes, ProgramId::parse)?,
            notice_days: self.notice_days,
        })
    }
}

impl ShareText {
    fn of(share: &Share) -> Self {
        Self {
            fee_kind: share.fee_kind.to_string(),
            government_bps: share.government_bps.get(),
            platform_bps: share.platform_bps.get(),
        }
    }

    fn share(&self) -> Result<Share, ParseError> {
        Ok(Share {
            fee_kind: FeeKind::parse(&self.fee_kind)?,
            government_bps: Bps::new(self.government_bps.into())?,
            platform_bps: Bps::new(self.platform_bps.into())?,
        })
    }
}

impl BudgetText {
    fn of(budget: &Budget) -> Self {
        Self {
            year: budget.year.get(),
            amount_fen: budget.amount_fen,
            release: match budget.release {
                Release::AtOnce => ReleaseText::AtOnce,
                Release::Monthly => ReleaseText::Monthly,
            },
        }
    }

    fn budget(&self) -> Result<Budget, ParseError> {
        Ok(Budget {
            year: Year::new(self.year)?,
            amount_fen: self.amount_fen,
            release: match self.release {
                ReleaseText::AtOnce => Release::AtOnce,
                ReleaseText::Monthly => Release::Monthly,
            },
        })
    }
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn values<T>(
    texts: &[String],
    parse: fn(&str) -> Result<T, ParseError>,
) -> Result<Vec<T>, ParseError> {
    texts.iter().map(|text| parse(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn a_program_comes_back_as_it_was() {
        let mut terms = fixture::terms("share");
        terms.platforms = vec![fixture::platform("alpha")];
        terms.districts = vec![fixture::prefix("3301")];
        terms.excludes = vec![fixture::program_id("other")];
        let program = Program::new(terms).unwrap();
        assert_eq!(read_program(&write_program(&program)).unwrap(), program);
    }

    #[test]
    fn an_enrollment_comes_back_to_the_nanosecond() {
        let enrollment = Enrollment {
            applied_at: fixture::instant("2017-01-01T00:00:00.123456789+08:00"),
            ..fixture::enrollment(0)
        };
        assert_eq!(
            read_enrollment(&write_enrollment(&enrollment)).unwrap(),
            enrollment
        );
    }

    #[test]
    fn facts_come_back_as_they_were() {
        let mut enterprise = fixture::enterprise(0);
        let moved = DistrictCode::parse("330110").unwrap();
        enterprise.district = Timeline::new(
            *enterprise.district.first(),
            [(fixture::date("2017-03-01"), moved)].into(),
        );
        enterprise.suspensions = vec![fixture::interval("2017-01-01", "")];
        let line = write_enterprise(&enterprise);
        assert_eq!(read_fact(&line).unwrap(), Fact::Enterprise(enterprise));

        let binding = fixture::binding("alpha", 0);
        assert_eq!(
            read_fact(&write_binding(&binding)).unwrap(),
            Fact::Binding(binding)
        );
    }
}
