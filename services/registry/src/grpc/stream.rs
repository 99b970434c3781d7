//! Streams of messages that any client takes.

use std::pin::Pin;

use futures::{
    StreamExt,
    stream::{Stream, iter, once},
};
use prost::Message;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::app::{AppError, Streamed};

/// About how large a message may be: well below the 4 MiB that clients accept by default.
const MESSAGE_BYTES: usize = 1024 * 1024;

/// Messages as they come.
pub type Messages<M> = Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>;

/// The first message, then those that each part is cut into.
pub fn messages<T: Send + 'static, M: Send + 'static>(
    streamed: Streamed<T>,
    first: M,
    cut: fn(T) -> Vec<M>,
) -> Messages<M> {
    let cut = move |part: Result<T, AppError>| match part {
        Ok(part) => cut(part).into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error.into())],
    };
    let rest = ReceiverStream::new(streamed.parts).flat_map(move |part| iter(cut(part)));
    Box::pin(once(std::future::ready(Ok(first))).chain(rest))
}

/// Groups of items in their order, each of about a message; one that is larger stands alone.
pub fn by_size<T: Message>(items: impl Iterator<Item = T>) -> Vec<Vec<T>> {
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
    use gazelle_proto::registry::v1 as pb;

    use super::*;

    #[test]
    fn messages_keep_the_order_and_stay_below_the_limit() {
        let named = |name: String| pb::Platform {
            platform_id: String::new(),
            name,
            ..Default::default()
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
