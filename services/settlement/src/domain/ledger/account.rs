//! The chart of accounts, which is closed.

use std::fmt;

use gazelle_kernel::{PayeeId, ProgramId, Year};

/// An account of the books. Its name is its text; debits count up, credits down.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// `equity:budget:PROGRAM:YEAR`: what the versions of the year's budget gave; a credit.
    Budget(ProgramId, Year),
    /// `assets:budget:PROGRAM:YEAR:free`: what is neither committed nor granted. Below 0 where a
    /// budget was cut below what it had granted.
    Free(ProgramId, Year),
    /// `assets:budget:PROGRAM:YEAR:committed`: what a published run would grant.
    Committed(ProgramId, Year),
    /// `assets:budget:PROGRAM:YEAR:granted`: what approved runs granted, net.
    Granted(ProgramId, Year),
    /// `expenses:subsidy:PROGRAM:YEAR`: what approved runs gave, net.
    Subsidy(ProgramId, Year),
    /// `liabilities:payable:PROGRAM:PAYEE`: what is owed and in no payment; a credit.
    Payable(ProgramId, PayeeId),
    /// `liabilities:in-payment:PROGRAM:PAYEE`: what is in a payment that is not answered; a credit.
    InPayment(ProgramId, PayeeId),
    /// `assets:receivable:PROGRAM:PAYEE`: what the payee owes.
    Receivable(ProgramId, PayeeId),
    /// `assets:treasury:PROGRAM`: what was paid out; a credit. Kept for each payee, shown in one.
    Treasury(ProgramId, PayeeId),
}

/// What an account holds, whosever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccountKind {
    Budget,
    Free,
    Committed,
    Granted,
    Subsidy,
    Payable,
    InPayment,
    Receivable,
    Treasury,
}

impl AccountKind {
    /// All kinds, in the order of the chart.
    pub const ALL: [Self; 9] = [
        Self::Budget,
        Self::Free,
        Self::Committed,
        Self::Granted,
        Self::Subsidy,
        Self::Payable,
        Self::InPayment,
        Self::Receivable,
        Self::Treasury,
    ];

    /// Its name in the tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::Free => "free",
            Self::Committed => "committed",
            Self::Granted => "granted",
            Self::Subsidy => "subsidy",
            Self::Payable => "payable",
            Self::InPayment => "in_payment",
            Self::Receivable => "receivable",
            Self::Treasury => "treasury",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What the names of its accounts begin with.
    #[must_use]
    pub fn group(self) -> &'static str {
        match self {
            Self::Budget => "equity:budget:",
            Self::Free | Self::Committed | Self::Granted => "assets:budget:",
            Self::Subsidy => "expenses:subsidy:",
            Self::Payable => "liabilities:payable:",
            Self::InPayment => "liabilities:in-payment:",
            Self::Receivable => "assets:receivable:",
            Self::Treasury => "assets:treasury:",
        }
    }

    /// Whether its accounts are each of a payee; else they are of a year.
    #[must_use]
    pub fn is_of_payee(self) -> bool {
        match self {
            Self::Budget | Self::Free | Self::Committed | Self::Granted | Self::Subsidy => false,
            Self::Payable | Self::InPayment | Self::Receivable | Self::Treasury => true,
        }
    }
}

impl Account {
    /// The account of a kind and of a year or a payee; `None` where the kind has the other.
    #[must_use]
    pub fn new(
        kind: AccountKind,
        program_id: ProgramId,
        year: Option<Year>,
        payee_id: Option<PayeeId>,
    ) -> Option<Self> {
        Some(match (kind, year, payee_id) {
            (AccountKind::Budget, Some(year), None) => Self::Budget(program_id, year),
            (AccountKind::Free, Some(year), None) => Self::Free(program_id, year),
            (AccountKind::Committed, Some(year), None) => Self::Committed(program_id, year),
            (AccountKind::Granted, Some(year), None) => Self::Granted(program_id, year),
            (AccountKind::Subsidy, Some(year), None) => Self::Subsidy(program_id, year),
            (AccountKind::Payable, None, Some(payee)) => Self::Payable(program_id, payee),
            (AccountKind::InPayment, None, Some(payee)) => Self::InPayment(program_id, payee),
            (AccountKind::Receivable, None, Some(payee)) => Self::Receivable(program_id, payee),
            (AccountKind::Treasury, None, Some(payee)) => Self::Treasury(program_id, payee),
            _ => return None,
        })
    }

    /// What it holds.
    #[must_use]
    pub fn kind(&self) -> AccountKind {
        match self {
            Self::Budget(..) => AccountKind::Budget,
            Self::Free(..) => AccountKind::Free,
            Self::Committed(..) => AccountKind::Committed,
            Self::Granted(..) => AccountKind::Granted,
            Self::Subsidy(..) => AccountKind::Subsidy,
            Self::Payable(..) => AccountKind::Payable,
            Self::InPayment(..) => AccountKind::InPayment,
            Self::Receivable(..) => AccountKind::Receivable,
            Self::Treasury(..) => AccountKind::Treasury,
        }
    }

    /// The program whose account it is.
    #[must_use]
    pub fn program_id(&self) -> &ProgramId {
        match self {
            Self::Budget(program_id, _)
            | Self::Free(program_id, _)
            | Self::Committed(program_id, _)
            | Self::Granted(program_id, _)
            | Self::Subsidy(program_id, _)
            | Self::Payable(program_id, _)
            | Self::InPayment(program_id, _)
            | Self::Receivable(program_id, _)
            | Self::Treasury(program_id, _) => program_id,
        }
    }

    /// The budget year that it is of, if any.
    #[must_use]
    pub fn year(&self) -> Option<Year> {
        match self {
            Self::Budget(_, year)
            | Self::Free(_, year)
            | Self::Committed(_, year)
            | Self::Granted(_, year)
            | Self::Subsidy(_, year) => Some(*year),
            Self::Payable(..) | Self::InPayment(..) | Self::Receivable(..) | Self::Treasury(..) => {
                None
            }
        }
    }

    /// The payee that it is of, if any.
    #[must_use]
    pub fn payee_id(&self) -> Option<&PayeeId> {
        match self {
            Self::Payable(_, payee)
            | Self::InPayment(_, payee)
            | Self::Receivable(_, payee)
            | Self::Treasury(_, payee) => Some(payee),
            Self::Budget(..)
            | Self::Free(..)
            | Self::Committed(..)
            | Self::Granted(..)
            | Self::Subsidy(..) => None,
        }
    }
}

impl Account {
    /// The name that no other account has: that of exports, which show the treasury's accounts of a
    /// program in one, with the payee behind it.
    #[must_use]
    pub fn full_name(&self) -> String {
        match self {
            Self::Treasury(_, payee) => format!("{self}:{payee}"),
            _ => self.to_string(),
        }
    }
}

/// An account by its texts, whatever they are; shown, its [full name](Account::full_name).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    pub kind: AccountKind,
    pub program_id: &'a str,
    /// The year, or the payee.
    pub whose: &'a str,
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.kind {
            AccountKind::Free => ":free",
            AccountKind::Committed => ":committed",
            AccountKind::Granted => ":granted",
            _ => "",
        };
        for text in [self.kind.group(), self.program_id, ":", self.whose, end] {
            f.write_str(text)?;
        }
        Ok(())
    }
}

/// The name that exports give it: the treasury's accounts of a program have one.
#[must_use]
pub fn name_in_exports(account: &Named<'_>) -> String {
    match account.kind {
        AccountKind::Treasury => format!("{}{}", account.kind.group(), account.program_id),
        _ => account.to_string(),
    }
}

/// The name that exports give it.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Budget(program, year) => write!(f, "equity:budget:{program}:{year}"),
            Self::Free(program, year) => write!(f, "assets:budget:{program}:{year}:free"),
            Self::Committed(program, year) => write!(f, "assets:budget:{program}:{year}:committed"),
            Self::Granted(program, year) => write!(f, "assets:budget:{program}:{year}:granted"),
            Self::Subsidy(program, year) => write!(f, "expenses:subsidy:{program}:{year}"),
            Self::Payable(program, payee) => write!(f, "liabilities:payable:{program}:{payee}"),
            Self::InPayment(program, payee) => {
                write!(f, "liabilities:in-payment:{program}:{payee}")
            }
            Self::Receivable(program, payee) => write!(f, "assets:receivable:{program}:{payee}"),
            Self::Treasury(program, _) => write!(f, "assets:treasury:{program}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_by_its_texts_has_the_names_of_the_account() {
        let program = ProgramId::parse("share").unwrap();
        let (year, payee) = (
            Year::new(2017).unwrap(),
            PayeeId::parse("alpha-mall").unwrap(),
        );
        for kind in AccountKind::ALL {
            let of_year = Account::new(kind, program.clone(), Some(year), None);
            let of_payee = || Account::new(kind, program.clone(), None, Some(payee.clone()));
            let account = of_year.or_else(of_payee).unwrap();
            let whose = if account.year().is_some() {
                "2017"
            } else {
                "alpha-mall"
            };
            let named = Named {
                kind,
                program_id: "share",
                whose,
            };
            assert_eq!(named.to_string(), account.full_name());
            assert_eq!(name_in_exports(&named), account.to_string());
        }
    }
}
