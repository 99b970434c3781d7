//! What accounts come to by their postings.

use gazelle_kernel::Fen;

/// What accounts come to by postings that were found right, a place an account.
#[derive(Debug, Default)]
pub struct Booked {
    pub(super) account_ids: Vec<i64>,
    pub(super) fens: Vec<i64>,
}

impl FromIterator<(i64, Fen)> for Booked {
    fn from_iter<T: IntoIterator<Item = (i64, Fen)>>(balances: T) -> Self {
        let balances = balances.into_iter().map(|(id, fen)| (id, fen.get()));
        let (account_ids, fens) = balances.unzip();
        Self { account_ids, fens }
    }
}
