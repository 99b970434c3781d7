//! Releasing and cancelling orders. People see what it is before.

use gazelle_proto::settlement::v1::{CancelOrderRequest, ReleaseOrderRequest};

use super::order::{facts, find, id, summary, there};
use super::renamed;
use crate::args::RunRef;
use crate::client::Client;
use crate::commands::confirm::{asks, confirm};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::note;
use crate::words;

/// What is released is what was shown, in a script's log too: the digest is that of the order that
/// was looked at.
pub(super) async fn release(
    context: &mut Context,
    client: &Client,
    order: RunRef,
    digest: Option<String>,
) -> Result<(), Failure> {
    let found = find(client, order).await?;
    let mut told = vec![summary(&found)];
    told.extend(renamed::notes(client, &found.order_id).await);
    if asks(context) {
        told.push(words::ABOUT_TO_RELEASE.say().to_owned());
        confirm(&told.join("\n"))?;
    } else {
        note(&told.join("\n"));
    }
    let request = ReleaseOrderRequest {
        order_id: found.order_id,
        digest: digest.unwrap_or(found.digest),
    };
    let answer = client.payments.clone().release_order(request).await?;
    context.out.one(&facts(&there(answer.into_inner().order)?))
}

pub(super) async fn cancel(
    context: &mut Context,
    client: &Client,
    order: RunRef,
) -> Result<(), Failure> {
    let order_id = if asks(context) {
        let found = find(client, order).await?;
        let about = words::ABOUT_TO_CANCEL_ORDER.say();
        confirm(&format!("{}\n{about}", summary(&found)))?;
        found.order_id
    } else {
        id(client, order).await?
    };
    let request = CancelOrderRequest { order_id };
    let answer = client.payments.clone().cancel_order(request).await?;
    context.out.one(&facts(&there(answer.into_inner().order)?))
}
