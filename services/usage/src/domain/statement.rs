//! What a platform states of its period, and when that is taken.

use gazelle_kernel::{Actor, Fen, Instant};

/// What a platform says it reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// All its records, reversals too; 0 or more.
    pub record_count: i64,
    pub total: Fen,
    /// When it was submitted.
    pub stated_at: Instant,
    pub stated_by: Actor,
}

/// The period takes no new statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the period is sealed")]
pub struct Sealed;

/// Whether what is stated is to be written down, of a period that has the statement `before`: not
/// where it says the same again.
pub fn is_new_statement(
    before: Option<&Statement>,
    is_sealed: bool,
    (record_count, total): (i64, Fen),
) -> Result<bool, Sealed> {
    let same = before.is_some_and(|old| (old.record_count, old.total) == (record_count, total));
    if is_sealed && !same {
        return Err(Sealed);
    }
    Ok(!same)
}

#[cfg(test)]
mod tests {
    use super::{super::samples::statement, *};

    #[test]
    fn a_sealed_period_takes_only_the_statement_that_it_has() {
        let before = statement(2, 5);
        let is_new = |is_sealed, stated| is_new_statement(Some(&before), is_sealed, stated);
        assert_eq!(is_new(false, (2, Fen::new(5))), Ok(false));
        assert_eq!(is_new(false, (3, Fen::new(5))), Ok(true));
        let first = is_new_statement(None, false, (2, Fen::new(5)));
        assert_eq!(first, Ok(true));
        assert_eq!(is_new(true, (2, Fen::new(5))), Ok(false));
        assert_eq!(is_new(true, (2, Fen::new(6))), Err(Sealed));
    }
}
