//! What runs, payments and open items come to, to be compared with what the books come to.

use gazelle_kernel::Fen;
use gazelle_runtime::store::{StoreError, copy_out::for_each};
use sqlx::PgConnection;

use crate::domain::ledger::recount::{CausedPayment, CausedRun, Recount};

const RUNS: &str = "copy (
    select run_id::text, program_id, year, state = 'approved', granted_fen, clawed_back_fen
    from run where state in ('published', 'approved')) to stdout (format binary)";

const PAYMENTS: &str = "copy (
    select payment_id, payee_id, program_id, order_id, amount_fen, payment.state
    from payment left join payment_order using (order_id)) to stdout (format binary)";

const OPEN_ITEMS: &str = "copy (
    select program_id, payee_id, amount_fen from open_item order by program_id, payee_id)
    to stdout (format binary)";

/// Takes in runs without their tables, payments and open items.
pub async fn count_causes(tx: &mut PgConnection, caused: &mut Recount) -> Result<(), StoreError> {
    for_each(&mut *tx, RUNS, 6, |mut row| {
        caused.caused_run(&CausedRun {
            run_id: row.text()?,
            program_id: row.text()?,
            year: row.int4()?,
            is_approved: row.array()? == [1],
            granted: Fen::new(row.int8()?),
            clawed_back: Fen::new(row.int8()?),
        });
        Ok(())
    })
    .await?;
    for_each(&mut *tx, PAYMENTS, 6, |mut row| {
        caused.caused_payment(&CausedPayment {
            payment_id: row.text()?,
            payee_id: row.text()?,
            program_id: row.optional_text()?.unwrap_or_default(),
            order_id: row.text()?,
            amount: Fen::new(row.int8()?),
            state: row.text()?,
        });
        Ok(())
    })
    .await?;
    open_items(tx, caused).await
}

/// By payee: what is owed both ways counts as their difference.
async fn open_items(tx: &mut PgConnection, caused: &mut Recount) -> Result<(), StoreError> {
    let mut payee = (String::new(), String::new());
    let mut open = 0;
    for_each(tx, OPEN_ITEMS, 3, |mut row| {
        let next = (row.text()?, row.text()?);
        if next != (&*payee.0, &*payee.1) {
            caused.caused_open(&payee.0, &payee.1, std::mem::take(&mut open));
            payee = (next.0.to_owned(), next.1.to_owned());
        }
        open += i128::from(row.int8()?);
        Ok(())
    })
    .await?;
    caused.caused_open(&payee.0, &payee.1, open);
    Ok(())
}
