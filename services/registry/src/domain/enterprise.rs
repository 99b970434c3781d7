//! Enterprises, their codes, and what changes about them.

use gazelle_kernel::{
    Date, DistrictCode, Explanation, IndustryCode, Name, ParseError, Uscc, batch::Verdict,
    date_text,
};
use serde::Serialize;

use super::{filing::Filing, suspension::Suspension};

/// An enterprise; the key is its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Enterprise {
    /// Unified social credit code.
    pub uscc: Uscc,
    pub name: Name,
    /// District that holds from the start.
    pub district_code: DistrictCode,
    /// Industry that holds from the start.
    pub industry_code: IndustryCode,
    /// Day of establishment, where known.
    #[serde(with = "date_text::option")]
    pub established_on: Option<Date>,
    /// On what a code is accepted whose outer check digit is wrong.
    pub uscc_exception_evidence: Option<Explanation>,
}

impl Enterprise {
    /// Accepts an enterprise whose code passes its checks, or fails the outer one and has
    /// evidence that it was issued so; evidence for any other code is refused.
    pub fn accept(self) -> Result<Self, EvidenceRefused> {
        match (
            Uscc::parse(self.uscc.as_str()),
            &self.uscc_exception_evidence,
        ) {
            (Ok(_), None) | (Err(_), Some(_)) => Ok(self),
            (Ok(uscc), Some(_)) => Err(EvidenceRefused::NotNeeded(uscc)),
            (Err(error), None) => Err(EvidenceRefused::Missing(error)),
        }
    }
}

/// Why an enterprise's code is not taken with the evidence that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceRefused {
    /// The code fails its outer check alone: without evidence it is a mistyped one.
    Missing(ParseError),
    /// The code passes its checks.
    NotNeeded(Uscc),
}

/// Why a code that no enterprise is registered under is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRegistered {
    /// It fails its outer check, so it is no registered exception but a mistyped code.
    Mistyped(ParseError),
    /// It could be an enterprise's.
    Unknown(Uscc),
}

impl NotRegistered {
    /// The reason for a code that is known not to be registered.
    #[must_use]
    pub fn new(uscc: Uscc) -> Self {
        match Uscc::parse(uscc.as_str()) {
            Ok(uscc) => Self::Unknown(uscc),
            Err(error) => Self::Mistyped(error),
        }
    }
}

/// A code that may change over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "code", rename_all = "snake_case")]
pub enum Code {
    District(DistrictCode),
    Industry(IndustryCode),
}

/// Which of an enterprise's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeKind {
    District,
    Industry,
}

impl Code {
    /// Which code it is.
    #[must_use]
    pub fn kind(self) -> CodeKind {
        match self {
            Self::District(_) => CodeKind::District,
            Self::Industry(_) => CodeKind::Industry,
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::District(code) => code.as_str(),
            Self::Industry(code) => code.as_str(),
        }
    }
}

/// A code that holds from a day on, until the next change; the key is enterprise, kind and day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeChange {
    pub uscc: Uscc,
    /// First day on which it holds.
    #[serde(with = "date_text")]
    pub effective_from: Date,
    #[serde(flatten)]
    pub code: Code,
}

/// An enterprise with what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseRecord {
    pub enterprise: Enterprise,
    /// Dated changes of its codes, by day and kind.
    pub code_changes: Vec<CodeChange>,
    /// Its filings, by fiscal year.
    pub filings: Vec<Filing>,
    /// Its suspensions, by first day.
    pub suspensions: Vec<Suspension>,
}

impl EnterpriseRecord {
    /// Puts a change of a code in the place of the one of the same kind and day.
    pub fn put_code_change(&mut self, change: &CodeChange) -> Verdict {
        let place = |change: &CodeChange| (change.effective_from, change.code.kind());
        match self
            .code_changes
            .binary_search_by_key(&place(change), place)
        {
            Ok(at) => {
                let verdict = Verdict::of(change, Some(&self.code_changes[at]));
                self.code_changes[at] = change.clone();
                verdict
            }
            Err(at) => {
                self.code_changes.insert(at, change.clone());
                Verdict::Created
            }
        }
    }

    /// The industry that holds on a day.
    #[must_use]
    pub fn industry_on(&self, day: Date) -> IndustryCode {
        self.code_changes
            .iter()
            .filter(|change| change.effective_from <= day)
            .filter_map(|change| match change.code {
                Code::Industry(code) => Some((change.effective_from, code)),
                Code::District(_) => None,
            })
            .max_by_key(|(from, _)| *from)
            .map_or(self.enterprise.industry_code, |(_, code)| code)
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::parse_date;

    use super::*;

    fn enterprise(uscc: &str, evidence: Option<&str>) -> Enterprise {
        Enterprise {
            uscc: Uscc::parse_excepted(uscc).unwrap(),
            name: Name::parse("钱塘第0店").unwrap(),
            district_code: DistrictCode::parse("330106").unwrap(),
            industry_code: IndustryCode::parse("5294").unwrap(),
            established_on: None,
            uscc_exception_evidence: evidence.map(|text| Explanation::parse(text).unwrap()),
        }
    }

    const REGULAR: &str = "91330100799655058B";
    const ISSUED_WITH_A_WRONG_CHECK: &str = "91350211M0000XUF46";

    #[test]
    fn evidence_is_needed_exactly_for_a_code_that_fails_its_outer_check() {
        assert!(enterprise(REGULAR, None).accept().is_ok());
        assert!(
            enterprise(ISSUED_WITH_A_WRONG_CHECK, Some("licence seen"))
                .accept()
                .is_ok()
        );
        assert!(matches!(
            enterprise(REGULAR, Some("licence seen")).accept(),
            Err(EvidenceRefused::NotNeeded(_))
        ));
        let Err(EvidenceRefused::Missing(error)) =
            enterprise(ISSUED_WITH_A_WRONG_CHECK, None).accept()
        else {
            panic!("accepted without evidence");
        };
        assert_eq!(error.reason(), "USCC_CHECK_DIGIT");
    }

    #[test]
    fn a_code_that_nobody_has_is_mistyped_or_unknown() {
        let reason = |uscc| NotRegistered::new(Uscc::parse_excepted(uscc).unwrap());
        assert!(matches!(reason(REGULAR), NotRegistered::Unknown(_)));
        assert!(matches!(
            reason(ISSUED_WITH_A_WRONG_CHECK),
            NotRegistered::Mistyped(_)
        ));
    }

    #[test]
    fn an_industry_holds_from_its_day_until_the_next_change() {
        let day = |text| parse_date(text).unwrap();
        let industry = |text| IndustryCode::parse(text).unwrap();
        let change = |from, code| CodeChange {
            uscc: Uscc::parse(REGULAR).unwrap(),
            effective_from: day(from),
            code,
        };
        let record = EnterpriseRecord {
            enterprise: enterprise(REGULAR, None),
            code_changes: vec![
                change("2017-03-01", Code::Industry(industry("6510"))),
                change(
                    "2017-06-01",
                    Code::District(DistrictCode::parse("330110").unwrap()),
                ),
                change("2018-01-01", Code::Industry(industry("6210"))),
            ],
            filings: vec![],
            suspensions: vec![],
        };
        for (on, code) in [
            ("2017-02-28", "5294"),
            ("2017-03-01", "6510"),
            ("2017-12-31", "6510"),
            ("2018-01-01", "6210"),
        ] {
            assert_eq!(record.industry_on(day(on)), industry(code), "{on}");
        }
    }
}
