//! Which of an enterprise's components gets what of its grant (`SETTLEMENT.md`, Split).

use gazelle_kernel::Fen;

use super::{overflow::sum, remainder::largest_remainder};

/// A grant that does not fit what its components are open for; earlier lines that no run of these
/// rules left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a grant does not fit the components that are open")]
pub struct DoesNotFit {
    pub granted_fen: Fen,
    /// The sum of all that is open, negative ones too.
    pub open_fen: i128,
}

/// Spreads an enterprise's grant over its components (`SETTLEMENT.md`, Split).
///
/// A component with a negative open returns it; the grant and all that was returned is spread over
/// those with a positive open. So the parts add up to `granted_fen`, and none is further from 0
/// than its open. Components stand in the order of platform id, then fee kind.
pub fn spread(granted_fen: Fen, open_fen: &[Fen]) -> Result<Vec<Fen>, DoesNotFit> {
    let positive: Vec<Fen> = open_fen.iter().map(|&open| open.max(Fen::ZERO)).collect();
    let wanted = sum(positive.iter().copied());
    let returned = wanted - sum(open_fen.iter().copied());
    let does_not_fit = DoesNotFit {
        granted_fen,
        open_fen: wanted - returned,
    };
    let to_spread = granted_fen.wide() + returned;
    if to_spread < 0 || to_spread > wanted {
        return Err(does_not_fit);
    }
    let to_spread = Fen::from_wide(to_spread).ok_or(does_not_fit)?;
    let parts = largest_remainder(to_spread, &positive);
    let part = |(part, &open): (Fen, &Fen)| if open < Fen::ZERO { open } else { part };
    Ok(parts.into_iter().zip(open_fen).map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a grant over what is open; none where it does not fit.
    fn parts(granted: i64, open: &[i64]) -> Option<Vec<i64>> {
        let open: Vec<Fen> = open.iter().copied().map(Fen::new).collect();
        let parts = spread(Fen::new(granted), &open).ok()?;
        Some(parts.into_iter().map(Fen::get).collect())
    }

    #[test]
    fn what_a_component_returns_goes_to_those_that_are_due() {
        assert_eq!(parts(10, &[10, 20]), Some(vec![3, 7]));
        assert_eq!(parts(0, &[-6, 4, 8]), Some(vec![-6, 2, 4]));
        assert_eq!(parts(-5, &[-6, 1]), Some(vec![-6, 1]));
        assert_eq!(parts(-6, &[-6]), Some(vec![-6]));
        assert_eq!(parts(0, &[]), Some(vec![]));
    }

    #[test]
    fn a_grant_that_does_not_fit_is_refused() {
        let misfits: [(i64, &[i64]); 4] = [(1, &[]), (-1, &[5]), (6, &[5]), (0, &[-1])];
        for (granted, open) in misfits {
            assert_eq!(parts(granted, open), None, "{granted} over {open:?}");
        }
    }
}
