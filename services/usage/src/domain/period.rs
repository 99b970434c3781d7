//! A platform's period as a whole: what is held, what was stated, withdrawn and sealed.

use std::fmt;

use gazelle_kernel::{Period, PlatformId};

use super::{
    key::PlatformPeriod, receipt::Receipt, seal::Seal, statement::Statement, withdrawal::Withdrawal,
};

/// Which period of which platform, as people and the trail name it: `PLATFORM YYYY-MM`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeriodName {
    pub platform_id: PlatformId,
    pub period: Period,
}

impl PeriodName {
    /// That period of that platform.
    #[must_use]
    pub fn new(platform_id: &PlatformId, period: Period) -> Self {
        Self {
            platform_id: platform_id.clone(),
            period,
        }
    }

    /// Reads what was written as a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (platform_id, period) = text.split_once(' ')?;
        Some(Self {
            platform_id: PlatformId::parse(platform_id).ok()?,
            period: Period::parse(period).ok()?,
        })
    }
}

impl fmt::Display for PeriodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.platform_id, self.period)
    }
}

/// What is known of a platform's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedPeriod {
    pub platform_id: PlatformId,
    pub period: Period,
    pub received: Receipt,
    /// Refused records that are kept for it.
    pub refused_count: i64,
    /// Of these, those that fell when a period was sealed.
    pub refused_by_seal_count: i64,
    /// What the platform says it reported.
    pub statement: Option<Statement>,
    /// What was fixed; none while it is open.
    pub seal: Option<Seal>,
    /// How often everything was withdrawn.
    pub withdrawal_count: i32,
}

/// A period with what is looked up beside it.
#[derive(Debug)]
pub struct PeriodDetails {
    pub period: ReportedPeriod,
    /// How many of its refused records are resolved; 0 in lists, which do not look.
    pub resolved_count: i64,
    pub last_withdrawal: Option<Withdrawal>,
}

/// Which periods to show.
#[derive(Debug, Clone, Default)]
pub struct PeriodSelection {
    /// Only these platforms'; none: all.
    pub platform_ids: Option<Vec<PlatformId>>,
    /// The first; none: from the beginning.
    pub from: Option<Period>,
    /// The last; none: through the end.
    pub through: Option<Period>,
    /// Only what comes after this one.
    pub after: Option<(PlatformId, Period)>,
    /// How many; none: all.
    pub limit: Option<i64>,
    /// Those of which nothing is held any more, since it was withdrawn, too.
    pub with_withdrawn: bool,
}

/// How far a period has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodProgress {
    pub period: PlatformPeriod,
    /// Rises with each change of its records.
    pub revision: i64,
    /// How many it has.
    pub record_count: i64,
    /// It has come to its end.
    pub is_sealed: bool,
}
