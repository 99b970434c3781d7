//! Programs: what is shared with whom, and out of which budget.

use std::fmt;

use gazelle_kernel::{Bps, CodePrefix, FeeKind, Interval, PlatformId, ProgramId, SizeClass, Year};

/// What a program says, not checked yet; see [`Program::new`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Its id.
    pub program_id: ProgramId,
    /// Name in English.
    pub name: String,
    /// Name in Chinese.
    pub name_zh: String,
    /// Fees of these days are shared.
    pub term: Interval,
    /// Fees of these platforms are shared; empty: all.
    pub platforms: Vec<PlatformId>,
    /// Prefixes of eligible district codes; empty: all.
    pub districts: Vec<CodePrefix>,
    /// Prefixes of eligible industry codes; empty: all.
    pub industries: Vec<CodePrefix>,
    /// Eligible size classes.
    pub size_classes: Vec<SizeClass>,
    /// What is shared, a row a fee kind; fees of other kinds are out of scope.
    pub shares: Vec<Share>,
    /// The most that an enterprise is entitled to in a program year, in fen; 0: no cap.
    pub enterprise_year_cap_fen: i64,
    /// At most one a year; a year without one has 0.
    pub budgets: Vec<Budget>,
    /// Who gets what when a budget is short.
    pub allocation: Allocation,
    /// Who is paid.
    pub payee: Payee,
    /// Programs that it yields to: it leaves them what they share.
    pub excludes: Vec<ProgramId>,
    /// Days of public notice before a run may be approved.
    pub notice_days: i32,
}

/// How fees of one kind are shared; the enterprise bears the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The kind.
    pub fee_kind: FeeKind,
    /// The government's part.
    pub government_bps: Bps,
    /// The platform's part.
    pub platform_bps: Bps,
}

impl Share {
    /// What the enterprise does not bear, in basis points.
    #[must_use]
    pub fn shared_bps(&self) -> u32 {
        u32::from(self.government_bps.get()) + u32::from(self.platform_bps.get())
    }
}

/// The money of one program year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The program year.
    pub year: Year,
    /// The amount in fen.
    pub amount_fen: i64,
    /// When it can be spent.
    pub release: Release,
}

/// When a year's budget can be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// All of it from the start.
    AtOnce,
    /// A twelfth a month, counted from January.
    Monthly,
}

/// Who gets what when a budget is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// The earliest application first.
    FirstCome,
    /// All in proportion to what they are due.
    ProRata,
}

/// Who is paid what the government bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payee {
    /// The enterprise, which has paid the platform.
    Enterprise,
    /// The platform, which has waived the fee.
    Platform,
}

/// A program whose terms are checked, with every list in byte order, so that the same terms in
/// another order are the same program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program(Terms);

impl Program {
    /// Longest name, in characters.
    pub const NAME_CHARACTERS_MAX: usize = 200;
    /// Longest public notice, in days.
    pub const NOTICE_DAYS_MAX: i32 = 365;

    /// Checks the terms; a refusal names every fault.
    pub fn new(mut terms: Terms) -> Result<Self, ProgramInvalid> {
        sort(&mut terms);
        let faults = faults(&terms);
        if faults.is_empty() {
            Ok(Self(terms))
        } else {
            Err(ProgramInvalid { faults })
        }
    }

    /// What it says.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.0
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &ProgramId {
        &self.0.program_id
    }

    /// Whether it shares fees of the platform.
    #[must_use]
    pub fn covers(&self, platform: &PlatformId) -> bool {
        self.0.platforms.is_empty() || self.0.platforms.contains(platform)
    }

    /// How it shares fees of the kind, if it does.
    #[must_use]
    pub fn share(&self, fee_kind: &FeeKind) -> Option<&Share> {
        self.0
            .shares
            .iter()
            .find(|share| share.fee_kind == *fee_kind)
    }

    /// Whether a fee is the program's to judge (`SETTLEMENT.md`, Eligibility).
    #[must_use]
    pub fn in_scope(&self, platform: &PlatformId, fee_kind: &FeeKind) -> bool {
        self.share(fee_kind).is_some() && self.covers(platform)
    }

    /// The budget of a program year, if there is one.
    #[must_use]
    pub fn budget(&self, year: Year) -> Option<&Budget> {
        self.0.budgets.iter().find(|budget| budget.year == year)
    }

    /// This program with the budgets of another version of it: the part that may change for a year
    /// that has an approved run.
    #[must_use]
    pub fn with_budgets_of(&self, other: &Self) -> Self {
        Self(Terms {
            budgets: other.0.budgets.clone(),
            ..self.0.clone()
        })
    }
}

fn sort(terms: &mut Terms) {
    terms.platforms.sort();
    terms.districts.sort();
    terms.industries.sort();
    terms.size_classes.sort();
    terms.shares.sort_by(|a, b| a.fee_kind.cmp(&b.fee_kind));
    terms.budgets.sort_by_key(|budget| budget.year);
    terms.excludes.sort();
}

/// Why terms are no program: everything that is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the program contradicts itself: {}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct ProgramInvalid {
    /// At least one fault, in the order of the fields.
    pub faults: Vec<Fault>,
}

/// One fault of a program's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field that is to blame.
    pub field: &'static str,
    /// The machine reason, such as `SHARE_ABOVE_WHOLE`.
    pub reason: &'static str,
    /// What was refused and what is expected.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

fn faults(terms: &Terms) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    for (field, name) in [("name", &terms.name), ("name_zh", &terms.name_zh)] {
        let length = name.chars().count();
        faults.unless(
            length <= Program::NAME_CHARACTERS_MAX,
            field,
            "NAME_TOO_LONG",
            || {
                format!(
                    "{length} characters; at most {} are expected",
                    Program::NAME_CHARACTERS_MAX
                )
            },
        );
    }
    faults.repeated("platforms", &terms.platforms);
    faults.repeated("districts", &terms.districts);
    faults.repeated("industries", &terms.industries);
    for prefix in &terms.industries {
        faults.unless(
            prefix.as_str().len() <= 4,
            "industries",
            "CODE_INVALID",
            || format!("{prefix} is no prefix of an industry code; 1 to 4 digits are expected"),
        );
    }
    faults.repeated("size_classes", &terms.size_classes);
    faults.unless(
        !terms.size_classes.is_empty(),
        "size_classes",
        "SIZE_CLASSES_EMPTY",
        || "at least one is expected".into(),
    );
    faults.repeated("shares", terms.shares.iter().map(|share| &share.fee_kind));
    for share in &terms.shares {
        faults.unless(
            share.shared_bps() <= 10_000,
            "shares",
            "SHARE_ABOVE_WHOLE",
            || {
                format!(
                    "{} bps of {} are shared; at most 10000 are expected",
                    share.shared_bps(),
                    share.fee_kind
                )
            },
        );
    }
    let cap = terms.enterprise_year_cap_fen;
    faults.unless(
        cap >= 0,
        "enterprise_year_cap_fen",
        "AMOUNT_NEGATIVE",
        || format!("{cap}; 0 (no cap) or more is expected"),
    );
    faults.repeated("budgets", terms.budgets.iter().map(|budget| budget.year));
    for budget in &terms.budgets {
        faults.unless(budget.amount_fen >= 0, "budgets", "AMOUNT_NEGATIVE", || {
            format!(
                "{} in {}; 0 or more is expected",
                budget.amount_fen, budget.year
            )
        });
    }
    faults.repeated("excludes", &terms.excludes);
    faults.unless(
        (0..=Program::NOTICE_DAYS_MAX).contains(&terms.notice_days),
        "notice_days",
        "NOTICE_DAYS_INVALID",
        || {
            format!(
                "{}; 0 to {} are expected",
                terms.notice_days,
                Program::NOTICE_DAYS_MAX
            )
        },
    );
    faults.0
}

struct Faults(Vec<Fault>);

impl Faults {
    fn unless(
        &mut self,
        holds: bool,
        field: &'static str,
        reason: &'static str,
        message: impl FnOnce() -> String,
    ) {
        if !holds {
            self.0.push(Fault {
                field,
                reason,
                message: message(),
            });
        }
    }

    /// Names each item that stands in the sorted list more than once.
    fn repeated<T: PartialEq + fmt::Display>(
        &mut self,
        field: &'static str,
        items: impl IntoIterator<Item = T>,
    ) {
        let mut before = None;
        for item in items {
            self.unless(before.as_ref() != Some(&item), field, "DUPLICATE", || {
                format!("{item} stands here more than once")
            });
            before = Some(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    fn reasons(change: impl FnOnce(&mut Terms)) -> Vec<(&'static str, &'static str)> {
        let mut terms = fixture::terms("share");
        change(&mut terms);
        let faults = Program::new(terms)
            .err()
            .map(|invalid| invalid.faults)
            .unwrap_or_default();
        faults
            .iter()
            .map(|fault| (fault.field, fault.reason))
            .collect()
    }

    #[test]
    fn the_order_of_lists_does_not_matter() {
        let mut terms = fixture::terms("share");
        terms.shares = vec![fixture::share("B", 1, 1), fixture::share("A", 2, 2)];
        terms.platforms = ["yy", "xx"].map(fixture::platform).into();
        let mut other = terms.clone();
        other.shares.reverse();
        other.platforms.reverse();
        assert_eq!(Program::new(terms), Program::new(other));
    }

    #[test]
    fn each_fault_is_named() {
        assert_eq!(reasons(|_| ()), []);
        assert_eq!(
            reasons(|t| t.name = "x".repeat(201)),
            [("name", "NAME_TOO_LONG")]
        );
        assert_eq!(
            reasons(|t| t.size_classes.clear()),
            [("size_classes", "SIZE_CLASSES_EMPTY")]
        );
        assert_eq!(
            reasons(|t| t.shares = vec![fixture::share("A", 9_999, 2)]),
            [("shares", "SHARE_ABOVE_WHOLE")]
        );
        assert_eq!(
            reasons(|t| t.shares = vec![fixture::share("A", 10_000, 0)]),
            []
        );
        assert_eq!(
            reasons(|t| t.shares = vec![fixture::share("A", 1, 0), fixture::share("A", 2, 0)]),
            [("shares", "DUPLICATE")]
        );
        assert_eq!(
            reasons(|t| t.enterprise_year_cap_fen = -1),
            [("enterprise_year_cap_fen", "AMOUNT_NEGATIVE")]
        );
        assert_eq!(
            reasons(|t| t.budgets = vec![fixture::budget(2017, -1), fixture::budget(2017, 0)]),
            [("budgets", "DUPLICATE"), ("budgets", "AMOUNT_NEGATIVE")]
        );
        assert_eq!(
            reasons(|t| t.notice_days = -1),
            [("notice_days", "NOTICE_DAYS_INVALID")]
        );
        assert_eq!(
            reasons(|t| t.notice_days = 366),
            [("notice_days", "NOTICE_DAYS_INVALID")]
        );
        assert_eq!(
            reasons(|t| t.industries = vec![fixture::prefix("52111")]),
            [("industries", "CODE_INVALID")]
        );
        assert_eq!(
            reasons(|t| t.excludes = vec![fixture::program_id("other"); 2]),
            [("excludes", "DUPLICATE")]
        );
    }
}
