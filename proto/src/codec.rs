//! Reads and writes messages as `prost` does, once it is known how many items a request has.
//!
//! An item that says nothing takes two bytes on the wire, and some hundred in memory: a request
//! of 4 MiB could take half a gigabyte before anybody sees it. So the items of a request are
//! counted where they stand, those within items too, before anything is made of them.

use std::marker::PhantomData;

use prost::Message;
use prost::bytes::Buf;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder};
use tonic_prost::ProstCodec;

/// Most items of a request, all its lists together. No list has more than half of it by its RPC.
pub const ITEMS_MAX: usize = 20_000;

/// What is said of a request with more; a service gives it its reason.
pub const TOO_MANY_ITEMS: &str = "the message has too many items";

/// As deep as `prost` reads messages within messages.
const DEPTH_MAX: usize = 100;

/// A field that items are counted in.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) tag: u32,
    /// Each time that it stands there is an item.
    pub(crate) is_list: bool,
    /// The position in `SHAPES` of what it has in it, where that is a message.
    pub(crate) inner: Option<usize>,
}

/// What an RPC takes or answers.
pub trait Bounded {
    /// The position of its fields in `SHAPES`; none where nothing is to be counted.
    #[doc(hidden)]
    const SHAPE: Option<usize>;
}

include!(concat!(env!("OUT_DIR"), "/shapes.rs"));

/// Reads `U` and writes `T`.
#[derive(Debug)]
pub struct BoundedCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for BoundedCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for BoundedCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Bounded + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = <ProstCodec<T, U> as Codec>::Encoder;
    type Decoder = BoundedDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::default().encoder()
    }

    fn decoder(&mut self) -> Self::Decoder {
        BoundedDecoder(PhantomData)
    }
}

/// Reads what does not have too many items.
#[derive(Debug)]
pub struct BoundedDecoder<U>(PhantomData<U>);

impl<U: Message + Bounded + Default> Decoder for BoundedDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        // Of one piece, and not copied: `tonic` reads a message into memory that lies together.
        // There fields are found with less ado than in its buffer.
        let message = message.copy_to_bytes(message.remaining());
        if let Some(shape) = U::SHAPE
            && has_too_many(shape, &message)
        {
            return Err(Status::out_of_range(TOO_MANY_ITEMS));
        }
        // As `tonic-prost` says it.
        U::decode(message)
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

fn has_too_many(shape: usize, message: &[u8]) -> bool {
    count(shape, message, ITEMS_MAX, DEPTH_MAX).is_none()
}

/// How many items there may still be after those of a message. What is no message is left to
/// whoever reads it, from where on it is none.
fn count(shape: usize, mut message: &[u8], mut left: usize, depth: usize) -> Option<usize> {
    let Some(depth) = depth.checked_sub(1) else {
        return Some(left);
    };
    while let Ok((tag, wire_type)) = decode_key(&mut message) {
        if wire_type != WireType::LengthDelimited {
            if skip_field(wire_type, tag, &mut message, DecodeContext::default()).is_err() {
                break;
            }
            continue;
        }
        let Some(content) = content(&mut message) else {
            break;
        };
        let Some(field) = SHAPES[shape].iter().find(|field| field.tag == tag) else {
            continue;
        };
        if field.is_list {
            left = left.checked_sub(1)?;
        }
        if let Some(inner) = field.inner {
            left = count(inner, content, left, depth)?;
        }
    }
    Some(left)
}

fn content<'a>(message: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(decode_varint(message).ok()?).ok()?;
    let (content, rest) = message.split_at_checked(len)?;
    *message = rest;
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::v1::{
        CodeChange, Enterprise, PutEnterprisesRequest, PutEnterprisesResponse,
        ReadPaymentAccountsRequest,
    };

    fn is_refused<M: Message + Bounded>(message: &M) -> bool {
        has_too_many(M::SHAPE.unwrap(), &message.encode_to_vec())
    }

    fn enterprises(count: usize, changes: usize) -> PutEnterprisesRequest {
        let enterprise = Enterprise {
            code_changes: vec![CodeChange::default(); changes],
            ..Enterprise::default()
        };
        PutEnterprisesRequest {
            enterprises: vec![enterprise; count],
        }
    }

    #[test]
    fn items_are_counted_in_all_lists_and_within_items() {
        assert!(!is_refused(&enterprises(ITEMS_MAX, 0)));
        assert!(is_refused(&enterprises(ITEMS_MAX + 1, 0)));
        assert!(!is_refused(&enterprises(1, ITEMS_MAX - 1)));
        assert!(is_refused(&enterprises(1, ITEMS_MAX)));
        assert!(is_refused(&enterprises(1_000, ITEMS_MAX / 1_000)));
        let payees = |count| ReadPaymentAccountsRequest {
            payee_ids: vec![String::new(); count],
        };
        assert!(!is_refused(&payees(ITEMS_MAX)));
        assert!(is_refused(&payees(ITEMS_MAX + 1)));
    }

    #[test]
    fn what_is_no_message_is_left_to_whoever_reads_it() {
        let shape = PutEnterprisesRequest::SHAPE.unwrap();
        for bytes in [&[0x0a][..], &[0x0a, 9, 1], &[0xff; 12], &[0x0b], &[0, 0]] {
            assert!(!has_too_many(shape, bytes), "{bytes:?}");
        }
    }

    #[test]
    fn answers_are_not_bounded_here() {
        assert!(PutEnterprisesResponse::SHAPE.is_none());
    }
}
