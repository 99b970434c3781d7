//! What may be wrong with a program's terms.

use std::{collections::HashSet, fmt};

use gazelle_kernel::{
    Fen, ParseError,
    account::{self, AccountNumber, BankCode},
};

use super::terms::{Payer, Terms};

/// Longest public notice, in days.
const NOTICE_DAYS_MAX: i32 = 365;

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

/// Everything that is wrong with terms whose lists are sorted, in the order of the fields.
pub(super) fn faults(terms: &Terms) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    faults.repeated("platform_ids", &terms.platform_ids);
    faults.repeated("district_code_prefixes", &terms.district_code_prefixes);
    faults.repeated("industry_code_prefixes", &terms.industry_code_prefixes);
    for prefix in &terms.industry_code_prefixes {
        let fits = prefix.as_str().len() <= 4;
        faults.unless(fits, "industry_code_prefixes", "CODE_INVALID", || {
            format!("{prefix} is no prefix of an industry code; 1 to 4 digits are expected")
        });
    }
    faults.repeated("size_classes", &terms.size_classes);
    let any = !terms.size_classes.is_empty();
    faults.unless(any, "size_classes", "SIZE_CLASSES_EMPTY", || {
        "at least one is expected".into()
    });
    faults.of_shares(terms);
    faults.not_negative("enterprise_year_cap_fen", terms.enterprise_year_cap_fen);
    faults.repeated("budgets", terms.budgets.iter().map(|budget| budget.year));
    for budget in &terms.budgets {
        faults.not_negative("budgets", budget.amount_fen);
    }
    faults.not_negative("payment_min_fen", terms.payment_min_fen);
    if let Some(payer) = &terms.payer {
        faults.of_payer(payer);
    }
    faults.repeated("excluded_program_ids", &terms.excluded_program_ids);
    let days = terms.notice_days;
    let fits = (0..=NOTICE_DAYS_MAX).contains(&days);
    faults.unless(fits, "notice_days", "NOTICE_DAYS_INVALID", || {
        format!("{days}; 0 to {NOTICE_DAYS_MAX} are expected")
    });
    // Of items that are all wrong alike, one is told.
    let mut told = HashSet::new();
    let mut faults = faults.0;
    faults.retain(|fault| told.insert((fault.field, fault.message.clone())));
    faults
}

/// Everything that is wrong with an account that payments are made from.
#[must_use]
pub fn payer_faults(payer: &Payer) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    faults.of_payer(payer);
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

    fn of_shares(&mut self, terms: &Terms) {
        self.unless(!terms.shares.is_empty(), "shares", "SHARES_EMPTY", || {
            "at least one is expected: without one the program shares nothing".into()
        });
        self.repeated("shares", terms.shares.iter().map(|share| &share.fee_kind));
        for share in &terms.shares {
            let bps = share.shared_bps();
            self.unless(bps <= 10_000, "shares", "SHARE_ABOVE_WHOLE", || {
                let kind = &share.fee_kind;
                format!("{bps} bps of {kind} are shared; at most 10000 are expected")
            });
        }
    }

    fn of_payer(&mut self, payer: &Payer) {
        let name = account::parse_name(&payer.account_name);
        self.unread("payer.account_name", name);
        let number = AccountNumber::parse(&payer.account_number);
        self.unread("payer.account_number", number);
        self.unread("payer.bank_code", BankCode::parse(&payer.bank_code));
        if !payer.bank_name.is_empty() {
            let name = account::parse_name(&payer.bank_name);
            self.unread("payer.bank_name", name);
        }
    }

    fn unread<T>(&mut self, field: &'static str, read: Result<T, ParseError>) {
        if let Err(error) = read {
            self.0.push(Fault {
                field,
                reason: error.reason(),
                message: error.to_string(),
            });
        }
    }

    fn not_negative(&mut self, field: &'static str, amount: Fen) {
        self.unless(amount >= Fen::ZERO, field, "AMOUNT_NEGATIVE", || {
            format!("{amount} fen; 0 or more is expected")
        });
    }

    /// Names each item that stands in the sorted list more than once.
    fn repeated<T: PartialEq + fmt::Display>(
        &mut self,
        field: &'static str,
        items: impl IntoIterator<Item = T>,
    ) {
        let items: Vec<T> = items.into_iter().collect();
        for same in items.chunk_by(PartialEq::eq) {
            self.unless(same.len() == 1, field, "DUPLICATE", || {
                format!("{} stands here more than once", same[0])
            });
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
        let faults = faults(&terms.sorted());
        faults
            .iter()
            .map(|fault| (fault.field, fault.reason))
            .collect()
    }

    #[test]
    fn each_fault_is_named() {
        assert_eq!(reasons(|_| ()), []);
        assert_eq!(
            reasons(|t| t.size_classes.clear()),
            [("size_classes", "SIZE_CLASSES_EMPTY")]
        );
        assert_eq!(
            reasons(|t| t.enterprise_year_cap_fen = Fen::new(-1)),
            [("enterprise_year_cap_fen", "AMOUNT_NEGATIVE")]
        );
        assert_eq!(
            reasons(|t| t.payment_min_fen = Fen::new(-1)),
            [("payment_min_fen", "AMOUNT_NEGATIVE")]
        );
        assert_eq!(
            reasons(|t| t.budgets = vec![fixture::budget(2017, -1), fixture::budget(2017, 0)]),
            [("budgets", "DUPLICATE"), ("budgets", "AMOUNT_NEGATIVE")]
        );
        for days in [-1, 366] {
            assert_eq!(
                reasons(|t| t.notice_days = days),
                [("notice_days", "NOTICE_DAYS_INVALID")]
            );
        }
        assert_eq!(
            reasons(|t| t.industry_code_prefixes = vec![fixture::prefix("52111")]),
            [("industry_code_prefixes", "CODE_INVALID")]
        );
        assert_eq!(
            reasons(|t| t.excluded_program_ids = vec![fixture::program_id("other"); 2]),
            [("excluded_program_ids", "DUPLICATE")]
        );
    }

    #[test]
    fn a_kind_is_shared_once_and_never_beyond_itself() {
        let share = fixture::share;
        assert_eq!(reasons(|t| t.shares.clear()), [("shares", "SHARES_EMPTY")]);
        assert_eq!(
            reasons(|t| t.shares = vec![share("A", 9_999, 2)]),
            [("shares", "SHARE_ABOVE_WHOLE")]
        );
        assert_eq!(reasons(|t| t.shares = vec![share("A", 10_000, 0)]), []);
        assert_eq!(
            reasons(|t| t.shares = vec![share("A", 1, 0), share("A", 2, 0)]),
            [("shares", "DUPLICATE")]
        );
    }

    #[test]
    fn a_payer_has_an_account_that_a_file_can_name() {
        let payer = |account_number: &str, bank_code: &str| Payer {
            account_name: "treasury".into(),
            account_number: account_number.into(),
            bank_code: bank_code.into(),
            bank_name: String::new(),
        };
        let told = payer_faults(&payer("6222020200012345a", "103331000011"));
        assert!(!told[0].message.contains("622202"), "{}", told[0]);
        let reasons = |payer| reasons(|t| t.payer = Some(payer));
        assert_eq!(reasons(payer("3301-A", "103331000011")), []);
        for number in ["", "1234", "12345a", &"1".repeat(35)] {
            let refused = reasons(payer(number, "103331000011"));
            let expected = [("payer.account_number", "ACCOUNT_NUMBER_INVALID")];
            assert_eq!(refused, expected, "{number}");
        }
        for bank in ["", "10333100001", "10333100001X"] {
            let refused = reasons(payer("12345", bank));
            let expected = [("payer.bank_code", "BANK_CODE_INVALID")];
            assert_eq!(refused, expected, "{bank}");
        }
    }
}
