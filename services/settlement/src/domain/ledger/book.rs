//! Which postings a cause makes (`PAYMENT.md`, Balances and Ledger).

use gazelle_kernel::{Fen, PayeeId, ProgramId, Year};

use super::{Account, Posting};

/// What a payee has with a program, each 0 or more; `payable` or `receivable` is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// Owed, and in no payment.
    pub payable: Fen,
    /// In a payment that is not answered yet.
    pub in_payment: Fen,
    pub paid: Fen,
    /// Owed by the payee.
    pub receivable: Fen,
}

/// A sum of the books leaves 64 bits: `OVERFLOW`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sum of the books leaves 64 bits")]
pub struct BooksOverflow;

fn plus(sum: &mut Fen, amount: Fen) -> Result<(), BooksOverflow> {
    *sum = sum.checked_add(amount).ok_or(BooksOverflow)?;
    Ok(())
}

fn minus(sum: &mut Fen, amount: Fen) -> Result<(), BooksOverflow> {
    *sum = sum.checked_sub(amount).ok_or(BooksOverflow)?;
    Ok(())
}

/// A move of 0 is none.
fn posting(debit: Account, credit: Account, amount: Fen) -> Option<Posting> {
    (amount > Fen::ZERO).then_some(Posting {
        debit,
        credit,
        amount,
        payment_id: None,
    })
}

/// A year's budget that comes to another amount.
#[must_use]
pub fn budget_set(program_id: &ProgramId, year: Year, before: Fen, now: Fen) -> Option<Posting> {
    let budget = Account::Budget(program_id.clone(), year);
    let free = Account::Free(program_id.clone(), year);
    // Budgets are 0 or more, so their difference is in 64 bits.
    let over = |more: Fen, less: Fen| Fen::new(more.get() - less.get());
    if now > before {
        posting(free, budget, over(now, before))
    } else {
        posting(budget, free, over(before, now))
    }
}

/// What a published run would grant is kept for it.
#[must_use]
pub fn committed(program_id: &ProgramId, year: Year, grants: Fen) -> Option<Posting> {
    let free = Account::Free(program_id.clone(), year);
    posting(Account::Committed(program_id.clone(), year), free, grants)
}

/// What was kept for a published run is free again, in part or whole.
#[must_use]
pub fn uncommitted(program_id: &ProgramId, year: Year, grants: Fen) -> Option<Posting> {
    let committed = Account::Committed(program_id.clone(), year);
    posting(Account::Free(program_id.clone(), year), committed, grants)
}

/// What an approved run does to its year's budget: what was committed is granted, and what it
/// takes back, 0 or less, is free again.
pub fn granted(
    program_id: &ProgramId,
    year: Year,
    grants: Fen,
    clawed_back: Fen,
) -> impl Iterator<Item = Posting> + use<> {
    let granted = Account::Granted(program_id.clone(), year);
    let committed = Account::Committed(program_id.clone(), year);
    let free = Account::Free(program_id.clone(), year);
    let taken = posting(granted.clone(), committed, grants);
    let back = Fen::new(clawed_back.get().saturating_neg());
    let back = posting(free, granted, back);
    taken.into_iter().chain(back)
}

/// An approved run gives a payee an amount, or takes it back where it is negative: first against
/// what stands open the other way.
pub fn given(
    program_id: &ProgramId,
    year: Year,
    payee_id: &PayeeId,
    amount: Fen,
    balance: &mut Balance,
) -> Result<impl Iterator<Item = Posting> + use<>, BooksOverflow> {
    let subsidy = || Account::Subsidy(program_id.clone(), year);
    let payable = Account::Payable(program_id.clone(), payee_id.clone());
    let receivable = Account::Receivable(program_id.clone(), payee_id.clone());
    let postings = if amount.get() >= 0 {
        let (covers, rest) = against(amount, &mut balance.receivable, &mut balance.payable)?;
        [
            posting(subsidy(), receivable, covers),
            posting(subsidy(), payable, rest),
        ]
    } else {
        let taken = Fen::ZERO.checked_sub(amount).ok_or(BooksOverflow)?;
        let (covers, rest) = against(taken, &mut balance.payable, &mut balance.receivable)?;
        [
            posting(payable, subsidy(), covers),
            posting(receivable, subsidy(), rest),
        ]
    };
    Ok(postings.into_iter().flatten())
}

/// Takes an amount out of `open` as far as that goes, and adds the rest to `other`.
fn against(amount: Fen, open: &mut Fen, other: &mut Fen) -> Result<(Fen, Fen), BooksOverflow> {
    let covers = amount.min(*open);
    let rest = Fen::new(amount.get() - covers.get());
    plus(other, rest)?;
    minus(open, covers)?;
    Ok((covers, rest))
}

/// A payment takes a payee's whole payable.
pub fn in_payment(
    program_id: &ProgramId,
    payee_id: &PayeeId,
    payment_id: &str,
    balance: &mut Balance,
) -> Result<Option<Posting>, BooksOverflow> {
    let amount = balance.payable;
    plus(&mut balance.in_payment, amount)?;
    balance.payable = Fen::ZERO;
    let payable = Account::Payable(program_id.clone(), payee_id.clone());
    let in_payment = Account::InPayment(program_id.clone(), payee_id.clone());
    Ok(about(payment_id, posting(payable, in_payment, amount)))
}

/// A payment is settled.
pub fn settled(
    program_id: &ProgramId,
    payee_id: &PayeeId,
    payment_id: &str,
    amount: Fen,
    balance: &mut Balance,
) -> Result<Option<Posting>, BooksOverflow> {
    plus(&mut balance.paid, amount)?;
    minus(&mut balance.in_payment, amount)?;
    let in_payment = Account::InPayment(program_id.clone(), payee_id.clone());
    let treasury = Account::Treasury(program_id.clone(), payee_id.clone());
    Ok(about(payment_id, posting(in_payment, treasury, amount)))
}

/// A payment comes back, or its order is cancelled: out of payment, or out of what was paid, and
/// then as if a run gave it again.
pub fn given_back(
    program_id: &ProgramId,
    payee_id: &PayeeId,
    payment_id: &str,
    amount: Fen,
    was_settled: bool,
    balance: &mut Balance,
) -> Result<impl Iterator<Item = Posting> + use<>, BooksOverflow> {
    let (covers, rest) = against(amount, &mut balance.receivable, &mut balance.payable)?;
    let from = if was_settled {
        minus(&mut balance.paid, amount)?;
        Account::Treasury(program_id.clone(), payee_id.clone())
    } else {
        minus(&mut balance.in_payment, amount)?;
        Account::InPayment(program_id.clone(), payee_id.clone())
    };
    let receivable = Account::Receivable(program_id.clone(), payee_id.clone());
    let payable = Account::Payable(program_id.clone(), payee_id.clone());
    let postings = [
        about(payment_id, posting(from.clone(), receivable, covers)),
        about(payment_id, posting(from, payable, rest)),
    ];
    Ok(postings.into_iter().flatten())
}

fn about(payment_id: &str, posting: Option<Posting>) -> Option<Posting> {
    posting.map(|posting| Posting {
        payment_id: Some(payment_id.to_owned()),
        ..posting
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share() -> ProgramId {
        ProgramId::parse("share").unwrap()
    }

    fn mall() -> PayeeId {
        PayeeId::parse("alpha-mall").unwrap()
    }

    fn year() -> Year {
        Year::new(2017).unwrap()
    }

    fn shown(postings: impl IntoIterator<Item = Posting>) -> Vec<String> {
        let show = |p: Posting| format!("{} <- {} {}", p.debit, p.credit, p.amount);
        postings.into_iter().map(show).collect()
    }

    fn open(payable: i64, receivable: i64) -> Balance {
        Balance {
            payable: Fen::new(payable),
            receivable: Fen::new(receivable),
            ..Balance::default()
        }
    }

    #[test]
    fn what_a_run_gives_first_covers_what_the_payee_owes() {
        let mut balance = open(0, 30);
        let postings = given(&share(), year(), &mall(), Fen::new(100), &mut balance).unwrap();
        assert_eq!(
            shown(postings),
            [
                "expenses:subsidy:share:2017 <- assets:receivable:share:alpha-mall 30",
                "expenses:subsidy:share:2017 <- liabilities:payable:share:alpha-mall 70",
            ]
        );
        assert_eq!(balance, open(70, 0));
    }

    #[test]
    fn what_a_run_takes_back_first_takes_what_is_payable() {
        let mut balance = open(30, 0);
        let postings = given(&share(), year(), &mall(), Fen::new(-100), &mut balance).unwrap();
        assert_eq!(
            shown(postings),
            [
                "liabilities:payable:share:alpha-mall <- expenses:subsidy:share:2017 30",
                "assets:receivable:share:alpha-mall <- expenses:subsidy:share:2017 70",
            ]
        );
        assert_eq!(balance, open(0, 70));
    }

    #[test]
    fn nothing_given_is_no_posting() {
        let mut balance = open(5, 0);
        let postings = given(&share(), year(), &mall(), Fen::ZERO, &mut balance).unwrap();
        assert_eq!(shown(postings), Vec::<String>::new());
        assert_eq!(budget_set(&share(), year(), Fen::new(7), Fen::new(7)), None);
    }

    #[test]
    fn a_returned_payment_is_given_again_against_what_is_owed_since() {
        let mut balance = open(100, 0);
        let paid = in_payment(&share(), &mall(), "p-1", &mut balance).unwrap();
        assert_eq!(
            shown(paid),
            ["liabilities:payable:share:alpha-mall <- liabilities:in-payment:share:alpha-mall 100"]
        );
        let taken = given(&share(), year(), &mall(), Fen::new(-40), &mut balance).unwrap();
        assert_eq!(taken.count(), 1);
        let back =
            given_back(&share(), &mall(), "p-1", Fen::new(100), false, &mut balance).unwrap();
        assert_eq!(
            shown(back),
            [
                "liabilities:in-payment:share:alpha-mall <- assets:receivable:share:alpha-mall 40",
                "liabilities:in-payment:share:alpha-mall <- liabilities:payable:share:alpha-mall 60",
            ]
        );
        assert_eq!(balance, open(60, 0));
    }

    #[test]
    fn a_payment_that_comes_back_after_it_was_settled_leaves_the_treasury_whole() {
        let mut balance = open(100, 0);
        in_payment(&share(), &mall(), "p-1", &mut balance).unwrap();
        let out = settled(&share(), &mall(), "p-1", Fen::new(100), &mut balance).unwrap();
        assert_eq!(
            shown(out),
            ["liabilities:in-payment:share:alpha-mall <- assets:treasury:share 100"]
        );
        let back = given_back(&share(), &mall(), "p-1", Fen::new(100), true, &mut balance).unwrap();
        assert_eq!(
            shown(back),
            ["assets:treasury:share <- liabilities:payable:share:alpha-mall 100"]
        );
        assert_eq!(balance, open(100, 0));
    }

    #[test]
    fn an_approved_run_grants_what_was_committed_and_frees_what_it_takes_back() {
        let postings = granted(&share(), year(), Fen::new(70), Fen::new(-20));
        assert_eq!(
            shown(postings),
            [
                "assets:budget:share:2017:granted <- assets:budget:share:2017:committed 70",
                "assets:budget:share:2017:free <- assets:budget:share:2017:granted 20",
            ]
        );
    }

    #[test]
    fn a_budget_goes_up_and_down_by_the_difference() {
        let set = |before, now| budget_set(&share(), year(), Fen::new(before), Fen::new(now));
        let up = "assets:budget:share:2017:free <- equity:budget:share:2017 30";
        let down = "equity:budget:share:2017 <- assets:budget:share:2017:free 30";
        assert_eq!(shown(set(70, 100)), [up]);
        assert_eq!(shown(set(100, 70)), [down]);
    }

    #[test]
    fn a_sum_beyond_64_bits_is_refused_and_moves_nothing() {
        let mut balance = open(1, 0);
        let before = balance;
        let refused = given(&share(), year(), &mall(), Fen::new(i64::MAX), &mut balance);
        assert_eq!(refused.err(), Some(BooksOverflow));
        assert_eq!(balance, before);
        assert!(given(&share(), year(), &mall(), Fen::new(i64::MIN), &mut balance).is_err());
    }
}
