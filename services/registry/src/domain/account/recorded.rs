//! Accounts that come back as a list showed them.

use gazelle_kernel::{PayeeId, account::LastFour};

use super::{
    details::Account,
    version::{PaymentAccount, State},
};

/// An account of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// To be proposed.
    Whole(Account),
    /// As a list shows one that is recorded; it proposes nothing.
    Shown(Account<LastFour>),
}

impl Given {
    /// Whose it is.
    #[must_use]
    pub fn payee_id(&self) -> &PayeeId {
        match self {
            Self::Whole(account) => &account.payee_id,
            Self::Shown(shown) => &shown.payee_id,
        }
    }

    /// What another of the batch must differ in: a payee has one proposal, and any number of
    /// accounts that lists show.
    #[must_use]
    pub fn key(&self) -> (PayeeId, Option<Box<Account<LastFour>>>) {
        match self {
            Self::Whole(account) => (account.payee_id.clone(), None),
            Self::Shown(shown) => (shown.payee_id.clone(), Some(Box::new(shown.clone()))),
        }
    }

    /// The account that is to be proposed.
    #[must_use]
    pub fn whole(&self) -> Option<&Account> {
        match self {
            Self::Whole(account) => Some(account),
            Self::Shown(_) => None,
        }
    }
}

/// Which of a payee's versions a list shows like this: one that may be paid to, else the newest.
#[must_use]
pub fn recorded<'a>(
    shown: &Account<LastFour>,
    versions: &'a [PaymentAccount],
) -> Option<&'a PaymentAccount> {
    let alike = versions.iter().filter(|it| it.account.is_shown_as(shown));
    alike.max_by_key(|it| (it.may_be_paid_to(), it.version))
}

impl PaymentAccount {
    /// Whether it is proposed or in force, and no payment to it came back.
    #[must_use]
    pub fn may_be_paid_to(&self) -> bool {
        let is_open = State::OPEN.contains(&self.standing.state);
        is_open && self.payment_returned_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use gazelle_kernel::{
        Actor, Instant,
        account::{AccountNumber, BankCode},
    };

    use super::*;
    use crate::domain::{
        account::{BankName, HolderName, Standing},
        revision::Revision,
    };

    fn account<Number>(number: Number) -> Account<Number> {
        Account {
            payee_id: PayeeId::parse("91330100799655058B").expect("a payee"),
            holder: HolderName::parse("Alpha").expect("a name"),
            number,
            bank_code: BankCode::parse("102100099996").expect("a code"),
            bank_name: BankName::parse("工商银行").expect("a name"),
            name_exception_evidence: None,
        }
    }

    fn version(version: i32, number: &str, state: State) -> PaymentAccount {
        let revision = Revision::new(7).expect("a revision");
        PaymentAccount {
            account: account(AccountNumber::parse(number).expect("a number")),
            version,
            proposed_by: Actor::new("person:alice"),
            proposed_at: Instant::UNIX_EPOCH,
            proposed_revision: revision,
            standing: Standing {
                state,
                ..Standing::PROPOSED
            },
            revision,
            payment_returned_at: None,
        }
    }

    #[test]
    fn what_a_list_shows_is_the_version_that_may_be_paid_to() {
        let versions = [
            version(1, "6222020200012345", State::Replaced),
            version(2, "6222020200019999", State::Confirmed),
            version(3, "00009999", State::Rejected),
        ];
        let shown = |last_four| account(LastFour::parse(last_four).expect("four"));
        let found = |last_four| {
            let found = recorded(&shown(last_four), &versions)?;
            Some((found.version, found.may_be_paid_to()))
        };
        assert_eq!(found("9999"), Some((2, true)));
        assert_eq!(found("2345"), Some((1, false)));
        assert_eq!(found("1111"), None);

        let mut other_bank = shown("9999");
        other_bank.bank_code = BankCode::parse("103100000026").expect("a code");
        assert_eq!(recorded(&other_bank, &versions), None);

        let mut returned = versions[1].clone();
        returned.payment_returned_at = Some(Instant::UNIX_EPOCH);
        assert!(!returned.may_be_paid_to());
    }
}
