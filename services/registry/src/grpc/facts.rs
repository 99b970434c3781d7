//! The stream of facts: parts cut into messages that any client takes.

use std::pin::Pin;

use futures::{
    StreamExt,
    stream::{Stream, iter, once},
};
use gazelle_proto::registry::v1 as pb;
use prost::Message;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::convert;
use crate::app::{AppError, Facts, FactsPart};

/// About how large a message may be: well below the 4 MiB that clients accept by default.
const MESSAGE_BYTES: usize = 1024 * 1024;

pub(super) type Messages =
    Pin<Box<dyn Stream<Item = Result<pb::ReadFactsResponse, Status>> + Send>>;

pub(super) fn messages(facts: Facts) -> Messages {
    let first = pb::ReadFactsResponse {
        revision: facts.revision.get(),
        ..Default::default()
    };
    let rest = ReceiverStream::new(facts.parts).flat_map(|part| iter(cut(part)));
    Box::pin(once(std::future::ready(Ok(first))).chain(rest))
}

fn cut(part: Result<FactsPart, AppError>) -> Vec<Result<pb::ReadFactsResponse, Status>> {
    let (enterprises, bindings) = match part {
        Ok(FactsPart::Enterprises(records)) => (records, Vec::new()),
        Ok(FactsPart::Bindings(bindings)) => (Vec::new(), bindings),
        Err(error) => return vec![Err(error.into())],
    };
    let enterprises = by_size(enterprises.into_iter().map(convert::facts));
    let bindings = by_size(bindings.into_iter().map(Into::into));
    let of_enterprises = enterprises
        .into_iter()
        .map(|enterprises| pb::ReadFactsResponse {
            enterprises,
            ..Default::default()
        });
    let of_bindings = bindings.into_iter().map(|bindings| pb::ReadFactsResponse {
        bindings,
        ..Default::default()
    });
    of_enterprises.chain(of_bindings).map(Ok).collect()
}

/// Groups of items in their order, each of about a message; one that is larger stands alone.
fn by_size<T: Message>(items: impl Iterator<Item = T>) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut bytes = usize::MAX;
    for item in items {
        let length = item.encoded_len();
        bytes = bytes.saturating_add(length);
        match groups.last_mut() {
            Some(group) if bytes <= MESSAGE_BYTES => group.push(item),
            _ => {
                groups.push(vec![item]);
                bytes = length;
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_keep_the_order_and_stay_below_the_limit() {
        let named = |name: String| pb::Platform {
            platform_id: String::new(),
            name,
        };
        let small = (0..3).map(|i| named(i.to_string()));
        assert_eq!(by_size(small).len(), 1);

        let large = "x".repeat(MESSAGE_BYTES / 2);
        let groups = by_size((0..4).map(|i| named(format!("{i}{large}"))));
        let order: String = groups.iter().flatten().map(|p| &p.name[..1]).collect();
        assert_eq!((groups.len(), order.as_str()), (4, "0123"));
        assert!(by_size(std::iter::empty::<pb::Platform>()).is_empty());
    }
}
