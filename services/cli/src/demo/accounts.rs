//! The payees' accounts: the registrar proposes them, and the approver confirms.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gazelle_proto::settlement::v1::{ListPaymentsRequest, PaymentState};

use super::cast::Cast;
use crate::client::pages;
use crate::commands::account;
use crate::failure::Failure;
use crate::output::{Format, Out};

/// How many accounts of a file are in force afterwards.
pub(super) async fn import(cast: &Cast, file: &Path) -> Result<i64, Failure> {
    let mut quiet = Out::to(Format::Table, Box::new(std::io::sink()));
    account::import_file(&cast.registrar, &mut quiet, file).await?;
    let (confirmed, _) = account::confirm(&cast.approver, Vec::new(), 0).await?;
    Ok(confirmed)
}

/// Writes a file of new accounts for those whose payments of an order came back. `known` has the
/// accounts that all have.
pub(super) async fn of_returned(
    cast: &Cast,
    known: &Path,
    order_id: &str,
) -> Result<PathBuf, Failure> {
    let mut payees = BTreeSet::new();
    let fetch = async |page_token| {
        let request = ListPaymentsRequest {
            order_id: order_id.to_owned(),
            page_size: 5_000,
            page_token,
        };
        let page = cast.officer.payments.clone().list_payments(request).await?;
        let page = page.into_inner();
        Ok((page.payments, page.next_page_token))
    };
    pages(fetch, |payment| {
        if payment.state() == PaymentState::Returned {
            payees.insert(payment.payee_id);
        }
        Ok::<_, Failure>(())
    })
    .await?;
    let all = fs::read_to_string(known)?;
    let rows = all.lines().enumerate().filter_map(|(at, row)| {
        let mut fields: Vec<_> = row.split(',').collect();
        if at == 0 {
            return Some(row.to_owned());
        }
        // Another one at the same bank.
        let other = format!("9{}", fields.get(2)?);
        *fields.get_mut(2)? = &other;
        payees.contains(fields[0]).then(|| fields.join(","))
    });
    let file = rows.collect::<Vec<_>>().join("\n");
    let path = known.with_file_name(format!("accounts-after-{order_id}.csv"));
    fs::write(&path, file)?;
    Ok(path)
}
