//! Releasing and cancelling orders. People see what it is before.

use gazelle_proto::settlement::v1::{CancelOrderRequest, ReleaseOrderRequest};

use super::order::{facts, find, id, summary, there};
use super::renamed;
use crate::args::RunRef;
use crate::client::Client;
use crate::commands::confirm::{asks, confirm, is_watched};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::note;
use crate::words;

/// What is released is what was shown: the digest is that of the order that was looked at.
pub(super) async fn release(
    context: &mut Context,
    client: &Client,
    order: RunRef,
    digest: Option<String>,
) -> Result<(), Failure> {
    let found = find(client, order).await?;
    let renamed = renamed::notes(client, &found.order_id).await;
    let asks = asks(context);
    let told = told(summary(&found), renamed, asks || is_watched()).join("\n");
    if asks {
        confirm(&format!("{told}\n{}", words::ABOUT_TO_RELEASE.say()))?;
    } else if !told.is_empty() {
        note(&told);
    }
    let request = ReleaseOrderRequest {
        order_id: found.order_id,
        digest: digest.unwrap_or(found.digest),
    };
    let answer = client.payments.clone().release_order(request).await?;
    context.out.one(&facts(&there(answer.into_inner().order)?))
}

/// What is said of an order before it is released: where nobody sees it, as in a script's log, the
/// payees alone whose bank may refuse what is released.
fn told(summary: String, renamed: Vec<String>, is_seen: bool) -> Vec<String> {
    let summary = is_seen.then_some(summary);
    summary.into_iter().chain(renamed).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renamed_payees_are_told_of_though_nobody_sees_the_order() {
        let told = |is_seen| told("the order".into(), vec!["renamed".into()], is_seen);
        assert_eq!(told(true), ["the order", "renamed"]);
        assert_eq!(told(false), ["renamed"]);
    }
}
