//! How an amount is divided in proportion without losing a fen (`SETTLEMENT.md`, Budget and
//! Split).

use gazelle_kernel::Fen;

use super::overflow::sum;

/// Divides `total` in proportion to `weights`, rounded down; the fen left over go one each to the
/// largest remainders, of equal ones to the earlier. The parts add up to `total`.
///
/// # Panics
/// Unless `total` and all weights are at least 0, and some weight is above 0 when `total` is.
#[must_use]
pub fn largest_remainder(total: Fen, weights: &[Fen]) -> Vec<Fen> {
    assert!(
        total >= Fen::ZERO && weights.iter().all(|&weight| weight >= Fen::ZERO),
        "only what is there can be divided"
    );
    if total == Fen::ZERO {
        return vec![Fen::ZERO; weights.len()];
    }
    let whole = sum(weights.iter().copied());
    assert!(whole > 0, "somebody must take what is there");
    let products: Vec<i128> = weights
        .iter()
        .map(|weight| total.wide() * weight.wide())
        .collect();
    let mut parts: Vec<i128> = products.iter().map(|product| product / whole).collect();
    // Each of the fen left over came from some remainder below 1, so there are fewer than parts.
    let left = total.wide() - parts.iter().sum::<i128>();
    let left = usize::try_from(left).expect("parts are rounded down");
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&at| std::cmp::Reverse(products[at] % whole));
    for &at in &by_remainder[..left] {
        parts[at] += 1;
    }
    parts
        .into_iter()
        .map(|part| Fen::from_wide(part).expect("a part of the total"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fen_left_over_go_to_the_largest_remainders() {
        let divided = |total, weights: &[i64]| -> Vec<i64> {
            let weights: Vec<Fen> = weights.iter().copied().map(Fen::new).collect();
            let parts = largest_remainder(Fen::new(total), &weights);
            parts.into_iter().map(Fen::get).collect()
        };
        assert_eq!(divided(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(divided(10, &[3, 3, 1]), [4, 4, 2]);
        assert_eq!(divided(7, &[0, 5, 5]), [0, 4, 3]);
        assert_eq!(divided(5, &[1, 2, 7]), [1, 1, 3]);
        assert_eq!(divided(0, &[0, 0]), [0, 0]);
        assert_eq!(
            divided(i64::MAX, &[i64::MAX, i64::MAX]),
            [i64::MAX / 2 + 1, i64::MAX / 2]
        );
    }
}
