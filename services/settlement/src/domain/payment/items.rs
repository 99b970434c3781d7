//! What a payee's balance with a program is made of, by run (`PAYMENT.md`, Balances).

use std::collections::BTreeMap;

use gazelle_kernel::Fen;

/// A payee's open amounts by the program's run numbers: all above 0, or all below.
///
/// A negative amount takes from the open positive ones oldest first and is itself open for the
/// rest; a positive one covers open negative ones likewise. So what they add up to is the payable,
/// or minus the receivable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenItems(BTreeMap<i32, Fen>);

impl OpenItems {
    /// The items of these runs, as they were kept.
    #[must_use]
    pub fn new(items: impl IntoIterator<Item = (i32, Fen)>) -> Self {
        Self(items.into_iter().collect())
    }

    /// The items, by run.
    pub fn iter(&self) -> impl Iterator<Item = (i32, Fen)> + '_ {
        self.0.iter().map(|(run, amount)| (*run, *amount))
    }

    /// Takes in what a run gives or takes back, or what comes back of it.
    ///
    /// The sum stays within 64 bits where the books' do: the books are asked first.
    pub fn post(&mut self, run: i32, amount: Fen) {
        let mut left = amount.get();
        while left != 0 {
            let Some(mut oldest) = self.0.first_entry() else {
                break;
            };
            let open = oldest.get().get();
            if (open > 0) == (left > 0) {
                break;
            }
            let covers = open.unsigned_abs().min(left.unsigned_abs());
            // At most either of them, so it is in 64 bits.
            let covers = i64::try_from(covers).unwrap_or(i64::MAX);
            let signed = if left > 0 { covers } else { -covers };
            left -= signed;
            match open + signed {
                0 => {
                    oldest.remove();
                }
                rest => {
                    oldest.insert(Fen::new(rest));
                }
            }
        }
        if left != 0 {
            let open = self.0.entry(run).or_default();
            *open = Fen::new(open.get().saturating_add(left));
        }
    }

    /// Takes all items out, for a payment: its list of runs and amounts.
    #[must_use]
    pub fn take(&mut self) -> Vec<(i32, Fen)> {
        std::mem::take(&mut self.0).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(items: &[(i32, i64)]) -> OpenItems {
        OpenItems::new(items.iter().map(|(run, fen)| (*run, Fen::new(*fen))))
    }

    #[test]
    fn what_is_taken_back_takes_from_the_oldest_first() {
        let mut open = items(&[(1, 50), (2, 30)]);
        open.post(3, Fen::new(-60));
        assert_eq!(open, items(&[(2, 20)]));
        open.post(4, Fen::new(-25));
        assert_eq!(open, items(&[(4, -5)]));
    }

    #[test]
    fn what_is_given_covers_what_is_owed_oldest_first() {
        let mut open = items(&[(2, -10), (3, -20)]);
        open.post(4, Fen::new(25));
        assert_eq!(open, items(&[(3, -5)]));
        open.post(5, Fen::new(8));
        assert_eq!(open, items(&[(5, 3)]));
    }

    #[test]
    fn what_comes_back_stands_where_it_stood() {
        let mut open = items(&[(1, 50), (3, 30)]);
        let paid = open.take();
        open.post(4, Fen::new(7));
        for (run, amount) in paid {
            open.post(run, amount);
        }
        assert_eq!(open, items(&[(1, 50), (3, 30), (4, 7)]));
    }

    proptest! {
        /// One fen at a time, with a queue for each sign, comes to the same.
        #[test]
        fn covering_amounts_is_covering_fen_by_fen(amounts in prop::collection::vec(-9_i64..9, 0..12)) {
            let mut open = OpenItems::default();
            let mut naive: Vec<(i32, i64)> = Vec::new();
            for (run, amount) in (1..).zip(&amounts) {
                open.post(run, Fen::new(*amount));
                for _ in 0..amount.abs() {
                    match naive.first() {
                        Some((_, sign)) if *sign != amount.signum() => {
                            naive.remove(0);
                        }
                        _ => naive.push((run, amount.signum())),
                    }
                }
            }
            let mut counted: BTreeMap<i32, i64> = BTreeMap::new();
            for (run, sign) in naive {
                *counted.entry(run).or_default() += sign;
            }
            let counted = counted.into_iter().map(|(run, fen)| (run, Fen::new(fen)));
            prop_assert_eq!(open, OpenItems::new(counted));
        }
    }
}
