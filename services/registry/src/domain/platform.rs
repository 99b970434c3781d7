//! Partner platforms, and the periods that they owe.

use gazelle_kernel::{Name, ParseError, Period, PlatformId};
use serde::Serialize;

/// A platform; the key is its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Platform {
    #[serde(rename = "platform_id")]
    pub id: PlatformId,
    /// Its name for people, where recorded.
    pub name: Option<Name>,
    /// Which periods it owes.
    #[serde(flatten)]
    pub reporting: Reporting,
}

impl Platform {
    /// A platform of which nothing else is recorded.
    #[must_use]
    pub fn new(id: PlatformId) -> Self {
        Self {
            id,
            name: None,
            reporting: Reporting::default(),
        }
    }

    /// What it is registered under: its name, else its id.
    #[must_use]
    pub fn registered_name(&self) -> &str {
        self.name.as_ref().map_or(self.id.as_str(), Name::as_str)
    }
}

/// Which periods a platform owes (`SETTLEMENT.md`, What is settled).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Reporting {
    /// The first, where recorded.
    #[serde(rename = "reports_from")]
    from: Option<Period>,
    /// The first after, where recorded.
    #[serde(rename = "reports_to")]
    to: Option<Period>,
}

impl Reporting {
    /// From one period up to but without another; refused as `INTERVAL_EMPTY` where that is not
    /// after it.
    pub fn new(from: Option<Period>, to: Option<Period>) -> Result<Self, ParseError> {
        if let (Some(from), Some(to)) = (from, to)
            && to <= from
        {
            let refused = format!("[{from}, {to})");
            return Err(ParseError::new(
                "INTERVAL_EMPTY",
                &refused,
                "an end after the start",
            ));
        }
        Ok(Self { from, to })
    }

    /// The first period that is owed, where recorded.
    #[must_use]
    pub fn from(self) -> Option<Period> {
        self.from
    }

    /// The first that is not owed any more, where recorded.
    #[must_use]
    pub fn to(self) -> Option<Period> {
        self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_periods_that_are_owed_end_after_they_start() {
        let period = |text| Some(Period::parse(text).expect("a period"));
        let (first, second) = (period("2017-01"), period("2017-02"));
        for (from, to) in [(None, None), (first, None), (None, second), (first, second)] {
            let reporting = Reporting::new(from, to).expect("periods");
            assert_eq!((reporting.from(), reporting.to()), (from, to));
        }
        for (from, to) in [(first, first), (second, first)] {
            let refused = Reporting::new(from, to).map_err(|error| error.reason());
            assert_eq!(refused, Err("INTERVAL_EMPTY"));
        }
    }

    #[test]
    fn a_platform_without_a_name_is_registered_under_its_id() {
        let mut platform = Platform::new(PlatformId::parse("alpha-mall").expect("an id"));
        assert_eq!(platform.registered_name(), "alpha-mall");
        platform.name = Some(Name::parse("阿尔法商城").expect("a name"));
        assert_eq!(platform.registered_name(), "阿尔法商城");
    }
}
