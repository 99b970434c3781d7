//! What is remarkable about records, and refuses none: it tells a wrong file before it costs a
//! month.

use std::collections::{BTreeMap, BTreeSet};

use gazelle_kernel::{FeeKind, Period, parse_date};
use gazelle_proto::usage::v1::{UsageRecord, Warning, WarningKind};
use serde_json::{Value, json};

use crate::input::field::is_cut;
use crate::output::thousands;
use crate::words;

/// Fee kinds without a program that are told apart.
const KINDS_MAX: usize = 20;

/// What is known beforehand; what could not be asked is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Fee kinds that any program shares.
    pub fee_kinds: Option<BTreeSet<String>>,
    /// The first month of the platform.
    pub first_period: Option<Period>,
}

/// What looks wrong about many of a file's records, though each may be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What, for programs.
    pub kind: String,
    /// On how many records.
    pub record_count: i64,
    /// Of how many.
    pub total_count: i64,
    /// The same, for a person.
    pub message: String,
}

impl Remark {
    /// As in the JSON of a report.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({"kind": self.kind, "record_count": self.record_count,
               "of_record_count": self.total_count, "message": self.message})
    }
}

/// Looks at records on their way.
pub(super) struct Remarks {
    expected: Expected,
    /// The first day of the platform's first month.
    first_day: Option<String>,
    seen: i64,
    early: i64,
    cut: i64,
    /// The first id that was.
    first_cut: String,
    unknown: BTreeMap<String, i64>,
    /// As the service says it of the whole stream.
    told: Vec<Warning>,
    /// As it said it of those before.
    told_before: Vec<Warning>,
}

impl Remarks {
    pub(super) fn new(expected: Expected) -> Self {
        Self {
            first_day: expected.first_period.map(|first| format!("{first}-01")),
            expected,
            seen: 0,
            early: 0,
            cut: 0,
            first_cut: String::new(),
            unknown: BTreeMap::new(),
            told: Vec::new(),
            told_before: Vec::new(),
        }
    }

    pub(super) fn look(&mut self, record: &UsageRecord) {
        self.seen += 1;
        // Days of the contract are in the order of the calendar. What is none is refused, and said
        // so.
        let day = &record.occurred_on;
        let first = self.first_day.as_ref();
        let is_early = first.is_some_and(|first| day < first) && parse_date(day).is_ok();
        self.early += i64::from(is_early);
        let ids = [
            &record.record_id,
            &record.merchant_id,
            &record.reverses_record_id,
        ];
        if let Some(cut) = ids.into_iter().find(|id| is_cut(id)) {
            if self.cut == 0 {
                self.first_cut.clone_from(cut);
            }
            self.cut += 1;
        }
        let known = self.expected.fee_kinds.as_ref();
        let is_unknown = known.is_some_and(|kinds| !kinds.contains(&record.fee_kind));
        // What is no kind at all is refused, and said so.
        if is_unknown && FeeKind::parse(&record.fee_kind).is_ok() {
            let room = self.unknown.len() < KINDS_MAX;
            if let Some(count) = self.unknown.get_mut(&record.fee_kind) {
                *count += 1;
            } else if room {
                self.unknown.insert(record.fee_kind.clone(), 1);
            }
        }
    }

    /// What comes now is on a stream of its own, of which the service says nothing yet.
    pub(super) fn begin_stream(&mut self) {
        for warning in std::mem::take(&mut self.told) {
            let mut before = self.told_before.iter_mut();
            match before.find(|it| it.kind == warning.kind) {
                Some(before) => {
                    before.record_count += warning.record_count;
                    before.of_record_count += warning.of_record_count;
                }
                None => self.told_before.push(warning),
            }
        }
    }

    /// What the newest acknowledgement says of the stream so far.
    pub(super) fn told(&mut self, warnings: &[Warning]) {
        self.told = warnings.to_vec();
    }

    /// What was found; of a check nothing is kept that could be withdrawn.
    pub(super) fn found(mut self, check_only: bool) -> Vec<Remark> {
        self.begin_stream();
        let told = self.told_before.iter().map(|warning| Remark {
            kind: kind_name(warning.kind()),
            record_count: warning.record_count,
            total_count: warning.of_record_count,
            message: said(warning, check_only),
        });
        let mut found: Vec<_> = told.collect();
        let total = thousands(self.seen);
        let remark = |kind: &str, record_count, message| Remark {
            kind: kind.to_owned(),
            record_count,
            total_count: self.seen,
            message,
        };
        for (kind, count) in &self.unknown {
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("count", &thousands(*count)),
                ("total", &total),
                ("kind", kind),
            ];
            let message = words::KIND_IN_NO_PROGRAM.with(&values);
            found.push(remark("FEE_KIND_IN_NO_PROGRAM", *count, message));
        }
        if self.cut > 0 {
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("count", &thousands(self.cut)),
                ("total", &total),
                ("found", &self.first_cut),
            ];
            let message = words::IDS_CUT.with(&values);
            found.push(remark("ID_CUT_BY_SPREADSHEET", self.cut, message));
        }
        if let Some(first) = self.expected.first_period.filter(|_| self.early > 0) {
            let values: [(&str, &dyn std::fmt::Display); 3] = [
                ("count", &thousands(self.early)),
                ("total", &total),
                ("period", &first),
            ];
            let message = words::BEFORE_FIRST_PERIOD.with(&values);
            found.push(remark("DAY_BEFORE_FIRST_MONTH", self.early, message));
        }
        found
    }
}

fn kind_name(kind: WarningKind) -> String {
    kind.as_str_name()
        .trim_start_matches("WARNING_KIND_")
        .to_owned()
}

fn said(warning: &Warning, check_only: bool) -> String {
    let otherwise = if check_only {
        ""
    } else {
        words::ELSE_WITHDRAW.say()
    };
    match warning.kind() {
        WarningKind::Unspecified => warning.message.clone(),
        WarningKind::DaysOutsidePeriod => words::DAYS_OUTSIDE.with(&[
            ("count", &thousands(warning.record_count)),
            ("total", &thousands(warning.of_record_count)),
            ("else", &otherwise),
        ]),
        WarningKind::PeriodNotBegun => words::PERIOD_TO_COME.with(&[("else", &otherwise)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fee_kind: &str, occurred_on: &str) -> UsageRecord {
        UsageRecord {
            fee_kind: fee_kind.to_owned(),
            occurred_on: occurred_on.to_owned(),
            ..UsageRecord::default()
        }
    }

    fn found(expected: Expected) -> Vec<(String, i64)> {
        let mut remarks = Remarks::new(expected);
        for (kind, day) in [
            ("COMMISSION", "2025-01-31"),
            ("COMMISSION", "2025-02-01"),
            ("POSTAGE", "2024-12-31"),
            ("POSTAGE", "2025-02-28"),
            ("", "2025-02-28"),
            ("postage", "2025-02-28"),
            ("COMMISSION", "01/02/2025"),
            ("COMMISSION", "2025-01-32"),
        ] {
            remarks.look(&record(kind, day));
        }
        remarks.told(&[Warning {
            kind: WarningKind::DaysOutsidePeriod.into(),
            record_count: 3,
            of_record_count: 4,
            message: String::new(),
        }]);
        let found = remarks.found(false);
        assert!(
            found
                .iter()
                .all(|remark| remark.message.contains(&remark.total_count.to_string()))
        );
        found
            .into_iter()
            .map(|remark| (remark.kind, remark.record_count))
            .collect()
    }

    #[test]
    fn nothing_is_to_be_withdrawn_after_a_check() {
        let told = |kind: WarningKind, check_only| {
            let mut remarks = Remarks::new(Expected::default());
            remarks.told(&[Warning {
                kind: kind.into(),
                record_count: 3,
                of_record_count: 4,
                message: String::new(),
            }]);
            remarks.found(check_only).remove(0).message
        };
        for kind in [WarningKind::DaysOutsidePeriod, WarningKind::PeriodNotBegun] {
            let reported = told(kind, false);
            assert!(reported.contains("? If not, `gazelle usage withdraw`"));
            let checked = told(kind, true);
            assert!(checked.ends_with('?'), "{checked}");
        }
    }

    #[test]
    fn ids_that_a_spreadsheet_has_cut_are_remarked_whatever_they_name() {
        let mut remarks = Remarks::new(Expected::default());
        let cut = |power: u8| format!("2.0250401E+{power}");
        let whole = || record("COMMISSION", "2025-01-31");
        for record in [
            UsageRecord {
                record_id: cut(17),
                ..whole()
            },
            UsageRecord {
                merchant_id: cut(11),
                ..whole()
            },
            UsageRecord {
                reverses_record_id: cut(18),
                ..whole()
            },
            whole(),
        ] {
            remarks.look(&record);
        }
        let found = remarks.found(false);
        let counts: Vec<_> = found
            .iter()
            .map(|remark| (remark.kind.as_str(), remark.record_count))
            .collect();
        assert_eq!(counts, [("ID_CUT_BY_SPREADSHEET", 3)]);
        assert!(
            found[0].message.contains("2.0250401E+17"),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn kinds_of_no_program_and_days_before_the_first_month_are_remarked() {
        let expected = Expected {
            fee_kinds: Some(["COMMISSION".to_owned()].into()),
            first_period: Some(Period::parse("2025-02").unwrap()),
        };
        let remarks = [
            ("DAYS_OUTSIDE_PERIOD", 3),
            ("FEE_KIND_IN_NO_PROGRAM", 2),
            ("DAY_BEFORE_FIRST_MONTH", 2),
        ];
        assert_eq!(
            found(expected),
            remarks.map(|(kind, count)| (kind.to_owned(), count))
        );
        assert_eq!(found(Expected::default()).len(), 1);
    }
}
