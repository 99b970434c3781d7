//! What accounts come to by their running balances.

use gazelle_runtime::store::StoreError;
use sqlx::PgConnection;

/// What accounts come to, debits less credits, a place an account; without those that come to
/// nothing.
#[derive(Debug)]
pub(super) struct Booked {
    pub account_ids: Vec<i64>,
    pub fens: Vec<i64>,
}

impl Booked {
    /// Of all accounts, by what the last posting made of each: balances are right where the chain
    /// of entries is found so. An index alone tells them.
    pub async fn load(tx: &mut PgConnection) -> Result<Self, StoreError> {
        let read = sqlx::query!(
            "select array_agg(account_id) as account_ids, array_agg(after_fen) as fens
             from (select distinct on (account_id) account_id, after_fen from ledger_balance
                   order by account_id desc, number desc) last
             where after_fen <> 0"
        )
        .fetch_one(tx)
        .await?;
        Ok(Self {
            account_ids: read.account_ids.unwrap_or_default(),
            fens: read.fens.unwrap_or_default(),
        })
    }
}
