//! Sums by which two lists of any length, in any order, are found to be the same.
//!
//! Lists are amounts under keys. Every key has a weight of 128 bits, which is told to nobody; a
//! list comes to the sum of its amounts, each times its key's weight, modulo 2^128. So rows are
//! taken in as they lie, and nothing is kept of them. What is the same comes to the same however it
//! is divided; what is not does so with a chance of at most one in 2^40, whatever was edited: a
//! difference of up to 2^88, which no sum of amounts reaches, leaves 40 bits of a weight.

use std::hash::{BuildHasher as _, Hash, RandomState};

/// What keys weigh: other in each comparison, and told to nobody.
#[derive(Debug, Clone)]
pub struct Weights(pub RandomState, pub RandomState);

impl Weights {
    /// What a key weighs.
    #[must_use]
    pub fn of(&self, key: &impl Hash) -> u128 {
        u128::from(self.0.hash_one(key)) << 64 | u128::from(self.1.hash_one(key))
    }
}

/// What a list comes to.
#[derive(Debug, Clone)]
pub struct WeighedSum {
    weights: Weights,
    sum: u128,
}

impl WeighedSum {
    /// Of an empty list.
    #[must_use]
    pub fn new(weights: Weights) -> Self {
        Self { weights, sum: 0 }
    }

    /// By which keys are weighed.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Whether both lists, of the same weights, are the same.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        self.sum == other.sum
    }

    /// Takes in an amount.
    pub fn add(&mut self, key: &impl Hash, amount: i128) {
        let weighed = self.weights.of(key).wrapping_mul(amount.cast_unsigned());
        self.sum = self.sum.wrapping_add(weighed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[(&str, i128)]) -> impl Fn(&Weights) -> WeighedSum {
        move |weights| {
            let mut sum = WeighedSum::new(weights.clone());
            for (key, amount) in rows {
                sum.add(key, *amount);
            }
            sum
        }
    }

    #[test]
    fn lists_agree_however_they_are_divided_and_only_then() {
        let weights = Weights(RandomState::new(), RandomState::new());
        let whole = sum(&[("a", 5), ("b", -7)])(&weights);
        let divided = [("b", -10), ("a", 2), ("a", 3), ("b", 3), ("c", 0)];
        assert!(whole.agrees(&sum(&divided)(&weights)));
        let others: [&[(&str, i128)]; 5] = [
            &[],
            &[("a", 5)],
            &[("a", -7), ("b", 5)],
            &[("a", 6), ("b", -8)],
            &[("a", 5 + (1 << 63)), ("b", -7)],
        ];
        for other in others {
            assert!(!whole.agrees(&sum(other)(&weights)), "{other:?}");
        }
    }
}
