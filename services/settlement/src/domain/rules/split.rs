//! How an amount is divided without losing a fen.

/// Divides `total` in proportion to `weights`, rounded down; the fen left over go one each to the
/// largest remainders, of equal ones to the earlier. The parts add up to `total`.
///
/// # Panics
/// Unless `total` and all weights are at least 0, and some weight is above 0 when `total` is.
#[must_use]
pub fn largest_remainder(total: i64, weights: &[i64]) -> Vec<i64> {
    assert!(
        total >= 0 && weights.iter().all(|&weight| weight >= 0),
        "only what is there can be divided"
    );
    let sum: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    assert!(sum > 0, "somebody must take what is there");
    let products: Vec<i128> = weights
        .iter()
        .map(|&weight| i128::from(total) * i128::from(weight))
        .collect();
    let mut parts: Vec<i64> = products
        .iter()
        .map(|product| i64::try_from(product / sum).expect("a part of the total"))
        .collect();
    // Each of the fen left over came from some remainder below 1, so there are fewer than parts.
    let left = usize::try_from(total - parts.iter().sum::<i64>()).expect("parts are rounded down");
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&at| std::cmp::Reverse(products[at] % sum));
    for &at in &by_remainder[..left] {
        parts[at] += 1;
    }
    parts
}

/// A grant that does not fit what its components are open for; earlier lines that no run of these
/// rules left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a grant of {granted_fen} fen does not fit components open for {open_fen} fen in all")]
pub struct DoesNotFit {
    /// What was granted.
    pub granted_fen: i64,
    /// The sum of all that is open, negative ones too.
    pub open_fen: i128,
}

/// Spreads an enterprise's grant over its components (`SETTLEMENT.md`, Split).
///
/// A component with a negative open returns it; the grant and all that was returned is spread over
/// those with a positive open. So the parts add up to `granted_fen`, and none is further from 0
/// than its open. Components stand in the order of platform id, then fee kind.
pub fn spread(granted_fen: i64, open_fen: &[i64]) -> Result<Vec<i64>, DoesNotFit> {
    let sum = |values: &mut dyn Iterator<Item = i64>| values.map(i128::from).sum::<i128>();
    let returned = -sum(&mut open_fen.iter().copied().filter(|&open| open < 0));
    let wanted = sum(&mut open_fen.iter().copied().filter(|&open| open > 0));
    let does_not_fit = DoesNotFit {
        granted_fen,
        open_fen: wanted - returned,
    };
    let to_spread = i128::from(granted_fen) + returned;
    if to_spread < 0 || to_spread > wanted {
        return Err(does_not_fit);
    }
    let to_spread = i64::try_from(to_spread).map_err(|_| does_not_fit)?;
    let positive: Vec<i64> = open_fen.iter().map(|&open| open.max(0)).collect();
    let parts = largest_remainder(to_spread, &positive);
    Ok(parts
        .into_iter()
        .zip(open_fen)
        .map(|(part, &open)| part + open.min(0))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fen_left_over_go_to_the_largest_remainders() {
        assert_eq!(largest_remainder(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(largest_remainder(10, &[3, 3, 1]), [4, 4, 2]);
        assert_eq!(largest_remainder(7, &[0, 5, 5]), [0, 4, 3]);
        assert_eq!(largest_remainder(5, &[1, 2, 7]), [1, 1, 3]);
        assert_eq!(largest_remainder(0, &[0, 0]), [0, 0]);
        assert_eq!(
            largest_remainder(i64::MAX, &[i64::MAX, i64::MAX]),
            [i64::MAX / 2 + 1, i64::MAX / 2]
        );
    }

    #[test]
    fn what_a_component_returns_goes_to_those_that_are_due() {
        assert_eq!(spread(10, &[10, 20]), Ok(vec![3, 7]));
        assert_eq!(spread(0, &[-6, 4, 8]), Ok(vec![-6, 2, 4]));
        assert_eq!(spread(-5, &[-6, 1]), Ok(vec![-6, 1]));
        assert_eq!(spread(-6, &[-6]), Ok(vec![-6]));
        assert_eq!(spread(0, &[]), Ok(vec![]));
    }

    #[test]
    fn a_grant_that_does_not_fit_is_refused() {
        assert!(
            spread(1, &[]).is_err()
                && spread(-1, &[5]).is_err()
                && spread(6, &[5]).is_err()
                && spread(0, &[-1]).is_err()
        );
    }
}
